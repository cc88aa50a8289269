// A student's family, for staff: who may be contacted how, what is next, what was tried, and a form to log or plan.
import { byName, inWords } from "./guardians.js";
import { named } from "./languages.js";
import { day } from "/static/days.js";
import { entry, everyItem, made, part, pill } from "/static/parts.js";
import { Pressing } from "/static/pressing.js";
import { ask, json, newKey } from "/static/sending.js";
import { _ } from "/static/texts.js";

const { student, given } = document.getElementById("main").dataset;
const { words, today, terms, due, workshops } = JSON.parse(given);
const id = encodeURIComponent(student);
const touchpoints = "/family_touchpoints/v1/touchpoints";
const at = (name) => document.getElementById(name);
const SIGNS = { Phone: "☎", Text: "✉", Email: "✉", App: "✉", InPerson: "●", HomeVisit: "⌂", VideoCall: "▶" };
const ROSTER = _("The roster");
const RECORDS = _("The records of contact");

const roster = ask(`/roster/v1/persons/${id}/guardians`).then(({ body }) => body.items.filter((one) => !one.end));
roster.catch(() => {}); // each part that needs the names says so itself
let contact = null;
const readContact = async (lost) => (contact ??= (await ask(`/family_touchpoints/v1/students/${id}/contact`, {}, lost)).body);
const names = new Map();
const called = (guardian) => names.get(guardian) ?? _("somebody of the family");

async function everybody(lost) {
  const found = await readContact(lost);
  const told = await roster.catch(() => []);
  for (const one of told) names.set(one.guardian_id, inWords(one));
  for (const one of found.items) if (one.name) names.set(one.guardian_id, one.name);
  return { ...found, told: new Map(told.map((one) => [one.guardian_id, one])) };
}

// Numbers stand here only of who may be reached by them.
function numbers(one, known) {
  const phone = one.phone ?? known?.phone ?? known?.sms;
  const email = one.may.includes("Email") && known?.email;
  const dial = (scheme, text) => {
    const link = made("a", "", text);
    link.href = `${scheme}:${text.replace(/\s/g, "")}`;
    return link;
  };
  const byPhone = one.may.includes("Phone") || one.may.includes("Text");
  const found = [byPhone && phone && dial("tel", phone), email && dial("mailto", email)].filter(Boolean);
  return found.length ? made("p", "numbers", ...found) : null;
}

function guardian(one, told) {
  const ways = one.may.length
    ? made("p", "ways", ...one.may.flatMap((way) => [pill("met", SIGNS[way], words.method[way]), " "]))
    : made("p", "ways", pill("off_track", "✕", _("Do not contact about this student")));
  const speaks = one.language && _("Speaks %(language)s.", { language: named(one.language) });
  const interpreter = one.interpreter && _("An interpreter is needed.");
  const best = one.may.length && one.best_time && _("Best time: %(time)s.", { time: one.best_time });
  return entry(
    [called(one.guardian_id), words.relation[one.relation], one.walk_in && _("walked in")].filter(Boolean).join(", "),
    ways,
    one.may.length ? numbers(one, told.get(one.guardian_id)) : null,
    [speaks, interpreter, best].filter(Boolean).join(" "),
    !one.records && _("They may be told nothing of what the school's records say."),
    ...one.told_to_staff.map((line) => made("p", "", made("b", "", line))),
  );
}

function who(found) {
  at("of-age").textContent = found.of_age_note ? _("The rights are the student's since they are 18: speak with the student. What they share with whom, a counselor records.") : "";
  offer(found.items);
  dispatchEvent(new CustomEvent("family", { detail: found.items.map((one) => ({ id: one.guardian_id, name: called(one.guardian_id) })) }));
  return found.items.map((one) => guardian(one, found.told));
}

// Those with whom something can be logged: all of them, since a family may have called; planned only with who may be.
function offer(items) {
  const ticks = items.map((one, number) => {
    const box = made("input");
    Object.assign(box, { type: "checkbox", name: "guardian_ids", value: one.guardian_id, checked: number === 0 && one.may.length > 0 });
    const name = called(one.guardian_id);
    return made("label", "tap", box, made("span", "", one.may.length ? name : _("%(name)s (do not contact)", { name })));
  });
  at("with-whom").replaceChildren(...ticks);
}

