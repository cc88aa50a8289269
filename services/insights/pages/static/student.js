// One student, for staff: who it is and the programs from roster, awards from credentials, what counts from the counts.
import { day } from "./days.js";
import { entry, everyItem, made, part, pill } from "./parts.js";
import { ask } from "./sending.js";
import { _ } from "./texts.js";
import { why } from "./why.js";

const { labels } = document.getElementById("main").dataset;
const id = decodeURIComponent(location.pathname.split("/").pop());
const student = encodeURIComponent(id);
const known = JSON.parse(labels);
const program = (code) => known.program[code] ?? code;
const campus = (code) => known.campus[code] ?? code;
const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

function named(found) {
  const called = found.preferred_name ? `${found.given_name} “${found.preferred_name}”` : found.given_name;
  document.getElementById("student-name").textContent = `${called} ${found.family_name}`;
  const years = [...found.years].sort((one, other) => (one.school_year < other.school_year ? 1 : -1));
  return years.map((year) => entry(year.school_year, [year.school_id && campus(year.school_id), year.grade_level && _("grade %(grade)s", { grade: year.grade_level })].filter(Boolean).join(", ")));
}

// Each program in which the student is or was, the latest first: where, from when to when, and whether it was completed.
function attended({ enrolments, completions }) {
  const seats = enrolments.map((one) => ({ ...one, on: one.begin, words: one.end ? _("%(begin)s to %(end)s", { begin: day(one.begin), end: day(one.end) }) : _("in class since %(begin)s", { begin: day(one.begin) }) }));
  const ends = completions.map((one) => ({ ...one, on: one.completed_on, done: true, words: _("completed on %(day)s", { day: day(one.completed_on) }) }));
  const every = [...seats, ...ends].sort((one, other) => (one.on < other.on ? 1 : -1));
  const codes = [...new Set(every.map((one) => one.program_id))];
  const line = (one) => made("p", "", one.done ? pill("met", "✓", _("Completed")) : "", ` ${campus(one.organisation_id)}, ${one.words}`);
  return codes.map((code) => entry(program(code), ...every.filter((one) => one.program_id === code).map(line)));
}

function verdict(one, today) {
  if (one.counts) return one.state === "enrolled" ? pill("on_track", "↗", _("Would count")) : pill("met", "✓", _("Counts"));
  return one.last_day && one.last_day >= today ? pill("provisional", "…", _("Still open")) : pill("no_data", "–", _("Does not count"));
}

function counting(found) {
  const judged = (one) => made("p", "", verdict(one, found.as_of), ` ${why(one.reason)}`);
  const last = (one) => one.last_day && !one.counts && _("Last day for an award that counts: %(day)s.", { day: day(one.last_day) });
  const years = found.years.map((one) => entry(_("In the district's number of %(year)s", { year: one.school_year }), judged(one), last(one)));
  const programs = found.programs.map((one) => {
    const until = one.completed_on ? _("completed on %(day)s", { day: day(one.completed_on) }) : _("as if completed today");
    return entry(`${one.title}, ${until}`, judged(one), last(one), awardByAward(found.awards, one));
  });
  return [...years, ...programs];
}

// Each award, and what it alone does for a program.
function awardByAward(awards, one) {
  const lines = awards.flatMap((award) => award.programs.filter((each) => each.program === one.program && each.completed_on === one.completed_on).map((each) => ({ award, each })));
  if (!lines.length) return null;
  const list = made("ul", "why", ...lines.map(({ award, each }) => made("li", "", mark(each.counts), made("span", "", `${award.title ?? award.credential_code}, ${day(award.awarded_on ?? award.taken_on)}. ${why(each.reason)}`))));
  return made("details", "", made("summary", "", _("Award by award")), list);
}

