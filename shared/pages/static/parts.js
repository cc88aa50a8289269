// The parts of a page, each asked of the service that has it: one that may not be read or does not answer says so.
import { ask, Told } from "./sending.js";
import { _ } from "./texts.js";

const NOT_YOURS = new Set([403, 404]);

// Fills the part with what `read` brings and `draw` makes of it (a list of elements); says `empty` when there is none.
export async function part(id, { from, read, draw, empty }) {
  const section = document.getElementById(id);
  const news = section.querySelector("[role=status]");
  const list = section.querySelector("ul");
  const again = section.querySelector("button");
  const begin = async () => {
    again.hidden = true;
    news.textContent = _("This is being read…");
    try {
      const items = draw(await read(() => (news.textContent = _("%(who)s does not answer; it is asked again…", { who: from }))));
      list.replaceChildren(...items);
      news.textContent = items.length ? "" : empty;
    } catch (error) {
      list.replaceChildren();
      if (error instanceof Told && NOT_YOURS.has(error.status)) {
        news.textContent = _("This part is not open to you, or there is nothing of this student within your reach.");
        return;
      }
      news.textContent = _("%(who)s could not be asked: %(why)s. The other parts of this page do not need it.", { who: from, why: error.message });
      again.hidden = false;
    }
  };
  again.addEventListener("click", begin);
  await begin();
}

export async function everyItem(address, lost) {
  const found = [];
  for (let cursor = ""; cursor !== null; ) {
    const { body } = await ask(`${address}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, {}, lost);
    found.push(...body.items);
    cursor = body.next;
  }
  return found;
}

// An element with a class, and what stands in it.
export function made(tag, look, ...within) {
  const element = document.createElement(tag);
  if (look) element.className = look;
  element.append(...within.filter(Boolean));
  return element;
}

// A line of a list: a heading, pills, and sentences beneath.
export const entry = (heading, ...lines) => made("li", "", made("h3", "", heading), ...lines.filter(Boolean).map((line) => (line instanceof Node ? line : made("p", "", line))));

export const pill = (look, icon, words) => {
  const mark = made("span", "icon", icon);
  mark.setAttribute("aria-hidden", "true");
  return made("span", `pill small ${look}`, mark, ` ${words}`);
};
