/** Real-time text (ITU-T T.140) as `client/domain/t140.py` has it: whole characters, erasures, lines. */
export const ERASE = "\b";
export const NEW_LINE = "\u2028";
export const MAX_LINE = 8000;
const MARK = "\ufeff";
const segmenter = new Intl.Segmenter("ko", { granularity: "grapheme" });

/** The text in whole characters as a reader sees them: a syllable, an emoji with its skin tone. */
export function characters(text) {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** What turns a line `before` into `after` at the other end: erasures from the end, then the new text. */
export function difference(before, after) {
  const [old, now] = [characters(before), characters(after)];
  let same = 0;
  while (same < Math.min(old.length, now.length) && old[same] === now[same]) same += 1;
  return ERASE.repeat(old.length - same) + now.slice(same).join("");
}

/** What the other party types: `line` is unfinished, `finished` are the lines before it that were not taken yet. */
export class TextLines {
  line = "";
  finished = [];
  #returned = false;

  take(text) {
    for (const sign of text) {
      const returned = this.#returned;
      this.#returned = sign === "\r";
      if (sign === "\n" && returned) continue;
      if (sign === NEW_LINE || sign === "\r" || sign === "\n") this.#finish();
      else if (sign === ERASE) this.line = characters(this.line).slice(0, -1).join("");
      else if ((sign >= " " || sign === "\t") && sign !== MARK && sign !== "\x7f" && this.line.length < MAX_LINE) this.line += sign;
    }
  }

  /** A new channel: the other side repeats its unfinished line. */
  restart() {
    this.line = "";
    this.#returned = false;
  }

  #finish() {
    if (this.line.trim()) this.finished.push(this.line);
    this.line = "";
  }
}
