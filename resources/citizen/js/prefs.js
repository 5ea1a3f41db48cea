/** How this citizen likes to read: kept on their own device, holds nothing about a consultation. */
const KEY = "ieum:view";
const USUAL = { size: 100, captions: true, readAloud: false };
export const SIZES = [100, 125, 150, 200];

export class Prefs {
  #values = { ...USUAL };

  constructor() {
    try {
      Object.assign(this.#values, JSON.parse(localStorage.getItem(KEY)));
    } catch {
      // no storage: the usual values
    }
    if (!SIZES.includes(this.#values.size)) this.#values.size = USUAL.size;
    this.#show();
  }

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    this.#values[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#values));
    } catch {
      // holds until the page closes
    }
    this.#show();
  }

  /** The next text size, from the largest back to the first. */
  nextSize() {
    this.set("size", SIZES[(SIZES.indexOf(this.get("size")) + 1) % SIZES.length]);
    return this.get("size");
  }

  #show() {
    document.documentElement.dataset.size = String(this.#values.size);
  }
}
