/**
 * What assistive technology hears of the other's text, by choice: whole lines, words as they are finished, or nothing.
 * Never a single letter or a half syllable: a word counts once a blank, a mark or the line's end follows it.
 */
export class ReadAloud {
  #say;
  #prefs;
  #told = "";

  constructor(say, prefs) {
    this.#say = say;
    this.#prefs = prefs;
  }

  get mode() {
    return this.#prefs.get("reading") ?? "lines";
  }

  /** Their line as it stands now. */
  line(text) {
    if (this.mode !== "words") return;
    const whole = text.match(/^.*[\s.,!?…](?=[^\s.,!?…]*$)/s)?.[0] ?? "";
    if (!whole.startsWith(this.#told)) this.#told = ""; // erased and written anew
    const fresh = whole.slice(this.#told.length).trim();
    this.#told = whole;
    if (fresh) this.#say.aloud(fresh);
  }

  /** A finished line; of words that were heard already only the rest is said. */
  message(text, words, language) {
    if (this.mode === "off") return;
    const heard = this.mode === "words" && text.startsWith(this.#told.trim()) ? this.#told.trim() : "";
    this.#told = "";
    if (heard) this.#say.aloud(text.slice(heard.length).trim() || " ", language);
    else this.#say.aloud(words, language);
  }
}
