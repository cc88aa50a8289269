// Names live in roster alone: the viewer's own browser asks for them, with the viewer's own sign-in.
import { _, ngettext } from "./texts.js";

const news = document.getElementById("names-news");
const places = [...document.querySelectorAll("[data-student]")];
const ids = [...new Set(places.map((one) => one.dataset.student))];

async function ask(some) {
  const answer = await fetch(`/roster/v1/students?ids=${some.map(encodeURIComponent).join(",")}`, {
    headers: { Accept: "application/json" },
  });
  if (!answer.ok) throw new Error(`roster answered ${answer.status}`);
  return (await answer.json()).items;
}

function fill(student) {
  for (const one of places.filter((each) => each.dataset.student === student.id)) {
    const link = document.createElement("a");
    link.href = `/students/${encodeURIComponent(student.id)}`;
    link.textContent = `${student.preferred_name || student.given_name} ${student.family_name}`;
    one.replaceChildren(link);
  }
}

try {
  for (let at = 0; at < ids.length; at += 100) (await ask(ids.slice(at, at + 100))).forEach(fill);
  const named = places.filter((one) => one.textContent).length;
  const others = places.length - named;
  news.textContent = others
    ? ngettext("%(num)s of these is not yours to see by name.", "%(num)s of these are not yours to see by name.", others)
    : "";
} catch (error) {
  console.info(error.message); // a browser's own words for it are no news for the reader
  news.textContent = _("Names could not be read just now; ids are shown. Load the page again to try once more.");
}
