// What a language of ISO 639-3 is called in the language of the page.
import { _, language as page } from "/static/texts.js";

const SPOKEN = { en: "eng", es: "spa" };
// Browsers have no name for it.
const OWN = { nav: _("Navajo") };
const names = new Intl.DisplayNames([page], { type: "language" });

export const language = SPOKEN[page] ?? "eng";

export function named(code) {
  const name = OWN[code] ?? names.of(code);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
