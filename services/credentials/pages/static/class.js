// The class page: who tried and who passed, previewed, saved, undone, and one of them set right.
import { Correction } from "./correct.js";
import { day } from "/static/days.js";
import { everyPage, standing } from "./holding.js";
import { moved, numbers } from "./moved.js";
import { Pressing } from "/static/pressing.js";
import { ask, json, Kept, newKey, NoAnswer } from "/static/sending.js";
import { _, ngettext } from "/static/texts.js";

const { program, title, years, viewer } = document.getElementById("main").dataset;
const awards = "/credentials/v1/awards";
const within = { program, title, years: years.split(" ") };
const at = (id) => document.getElementById(id);
const news = (words) => (at("class-news").textContent = words);
const moving = (words) => (at("number-news").textContent = words);
// The list whose answer has not come, and the one that was saved last and can still be undone.
const onItsWay = new Kept(localStorage, `aurora.class.${viewer}`);
const saved = new Kept(sessionStorage, `aurora.saved.${viewer}.${program}`);
const rows = new Map();
const students = (number) => ngettext("%(num)s student", "%(num)s students", number);
const REASON = "taken back on the class page by whoever logged it";
const refusals = (number) => (number ? [ngettext("%(num)s refused; the row says why.", "%(num)s refused; the rows say why.", number)] : []);
const press = new Pressing({ say: news, waits: (words) => (at("press-news").textContent = words) });
const doing = (what, words, work) => press.doing(what, words, work);
let today = "";
let counting = 0;

function show(one) {
  const row = at("row").content.cloneNode(true).querySelector("li");
  const get = (name) => row.querySelector(`.${name}`);
  const name = `${one.preferred_name || one.given_name} ${one.family_name}`;
  const parts = { tick: get("tick"), result: get("result"), license: get("license"), words: get("words"), fix: get("fix"), held: get("held") };
  get("who").textContent = name;
  const done = one.completed_on ? _("completed %(day)s", { day: day(one.completed_on) }) : _("in class");
  get("where").textContent = `${one.organisation_name}, ${done}`;
  parts.tick.setAttribute("aria-label", _("%(name)s tried", { name }));
  parts.result.setAttribute("aria-label", _("Result of %(name)s", { name }));
  parts.license.setAttribute("aria-label", _("Licence number of %(name)s", { name }));
  parts.fix.setAttribute("aria-label", _("Correct the award of %(name)s", { name }));
  parts.fix.addEventListener("click", () => doing(`correct ${one.student_id}`, "", () => correction.open(rows.get(one.student_id))));
  rows.set(one.student_id, { ...parts, name, award: null, holds: false });
  at("rows").append(row);
}

function clear() {
  saved.forget();
  at("undo").hidden = true;
  for (const row of rows.values()) {
    row.words.textContent = "";
    row.fix.hidden = true;
    row.award = null;
  }
}

// The list as it is sent; null, and said why, when it is not complete.
function list() {
  if (!at("list").reportValidity()) return null;
  const ticked = [...rows].filter(([, row]) => row.tick.checked);
  if (!ticked.length) {
    news(_("Nobody is ticked: tick the students who tried."));
    return null;
  }
  return {
    credential_code: at("credential").value,
    program_id: program,
    awarded_on: at("day").value,
    rows: ticked.map(([id, row]) => ({
      student_id: id,
      ...(row.result.value === "failed" && { result: "failed" }),
      ...(row.license.value.trim() && { license_number: row.license.value.trim() }),
    })),
  };
}

const WORDS = {
  preview: { created: _("Will be logged."), unchanged: _("Is in the records already.") },
  save: { created: _("Logged."), unchanged: _("Is in the records.") },
};

// An award that is in the records can be corrected.
function offer(row, award) {
  row.award = award;
  row.fix.hidden = !award;
}