const LOOKS = {
  reached: ["met", "✓"],
  planned: ["provisional", "…"],
  missed: ["off_track", "!"],
  not_made: ["off_track", "!"],
  cancelled: ["no_data", "–"],
};
const state = (one) => (one.status === "held" ? pill(...(LOOKS[one.outcome] ?? ["no_data", "–"]), words.outcome[one.outcome]) : pill(...LOOKS[one.status], words.step[one.status]));
const heading = (one) => `${words.method[one.method]}: ${words.purpose[one.purpose]}`;
const withWhom = (one) => [...one.guardian_ids.map(called), one.with_student && _("the student")].filter(Boolean).join(", ");
const press = new Pressing({ say: (said) => (at("next").querySelector("[role=status]").textContent = byName(said, names)), waits: () => {} });

// One step on from what was planned; the version that was seen goes along, so that nobody's step is overwritten.
function step(one, action, label, body = {}) {
  const pressed = made("button", "plain", label);
  pressed.type = "button";
  const on = one.day > today ? today : one.day;
  pressed.addEventListener("click", () =>
    press.doing(`${action} ${one.id}`, _("Saving…"), async () => {
      const headers = { "If-Match": `"${one.version}"`, "Idempotency-Key": (pressed.dataset.key ??= newKey()) };
      await ask(`${touchpoints}/${one.id}/${action}`, json("POST", { on, ...body }, headers));
      await shown();
    }),
  );
  return pressed;
}

function planned(one) {
  const buttons = one.day <= today ? [step(one, "held", _("Reached"), { outcome: "reached" }), step(one, "missed", _("The family did not come")), step(one, "not-made", _("We did not do it"))] : [];
  return entry(heading(one), made("p", "", state(one), ` ${day(one.day)}, ${withWhom(one)}`), made("p", "buttons", ...buttons, step(one, "cancel", _("Cancel it"))));
}

function point(one) {
  const late = one.made_on > one.due;
  const look = one.made_on ? pill("met", "✓", late ? _("Met late") : _("Met")) : one.due < today ? pill("off_track", "!", _("Overdue")) : pill("provisional", "…", _("Due"));
  const how = one.method ? `${words.method[one.method]}: ` : "";
  return entry(_("Of the program's plan: %(what)s", { what: `${how}${words.purpose[one.purpose]}` }), made("p", "", look, " ", _("%(since)s to %(due)s", { since: day(one.since), due: day(one.due) })));
}

let all = null;
const tried = (lost) => (all ??= everyItem(`${touchpoints}?student=${id}&limit=200`, lost).catch((error) => {
  all = null;
  throw error;
}));

function next(found) {
  const soon = found.filter((one) => one.status === "planned").sort((one, other) => (one.day < other.day ? -1 : 1));
  const open = due.filter((one) => !one.made_on || one.due >= today);
  return [...soon.map(planned), ...open.map(point)];
}

function touch(one) {
  const steps = one.steps.length > 1 && one.steps.map((each) => _("%(what)s %(day)s", { what: words.step[each.status], day: day(each.on) })).join("; ");
  const spoken = one.status === "held" && _("In %(language)s.", { language: named(one.language) });
  const minutes = one.minutes && _("%(num)s minutes.", { num: one.minutes });
  const against = one.breach && _("Against a restriction, and not counted: %(why)s", { why: one.breach });
  const lines = [steps, [spoken, minutes].filter(Boolean).join(" "), against, one.follow_up_on && _("To be looked at again on %(day)s.", { day: day(one.follow_up_on) })];
  return made("li", "", made("p", "", made("b", "", heading(one)), " ", state(one), ` ${day(one.day)}, ${withWhom(one)}`), ...lines.filter(Boolean).map((line) => made("p", "quiet", line)), one.has_note && note(one), answered(one));
}

// What was written reaches somebody when they answer.
const answered = (one) => one.outcome === "delivered" && made("p", "buttons", step(one, "replied", _("They answered today"), { on: today }));

