// What a list did to the plan's number, by the counts of this service itself.
import { ask } from "./sending.js";

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

const share = (one) => `${one.numerator} of ${one.denominator}`;

function target(before, now) {
  if (now.missing === null) return "";
  if (now.missing) return `; the target needs ${now.numerator + now.missing}`;
  const needed = before?.missing && before.denominator === now.denominator ? before.numerator + before.missing : null;
  return needed ? `; the target needs ${needed} and is kept` : "; the target is kept";
}

function words(title, before, found) {
  const years = Object.entries(found).filter(([, now]) => now.denominator);
  const changed = years.filter(([year, now]) => before?.[year] && share(before[year]) !== share(now));
  const said = changed.map(
    ([year, now]) => `W1 for ${title}, ${year}: ${share(before[year])} → ${share(now)}${target(before[year], now)}.`,
  );
  if (said.length) return said.join(" ");
  const still = years.map(([year, now]) => `${year}: ${share(now)}${target(null, now)}`).join("; ");
  if (!still) return `W1 for ${title}: nobody has completed the program in a year that can still move.`;
  return before ? `W1 for ${title} has not moved by this. ${still}.` : `W1 for ${title} is now: ${still}.`;
}

// Says it as soon as all that was written up to `written` is counted; else that it is not counted yet.
export async function moved({ program, title, years, before, written }) {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until) {
    const { through } = await numbers(program, years.slice(0, 1));
    if (through > Date.parse(written)) return words(title, before, (await numbers(program, years)).found);
    await pause(EVERY);
  }
  return `W1 for ${title}: this is saved, but not counted yet. The board will show it.`;
}
