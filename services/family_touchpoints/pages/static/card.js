// One family on the page of calls: who may be called, with what number, and what came of it in two taps.
import { day } from "/static/days.js";
import { made, pill } from "/static/parts.js";
import { _, language as pageLanguage, ngettext } from "/static/texts.js";

const at = (id) => document.getElementById(id);
const copy = (id) => at(id).content.cloneNode(true).firstElementChild;
const spoken = new Intl.DisplayNames(pageLanguage, { type: "language", fallback: "code" });
export const languageName = (code) => spoken.of(code);

const BY = {
  Phone: _("a call"), InPerson: _("in person"), HomeVisit: _("a visit at home"), VideoCall: _("a video call"),
  Text: _("a text"), App: _("a message in the app"), Email: _("an email"), workshop: _("an evening at school"),
};
export const OUTCOMES = {
  reached: _("Reached"), left_message: _("Left message"), no_answer: _("No answer"),
  wrong_number: _("Wrong number"), delivered: _("Sent"), bounced: _("It came back"),
};
const CALLED = ["reached", "left_message", "no_answer", "wrong_number"];
const MET = ["reached", "no_answer"];
const WRITTEN = ["delivered", "reached", "bounced"];
const OF = { Phone: CALLED, VideoCall: MET, InPerson: MET, HomeVisit: MET, Text: WRITTEN, App: WRITTEN, Email: WRITTEN };
const RELATIONS = { parent: _("parent"), guardian: _("guardian"), relative: _("relative") };

// `log(guardian, said)` is told what came of it, `undo(guardian)` that it did not; `last` are the choices of the time before.
export function card(family, { log, undo, last, languages }) {
  const item = copy("family");
  const title = family.students.map((one) => one.name || one.id);
  item.querySelector(".who").textContent = title.join(", ");
  for (const one of family.students) item.querySelector(".pupils").append(pupil(one, family.students.length > 1));
  const opened = (panel) => document.querySelectorAll(".came").forEach((one) => (one.hidden = one !== panel));
  const theirs = family.guardians.map((one) => guardian(one, family, { log, undo, last, languages, opened }));
  item.querySelector(".guardians").append(...theirs);
  if (!theirs.length) item.querySelector(".guardians").append(made("li", "quiet", _("Roster knows nobody who answers for them: ask the office.")));
  return item;
}

function pupil({ id, name, row }, several) {
  const reached = row.terms ? pill("on_track", "1", _("one term to go")) : pill("off_track", "0", _("not reached this year"));
  const tried = row.tries.length
    ? ngettext("Tried once this term, on %(day)s: %(outcome)s.", "Tried %(num)s times this term, last on %(day)s: %(outcome)s.", row.tries.length, {
        day: day(row.tries.at(-1).on),
        outcome: (OUTCOMES[row.tries.at(-1).outcome] ?? row.tries.at(-1).outcome).toLowerCase(),
      })
    : _("Not tried this term.");
  const last = row.last_reached;
  const language = last?.language ? _(", in %(language)s", { language: languageName(last.language) }) : "";
  const worked = last && _("Last reached on %(day)s (%(way)s%(language)s).", {
    day: day(last.on),
    way: BY[last.method] ?? last.method,
    language,
  });
  const ofAge = row.of_age && _("The rights are the student's since they are 18: speak with the student.");
  const planned = row.next_planned && _("Planned for %(day)s.", { day: day(row.next_planned) });
  return made("li", "", several && made("b", "", `${name || id} `), reached, made("span", "quiet block", [ofAge, worked, tried, planned].filter(Boolean).join(" ")));
}

