// Who of a class has the chosen credential already, or has tried for it: said before anybody is ticked.
import { day } from "./days.js";
import { ask } from "./sending.js";
import { _ } from "./texts.js";

export async function everyPage(address) {
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await ask(`${address}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...body.items);
    cursor = body.next;
  }
  return found;
}

// By student, what stands in the records of this credential: `{ holds, words }`.
export async function standing(awards, credential, today) {
  const found = new Map();
  const attempts = await everyPage(`${awards}?credential=${encodeURIComponent(credential)}&limit=500`);
  attempts.sort((one, other) => (one.day < other.day ? -1 : 1));
  for (const one of attempts) {
    const before = found.get(one.student_id);
    const now = said(one, today);
    if (!before?.holds || now.holds) found.set(one.student_id, now);
  }
  return found;
}

function said(one, today) {
  const on = day(one.day);
  if (one.result === "in_progress") return { holds: false, words: _("In progress since %(day)s", { day: on }) };
  if (one.result !== "passed") return { holds: false, words: _("Tried on %(day)s, not passed", { day: on }) };
  if (one.revoked_on) return { holds: false, words: _("Earned on %(day)s, revoked since", { day: on }) };
  if (one.expires_on && one.expires_on < today) return { holds: false, words: _("Held it until %(day)s", { day: day(one.expires_on) }) };
  return { holds: true, words: _("Holds it since %(day)s", { day: on }) };
}
