// Bringing files in: checked first, then brought in, followed to the end, and confirmed where many would end.
import { counted, drawn } from "./import_result.js";
import { made } from "./parts.js";
import { Pressing } from "./pressing.js";
import { ask, Told } from "./sending.js";
import { language, _, ngettext } from "./texts.js";
import { Lost, upload } from "./upload.js";

const at = (id) => document.getElementById(id);
const news = (words) => (at("import-news").textContent = words);
const press = new Pressing({ say: news, waits: (words) => (at("press-news").textContent = words) });
const IMPORTS = "/roster/v1/oneroster/imports";
const LOOK_MILLISECONDS = 1000;
const RUNNING = new Set(["checking", "applying"]);
const number = (value) => new Intl.NumberFormat(language).format(value);
const moment = (written) => new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeStyle: "short" }).format(new Date(written));
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
// The file that was checked last and could be brought in.
let checked = null;

const kind = () => at("kind").selectedOptions[0];
const zipped = () => kind().value === "oneroster";

// Why this file cannot be what was chosen; empty when it can.
function unfit(file) {
  if (!file) return _("Choose a file first.");
  if (!file.size) return _("The file is empty: choose another one.");
  if (/\.(xlsx?|ods|numbers)$/i.test(file.name)) return _("This is a workbook: in your spreadsheet, save the sheet as CSV UTF-8, and choose that file.");
  if (zipped() !== /\.zip$/i.test(file.name)) return zipped() ? _("A OneRoster package is one zip file: choose that, or say above what the file holds.") : _("This is a zip file: choose the CSV file itself, or say above that it is a OneRoster package.");
  return "";
}

function address(dryRun, confirmed) {
  const asked = new URLSearchParams({ dry_run: String(dryRun) });
  if (zipped()) {
    if (at("source").value.trim()) asked.set("source", at("source").value.trim());
    if (at("school-year").value.trim()) asked.set("school_year", at("school-year").value.trim());
    if (confirmed) asked.set("confirm_removals", confirmed);
    return `${IMPORTS}?${asked}`;
  }
  return `/${kind().dataset.service}/v1/${kind().value}/imports?${asked}`;
}

function progress(words, done, total) {
  at("progress").hidden = !words;
  at("progress-words").textContent = words;
  at("progress-bar").max = total || 1;
  if (total) at("progress-bar").value = done;
  else at("progress-bar").removeAttribute("value");
}

async function send(dryRun, confirmed = "") {
  const [file] = at("file").files;
  const why = unfit(file);
  if (why) {
    news(why);
    at("file").focus();
    return;
  }
  news(dryRun ? _("The file is sent to be checked; nothing of it is kept.") : _("The file is sent to be brought in."));
  hideResult();
  progress(_("Being sent"), 0, file.size);
  try {
    const sent = (out, of) => progress(_("Sent: %(share)s %", { share: Math.floor((100 * out) / of) }), out, of);
    const body = await upload(address(dryRun, confirmed), file, zipped() ? "application/zip" : "text/csv", sent);
    const useful = zipped() ? (await follow(body.id)).status !== "refused" : report(body, file.name);
    checked = dryRun && useful ? { file, kind: kind().value } : null;
  } catch (error) {
    if (error instanceof Lost) throw new Error(_("%(why)s. Nobody knows whether it arrived: look at the list of imports below, then send it again. The same file sent twice changes nothing", { why: error.message }));
    if (!(error instanceof Told) || error.status === 401) throw error;
    refused(error);
  } finally {
    progress("");
    offer();
    if (zipped()) await history();
  }
}

// Bringing in is offered for the very file that was checked.
function offer() {
  const [file] = at("file").files;
  at("bring").hidden = !(checked && checked.file === file && checked.kind === kind().value);
}

// Looks at an import until it has ended; it goes on whether anybody looks or not.
async function follow(id) {
  for (;;) {
    const { body } = await ask(`${IMPORTS}/${id}`, {}, () => progress(_("Roster does not answer; the import goes on there, and is looked at again."), 0, 0));
    if (!RUNNING.has(body.status)) {
      progress("");
      ended(body);
      return body;
    }
    progress(howFar(body), body.progress.done, body.progress.total);
    await pause(LOOK_MILLISECONDS);
  }
}

function howFar({ status, dry_run: dryRun, progress: { done, total } }) {
  const rows = { done: number(done), total: number(total) };
  if (status === "checking") return _("Being checked: %(done)s of %(total)s rows", rows);
  return dryRun ? _("Being compared: %(done)s of %(total)s rows", rows) : _("Being brought in: %(done)s of %(total)s rows", rows);
}

const STATUS = {
  checking: _("Being checked"),
  applying: _("Being brought in"),
  done: _("Brought in"),
  waiting: _("Waits for your word"),
  refused: _("Refused: nothing was brought in"),
  failed: _("Broke off: send the file again, what was brought in is found unchanged"),
};
const standing = (record) => (record.status === "done" && record.dry_run ? _("Checked, nothing was kept") : STATUS[record.status] ?? record.status);
// What the import says, without what is meant for programs.
const plain = (says) => says.replace(/^this was a dry run: nothing was written(; )?/, "").replace(/\s*\(confirm_removals[^)]*\)/g, "").replace(/;?\s*if that is right, .*?confirm_removals=\d+/g, "").trim();
const asksBefore = (record) => record.status === "waiting" || (record.dry_run && record.says.includes("confirm_removals"));

