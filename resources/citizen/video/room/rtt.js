import { difference, NEW_LINE, TextLines } from "./t140.js";

const MOST_EARLY = 20;
const COALESCE_MS = 30; // one keystroke may be two events; EN 301 549, 6.2.4 gives it 500 ms

/**
 * Real-time text in both directions. `channel` (an RTCDataChannel with protocol t140, or null) carries it; without an
 * open one the whole line goes round by the hub (`around(line)`).
 *
 * Every finished line is a message as well, which is what lasts; the live copy of theirs goes when its message is there.
 */
export class RealTimeText {
  theirs = new TextLines();
  #line = "";
  #sent = "";
  #channel = null;
  #timer = 0;
  #around;
  #onTheirs;
  #early = [];

  constructor(around, onTheirs) {
    this.#around = around;
    this.#onTheirs = onTheirs;
  }

  get open() {
    return this.#channel?.readyState === "open";
  }

  /** A new connection's channel takes the old one's place once it is open; what stands in the line is said again there. */
  use(channel) {
    channel.addEventListener("open", () => {
      this.#channel = channel;
      this.#sent = "";
      this.theirs.restart();
      this.#send();
    });
    channel.addEventListener("message", ({ data }) => {
      if (channel !== this.#channel || typeof data !== "string") return;
      this.theirs.take(data);
      this.theirs.finished = this.theirs.finished.filter((line) => !this.#wasEarly(line));
      this.#onTheirs();
    });
    channel.addEventListener("close", () => channel === this.#channel && this.#line && this.#around(this.#line));
  }

  /** The line as it stands now, a syllable that is being composed included. */
  type(line) {
    this.#line = line;
    if (!this.#timer) this.#timer = setTimeout(() => this.#send(), COALESCE_MS);
  }

  /** The line is finished. */
  finish(line) {
    this.#line = line;
    this.#send();
    if (this.open && line) this.#channel.send(NEW_LINE);
    this.#line = this.#sent = "";
    if (!this.open) this.#around("");
  }

  /** Their line came by the hub. */
  takeAround(text) {
    if (this.open) return;
    this.theirs.line = text;
    this.#onTheirs();
  }

  /** A message of theirs is in the log: its live line is not shown twice. A number in it may have become stars. */
  arrived(text) {
    const at = this.theirs.finished.findIndex((line) => same(line, text));
    if (at >= 0) this.theirs.finished.splice(at, 1);
    else if (!this.open && same(this.theirs.line, text)) this.theirs.restart();
    else {
      this.#early.push(text); // its live copy is still on its way, by another road
      if (this.#early.length > MOST_EARLY) this.#early.shift();
    }
    this.#onTheirs();
  }

  #wasEarly(line) {
    const at = this.#early.findIndex((text) => same(line, text));
    if (at >= 0) this.#early.splice(at, 1);
    return at >= 0;
  }

  #send() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (!this.open) {
      this.#around(this.#line);
      return;
    }
    const text = difference(this.#sent, this.#line);
    if (text) this.#channel.send(text);
    this.#sent = this.#line;
  }
}

function same(line, text) {
  const [a, b] = [[...line.trim()], [...text.trim()]];
  return a.length === b.length && a.every((sign, at) => sign === b[at] || b[at] === "*");
}

/**
 * A field whose every change is seen at once. Composition is told as it stands: `input` comes for each step of it on
 * desktops and Android (where a whole word may be replaced), and iOS erases and inserts instead of composing.
 */
export function watchField(field, rtt, finish) {
  const line = () => field.value.replace(/\n/g, " ");
  field.addEventListener("input", (input) => {
    const entered = input.inputType === "insertLineBreak" || (!input.isComposing && field.value.includes("\n"));
    if (entered) finish(line().trim());
    else rtt.type(line());
  });
  field.addEventListener("compositionend", () => rtt.type(line()));
}
