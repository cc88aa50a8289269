// The workshops within reach, those to come first, and the form that plans one.
import { language, named } from "./languages.js";
import { day } from "/static/days.js";
import { entry, everyItem, made, part, pill } from "/static/parts.js";
import { Pressing } from "/static/pressing.js";
import { ask, json, newKey } from "/static/sending.js";
import { _ } from "/static/texts.js";

const { labels, rolls } = document.getElementById("main").dataset;
const words = JSON.parse(labels);
const form = document.getElementById("plan");
const SERVICE = _("The records of workshops");
const LOOKS = { planned: ["provisional", "…"], held: ["met", "✓"], cancelled: ["no_data", "–"] };
const place = (id) => words.place[id] ?? id;
let all = null;

const read = (lost) => (all ??= everyItem("/family_touchpoints/v1/workshops?limit=200", lost).catch((error) => {
  all = null;
  throw error;
}));

function line(one) {
  const title = made("a", "", one.title ?? words.kind[one.kind]);
  title.href = `/family_touchpoints/workshop/${encodeURIComponent(one.id)}`;
  const when = [day(one.held_on), one.starts_at, one.organisation_ids.map(place).join(", "), one.room].filter(Boolean).join(", ");
  const about = [words.kind[one.kind], words.level[one.level], one.career_related && _("about careers")].filter(Boolean).join(", ");
  const spoken = one.languages.length && _("In %(languages)s.", { languages: one.languages.map(named).join(", ") });
  const interpreted = one.interpreted.length && _("Interpreted into %(languages)s.", { languages: one.interpreted.map(named).join(", ") });
  const state = made("p", "", pill(...LOOKS[one.status], words.status[one.status]), ` ${when}`);
  return entry(!rolls || one.status === "cancelled" ? (one.title ?? words.kind[one.kind]) : title, state, about, [spoken, interpreted].filter(Boolean).join(" "));
}

const by = (turn) => (one, other) => (one.held_on < other.held_on ? -turn : one.held_on > other.held_on ? turn : 0);
const shown = () =>
  Promise.all([
    part("to-come", {
      from: SERVICE,
      read,
      draw: (found) => found.filter((one) => one.status === "planned").sort(by(1)).map(line),
      empty: _("Nothing is planned within your reach."),
    }),
    part("past", {
      from: SERVICE,
      read,
      draw: (found) => found.filter((one) => one.status !== "planned").sort(by(-1)).map(line),
      empty: _("Nothing was held yet within your reach."),
    }),
  ]);

function asked(data) {
  const text = (name) => data.get(name)?.trim() || null;
  return {
    ...Object.fromEntries(["title", "kind", "held_on", "starts_at", "room", "level", "delivery"].map((name) => [name, text(name)])),
    organisation_ids: [text("organisation")],
    career_related: data.has("career_related"),
    languages: data.getAll("languages"),
    interpreted: data.getAll("interpreted"),
  };
}

if (form) {
  for (const one of form.querySelectorAll("[data-language]")) one.textContent = named(one.dataset.language);
  form.querySelector(`[name=languages][value="${language}"]`)?.click();
  const news = (said) => (document.getElementById("plan-news").textContent = said);
  const press = new Pressing({ say: news, waits: () => {} });
  // The same form sent again has the same key, until something in it is changed: one evening is planned once.
  let key = newKey();
  form.addEventListener("input", () => (key = newKey()));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press.doing("plan", _("Saving…"), async () => {
      const body = asked(new FormData(form));
      await ask("/family_touchpoints/v1/workshops", json("POST", body, { "Idempotency-Key": key }));
      form.reset();
      key = newKey();
      all = null;
      news(_("%(title)s is planned.", { title: body.title }));
      await shown();
    });
  });
}
await shown();