function guardian(one, family, { log, undo, last, languages, opened }) {
  const item = copy("guardian");
  item.dataset.guardian = one.guardian_id;
  const get = (look) => item.querySelector(`.${look}`);
  const called = one.name || one.guardian_id;
  get("name").textContent = called;
  get("about").textContent = [
    RELATIONS[one.relation] ?? one.relation,
    one.language && languageName(one.language),
    one.interpreter && _("needs an interpreter"),
    one.best_time && _("best time: %(time)s", { time: one.best_time }),
    one.may.length && !one.phone && _("no number in roster"),
  ].filter(Boolean).join(" · ");
  if (!one.may.length) {
    item.classList.add("shut");
    get("tell").textContent = _("Do not contact; ask the counselor.");
    for (const look of ["came", "ways", "back"]) get(look).remove();
    return item;
  }
  get("tell").textContent = [!one.records && _("Tell them nothing of the student's records."), ...one.told].filter(Boolean).join(" ");
  const panel = get("came");
  const filled = fill(panel, one, family, { last, languages, log });
  const open = (method, by) => {
    opened(panel);
    panel.hidden = false;
    filled(method, by);
  };
  const way = (look, address, words, label, method) => {
    const link = made("a", look, words);
    link.href = address;
    link.setAttribute("aria-label", label);
    link.addEventListener("click", () => open(method, link));
    return link;
  };
  const number = (written) => written.replace(/[^\d+*#,;]/g, "");
  if (one.phone && one.may.includes("Phone")) get("ways").append(way("call", `tel:${number(one.phone)}`, `☎ ${one.phone}`, _("Call %(name)s, %(number)s", { name: called, number: one.phone }), "Phone"));
  if (one.sms && one.may.includes("Text")) get("ways").append(way("text", `sms:${number(one.sms)}`, _("Text"), _("Text %(name)s", { name: called }), "Text"));
  const other = made("button", "plain other", get("ways").childElementCount ? _("Other way") : _("Log a contact"));
  other.type = "button";
  other.setAttribute("aria-label", _("Log another way of speaking with %(name)s", { name: called }));
  other.addEventListener("click", () => {
    open(one.may.find((method) => !["Phone", "Text"].includes(method)) ?? one.may[0], other);
    panel.querySelector("details").open = true;
  });
  get("ways").append(other);
  get("undo").setAttribute("aria-label", _("Take the last call to %(name)s back", { name: called }));
  get("undo").addEventListener("click", () => {
    other.focus({ preventScroll: true });
    undo(one);
  });
  return item;
}

// The form behind a number; what it gives back opens it for a method.
function fill(panel, one, family, { last, languages, log }) {
  const get = (look) => panel.querySelector(`.${look}`);
  let opener = null;
  const ticks = [...one.about].map(([id, said]) => {
    const tick = made("input", "tick");
    Object.assign(tick, { type: "checkbox", value: id, checked: true });
    const pupil = family.students.find((each) => each.id === id);
    const words = made("span", "", pupil.name || id);
    panel.querySelector("fieldset").append(made("label", "tap", tick, words));
    return { tick, words, said, name: pupil.name || id };
  });
  panel.querySelector("fieldset").hidden = ticks.length < 2;
  get("method").replaceChildren(...one.may.map((method) => new Option(BY[method] ?? method, method)));
  for (const code of new Set([one.language, ...languages, "eng", "spa"].filter(Boolean))) get("language").add(new Option(languageName(code), code));
  get("language").value = one.language ?? "eng";
  const speaking = () => {
    get("spoken").hidden = get("language").value === "eng" && (one.language ?? "eng") === "eng";
    get("interpreter").value = last.interpreter?.[get("language").value] ?? "";
  };
  const ways = () => {
    const method = get("method").value;
    for (const { tick, words, said, name } of ticks) {
      tick.disabled = !said.may.includes(method);
      tick.checked = !tick.disabled;
      words.textContent = tick.disabled ? _("%(name)s: not with this guardian; ask the counselor", { name }) : name;
    }
    get("outcomes").replaceChildren(...OF[method].map((outcome) => button(outcome, method)));
  };
  const button = (outcome, method) => {
    const words = method === "Text" && outcome === "reached" ? _("They answered") : OUTCOMES[outcome];
    const element = made("button", outcome === "reached" ? "reached" : "plain", words);
    element.type = "button";
    element.addEventListener("click", () => {
      const students = ticks.filter(({ tick }) => tick.checked).map(({ tick }) => tick.value);
      if (!students.length) return ticks[0].tick.focus();
      log(one, { students, method, outcome, purpose: get("purpose").value, program: get("program").value, language: get("language").value, interpreter: get("spoken").hidden ? "" : get("interpreter").value, note: get("note").value.trim() });
      get("note").value = "";
      panel.hidden = true;
      opener.focus({ preventScroll: true }); // what had the keyboard is gone
    });
    return element;
  };
  get("language").addEventListener("change", speaking);
  get("method").addEventListener("change", ways);
  panel.addEventListener("submit", (event) => event.preventDefault());
  return (method, by) => {
    opener = by;
    get("method").value = method;
    get("purpose").value = last.purpose ?? "progress";
    get("program").value = last.program ?? get("program").options[0].value;
    speaking();
    ways();
  };
}