const mark = (counts) => {
  const icon = made("span", "icon", counts ? "✓" : "–");
  icon.setAttribute("aria-hidden", "true");
  return icon;
};
const RESULTS = { passed: ["met", "✓", _("Passed")], failed: ["no_data", "–", _("Not passed")], in_progress: ["provisional", "…", _("In progress")] };
const LEVELS = {
  document_seen: _("document seen"),
  issuer_lookup: _("looked up with the issuer"),
  issuer_feed: _("told by the issuer"),
  cryptographic: _("proved by signature"),
};

function earned({ awards, titles }) {
  awards.sort((one, other) => (one.day < other.day ? 1 : -1));
  return awards.map((one) => {
    const looks = one.verifications.filter((look) => look.outcome === "confirmed").map((look) => `${LEVELS[look.level] ?? look.level} (${day(look.verified_on)})`);
    return entry(
      titles.get(one.credential_code) ?? one.credential_code,
      made("p", "", pill(...RESULTS[one.result]), ` ${day(one.day)}`),
      one.license_number && _("Licence number %(number)s.", { number: one.license_number }),
      one.revoked_on && _("Revoked on %(day)s.", { day: day(one.revoked_on) }),
      one.expires_on && _("Expires on %(day)s.", { day: day(one.expires_on) }),
      one.result === "passed" && (looks.length ? _("Confirmed: %(how)s.", { how: looks.join("; ") }) : _("Not confirmed by anybody yet.")),
    );
  });
}

const KINDS = { technical_skills: _("Technical skills assessment"), program: _("Program assessment") };
const PHASES = { pre: _("at the start"), interim: _("in between"), post: _("at the end") };

function sat(found) {
  found.sort((one, other) => (one.taken_on < other.taken_on ? 1 : -1));
  return found.map((one) => {
    const result = one.operational_items ? _("%(correct)s of %(all)s items", { correct: one.correct, all: one.operational_items }) : one.score && _("score %(score)s", { score: one.score });
    const told = one.passed === null || one.passed === undefined ? null : one.passed ? pill("met", "✓", _("Passed")) : pill("no_data", "–", _("Not passed"));
    return entry(`${KINDS[one.kind] ?? capital(one.kind.replaceAll("_", " "))}, ${program(one.program_id)}`, made("p", "", told, ` ${[result, PHASES[one.phase] ?? one.phase, day(one.taken_on)].filter(Boolean).join(", ")}`));
  });
}

const ROSTER = _("The roster");
const RECORDS = _("The records of credentials");
await Promise.all([
  part("years", {
    from: ROSTER,
    read: async (lost) => (await ask(`/roster/v1/students/${student}`, {}, lost)).body,
    draw: named,
    empty: _("No school year is known of this student."),
  }),
  part("programs", {
    from: ROSTER,
    read: async (lost) => ({
      enrolments: await everyItem(`/roster/v1/enrolments?student_id=${student}`, lost),
      completions: await everyItem(`/roster/v1/completions?student_id=${student}`, lost),
    }),
    draw: attended,
    empty: _("No program within your reach."),
  }),
  part("counting", {
    from: _("The counts"),
    read: async (lost) => (await ask(`/v1/students/${student}/credentials`, {}, lost)).body,
    draw: counting,
    empty: _("Nothing of this student is counted: the numbers count who is in a program or has completed one."),
  }),
  part("awards", {
    from: RECORDS,
    read: async (lost) => {
      const awards = await everyItem(`/credentials/v1/awards?student=${student}`, lost);
      const catalogue = awards.length ? await everyItem(`/credentials/v1/catalogue?limit=500`).catch(() => []) : [];
      return { awards, titles: new Map(catalogue.map((one) => [one.code, one.title])) };
    },
    draw: earned,
    empty: _("No credential or attempt within your reach."),
  }),
  part("assessments", {
    from: RECORDS,
    read: (lost) => everyItem(`/credentials/v1/assessments?student=${student}`, lost),
    draw: sat,
    empty: _("No assessment within your reach."),
  }),
]);
