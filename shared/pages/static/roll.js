// A roll call on a phone: somebody is found by name, one tap marks them, and what two markers say otherwise is shown.
import { made } from "./parts.js";
import { Queue } from "./queue.js";
import { newKey } from "./sending.js";
import { _, ngettext } from "./texts.js";

const at = (id) => document.getElementById(`roll-${id}`);
const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const stop = (words) => words.replace(/\.\.$/, ".");
const TYPED = 350;
const SHORT = 2;

// `place` and `owner` are the queue's; `address` takes what is marked on the day `on`. `marks` are the words of each status
// that a tap gives, `counts` the one that is counted, `words` those of every status. `find(words)` gives persons,
// `findChildren(words)` those for whom a walk-in may have come. A person is `{id, name, beneath, row, mark, seen}`: `row` is
// what is sent of them. `idOf` says whose a row of an answer is, `rowOf` what is sent of who had no id before.
export class Roll {
  constructor(given) {
    Object.assign(this, given, { people: new Map(), others: 0, heads: {}, found: null, warned: "" });
    this.queue = new Queue({
      place: given.place,
      owner: given.owner,
      ours: (body) => Array.isArray(body?.rows) && typeof body.present === "number",
      told: () => this.told(),
      received: (piece, answer) => this.received(piece, answer),
    });
    at("found").textContent = _("The roll is being read…");
    at("look").addEventListener("input", () => this.shown());
    typed(at("look"), (words) => this.search(words));
    at("walk-in").addEventListener("submit", (event) => this.walkedIn(event));
    typed(at("child"), (words) => this.children(words));
    at("heads").addEventListener("submit", (event) => this.counted(event));
    at("send").addEventListener("click", () => this.queue.send());
    at("clear").addEventListener("click", () => this.queue.clear());
    addEventListener("offline", () => this.told());
    addEventListener("online", () => this.told());
  }

  // Everybody on the roll as it was read, and what of this browser has not arrived yet.
  begin({ people, present, heads }) {
    for (const one of people) this.add({ ...one, saved: one.mark });
    this.others = present - this.number("saved");
    this.heads = heads;
    at("number").value = heads.head_count ?? "";
    at("of").value = heads.head_count_of ?? "everyone";
    for (const { key, body } of this.queue.waiting) {
      const [row] = JSON.parse(body).rows;
      if (row) this.restored(key, row);
    }
    this.shown();
    this.told();
    this.search(at("look").value.trim()); // typed while the page was still loading
    this.queue.start();
  }

  restored(key, row) {
    const id = row.walk_in ? key : this.idOf(row);
    this.add({ id, name: row.walk_in?.name ?? _("Somebody whom you have marked here"), beneath: row.walk_in ? _("walked in") : "", row });
    Object.assign(this.people.get(id), { mark: row.status, waits: key });
    this.draw(this.people.get(id));
  }

  number(which) {
    return [...this.people.values()].filter((one) => one[which] === this.counts).length;
  }

  add(given) {
    if (this.people.has(given.id)) return;
    const person = { ...given };
    person.taps = Object.entries(this.marks).map(([mark, words]) => {
      const pressed = button(words, () => this.tapped(person, mark), "says");
      pressed.setAttribute("aria-label", _("%(name)s: %(mark)s", { name: person.name, mark: words }));
      return [mark, pressed];
    });
    person.state = made("div", "words");
    person.state.setAttribute("role", "status");
    const who = made("div", "who", made("b", "", person.name), made("span", "quiet block", person.beneath));
    person.line = made("li", "", who, made("div", "marks", ...person.taps.map(([, each]) => each)), person.state);
    this.people.set(person.id, person);
    at("people").append(person.line);
    this.draw(person);
  }

  draw(person) {
    for (const [mark, each] of person.taps) each.setAttribute("aria-pressed", person.mark === mark);
    person.line.classList.toggle("waits", Boolean(person.waits));
    person.state.replaceChildren(...this.said(person));
  }

  said(person) {
    if (person.waits) return [_("Not sent yet.")];
    if (person.theirs) return this.disagreement(person);
    if (person.problem) return [stop(_("Refused: %(why)s.", { why: person.problem }))];
    if (person.saved && !(person.saved in this.marks)) return [this.words[person.saved]];
    return person.now ? [_("Saved.")] : [];
  }

