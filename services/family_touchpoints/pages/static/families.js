// Rows of the list, a student each, become families: whoever shares somebody who answers for them is called about at once.

// `found` are the list's rows in its order, `named` roster's students with their guardians, by student.
export function families(found, named) {
  const students = new Map();
  for (const row of found) if (!students.has(row.student_id)) students.set(row.student_id, { id: row.student_id, row, name: name(named.get(row.student_id)) });
  const made = [];
  for (const student of students.values()) {
    const ids = student.row.guardians.map((one) => one.guardian_id);
    const theirs = made.filter((one) => ids.some((id) => one.ids.has(id)));
    const family = theirs.shift() ?? made[made.push({ ids: new Set(), students: [] }) - 1];
    // Somebody new may be what two families have in common.
    for (const other of theirs) {
      join(family, other.ids, other.students);
      made.splice(made.indexOf(other), 1);
    }
    join(family, ids, [student]);
  }
  return made.map((one) => ({ ...one, guardians: guardians(one, named) }));
}

function join(family, ids, students) {
  for (const id of ids) family.ids.add(id);
  family.students.push(...students);
}

const name = (one) => (one ? `${one.given_name} ${one.family_name}`.trim() : "");

// Those who answer for some of the family's students, each with the ways that are open, by student.
function guardians({ ids, students }, named) {
  return [...ids].map((id) => {
    const about = new Map();
    for (const student of students) {
      const said = student.row.guardians.find((one) => one.guardian_id === id);
      if (said) about.set(student.id, said);
    }
    const [first] = about.values();
    const known = students.flatMap((student) => named.get(student.id)?.guardians ?? []).find((one) => one.guardian_id === id);
    return {
      ...first,
      name: name(known) || first.name || "",
      phone: known?.phone ?? first.phone ?? null,
      sms: known?.sms ?? known?.phone ?? first.phone ?? null,
      about,
      may: [...new Set([...about.values()].flatMap((one) => one.may))],
      records: [...about.values()].every((one) => one.records),
      told: [...new Set([...about.values()].flatMap((one) => one.told_to_staff))],
    };
  });
}