function ended(record) {
  const left = Object.values(record.counts).reduce((sum, of) => sum + of.refused, 0);
  const words = [standing(record), left && ngettext("%(num)s row is left out", "%(num)s rows are left out", left), plain(record.says)].filter(Boolean);
  show(words, record.counts, record.problems, record.problems_total);
  const all = at("all-problems");
  all.hidden = !record.problems_total;
  all.href = `${IMPORTS}/${record.id}/problems.csv`;
  at("confirm").hidden = !asksBefore(record);
  at("confirm-number").value = "";
}

// Whether anything would be new or changed by it.
function report(found, name) {
  const counts = { read: found.rows, created: found.created, changed: found.changed, unchanged: found.unchanged, refused: found.refused, blank: found.blank };
  const notes = found.warnings.map((one) => ({ ...one, effect: "note" }));
  const restated = found.restated && ngettext("%(num)s award says something else by it", "%(num)s awards say something else by it", found.restated);
  const left = found.refused && ngettext("%(num)s row is left out", "%(num)s rows are left out", found.refused);
  const useful = found.created + found.changed > 0;
  const idle = !useful && _("Nothing of it is new or changed");
  show([found.dry_run ? _("Checked, nothing was kept") : _("Brought in"), left, idle, restated].filter(Boolean), { [name]: counts }, [...found.problems, ...notes], found.problems.length + notes.length);
  return useful;
}

// A file that as a whole cannot be used: each thing that is wrong with it, if the service told them apart.
function refused(error) {
  const told = (error.errors ?? []).map(({ pointer, detail, what_would_work: works = "" }) => ({
    column: pointer.split("/").pop(),
    problem: works && detail.endsWith(`; ${works}`) ? detail.slice(0, -works.length - 2) : detail,
    what_would_work: works,
    effect: "stops_all",
  }));
  show([_("Refused: nothing was brought in"), error.message], {}, told, told.length);
}

function show(words, counts, problems, total) {
  const sentences = words.map((one) => `${one.charAt(0).toUpperCase()}${one.slice(1)}.`.replace(/\.\.$/, "."));
  news(sentences[0]);
  at("result-words").textContent = sentences.join(" ");
  at("result-counts").replaceChildren(...[counted(counts)].filter(Boolean));
  at("result-problems").replaceChildren(...drawn(problems));
  at("result-more").textContent = total > problems.length ? _("Shown are the first %(shown)s of %(all)s problems; the file has all of them.", { shown: number(problems.length), all: number(total) }) : "";
  at("result").hidden = false;
  at("result-title").focus();
  at("result").scrollIntoView({ block: "start" });
}

function hideResult() {
  for (const id of ["result", "confirm", "all-problems", "bring"]) at(id).hidden = true;
}

async function history() {
  try {
    const { body } = await ask(IMPORTS);
    at("history").replaceChildren(...body.items.map(past));
    at("history-news").textContent = body.items.length ? "" : _("Nothing was imported yet.");
  } catch (error) {
    at("history-news").textContent = _("The list of imports could not be read: %(why)s.", { why: error.message });
  }
}

function past(record) {
  const read = Object.values(record.counts).reduce((sum, of) => sum + of.read, 0);
  const facts = [record.source && _("source %(source)s", { source: record.source }), record.school_year, ngettext("%(num)s row", "%(num)s rows", read), record.problems_total && ngettext("%(num)s problem", "%(num)s problems", record.problems_total), _("by %(who)s", { who: record.by })];
  const button = made("button", "plain", _("Show"));
  button.type = "button";
  button.setAttribute("aria-label", _("Show the import of %(when)s", { when: moment(record.begun_at) }));
  button.addEventListener("click", () => press.doing(`show ${record.id}`, _("The import is being read…"), async () => {
    hideResult();
    await follow(record.id);
    offer();
    at("confirm").hidden = true;
  }));
  return made("li", "", made("div", "", made("h3", "", moment(record.begun_at)), made("p", "", standing(record)), made("p", "quiet", facts.filter(Boolean).join(", "))), button);
}

function chosen() {
  at("of-package").hidden = !zipped();
  at("file").accept = zipped() ? ".zip" : ".csv,text/csv";
  hideResult();
  offer();
}

at("kind").addEventListener("change", chosen);
at("file").addEventListener("change", () => {
  checked = null;
  hideResult();
});
at("upload").addEventListener("submit", (event) => {
  event.preventDefault();
  press.doing("check", "", () => send(true));
});
at("bring").addEventListener("click", () => {
  if (!at("confirm").hidden) {
    news(_("Many would end with this file: write the number below to confirm it."));
    at("confirm-number").focus();
    return;
  }
  press.doing("bring", "", () => send(false));
});
at("confirm").addEventListener("submit", (event) => {
  event.preventDefault();
  const confirmed = at("confirm-number").value;
  press.doing("bring", "", () => send(false, confirmed));
});
chosen();
await history();
