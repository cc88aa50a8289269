// What a liaison keeps of a family: restrictions, and why when asked; what guardians allow; what a student of age shares.
import { day } from "/static/days.js";
import { entry, made } from "/static/parts.js";
import { Pressing } from "/static/pressing.js";
import { ask, json, newKey, Told } from "/static/sending.js";
import { _, ngettext } from "/static/texts.js";

const { student, given } = document.getElementById("main").dataset;
const { words, today } = JSON.parse(given);
const family = "/family_touchpoints/v1";
const about = `${family}/students/${encodeURIComponent(student)}`;
const at = (name) => document.getElementById(name);
const names = new Map();
const seen = (version) => (version ? { "If-Match": `"${version}"` } : {});

addEventListener("family", ({ detail }) => {
  for (const one of detail) names.set(one.id, one.name);
  for (const select of document.querySelectorAll("select.guardians")) {
    const chosen = select.value;
    select.replaceChildren(...select.querySelectorAll('option[value=""]'), ...detail.map((one) => new Option(one.name, one.id)));
    if (chosen) select.value = chosen;
  }
});

const against = ({ planned_against: found }) => (found.length ? " " + ngettext("%(num)s planned touch point may not be made any more; it stands under what is next.", "%(num)s planned touch points may not be made any more; they stand under what is next.", found.length) : "");
const put = async (address, body, version) => (await ask(address, json("PUT", body, seen(version)))).body;
const FIELDS = ["guardian_id", "rule", "channels", "basis", "from", "to", "seen_on", "told_to_staff"];

function rule(one) {
  const whose = one.guardian_id ? (names.get(one.guardian_id) ?? one.guardian_id) : _("Everybody");
  const until = one.to ? _("%(begin)s to %(end)s", { begin: day(one.from), end: day(one.to) }) : _("since %(day)s", { day: day(one.from) });
  const saw = one.seen_on && _("Seen on %(day)s by %(who)s.", { day: day(one.seen_on), who: one.seen_by });
  const open = one.channels.length && _("Open: %(ways)s.", { ways: one.channels.map((way) => words.method[way]).join(", ") });
  const over = one.to && one.to < today;
  return entry(`${whose}: ${words.rule[one.rule]}`, until, open, _("Why: %(basis)s.", { basis: words.basis[one.basis] }), saw, one.told_to_staff && _("Staff read: %(line)s", { line: one.told_to_staff }), over ? null : ending(one, whose));
}

function ending(one, whose) {
  const last = made("input");
  Object.assign(last, { type: "date", required: true, value: one.to ?? today, min: one.from });
  const send = made("button", "plain", _("End it then"));
  send.setAttribute("aria-label", _("End the restriction of %(who)s", { who: whose }));
  const form = made("form", "choose", made("label", "", _("Last day"), last), send);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press.doing(`end ${one.rule_id}`, _("Saving…"), async () => {
      const body = Object.fromEntries(FIELDS.map((name) => [name, one[name]]));
      const done = await put(`${about}/rules/${encodeURIComponent(one.rule_id)}`, { ...body, to: last.value }, one.version);
      await why();
      at("rules-news").textContent = _("Saved.") + against(done);
      dispatchEvent(new Event("family-changed"));
    });
  });
  return form;
}

async function why() {
  const { body } = await ask(`${about}/rules`);
  at("rules-list").replaceChildren(...body.items.map(rule));
  at("rules-news").textContent = body.items.length ? _("That you have seen this is noted.") : _("No restriction is kept about this student.");
}

const press = new Pressing({ say: (said) => (at("rules-news").textContent = said), waits: () => {} });
at("show-why").addEventListener("click", () => press.doing("why", _("This is being read…"), why));

// A form that keeps something: `work` is given its fields, and answers what is kept.
function keeps(id, work) {
  const form = at(id);
  const doing = new Pressing({ say: (said) => (at(`${id}-news`).textContent = said), waits: () => {} });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    doing.doing(id, _("Saving…"), async () => {
      const data = new FormData(form);
      const done = await work((name) => data.get(name)?.trim() || null, data);
      at(`${id}-news`).textContent = _("Saved.") + against(done);
      form.reset();
      form.dispatchEvent(new Event("change"));
      dispatchEvent(new Event("family-changed"));
      if (at("rules-list").children.length) await why();
    });
  });
}

const channels = () => (at("rule-channels").hidden = at("rule").elements.rule.value !== "only_channels");
at("rule").addEventListener("change", channels);
// The same form sent again is the same restriction, until it is kept.
let ruleId = `r${newKey()}`;
keeps("rule", async (text, data) => {
  const body = Object.fromEntries(FIELDS.map((name) => [name, text(name)]));
  const done = await put(`${about}/rules/${ruleId}`, { ...body, channels: body.rule === "only_channels" ? data.getAll("channels") : [] });
  ruleId = `r${newKey()}`;
  return done;
});

keeps("consent", async (text) => {
  const guardian = `${family}/guardians/${encodeURIComponent(text("guardian_id"))}/consents`;
  const { body } = await ask(guardian);
  const kept = body.items.find((one) => one.channel === text("channel") && one.about === text("about") && one.guardian_id === text("guardian_id"));
  const steps = [...(kept?.steps ?? []), { status: text("status"), on: text("on"), how: text("how") }];
  return put(`${guardian}/${text("channel")}/${text("about")}`, { steps }, kept?.version);
});

keeps("sharing", async (text) => {
  const kept = await ask(`${about}/sharing`).then(
    ({ body }) => body,
    (error) => {
      if (error instanceof Told && error.status === 404) return null;
      throw error;
    },
  );
  const step = text("status") ? [{ status: text("status"), on: text("on"), seen_on: text("seen_on") }] : [];
  return put(`${about}/sharing`, { eighteen_on: text("eighteen_on"), steps: [...(kept?.steps ?? []), ...step] }, kept?.version);
});