  // Who marked first is right until the other has seen it.
  disagreement(person) {
    const { mark, wish } = person.theirs;
    const words = { theirs: this.words[mark], own: this.words[wish] };
    const done = (work) => () => {
      person.theirs = null;
      work();
      this.draw(person);
      person.taps[0][1].focus();
    };
    const leave = button(_("Leave it: %(theirs)s", words), done(() => {}));
    const set = button(_("Set it to: %(own)s", words), done(() => this.tapped(person, wish)));
    return [made("span", "", _("Somebody else has marked: %(theirs)s. You have marked: %(own)s.", words)), leave, set];
  }

  tapped(person, mark) {
    if (person.mark === mark && !person.theirs && !person.problem) return;
    // They have no id until they are saved, and would be added once more.
    if (person.row.walk_in && person.waits) {
      this.tell(_("%(name)s can be marked otherwise as soon as this is sent.", { name: person.name }));
      return;
    }
    this.mark(person, mark, person.saved in this.marks && person.saved !== mark);
  }

  // `sets`: what was seen is set right; of what nobody has said yet there is nothing to set right.
  mark(person, mark, sets) {
    const row = { ...person.row, status: mark, ...(sets && { seen_version: person.seen }) };
    const key = this.send({ rows: [row] }, person.id.startsWith(NEW) ? person.id : undefined);
    if (!key) return;
    Object.assign(person, { mark, waits: key, theirs: null, problem: "" });
    this.draw(person);
    this.told();
  }

  // Each piece has a key of its own, and goes out under it until an answer comes. Gives the key; none when nothing is kept.
  send(what, key = newKey()) {
    try {
      this.queue.add({ key, address: this.address, body: JSON.stringify({ on: this.on, ...what }), at: this.on, words: "" });
    } catch {
      this.tell(_("This browser keeps nothing more: wait until what is marked is sent."));
      return "";
    }
    return key;
  }

  received({ key, body }, answer) {
    const sent = JSON.parse(body);
    this.warned = answer.warnings.join(" ");
    if (sent.head_count !== undefined) {
      this.heads = sent;
      at("heads-news").textContent = _("Saved.");
    }
    sent.rows.forEach((row, number) => this.settle(this.of(key, row), key, row, answer.rows[number]));
    this.others = answer.present - this.number("saved");
    this.told();
  }

  of(key, row) {
    return this.people.get(row.walk_in ? key : this.idOf(row));
  }

  settle(person, key, row, one) {
    if (!person) return;
    const last = person.waits === key;
    if (last) person.waits = "";
    if (one.outcome === "refused") Object.assign(person, { problem: one.problem, ...(last && { mark: person.saved }) });
    else if (one.outcome === "conflict" && one.stands !== row.status) {
      // What stands was marked here, and is set right here, by the last mark alone.
      if (!last) Object.assign(person, { saved: one.stands });
      else if (one.seen_version === person.own) this.mark(person, row.status, true);
      else Object.assign(person, { theirs: { mark: one.stands, wish: row.status }, saved: one.stands, mark: one.stands, seen: one.seen_version });
    } else {
      Object.assign(person, { saved: one.stands, now: true, own: one.seen_version, seen: one.seen_version, ...(last && { mark: one.stands }) });
      this.named(person, one);
    }
    this.draw(person);
  }

  // Who walked in has an id once they are saved; what is said of them next is said of that id.
  named(person, one) {
    if (!person.row.walk_in) return;
    this.people.delete(person.id);
    Object.assign(person, { id: this.idOf(one), row: this.rowOf(this.idOf(one), person.row) });
    this.people.set(person.id, person);
  }

  async search(words) {
    if (words.length < SHORT || !navigator.onLine) return;
    at("found").textContent = _("Looking…");
    try {
      const found = await this.find(words);
      if (at("look").value.trim() !== words) return;
      found.forEach((one) => this.add(one));
      this.found = { words, ids: new Set(found.map((one) => one.id)) };
      this.shown();
    } catch (error) {
      at("found").textContent = stop(_("Only who is on the list already is shown: %(why)s.", { why: error.message }));
    }
  }

  // Those on the roll; while something is looked for, whoever matches.
  shown() {
    const words = at("look").value.trim();
    const parts = plain(words).split(/\s+/).filter(Boolean);
    const matches = (one) => (this.found?.words === words && this.found.ids.has(one.id)) || parts.every((part) => plain(`${one.name} ${one.beneath}`).includes(part));
    let number = 0;
    for (const one of this.people.values()) {
      const wanted = words ? matches(one) : Boolean(one.mark || one.problem);
      one.line.hidden = !wanted;
      number += wanted;
    }
    const none = words ? _("Nobody here matches. Type more of the name, or add a walk-in.") : _("Nobody is on the roll yet. Look for a name.");
    at("found").textContent = number ? ngettext("%(num)s shown", "%(num)s shown", number) : none;
  }

