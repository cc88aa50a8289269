// What a list did to the plan's number, by what insights has counted.
import { ask } from "/static/sending.js";
import { _ } from "/static/texts.js";

const MEASURE = "W1.by_program";
const PATIENCE = 30000;
const EVERY = 1000;

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// The program's number in each school year that can still move, and up to when all is counted.
export async function numbers(program, years) {
  const found = {};
  let through = null;
  for (const year of years) {
    const address = `/v1/measures/${MEASURE}?dimension=program&school_year=${encodeURIComponent(year)}`;
    const { body } = await ask(address);
    const row = body.rows.find((one) => one.value === program);
    if (row) found[year] = { numerator: row.numerator, denominator: row.denominator, missing: row.people_to_target };
    const reached = body.counted_through ? Date.parse(body.counted_through) : -Infinity;
    through = through === null ? reached : Math.min(through, reached);
  }
  return { found, through };
}

const share = (one) => _("%(counted)s of %(all)s", { counted: one.numerator, all: one.denominator });

function target(before, now) {
  if (now.missing === null) return "";
  if (now.missing) return _("; the target needs %(number)s", { number: now.numerator + now.missing });
  const needed = before?.missing && before.denominator === now.denominator ? before.numerator + before.missing : null;
  return needed ? _("; the target needs %(number)s and is kept", { number: needed }) : _("; the target is kept");
}

function words(title, before, found) {
  const years = Object.entries(found).filter(([, now]) => now.denominator);
  const changed = years.filter(([year, now]) => before?.[year] && share(before[year]) !== share(now));
  const said = changed.map(([year, now]) =>
    _("W1 for %(title)s, %(year)s: %(before)s → %(now)s%(target)s.", {
      title,
      year,
      before: share(before[year]),
      now: share(now),
      target: target(before[year], now),
    }),
  );
  if (said.length) return said.join(" ");
  const still = years.map(([year, now]) => `${year}: ${share(now)}${target(null, now)}`).join("; ");
  if (!still) return _("W1 for %(title)s: nobody has completed the program in a year that can still move.", { title });
  return before
    ? _("W1 for %(title)s has not moved by this. %(still)s.", { title, still })
    : _("W1 for %(title)s is now: %(still)s.", { title, still });
}

// Says it as soon as all that was written up to `written` is counted; else that it is not counted yet.
export async function moved({ program, title, years, before, written }) {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const { through } = await numbers(program, years.slice(0, 1));
    if (through > Date.parse(written)) return words(title, before, (await numbers(program, years)).found);
    await pause(EVERY);
  }
  return _("W1 for %(title)s: this is saved, but not counted yet. The board will show it.", { title });
}
