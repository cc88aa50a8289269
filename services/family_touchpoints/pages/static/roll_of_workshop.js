// The roll of a workshop for families: its people by name from roster, its marks to this service.
import { everyGuardian, inWords, person } from "./guardians.js";
import { ask } from "/static/sending.js";
import { Roll } from "/static/roll.js";
import { _ } from "/static/texts.js";

const { workshop, today, viewer, before, programs } = document.getElementById("main").dataset;
const address = `/family_touchpoints/v1/workshops/${workshop}/roll`;
const trouble = (words) => (document.getElementById("roll-trouble").textContent = words);
const WORDS = { present: _("Present"), absent: _("Absent"), registered: _("Comes") };
const MARKS = before ? { registered: WORDS.registered } : { present: WORDS.present, absent: WORDS.absent };

const find = async (words) => {
  const { body } = await ask(`/roster/v1/guardians?search=${encodeURIComponent(words)}`);
  return body.items.map((one) => person(one, one.students));
};
const findChildren = async (words) => {
  const { body } = await ask(`/roster/v1/students?q=${encodeURIComponent(words)}&limit=20`);
  return body.items.map((one) => ({ id: one.id, name: inWords(one) }));
};
// Names of roster for those on the roll; who walked in has the name that they gave. Whom roster ties to nobody any more
// is known by the child for whom they came.
function onRoll(row, { guardians, children }) {
  const known = guardians.get(row.guardian_id);
  const theirs = row.student_ids.map((id) => children.get(id)).filter(Boolean);
  const about = theirs.length ? _("guardian of %(children)s", { children: theirs.join(", ") }) : _("A guardian whom roster does not name just now");
  const name = row.name ?? known?.name ?? about;
  const beneath = row.walk_in ? _("walked in") : (known?.beneath ?? "");
  return { id: row.guardian_id, name, beneath, row: { guardian_id: row.guardian_id, student_ids: row.student_ids }, mark: row.status, seen: row.seen_version };
}

// The families of a program's class, to be found also where no connection can be had. Who may not read it goes without.
async function ready(roll, program) {
  try {
    const { body } = await ask(`/roster/v1/programs/${encodeURIComponent(program)}/class`);
    const { guardians } = await everyGuardian(body.items.map((each) => each.student_id));
    for (const one of guardians.values()) roll.add(one);
    roll.shown();
  } catch (error) {
    console.info(error.message); // looking for them by name still works
  }
}

async function begin() {
  const roll = new Roll({
    place: `roll.${workshop}`,
    owner: viewer,
    address,
    on: today,
    marks: MARKS,
    words: WORDS,
    counts: Object.keys(MARKS)[0],
    find,
    findChildren,
    idOf: (one) => one.guardian_id,
    rowOf: (id, row) => ({ guardian_id: id, student_ids: row.student_ids }),
  });
  const { body: shown } = await ask(address);
  const named = await everyGuardian(shown.rows.flatMap((one) => one.student_ids)).catch((error) => {
    trouble(_("Names could not be read just now: %(why)s. Load the page again to try once more.", { why: error.message }));
    return { guardians: new Map(), children: new Map() };
  });
  const number = before ? shown.registered : shown.present;
  roll.begin({ people: shown.rows.map((one) => onRoll(one, named)), present: number, heads: { head_count: shown.head_count, head_count_of: shown.head_count_of } });
  for (const program of programs.split(" ").filter(Boolean)) await ready(roll, program);
}

if (document.getElementById("roll-look")) await begin().catch((error) => trouble(_("The roll could not be read: %(why)s.", { why: error.message })));
