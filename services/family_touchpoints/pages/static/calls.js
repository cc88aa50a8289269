// The page of calls: families nobody has reached yet, a number to tap, and a queue that loses no call.
import { card, OUTCOMES } from "./card.js";
import { families } from "./families.js";
import { byName } from "./guardians.js";
import { everyItem, made } from "/static/parts.js";
import { instant, Queue } from "/static/queue.js";
import { ask, json, Kept, newKey } from "/static/sending.js";
import { _, ngettext } from "/static/texts.js";

const { program, viewer } = document.getElementById("main").dataset;
const at = (id) => document.getElementById(id);
const TOUCHPOINTS = "/family_touchpoints/v1/touchpoints";
const REASON = "taken back on the page of calls by whoever logged it";
const AT_ONCE = 200;
const WRITTEN = new Set(["Text", "App", "Email"]);
// What was chosen the time before, in codes.
const chosen = new Kept(localStorage, `aurora.calls.last.${viewer}`);
// Whoever is on the list, by id: a refusal names ids, and the reader knows names.
const names = new Map();
const cards = [];

const queue = new Queue({
  place: "calls",
  owner: viewer,
  ours: (body) => Array.isArray(body?.touchpoints),
  told: show,
  received: (sent, body) => {
    for (const one of cards.flatMap((item) => item.calls)) if (one.key === sent.key) one.kept = body.touchpoints;
  },
});

// What is said already is not said again: it would be read out once more.
const put = (place, words) => place.textContent === words || (place.textContent = words);
const clock = (written) => written.slice(11, 16);

function log(item, guardian, said) {
  const before = chosen.list ?? {};
  if (said.interpreter) before.interpreter = { ...before.interpreter, [said.language]: said.interpreter };
  chosen.keep({ ...before, purpose: said.purpose, program: said.program });
  Object.assign(offered, chosen.list);
  const held = instant();
  const body = {
    students: said.students,
    guardian_ids: [guardian.guardian_id],
    method: said.method,
    purpose: said.purpose,
    language: said.language,
    held_on: held,
    outcome: said.outcome,
    ...(WRITTEN.has(said.method) && said.outcome === "reached" && { reached_on: held }),
    ...(said.interpreter && { interpreter: said.interpreter }),
    ...(said.program && { program_id: said.program }),
    ...(said.note && { note: said.note }),
  };
  const call = { key: newKey(), address: TOUCHPOINTS, body: JSON.stringify(body), at: held, words: `${OUTCOMES[said.outcome]}, ${clock(held)}` };
  item.calls.push(call);
  try {
    queue.add(call);
  } catch {
    item.calls.pop();
    news(item, guardian.guardian_id).textContent = _("Not saved: this browser keeps nothing more. Write it down.");
  }
}

// What the service has is taken back there: a slip of the thumb is no call.
async function undo(item, guardian) {
  const call = last(item, guardian.guardian_id);
  const place = news(item, guardian.guardian_id);
  const again = place.parentElement.querySelector(".back");
  again.hidden = true; // a second press takes back nothing more
  try {
    for (; call.kept.length; call.kept.shift()) {
      const [{ id, version }] = call.kept;
      await ask(`${TOUCHPOINTS}/${id}/void`, json("POST", { reason: REASON }, { "If-Match": `"${version}"` }));
    }
    call.back = true;
    show();
  } catch (error) {
    put(place, _("Not taken back: %(why)s.", { why: error.message }));
    again.hidden = false;
  }
}

const whom = (one) => JSON.parse(one.body).guardian_ids[0];
const last = (item, guardian) => item.calls.filter((one) => whom(one) === guardian && !one.back).at(-1);
const news = (item, guardian) => item.element.querySelector(`[data-guardian="${CSS.escape(guardian)}"] .logged`);

const became = (one) => (one.back ? _("Taken back") : one.waits ? _("Saved on this phone") : one.refused ? _("Not kept") : _("Received"));

// What became of each call, beneath the number that was called.
function tell(item, waiting, refused) {
  item.element.classList.toggle("done", item.calls.some((one) => !one.back));
  for (const one of item.calls) {
    one.waits = waiting.has(one.key);
    one.refused ||= refused.has(one.key); // also once the reader has cleared it
  }
  for (const guardian of new Set(item.calls.map(whom))) {
    const place = news(item, guardian);
    if (!place) continue;
    const calls = item.calls.filter((one) => whom(one) === guardian);
    put(place, calls.map((one) => `${one.words}. ${became(one)}.`).join(" "));
    place.classList.toggle("waits", calls.some((one) => one.waits || one.refused));
    place.parentElement.querySelector(".back").hidden = !last(item, guardian)?.kept;
  }
}

