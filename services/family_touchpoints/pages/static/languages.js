// What a language of ISO 639-3 is called in the language of the page.
import { language as page } from "/static/texts.js";

const SPOKEN = { en: "eng", es: "spa" };
const names = new Intl.DisplayNames([page], { type: "language" });

export const language = SPOKEN[page] ?? "eng";

export function named(code) {
  const name = names.of(code);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
