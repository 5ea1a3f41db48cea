import { focusOn, h } from "../../js/dom.js";

/** The words, lengths and days of this page, and the one place where a state is shown. */
export class Page {
  #words;
  #heading = document.getElementById("heading");
  #view = document.getElementById("view");
  #said = document.getElementById("said");

  constructor(words) {
    this.#words = words;
    this.language = document.documentElement.lang;
    const { seconds, bytes, days } = document.documentElement.dataset;
    this.limits = { seconds: Number(seconds), bytes: Number(bytes), days: Number(days) };
  }

  static async load() {
    const answer = await fetch(new URL("texts.json", import.meta.url));
    return new Page((await answer.json())[document.documentElement.lang]);
  }

  say(key, values = {}) {
    return this.#words[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }

  length(seconds) {
    const whole = Math.max(1, Math.round(seconds));
    const minutes = Math.floor(whole / 60);
    return minutes ? this.say("minutes", { minutes, seconds: whole % 60 }) : this.say("seconds", { seconds: whole });
  }

  day(at) {
    return new Intl.DateTimeFormat(this.language, { dateStyle: "long" }).format(new Date(at));
  }

  /** A new state of the page: its heading gets the keyboard, so that a screen reader begins there. */
  show(state, heading, ...parts) {
    document.body.dataset.state = state;
    this.#heading.textContent = heading;
    this.#view.replaceChildren(...parts.flat().filter(Boolean));
    focusOn(this.#heading);
    scrollTo(0, 0);
  }

  /** Said to a screen reader, and only there. */
  tell(text) {
    this.#said.textContent = text;
  }

  p(key, values, attributes = {}) {
    return h("p", attributes, this.say(key, values));
  }

  button(key, click, primary = false) {
    return h("button", { type: "button", class: primary ? "primary" : null, on: { click } }, this.say(key));
  }

  buttons(...made) {
    return h("div", { class: "buttons" }, ...made);
  }

  write() {
    return h("p", {}, h("a", { href: `/c/chat?lang=${this.language}` }, this.say("write")));
  }
}
