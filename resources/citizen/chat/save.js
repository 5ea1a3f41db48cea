import { h } from "../js/dom.js";

/** The conversation for taking away. */
export function saveLink(texts, form) {
  const href = `/c/api/transcript?format=${form}`;
  return h("a", { class: "button", href, download: `chat.${form}` }, texts.say(`save.${form}`));
}
