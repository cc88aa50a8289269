// What came of a file: counts, and what is wrong in it, column by column, with what would work.
import { made } from "./parts.js";
import { language, _, ngettext } from "./texts.js";

const SHOWN_KINDS = 8;
const SHOWN_ROWS = 12;
const SHOWN_VALUES = 5;
const number = (value) => new Intl.NumberFormat(language).format(value);
const EFFECTS = {
  stops_all: _("Nothing of the file is taken"),
  refuses_row: _("These rows are left out"),
  note: _("To be looked at; the rows are taken"),
};

// Problems of one column together: [{ place, effect, kinds: [{ problem, works, rows, values }] }], the gravest first.
export function byColumn(problems) {
  const columns = new Map();
  for (const one of problems) {
    const effect = one.effect ?? "refuses_row";
    const key = JSON.stringify([effect, one.file ?? "", one.column ?? ""]);
    if (!columns.has(key)) columns.set(key, { file: one.file, column: one.column, effect, kinds: new Map(), rows: 0 });
    const column = columns.get(key);
    // What differs by its value alone is one kind: the values stand beside it.
    const kind = JSON.stringify([without(one.problem, one.value), without(one.what_would_work, one.value)]);
    if (!column.kinds.has(kind)) column.kinds.set(kind, { problem: one.problem, works: one.what_would_work, rows: [], values: new Set() });
    const found = column.kinds.get(kind);
    if (one.value && !found.values.has(one.value) && found.values.size) [found.problem, found.works] = JSON.parse(kind);
    if (one.row) found.rows.push(one.row);
    if (one.value) found.values.add(one.value);
    column.rows += 1;
  }
  const order = Object.keys(EFFECTS);
  return [...columns.values()].sort((one, other) => order.indexOf(one.effect) - order.indexOf(other.effect) || other.rows - one.rows);
}

const without = (words, value) => (value ? (words ?? "").replaceAll(value, "…") : words);

function place(one) {
  if (one.file && one.column) return _("%(file)s, column %(column)s", one);
  if (one.column) return _("Column %(column)s", one);
  return one.file || _("The row or the file as a whole");
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function kindOf(one) {
  const rows = one.rows.slice(0, SHOWN_ROWS).map(number).join(", ");
  const more = one.rows.length - SHOWN_ROWS;
  const where = one.rows.length && [ngettext("Row", "%(num)s rows:", one.rows.length), rows, more > 0 && _("and %(number)s more", { number: number(more) })].filter(Boolean).join(" ");
  const values = [...[...one.values].slice(0, SHOWN_VALUES).map((value) => `“${value}”`), one.values.size > SHOWN_VALUES && "…"].filter(Boolean).join(", ");
  return made(
    "li",
    "",
    made("p", "", `${capital(one.problem)}.`.replace(/\.\.$/, ".")),
    one.works && made("p", "", made("b", "", _("What would work:")), ` ${one.works}`),
    (where || values) && made("p", "quiet", [where, values && _("What stands there: %(values)s", { values })].filter(Boolean).join(". ")),
  );
}

export function drawn(problems) {
  return byColumn(problems).map((column) => {
    const kinds = [...column.kinds.values()].sort((one, other) => other.rows.length - one.rows.length);
    const more = kinds.length - SHOWN_KINDS;
    return made(
      "section",
      `column ${column.effect}`,
      made("h3", "", place(column), made("span", "quiet", ` ${EFFECTS[column.effect]}`)),
      made("ul", "", ...kinds.slice(0, SHOWN_KINDS).map(kindOf)),
      more > 0 && made("p", "quiet", ngettext("One more kind of trouble in this column.", "%(num)s more kinds of trouble in this column.", more)),
    );
  });
}

const HEADINGS = {
  read: _("Read"),
  created: _("New"),
  changed: _("Changed"),
  unchanged: _("As before"),
  ended: _("Ended"),
  refused: _("Left out"),
  blank: _("Empty"),
  checked: _("Only looked at"),
};

// A table of counts: a line a file; what is 0 everywhere is no column.
export function counted(files) {
  const names = Object.keys(HEADINGS).filter((name) => Object.values(files).some((of) => of[name]));
  if (!names.length) return null;
  const head = made("tr", "", header("col", _("File")), ...names.map((name) => header("col", HEADINGS[name])));
  const rows = Object.entries(files).map(([file, of]) => made("tr", "", header("row", file), ...names.map((name) => made("td", "right", number(of[name] ?? 0)))));
  const table = made("table", "counts", made("caption", "unseen", _("Rows of each file")), made("thead", "", head), made("tbody", "", ...rows));
  const scroll = made("div", "scroll", table);
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", _("Rows of each file"));
  return scroll;
}

function header(scope, words) {
  const cell = made("th", scope === "col" ? "right" : "file", words);
  cell.scope = scope;
  return cell;
}