function note(one) {
  const pressed = made("button", "plain", _("Read the note"));
  pressed.type = "button";
  pressed.setAttribute("aria-label", _("Read the note of %(day)s", { day: day(one.day) }));
  const said = made("p", "note");
  said.setAttribute("role", "status");
  pressed.addEventListener("click", async () => {
    said.textContent = _("This is being read…");
    said.textContent = await ask(`${touchpoints}/${one.id}`).then(({ body }) => body.note, (error) => error.message);
  });
  return made("div", "", pressed, said);
}

const came = (one) => made("li", "", made("p", "", made("b", "", words.kind[one.kind]), " ", pill("met", "✓", _("Came")), ` ${day(one.on)}, ${called(one.guardian_id)}`));

function line(found) {
  const past = [...found.filter((one) => one.status !== "planned").map((one) => ({ on: one.day, line: touch(one) })), ...workshops.map((one) => ({ on: one.on, line: came(one) }))];
  past.sort((one, other) => (one.on < other.on ? 1 : -1));
  const of = (one) => terms.find((term) => term.begins <= one.on) ?? terms.at(-1);
  return terms
    .map((term) => [term, past.filter((one) => of(one) === term)])
    .filter(([, its]) => its.length)
    .map(([term, its]) => entry(_("%(year)s, term %(number)s", { year: term.school_year, number: term.number }), made("ul", "touches", ...its.map((one) => one.line))));
}

// Names first: every part calls people by them.
async function shown() {
  all = null;
  await Promise.all([
    part("next", { from: RECORDS, read: (lost) => tried(lost), draw: next, empty: _("Nothing is planned or due.") }),
    part("line", { from: RECORDS, read: (lost) => tried(lost), draw: line, empty: _("Nothing was tried yet within your reach.") }),
  ]);
}

const form = at("touchpoint");
const news = (said) => (at("touchpoint-news").textContent = byName(said, names));
const saving = new Pressing({ say: news, waits: () => {} });
for (const one of form.querySelectorAll("[data-language]")) one.textContent = named(one.dataset.language);
const held = () => form.elements.when.value === "held";
const fits = () => {
  for (const one of form.querySelectorAll(".if-held")) one.hidden = !held();
  form.elements.day.max = held() ? today : "";
};
form.addEventListener("change", fits);
fits();

function asked(data) {
  const text = (name) => data.get(name)?.trim() || null;
  const happened = held() ? { held_on: text("day"), outcome: text("outcome"), minutes: text("minutes") && Number(text("minutes")), ...(text("breach") && { breach: text("breach") }) } : { planned_for: text("day") };
  return {
    students: [student],
    guardian_ids: data.getAll("guardian_ids"),
    with_student: data.has("with_student"),
    ...Object.fromEntries(["method", "purpose", "direction", "language", "interpreter", "program_id", "note", "follow_up_on"].map((name) => [name, text(name)])),
    ...happened,
  };
}

// The same form sent again has the same key, until something in it is changed: one call is logged once.
let key = newKey();
form.addEventListener("input", () => (key = newKey()));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  saving.doing("log", _("Saving…"), async () => {
    const { body } = await ask(touchpoints, json("POST", asked(new FormData(form)), { "Idempotency-Key": key }));
    key = newKey();
    form.elements.note.value = "";
    const warned = body.touchpoints.flatMap((one) => one.warnings).map((one) => _("Note: %(what)s.", { what: one }));
    news([_("Saved."), ...warned].join(" "));
    await shown();
  });
});

addEventListener("family-changed", () => {
  contact = null;
  begin();
});
async function begin() {
  await part("who", { from: RECORDS, read: everybody, draw: who, empty: _("Roster knows nobody who answers for this student; ask the front office, or add a walk-in at a workshop.") });
  await shown();
}
ask(`/roster/v1/students/${id}`).then(({ body }) => (at("student-name").textContent = inWords(body)), () => (at("who").querySelector("[role=status]").textContent = _("%(who)s could not be asked for names.", { who: ROSTER })));
await begin();
