// Guardians by name, as roster tells the viewer's own browser; no other service knows a name or a number.
import { ask, json } from "/static/sending.js";
import { _ } from "/static/texts.js";

const AT_ONCE = 100;
export const inWords = (one) => `${one.preferred_name || one.given_name} ${one.family_name}`;

// A guardian as a roll shows them, with the children that they come for.
export const person = (guardian, students) => ({
  id: guardian.guardian_id,
  name: inWords(guardian),
  beneath: _("family of %(children)s", { children: students.map(inWords).join(", ") }),
  row: { guardian_id: guardian.guardian_id, student_ids: students.map((one) => one.person_id) },
});

// These students by name, and everybody who answers for them today, each by id.
export async function everyGuardian(students) {
  const ids = [...new Set(students)];
  const children = new Map();
  const found = new Map();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const { body } = await ask("/roster/v1/guardians/lookup", json("POST", { students: ids.slice(at, at + AT_ONCE) }));
    for (const student of body.items) {
      children.set(student.person_id, inWords(student));
      for (const guardian of student.guardians) {
        const one = found.get(guardian.guardian_id) ?? { guardian, students: [] };
        one.students.push(student);
        found.set(guardian.guardian_id, one);
      }
    }
  }
  return { children, guardians: new Map([...found].map(([id, one]) => [id, person(one.guardian, one.students)])) };
}

// What a service says of guardians by their ids, by name: it knows no names, and the reader knows no ids.
export const byName = (words, names) => [...names].reduce((said, [id, name]) => said.replaceAll(new RegExp(`\\b${id}\\b`, "g"), name), words);