function show() {
  const [waiting, refused] = [queue.waiting, queue.refused];
  const keys = (some) => new Set(some.map((one) => one.key));
  for (const item of cards) tell(item, keys(waiting), keys(refused));
  const others = queue.others;
  const said = [
    waiting.length && ngettext("%(num)s waiting on this phone.", "%(num)s waiting on this phone.", waiting.length),
    waiting.length && queue.why && _("Not sent yet: %(why)s.", { why: queue.why }),
    others && ngettext("%(num)s call of another sign-in waits on this phone; it is sent when that person signs in here.", "%(num)s calls of another sign-in wait on this phone; they are sent when that person signs in here.", others),
  ];
  put(at("queue-news"), said.filter(Boolean).join(" "));
  at("refused").hidden = !refused.length;
  at("refusals").replaceChildren(
    ...refused.map((one) => {
      const about = JSON.parse(one.body).students.map((id) => names.get(id) ?? _("a student who is not on this list"));
      return made("li", "", made("b", "", `${about.join(", ")} · ${one.words}: `), byName(one.refused, names));
    }),
  );
}

const offered = chosen.list ?? {};

// Walk-ins are known to this service alone.
async function walkedIn(rows) {
  for (const row of rows.filter((one) => one.guardians.some((each) => each.walk_in))) {
    const { body } = await ask(`/family_touchpoints/v1/students/${encodeURIComponent(row.student_id)}/contact`);
    for (const one of row.guardians) Object.assign(one, { name: "", phone: null }, pick(body.items.find((each) => each.guardian_id === one.guardian_id)));
  }
}
const pick = (one) => (one?.name ? { name: one.name, phone: one.phone } : {});

async function roster(rows) {
  const found = new Map();
  const ids = [...new Set(rows.map((one) => one.student_id))];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const { body } = await ask("/roster/v1/guardians/lookup", json("POST", { students: ids.slice(from, from + AT_ONCE) }));
    for (const one of body.items) found.set(one.person_id, one);
  }
  return found;
}

// Whoever has a call on its way already comes last.
const waitingLast = (found) => {
  const ids = new Set(queue.waiting.flatMap((one) => JSON.parse(one.body).students));
  const waits = (family) => Number(family.students.some((one) => ids.has(one.id)));
  return found.sort((one, other) => waits(one) - waits(other));
};

function draw(found) {
  const languages = [...new Set(found.flatMap((one) => one.guardians.map((each) => each.language)))].filter(Boolean);
  cards.length = 0;
  for (const family of waitingLast(found)) {
    for (const one of [...family.students.map((each) => [each.id, each.name]), ...family.guardians.map((each) => [each.guardian_id, each.name])]) if (one[1]) names.set(...one);
    const ids = new Set(family.students.map((one) => one.id));
    const item = { calls: queue.waiting.filter((one) => JSON.parse(one.body).students.some((id) => ids.has(id))) };
    item.element = card(family, { last: offered, languages, log: (guardian, said) => log(item, guardian, said), undo: (guardian) => undo(item, guardian) });
    cards.push(item);
  }
  at("families").replaceChildren(...cards.map((one) => one.element));
}

async function begin() {
  const say = (words) => (at("calls-news").textContent = words);
  at("again-place").hidden = true;
  say(_("The list is being read…"));
  const lost = () => say(_("No answer yet; it is asked again…"));
  try {
    const rows = await everyItem(`/family_touchpoints/v1/families/unreached?program=${encodeURIComponent(program)}&limit=500`, lost);
    await walkedIn(rows);
    let known = new Map();
    let unnamed = "";
    try {
      known = await roster(rows);
    } catch (error) {
      unnamed = _("Names and numbers could not be read: %(why)s.", { why: error.message });
      at("again-place").hidden = false;
    }
    const found = families(rows, known);
    draw(found);
    say(unnamed || (found.length ? ngettext("%(num)s family to reach.", "%(num)s families to reach.", found.length) : _("Every family of this program was reached this term.")));
  } catch (error) {
    say(_("The list could not be read: %(why)s.", { why: error.message }));
    at("again-place").hidden = false;
  }
  show();
}

at("clear").addEventListener("click", () => queue.clear());
at("again").addEventListener("click", begin);
queue.start();
await begin();
