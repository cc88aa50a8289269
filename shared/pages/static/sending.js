// Sends what must not be lost and must not be done twice: the same request again until an answer comes.
import { _ } from "./texts.js";

const WAITS = [1000, 3000, 8000];
const LATER = new Set([408, 425, 429]);

// Nobody can say what became of the request; `message` says what to do.
export class NoAnswer extends Error {}

// The service has answered that it will not do it, and why.
export class Told extends Error {
  constructor(status, words, errors = []) {
    super(words);
    this.status = status;
    this.errors = errors;
  }
}

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function once(address, request) {
  const headers = { Accept: "application/json", ...request.headers };
  const answer = await fetch(address, { ...request, headers });
  const later = Number(answer.headers.get("Retry-After")) || 0;
  return { status: answer.status, etag: answer.headers.get("ETag"), later: later * 1000, body: await answer.json() };
}

// `lost` is told each time that nothing was settled, and why if somebody said; then the same request goes out once more.
export async function ask(address, request = {}, lost = () => {}) {
  for (let tries = 0; ; tries += 1) {
    let answer = null;
    try {
      answer = await once(address, request);
    } catch {
      // A lost connection, or half an answer.
    }
    if (answer?.status === 401) throw new NoAnswer(_("your sign-in has ended: sign in again, then come back to this page"));
    if (answer && answer.status < 500 && !LATER.has(answer.status)) {
      if (answer.status < 400) return answer;
      throw new Told(answer.status, answer.body.detail || _("the answer was %(status)s", { status: answer.status }));
    }
    if (tries === WAITS.length) throw new NoAnswer(answer?.body.detail || _("no answer came"));
    lost(answer?.body.detail);
    await pause(Math.max(WAITS[tries], answer?.later ?? 0));
  }
}

export const json = (method, body, headers = {}) => ({
  method,
  headers: { "Content-Type": "application/json", ...headers },
  body: JSON.stringify(body),
});

// Made in the page and kept with the list: whoever sends the list again sends this key with it.
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

// What outlives the page: in this browser (`localStorage`), or in this tab alone (`sessionStorage`). Ids, and no names.
export class Kept {
  constructor(storage, place) {
    Object.assign(this, { storage, place });
  }

  get list() {
    return JSON.parse(this.storage.getItem(this.place) || "null");
  }

  keep(list) {
    this.storage.setItem(this.place, JSON.stringify(list));
  }

  forget() {
    this.storage.removeItem(this.place);
  }
}
