import { h } from "./dom.js";

/**
 * Status messages for assistive technology (WCAG 4.1.3): one polite live region, apart from everything that is seen.
 * Each message is its own element, so that none is swallowed by the next; old ones are taken away.
 */
export class Say {
  #kept = 3;

  constructor() {
    this.element = h("div", { class: "heard", "aria-live": "polite", "aria-atomic": "false", id: "said" });
  }

  aloud(text, language) {
    this.element.append(h("p", { lang: language ?? null }, text));
    while (this.element.childElementCount > this.#kept) this.element.firstElementChild.remove();
  }
}
