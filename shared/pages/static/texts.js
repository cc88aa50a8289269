// The scripts' texts in the page's language: the page brings them along, and without any they are English.
const { texts = {}, plural = {} } = JSON.parse(document.body.dataset.texts || "{}");
export const language = document.documentElement.lang;
const rules = new Intl.PluralRules(language);

const fill = (text, values) => text.replace(/%\((\w+)\)s|%%/g, (_all, name) => (name ? values[name] : "%"));

export const _ = (text, values = {}) => fill(texts[text] ?? text, values);

// A text that hangs on a number, which it may name as `%(num)s`.
export function ngettext(one, many, number, values = {}) {
  const forms = texts[one];
  const text = forms ? forms[plural[rules.select(number)]] : number === 1 ? one : many;
  return fill(text, { num: number, ...values });
}
