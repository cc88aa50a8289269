// A day as people write it in the page's language: 30 September 2025.
import { language } from "./texts.js";

const form = new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export const day = (written) => (written ? form.format(new Date(`${written.slice(0, 10)}T00:00:00Z`)) : "–");
