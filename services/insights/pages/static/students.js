// Students by name: roster is asked by the viewer's own browser, with the viewer's own sign-in.
import { ask } from "./sending.js";
import { _, ngettext } from "./texts.js";

const MOST = 20;
const news = document.getElementById("students-news");
const list = document.getElementById("students");
const latest = (student) => [...student.years].sort((one, other) => (one.school_year < other.school_year ? 1 : -1))[0];
let asked = 0;

function shown(student, places) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const where = document.createElement("span");
  link.href = `/students/${encodeURIComponent(student.id)}`;
  const called = student.preferred_name ? `${student.given_name} “${student.preferred_name}”` : student.given_name;
  link.textContent = `${called} ${student.family_name}`;
  where.className = "quiet";
  const year = latest(student);
  const grade = year?.grade_level ? _("grade %(grade)s", { grade: year.grade_level }) : "";
  where.textContent = [year && (places.get(year.school_id) || year.school_id), grade, year?.school_year].filter(Boolean).join(", ");
  item.append(link, where);
  return item;
}

async function schools(students) {
  const ids = [...new Set(students.map((one) => latest(one)?.school_id).filter(Boolean))];
  if (!ids.length) return new Map();
  const found = await ask(`/roster/v1/organisations?ids=${ids.map(encodeURIComponent).join(",")}`).catch(() => null);
  return new Map((found?.body.items ?? []).map((one) => [one.id, one.name]));
}

async function look() {
  asked += 1;
  const mine = asked;
  const text = decodeURIComponent(location.hash.slice(1));
  document.getElementById("find").value = text;
  list.replaceChildren();
  if (!text) {
    news.textContent = _("Write the beginning of a given or family name; accents may be left out.");
    return;
  }
  news.textContent = _("Looking…");
  try {
    const { body } = await ask(`/roster/v1/students?q=${encodeURIComponent(text)}`);
    const places = await schools(body.items);
    if (mine !== asked) return;
    list.replaceChildren(...body.items.map((one) => shown(one, places)));
    news.textContent = said(body.items.length);
  } catch (error) {
    if (mine === asked) news.textContent = _("Not found out: %(why)s.", { why: error.message });
  }
}

function said(number) {
  if (!number) return _("Nobody within your reach has such a name.");
  if (number === MOST) return _("The first %(num)s are shown: write more of the name if nobody is the right one.", { num: MOST });
  return ngettext("%(num)s student", "%(num)s students", number);
}

addEventListener("hashchange", look);
await look();
