// Who of a class has the chosen credential already, or has tried for it: said before anybody is ticked.
import { day } from "/static/days.js";
import { ask } from "/static/sending.js";
import { _ } from "/static/texts.js";

export async function everyPage(address) {
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await ask(`${address}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...body.items);
    cursor = body.next;
  }
  return found;
}

const AT_ONCE = 100;

// By student, what stands in the records of this credential: `{ holds, words }`.
export async function standing({ awards, credential, students, today }) {
  const attempts = [];
  for (let at = 0; at < students.length; at += AT_ONCE) {
    const some = students.slice(at, at + AT_ONCE).map(encodeURIComponent).join(",");
    attempts.push(...(await everyPage(`${awards}?credential=${encodeURIComponent(credential)}&students=${some}&limit=500`)));
  }
  attempts.sort((one, other) => (one.day < other.day ? -1 : 1));
  const found = new Map();
  const whose = await persons(attempts, students);
  for (const one of attempts) {
    const person = whose.get(one.student_id);
    const now = said(one, today);
    if (!found.get(person)?.holds || now.holds) found.set(person, now);
  }
  return found;
}

// An award keeps the id it was logged under: of who was merged since, roster says who that is now.
async function persons(attempts, students) {
  const whose = new Map(students.map((id) => [id, id]));
  const others = new Set(attempts.map((one) => one.student_id).filter((id) => !whose.has(id)));
  for (const id of others) whose.set(id, (await ask(`/roster/v1/students/${encodeURIComponent(id)}`)).body.id);
  return whose;
}

function said(one, today) {
  const on = day(one.day);
  if (one.result === "in_progress") return { holds: false, words: _("In progress since %(day)s", { day: on }) };
  if (one.result !== "passed") return { holds: false, words: _("Tried on %(day)s, not passed", { day: on }) };
  if (one.revoked_on) return { holds: false, words: _("Earned on %(day)s, revoked since", { day: on }) };
  if (one.expires_on && one.expires_on < today) return { holds: false, words: _("Held it until %(day)s", { day: day(one.expires_on) }) };
  return { holds: true, words: _("Holds it since %(day)s", { day: on }) };
}