  walkedIn(event) {
    event.preventDefault();
    const phone = at("phone").value.trim();
    const ticked = [...at("children").querySelectorAll("input:checked")];
    const name = at("name").value.trim();
    const row = { walk_in: { name, ...(phone && { phone }) }, student_ids: ticked.map((one) => one.value) };
    const id = `${NEW}${newKey()}`;
    this.add({ id, name, beneath: [_("walked in"), ...ticked.map((one) => one.dataset.name)].join(", "), row });
    this.tapped(this.people.get(id), Object.keys(this.marks)[0]);
    at("walk-in").reset();
    at("children").replaceChildren();
    at("look").value = "";
    this.shown();
    at("name").focus();
    at("walk-in-news").textContent = _("%(name)s is on the list.", { name });
  }

  async children(words) {
    const kept = [...at("children").querySelectorAll("input:checked")];
    at("children").replaceChildren(...kept.map((one) => one.closest("label")));
    if (words.length < SHORT) return;
    if (!navigator.onLine) {
      at("walk-in-news").textContent = _("Looking for a child needs a connection; the name alone can be saved.");
      return;
    }
    try {
      const ids = new Set(kept.map((one) => one.value));
      const found = (await this.findChildren(words)).filter((one) => !ids.has(one.id));
      if (at("child").value.trim() !== words) return;
      at("children").append(...found.map(tick));
      at("walk-in-news").textContent = found.length ? "" : _("No child of that name is within your reach.");
    } catch (error) {
      at("walk-in-news").textContent = stop(_("Children cannot be looked for just now: %(why)s.", { why: error.message }));
    }
  }

  counted(event) {
    event.preventDefault();
    at("heads-news").textContent = _("Not sent yet.");
    this.send({ head_count: Number(at("number").value), head_count_of: at("of").value, rows: [] });
  }

  tell(words) {
    at("news").textContent = words;
  }

  // The counter, and what of this browser has not arrived, or was refused.
  told() {
    for (const piece of this.queue.refused) this.refusal(piece);
    const { waiting, refused, others, why } = this.queue;
    at("count").textContent = this.counter();
    const away = !navigator.onLine && _("There is no connection; go on marking.");
    const unsent = waiting.length && ngettext("%(num)s mark is kept in this browser and not sent yet.", "%(num)s marks are kept in this browser and not sent yet.", waiting.length);
    const reason = waiting.length && !away && why && stop(_("Not sent: %(why)s.", { why }));
    const strange = others && ngettext("%(num)s mark of somebody else waits here until they sign in.", "%(num)s marks of somebody else wait here until they sign in.", others);
    const no = refused.length && ngettext("%(num)s was refused.", "%(num)s were refused.", refused.length);
    this.tell([away, unsent, reason, no, strange, this.warned].filter(Boolean).join(" "));
    at("send").hidden = !waiting.length || !navigator.onLine;
    at("clear").hidden = !refused.length;
  }

  counter() {
    const names = ngettext("%(num)s by name", "%(num)s by name", this.others + this.number("mark"));
    const { head_count: count = null, head_count_of: of } = this.heads;
    if (count === null) return names;
    const heads = of === "unnamed_only" ? ngettext("%(num)s more head", "%(num)s more heads", count) : ngettext("%(num)s head", "%(num)s heads", count);
    return `${names}, ${heads}`;
  }

  refusal({ key, body, refused: why }) {
    const { rows } = JSON.parse(body);
    if (!rows.length) {
      at("heads-news").textContent = stop(_("Refused: %(why)s.", { why }));
      return;
    }
    const person = this.of(key, rows[0]);
    if (!person || (person.waits && person.waits !== key)) return;
    Object.assign(person, { waits: "", problem: why, mark: person.saved });
    this.draw(person);
  }
}

// So begins what stands for somebody who has no id yet: it is also the key that they are sent under.
const NEW = "new-";

// Runs `work` with what was typed last, when nothing is typed for a moment.
function typed(input, work) {
  let soon;
  input.addEventListener("input", () => {
    clearTimeout(soon);
    soon = setTimeout(() => work(input.value.trim()), TYPED);
  });
}

function button(words, press, look = "plain") {
  const pressed = made("button", look, words);
  pressed.type = "button";
  pressed.addEventListener("click", press);
  return pressed;
}

function tick(child) {
  const box = made("input");
  Object.assign(box, { type: "checkbox", value: child.id });
  box.dataset.name = child.name;
  return made("label", "tap", box, made("span", "", child.name));
}
