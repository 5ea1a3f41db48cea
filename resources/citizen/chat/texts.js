import { resource } from "../js/texts.js";

/** The chat's words in the language of the page. */
export async function loadTexts(language) {
  const words = (await resource("chat/texts.json"))[language];
  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  const clock = (at) => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
  return { say, clock, language };
}