function tell(answer, body, words) {
  answer.rows.forEach((one, number) => {
    const row = rows.get(body.rows[number].student_id);
    if (!row) return;
    const said = one.outcome === "refused" ? _("Refused: %(why)s.", { why: one.problem }) : words[one.outcome];
    row.words.textContent = [said, ...one.warnings.map((each) => _("Note: %(what)s.", { what: each }))].join(" ");
    offer(row, words === WORDS.save && one.outcome !== "refused" ? one.award_id : null);
  });
}

const preview = () =>
  doing("preview", "", async () => {
    const body = list();
    if (!body) return;
    clear();
    news(_("Looking what would become of it…"));
    const { body: answer } = await ask(`${awards}/batch?dry_run=true`, json("POST", body, { "Idempotency-Key": newKey() }));
    tell(answer, body, WORDS.preview);
    const { created, unchanged, refused } = answer;
    const found = _("Nothing is saved yet. %(created)s would be logged, %(unchanged)s are in the records already.", { created, unchanged });
    news([found, ...refusals(refused)].join(" "));
  });

const save = () =>
  doing("save", "", async () => {
    if (onItsWay.list) {
      news(_("Another list has had no answer yet: send it again or forget it first."));
      at("again").focus();
      return;
    }
    const body = list();
    if (!body) return;
    clear();
    moving("");
    news(_("Saving…"));
    const before = (await numbers(program, within.years).catch(() => null))?.found;
    onItsWay.keep({ key: newKey(), body, before, program });
    await deliver(false);
  });

// The kept list, under its own key, until an answer comes: nothing of it can be logged twice.
async function deliver(again) {
  const { key, body, before, program: of } = onItsWay.list;
  let repeated = again;
  const lost = (why) => {
    repeated = true;
    const said = why ? _("Not settled yet: %(why)s.", { why }) : _("The connection was lost before an answer came.");
    news([said, _("The same list is sent again under the same key: nothing is logged twice.")].join(" "));
  };
  let answer;
  try {
    answer = (await ask(`${awards}/batch`, json("POST", body, { "Idempotency-Key": key }), lost)).body;
  } catch (error) {
    if (!(error instanceof NoAnswer)) onItsWay.forget();
    waiting();
    throw error;
  }
  onItsWay.forget();
  waiting();
  tell(answer, body, WORDS.save);
  const kept = answer.rows.filter((one) => one.outcome !== "refused");
  const twice = repeated ? [_("The list was sent more than once under one key: nothing was logged twice.")] : [];
  const found = _("Saved: %(students)s of %(all)s in the records, %(created)s of them new with this answer.", {
    students: students(kept.length),
    all: answer.rows.length,
    created: answer.created,
  });
  news([found, ...refusals(answer.refused), ...twice].join(" "));
  if (kept.length && (answer.created || repeated)) {
    const held = kept.map((one) => [body.rows[one.row].student_id, one.award_id]);
    saved.keep({ batch: answer.batch_id, held });
    at("undo").hidden = false;
  }
  if (kept.length && of === program) {
    count(before, kept.at(-1).award_id);
    holders();
  }
}

// The number, once everything up to the last award's own time is counted. Nothing waits for it: what is saved can
// be undone meanwhile, and then only the last count is told.
async function count(before, award) {
  counting += 1;
  const mine = counting;
  const tell = (words) => mine === counting && moving(words);
  tell(_("Waiting until it is counted…"));
  try {
    const { body } = await ask(`${awards}/${award}`);
    tell(await moved({ ...within, before, written: body.updated_at }));
  } catch (error) {
    tell(_("It is saved; how the number moved could not be read: %(why)s.", { why: error.message }));
  }
}

// Who holds the chosen credential, beside each name. The list can be filled in without it.
async function holders() {
  const credential = at("credential").value;
  const found = await standing({ awards, credential, students: [...rows.keys()], today }).catch(() => null);
  if (credential !== at("credential").value) return;
  for (const [id, row] of rows) {
    const known = found?.get(id);
    row.holds = Boolean(known?.holds);
    row.held.textContent = known?.words ?? "";
    row.held.classList.toggle("holds", row.holds);
  }
  at("holders-news").textContent = found ? "" : _("Who holds this credential already could not be read; the preview says it of each student.");
}

