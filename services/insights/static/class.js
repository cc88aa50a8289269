// The class page: who tried and who passed, previewed, saved, undone, and one of them set right.
import { Correction } from "./correct.js";
import { moved, numbers } from "./moved.js";
import { ask, json, newKey, NoAnswer, OnItsWay } from "./sending.js";

const { roster, credentials, program, title, years, viewer } = document.getElementById("main").dataset;
const awards = `${credentials}/v1/awards`;
const within = { program, title, years: years.split(" ") };
const at = (id) => document.getElementById(id);
const news = (words) => (at("class-news").textContent = words);
const moving = (words) => (at("number-news").textContent = words);
const onItsWay = new OnItsWay(viewer);
const rows = new Map();
const plural = (number, one, many) => (number === 1 ? `1 ${one}` : `${number} ${many}`);
const students = (number) => plural(number, "student", "students");
const REASON = "taken back on the class page by whoever logged it";
let busy = false;
let saved = null;

// One thing at a time; whatever goes wrong is said, in the words of whoever refused.
async function doing(words, work) {
  if (busy) return;
  busy = true;
  if (words) news(words);
  try {
    await work();
  } catch (error) {
    news(`Not done: ${error.message}.`.replace(/\.\.$/, "."));
  } finally {
    busy = false;
  }
}

