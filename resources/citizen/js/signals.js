import { ask } from "./api.js";

const EVERY_MS = 200; // at most five a second

/**
 * Signals of this page, newest per key, at most five a second. The mirror's are sent only while `mayMirror()`: it is
 * asked again at the moment of sending, so that nothing leaves after "stop sharing".
 */
export class Signals {
  #waiting = new Map();
  #timer = 0;
  #last = 0;
  #mayMirror;
  #onMoved;
  session = "";

  constructor(mayMirror, onMoved) {
    this.#mayMirror = mayMirror;
    this.#onMoved = onMoved;
  }

  /** What the current screen shows: `values` field or item id → text or `on`, `focus` the id touched last. */
  mirror(push, values, focus = "") {
    if (this.#mayMirror()) this.#put("mirror", { key: "mirror", kind: "mirror", body: { push, values, focus, scroll: 0 } });
  }

  typing(on) {
    const body = { party: "citizen", on };
    this.#put("typing", { key: "typing:citizen", kind: "typing", body });
  }

  /** What this end's media are like now. */
  media(body) {
    this.#put("media", { key: "media:citizen", kind: "media", body: { party: "citizen", ...body } });
  }

  /** The line that is being typed, where no data channel carries it. */
  liveText(text) {
    this.#put("live_text", { key: "live_text:citizen", kind: "live_text", body: { party: "citizen", text } });
  }

  /** A channel carries the line from now on: an older copy must not come after it. */
  forgetLiveText() {
    this.#waiting.delete("live_text");
  }

  page(state) {
    this.#put("page", { key: "page", kind: "page", body: { state } });
  }

  /** Forget what has not been sent: sharing stopped. */
  stopMirror() {
    this.#waiting.delete("mirror");
  }

  close() {
    this.#waiting.clear();
    clearTimeout(this.#timer);
  }

  #put(name, signal) {
    this.#waiting.set(name, signal);
    if (this.#timer) return;
    const rest = Math.max(0, this.#last + EVERY_MS - performance.now());
    this.#timer = setTimeout(() => this.#send(), rest);
  }

  async #send() {
    this.#timer = 0;
    this.#last = performance.now();
    if (!this.#mayMirror()) this.#waiting.delete("mirror");
    const signals = [...this.#waiting.values()].map((signal) => ({ ...signal, session: this.session }));
    this.#waiting.clear();
    // a lost signal is not repeated: the next one says all of it again
    if (signals.length) await ask("/c/api/signals", { signals }).catch((problem) => problem.moved && this.#onMoved());
  }
}

/** What the agent is told of the page: a person can see it, or not. */
export function pageState() {
  return document.visibilityState === "visible" ? "open" : "hidden";
}
