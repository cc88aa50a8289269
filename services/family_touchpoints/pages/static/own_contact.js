// What a student of age says: whether the school may talk with their family. It is added to what they said before.
import { Pressing } from "/static/pressing.js";
import { ask, json } from "/static/sending.js";
import { _ } from "/static/texts.js";

const { student, version, kept, today } = document.getElementById("main").dataset;
const form = document.getElementById("choice");
const news = (words) => (document.getElementById("choice-news").textContent = words);
const press = new Pressing({ say: news, waits: () => {} });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  press.doing("choice", _("Saving…"), async () => {
    const step = { status: form.elements.choice.value, on: today };
    const body = { steps: [...JSON.parse(kept), step] };
    await ask(`/family_touchpoints/v1/students/${encodeURIComponent(student)}/sharing`, json("PUT", body, { "If-Match": `"${version}"` }));
    location.reload();
  });
});