async function everyPage(address) {
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await ask(`${address}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...body.items);
    cursor = body.next;
  }
  return found;
}

function show(one) {
  const row = at("row").content.cloneNode(true).querySelector("tr");
  const get = (name) => row.querySelector(`.${name}`);
  const name = `${one.preferred_name || one.given_name} ${one.family_name}`;
  const parts = { tick: get("tick"), result: get("result"), license: get("license"), words: get("words"), fix: get("fix") };
  get("who").textContent = name;
  get("where").textContent = `${one.organisation_name}, ${one.completed_on ? `completed ${one.completed_on}` : "in class"}`;
  parts.tick.setAttribute("aria-label", `${name} tried`);
  parts.result.setAttribute("aria-label", `Result of ${name}`);
  parts.license.setAttribute("aria-label", `Licence number of ${name}`);
  parts.fix.setAttribute("aria-label", `Correct the award of ${name}`);
  parts.fix.addEventListener("click", () => doing("", () => correction.open(rows.get(one.student_id))));
  rows.set(one.student_id, { ...parts, name, award: null });
  at("rows").append(row);
}

function clear() {
  saved = null;
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
    news("Nobody is ticked: tick the students who tried.");
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
  preview: { created: "Will be logged.", unchanged: "Is in the records already." },
  save: { created: "Logged.", unchanged: "Is in the records." },
};

function tell(answer, body, words) {
  answer.rows.forEach((one, number) => {
    const row = rows.get(body.rows[number].student_id);
    if (!row) return;
    const said = one.outcome === "refused" ? `Refused: ${one.problem}.` : words[one.outcome];
    row.words.textContent = [said, ...one.warnings.map((each) => `Note: ${each}.`)].join(" ");
    row.award = words === WORDS.save && one.outcome !== "refused" ? one.award_id : null;
    row.fix.hidden = !row.award;
  });
}

const preview = () =>
  doing("", async () => {
    const body = list();
    if (!body) return;
    clear();
    news("Looking what would become of it…");
    const { body: answer } = await ask(`${awards}/batch?dry_run=true`, json("POST", body, { "Idempotency-Key": newKey() }));
    tell(answer, body, WORDS.preview);
    const refused = answer.refused ? `, ${answer.refused} refused` : "";
    news(`Nothing is saved yet. ${answer.created} would be logged, ${answer.unchanged} are in the records already${refused}.`);
  });

const save = () =>
  doing("", async () => {
    if (onItsWay.list) {
      news("Another list has had no answer yet: send it again or forget it first.");
      at("again").focus();
      return;
    }
    const body = list();
    if (!body) return;
    clear();
    moving("");
    news("Saving…");
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
    const said = why ? `Not settled yet: ${why}.` : "The connection was lost before an answer came.";
    news(`${said} The same list is sent again under the same key: nothing is logged twice.`);
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
  const refused = answer.refused ? ` ${answer.refused} refused; the rows say why.` : "";
  const twice = repeated ? " The list was sent more than once under one key: nothing was logged twice." : "";
  news(`Saved: ${students(kept.length)} of ${answer.rows.length} in the records, ${answer.created} of them new with this answer.${refused}${twice}`);
  if (answer.created || repeated) {
    saved = { batch: answer.batch_id, award: kept.at(-1)?.award_id };
    at("undo").hidden = false;
  }
  if (kept.length && of === program) await count(before, kept.at(-1).award_id);
}

// The number, once everything up to the last award's own time is counted.
async function count(before, award) {
  moving("Waiting until it is counted…");
  try {
    const { body } = await ask(`${awards}/${award}`);
    moving(await moved({ ...within, before, written: body.updated_at }));
  } catch (error) {
    moving(`It is saved; how the number moved could not be read: ${error.message}.`);
  }
}

const undo = () =>
  doing("Taking the list back…", async () => {
    const { batch, award } = saved;
    const before = (await numbers(program, within.years).catch(() => null))?.found;
    const lost = () => news("No answer yet; the same is asked once more, which takes back nothing twice.");
    const { body } = await ask(`${awards}/batch/${batch}/void`, json("POST", { reason: REASON }), lost);
    correction.leave();
    clear();
    at("save").focus();
    news(`Taken back: ${plural(body.voided + body.unchanged, "award", "awards")} of this list.`);
    await count(before, award);
  });

function waiting() {
  const kept = onItsWay.list;
  at("pending").hidden = !kept;
  if (!kept) return;
  at("pending-words").textContent =
    `${students(kept.body.rows.length)}, ${kept.body.credential_code}, ${kept.body.awarded_on}. Nobody knows yet whether it ` +
    "arrived. Sent again under the same key, nothing is logged twice.";
}

const correction = new Correction({ awards, news, doing, after: (before, award) => count(before, award), look: () => numbers(program, within.years) });

const begin = () =>
  doing("The class is being read…", async () => {
    const code = encodeURIComponent(program);
    const [{ body: found }, catalogue] = await Promise.all([
      ask(`${roster}/v1/programs/${code}/class`),
      everyPage(`${credentials}/v1/catalogue?program=${code}&limit=200`),
    ]);
    found.items.forEach(show);
    for (const one of catalogue) at("credential").add(new Option(`${one.title} (${one.issuer})`, one.code));
    at("day").max = found.as_of;
    at("correct-day").max = found.as_of;
    const empty = !found.items.length ? "Nobody of yours is in this program now or completed it within the year." : "";
    const bare = !catalogue.length ? "The catalogue names no credential for this program; a data manager can add one." : "";
    at("list").hidden = Boolean(empty || bare);
    news(empty || bare || `${students(found.items.length)}: tick those who tried.`);
    waiting();
  });

at("list").addEventListener("submit", (event) => {
  event.preventDefault();
  preview();
});
at("list").addEventListener("input", () => {
  if (!saved && !busy) clear();
});
at("save").addEventListener("click", save);
at("undo").addEventListener("click", undo);
at("again").addEventListener("click", () => doing("Sending it again under the same key…", () => deliver(true)));
at("forget").addEventListener("click", () => {
  onItsWay.forget();
  waiting();
  news("Forgotten here. What of it arrived is in the records all the same: a preview says so, row by row.");
  at("credential").focus();
});
at("everybody").addEventListener("click", () => {
  const every = [...rows.values()].every((row) => row.tick.checked);
  for (const row of rows.values()) row.tick.checked = !every;
  if (!saved && !busy) clear();
});
await begin();
