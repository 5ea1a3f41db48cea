import { h } from "../js/dom.js";

/** The conversation for taking away. */
export function saveLink(texts, form) {
  const href = `/c/api/transcript?format=${form}`;
  const words = texts.say(`save.${form}`);
  const name = `${texts.say("menu.save")}: ${words}`;
  return h("a", { class: "button", href, download: `chat.${form}`, "aria-label": name }, words);
}
