// Whether a workshop takes place: whoever arranges it cancels it, or opens it again.
import { Pressing } from "/static/pressing.js";
import { ask, json, newKey } from "/static/sending.js";
import { _ } from "/static/texts.js";

const { workshop, today } = document.getElementById("main").dataset;
const address = `/family_touchpoints/v1/workshops/${workshop}`;
const form = document.getElementById("whether");
const press = new Pressing({ say: (said) => (document.getElementById("whether-news").textContent = said), waits: () => {} });

// One of a day that is over was held; of any other the roll says so.
function asked(data) {
  const reason = data.get("reason").trim();
  const on = data.get("on");
  return on ? { on, status: on < today ? "held" : "planned", reason } : { reason };
}

let key = newKey();
form.addEventListener("input", () => (key = newKey()));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  press.doing("whether", _("Saving…"), async () => {
    const { body } = await ask(address);
    const headers = { "If-Match": `"${body.version}"`, "Idempotency-Key": key };
    await ask(`${address}/${form.dataset.action}`, json("POST", asked(new FormData(form)), headers));
    location.reload();
  });
});
