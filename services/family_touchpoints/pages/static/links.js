// A link that a guardian opens without an account: made here, and sent by whoever made it.
import { byName } from "./guardians.js";
import { day } from "/static/days.js";
import { everyItem } from "/static/parts.js";
import { Pressing } from "/static/pressing.js";
import { ask, json } from "/static/sending.js";
import { _ } from "/static/texts.js";

const { student, given } = document.getElementById("main").dataset;
const { words, today } = JSON.parse(given);
const service = "/family_touchpoints/v1";
const at = (name) => document.getElementById(name);
const form = at("link");
const address = at("made-link").querySelector("input");
const names = new Map();
const say = (said) => (at("link-news").textContent = byName(said, names));
const making = new Pressing({ say, waits: () => {} });
let asked = false;

addEventListener("family", ({ detail }) => {
  for (const one of detail) names.set(one.id, one.name);
  const chosen = form.elements.link_to.value;
  form.elements.link_to.replaceChildren(...detail.map((one) => new Option(one.name, one.id)));
  if (names.has(chosen)) form.elements.link_to.value = chosen;
});

// The newest version of each survey that a page can ask, and the workshops to which a family can still come.
async function matters() {
  const surveys = new Map();
  for (const one of await everyItem(`${service}/surveys?limit=200`)) {
    const before = surveys.get(one.survey_id);
    if (one.questions.length && !(before?.survey_version > one.survey_version)) surveys.set(one.survey_id, one);
  }
  const workshops = await everyItem(`${service}/workshops?status=planned&from=${today}&limit=200`);
  const of = (body, said) => form.elements.about.add(new Option(said, JSON.stringify(body)));
  for (const one of surveys.values()) of({ purpose: "survey", survey_id: one.survey_id, survey_version: one.survey_version }, _("The survey %(name)s of %(day)s", { name: one.survey_id, day: day(one.published_on) }));
  for (const one of workshops) of({ purpose: "workshop", workshop_id: one.id }, _("Whether they come to %(title)s on %(day)s", { title: one.title ?? words.kind[one.kind], day: day(one.held_on) }));
}

at("linking").addEventListener("toggle", () => {
  if (asked) return;
  asked = true;
  making.doing("matters", "", () => matters().catch((error) => {
    asked = false;
    throw error;
  }));
});

const over = () => {
  at("made-link").hidden = true;
  say("");
};
form.addEventListener("change", over);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  over();
  making.doing("link", _("The link is being made…"), async () => {
    const who = form.elements.link_to.value;
    const { body } = await ask(`${service}/links`, json("POST", { ...JSON.parse(form.elements.about.value), guardian_id: who, student_id: student }));
    address.value = `${location.origin}${body.path}`;
    at("made-link").hidden = false;
    const ways = body.may.map((way) => words.method[way]).join(", ");
    say(_("The link for %(name)s is made, and stands here this once. It may be handed over by: %(ways)s.", { name: names.get(who), ways }));
    address.focus();
    address.select();
  });
});