const undo = () =>
  doing("undo", _("Taking the list back…"), async () => {
    if (!saved.list) {
      news(_("There is no saved list to take back any more."));
      return;
    }
    const { batch, held } = saved.list;
    const before = (await numbers(program, within.years).catch(() => null))?.found;
    const lost = () => news(_("No answer yet; the same is asked once more, which takes back nothing twice."));
    const { body } = await ask(`${awards}/batch/${batch}/void`, json("POST", { reason: REASON }), lost);
    correction.leave();
    clear();
    at("save").focus();
    news(ngettext("Taken back: %(num)s award of this list.", "Taken back: %(num)s awards of this list.", body.voided + body.unchanged));
    count(before, held.at(-1)[1]);
    holders();
  });

function waiting() {
  const kept = onItsWay.list;
  at("pending").hidden = !kept;
  if (!kept) return;
  at("pending-words").textContent = _(
    "%(students)s, %(credential)s, %(day)s. Nobody knows yet whether it arrived. Sent again under the same key, nothing is logged twice.",
    { students: students(kept.body.rows.length), credential: kept.body.credential_code, day: day(kept.body.awarded_on) },
  );
}

// A list saved before the page was loaded again: what can be done about it is offered again.
function offerAgain() {
  const { held } = saved.list;
  for (const [student, award] of held) {
    const row = rows.get(student);
    if (!row) continue;
    row.tick.checked = true;
    row.words.textContent = WORDS.save.unchanged;
    offer(row, award);
  }
  at("undo").hidden = false;
  return _("%(students)s of the list that you saved here: it can still be corrected, or undone as a whole.", { students: students(held.length) });
}

const correction = new Correction({ awards, news, doing, after: count, look: () => numbers(program, within.years) });

const begin = () =>
  doing("begin", _("The class is being read…"), async () => {
    const code = encodeURIComponent(program);
    const [{ body: found }, catalogue] = await Promise.all([
      ask(`/roster/v1/programs/${code}/class`),
      everyPage(`/credentials/v1/catalogue?program=${code}&limit=200`),
    ]);
    found.items.forEach(show);
    for (const one of catalogue) at("credential").add(new Option(`${one.title} (${one.issuer})`, one.code));
    today = found.as_of;
    at("day").max = today;
    at("correct-day").max = found.as_of;
    const empty = !found.items.length ? _("Nobody of yours is in this program now or completed it within the year.") : "";
    const bare = !catalogue.length ? _("The catalogue names no credential for this program; a data manager can add one.") : "";
    at("list").hidden = Boolean(empty || bare);
    at("list-buttons").hidden = at("list").hidden;
    news(empty || bare || (saved.list ? offerAgain() : "") || _("%(students)s: tick those who tried.", { students: students(found.items.length) }));
    waiting();
    if (!at("list").hidden) holders();
  });

at("list").addEventListener("submit", (event) => {
  event.preventDefault();
  preview();
});
// What was previewed is no longer what is filled in.
function changed() {
  if (!saved.list && !press.running) clear();
}
at("list").addEventListener("input", changed);
at("credential").addEventListener("change", holders);
at("save").addEventListener("click", save);
at("undo").addEventListener("click", undo);
at("again").addEventListener("click", () => doing("again", _("Sending it again under the same key…"), () => deliver(true)));
at("forget").addEventListener("click", () => {
  onItsWay.forget();
  waiting();
  news(_("Forgotten here. What of it arrived is in the records all the same: a preview says so, row by row."));
  at("credential").focus();
});
at("everybody").addEventListener("click", () => {
  const others = [...rows.values()].filter((row) => !row.holds);
  const every = others.every((row) => row.tick.checked);
  for (const row of others) row.tick.checked = !every;
  changed();
  const left = rows.size - others.length;
  if (left) news(ngettext("%(num)s student who holds it already is left as it is.", "%(num)s students who hold it already are left as they are.", left));
});
await begin();
