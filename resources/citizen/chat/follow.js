const NEAR_PX = 80;

/**
 * Keeps the newest in sight while a reader is at the end, and leaves alone whoever reads further up or fills in a form;
 * and keeps what has the keyboard from hiding under the header or the field (WCAG 2.4.11).
 */
export class Follow {
  #atEnd = true;
  #height = 0;
  #window = 0;

  constructor(room, header, footer) {
    addEventListener("scroll", () => this.#scrolled(), { passive: true });
    const { style } = document.documentElement;
    new ResizeObserver(() => {
      style.scrollPaddingTop = `${reach(header) + 8}px`;
      style.scrollPaddingBottom = `${reach(footer) + 8}px`;
      this.keep();
    }).observe(footer);
    new ResizeObserver(() => this.keep()).observe(room);
  }

  /** To the end whatever was being read: the citizen has just written. */
  now() {
    this.#atEnd = true;
  }

  /** A reader moved, unless the page changed under them since it was last looked at: that is no wish of theirs. */
  #scrolled() {
    const { scrollHeight } = document.documentElement;
    if (scrollHeight === this.#height && innerHeight === this.#window) this.#atEnd = isAtEnd();
  }

  keep() {
    const { scrollHeight } = document.documentElement;
    const writing = document.activeElement?.closest(".screen");
    if (this.#atEnd && !writing) scrollTo({ top: scrollHeight, behavior: "instant" });
    this.#height = scrollHeight;
    this.#window = innerHeight;
  }
}

function isAtEnd() {
  return innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR_PX;
}

/** What a part that stays in place covers. */
function reach(part) {
  return getComputedStyle(part).position === "sticky" ? part.offsetHeight : 0;
}
