// Live numbers: when the stream says that a shown count has changed, the page's own address is read
// again and only its live parts are replaced, so that a form half filled in or an open list stays.
import { _, language } from "./texts.js";

const main = document.getElementById("main");
const news = document.getElementById("news");
let reading = false;
let again = false;

async function refresh() {
  again = reading;
  if (reading) return;
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } finally {
    reading = false;
    if (again) refresh();
  }
}

function replace(next) {
  let changed = 0;
  for (const old of document.querySelectorAll("[data-live]")) {
    const fresh = next.getElementById(old.id);
    if (!fresh || fresh.innerHTML === old.innerHTML) continue;
    const focused = old.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const before = [...old.querySelectorAll("[data-number]")].map((one) => one.textContent);
    old.replaceWith(fresh);
    if (fresh.id !== "live-freshness") changed += 1;
    const after = [...fresh.querySelectorAll("[data-number]")];
    if (after.length === before.length) {
      after.forEach((one, at) => {
        if (one.textContent !== before[at]) one.classList.add("changed");
      });
    }
    if (focused) [...fresh.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus();
  }
  if (changed) news.textContent = _("Numbers updated at %(time)s", { time: new Date().toLocaleTimeString(language) });
}

function freshness(event) {
  const said = JSON.parse(event.data);
  const line = document.getElementById("live-freshness");
  if (String(said.stale) !== line.dataset.stale) { refresh(); return; }
  line.querySelector("[data-words]").textContent = said.words;
}

function listen() {
  const source = new EventSource(main.dataset.stream);
  source.addEventListener("counts", refresh);
  source.addEventListener("freshness", freshness);
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 5000);
  });
  addEventListener("pagehide", () => source.close(), { once: true });
}

if (main.dataset.stream) listen();
