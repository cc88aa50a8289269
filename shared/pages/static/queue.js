// What is done where no connection can be had waits in this browser, and is sent until the service has answered it.
//
// Kept of each thing, in localStorage under a name of its own, until it is received or the person clears it: its key,
// the address and the body that it is sent with (ids, codes, and what the person typed), who was signed in, the
// instant, and words to tell it by. No names. Whoever signs in next on this phone sends nothing of it.
import { _ } from "./texts.js";

const EVERY = 30_000;
const PATIENCE = 60_000;
const LATER = new Set([401, 408, 425, 429]);
const OURS = "urn:aurora:problem";

// `place` names the queue, `owner` is who is signed in. `ours(body)` tells an answer of the service from what else
// may come with a 200, such as the page of a hotel's network; `told()` hears of every change, also by other tabs.
export class Queue {
  constructor({ place, owner, ours, told, received = () => {}, storage = localStorage }) {
    Object.assign(this, { place: `aurora.waiting.${place}.`, owner, ours, told, received, storage, asked: false, why: "" });
  }

  get all() {
    const names = Object.keys(this.storage).filter((name) => name.startsWith(this.place));
    const found = names.map((name) => JSON.parse(this.storage.getItem(name))).filter(Boolean);
    return found.sort((one, other) => (one.since < other.since ? -1 : 1));
  }

  get waiting() {
    return this.all.filter((one) => one.owner === this.owner && !one.refused);
  }

  get refused() {
    return this.all.filter((one) => one.owner === this.owner && one.refused);
  }

  get others() {
    return this.all.filter((one) => one.owner !== this.owner).length;
  }

  // Throws when this browser keeps nothing more. `body` is the text that goes out, each time the same.
  add({ key, address, body, at, words }) {
    this._keep({ key, address, body, at, words, owner: this.owner, since: new Date().toISOString() });
    this.told();
    return this.send();
  }

  clear() {
    for (const one of this.refused) this._drop(one);
    this.told();
  }

  // Now, when there is a connection again, when somebody looks, and every half minute while something waits.
  start() {
    addEventListener("online", () => this.send());
    addEventListener("storage", (event) => (event.key ?? this.place).startsWith(this.place) && this.told());
    document.addEventListener("visibilitychange", () => document.hidden || this.send());
    setInterval(() => this.send(), EVERY);
    return this.send();
  }

  // One tab sends at a time. What it has taken off another may see a moment later, and a browser may have no locks:
  // then a thing is sent twice, and its key keeps it from being done twice.
  async send() {
    if (this.asked || !this.waiting.length) return;
    this.asked = true;
    const alone = navigator.locks ? (work) => navigator.locks.request(this.place, work) : (work) => work();
    await alone(async () => {
      this.asked = false;
      for (const one of this.waiting) if (!(await this._sent(one))) break;
    });
  }

  // Whether the next one may follow. It is taken off only after the answer: a second time it meets its own key.
  async _sent(one) {
    const answer = await this._answer(one);
    const body = answer?.body;
    if (answer?.ok && this.ours(body)) {
      this._drop(one);
      this.why = "";
      this.received(one, body);
    } else if (answer && refusal(answer)) {
      this._keep({ ...one, refused: body.detail });
    } else {
      this.why = answer?.status === 401 ? _("your sign-in has ended: sign in again, then come back to this page") : _("there is no connection yet");
    }
    this.told();
    return Boolean(answer) && (answer.ok ? this.ours(body) : refusal(answer) || answer.status >= 500);
  }

  async _answer({ key, address, body, owner }) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "Idempotency-Key": key, "Aurora-Signed-In-As": encodeURIComponent(owner) };
    try {
      const answer = await fetch(address, { method: "POST", headers, body, signal: AbortSignal.timeout(PATIENCE) });
      return { ok: answer.ok, status: answer.status, body: await answer.json() };
    } catch {
      return null; // a lost connection, half an answer, or none of ours
    }
  }

  _keep(one) {
    this.storage.setItem(this.place + one.key, JSON.stringify(one));
  }

  _drop(one) {
    this.storage.removeItem(this.place + one.key);
  }
}

// The service will not do it, however often it is asked.
const refusal = ({ status, body }) => status >= 400 && status < 500 && !LATER.has(status) && String(body?.type).startsWith(OURS);

// An instant as this phone has it: its own time, with the zone.
export function instant(moment = new Date()) {
  const shift = -moment.getTimezoneOffset();
  const local = new Date(moment.getTime() + shift * 60_000).toISOString().slice(0, 19);
  const two = (number) => String(Math.floor(Math.abs(number))).padStart(2, "0");
  return `${local}${shift < 0 ? "-" : "+"}${two(shift / 60)}:${two(shift % 60)}`;
}
