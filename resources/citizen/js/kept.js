/**
 * What this tab keeps over a reload: unsent events, drafts. In memory where the browser allows no storage.
 * Everything of a session stands under its id and is forgotten with it.
 */
export class Kept {
  #prefix;
  #memory = new Map();

  constructor(session) {
    this.#prefix = `ieum:${session}:`;
  }

  read(name, fallback = null) {
    const key = this.#prefix + name;
    try {
      return JSON.parse(sessionStorage.getItem(key)) ?? this.#memory.get(key) ?? fallback;
    } catch {
      return this.#memory.get(key) ?? fallback;
    }
  }

  write(name, value) {
    const key = this.#prefix + name;
    this.#memory.set(key, value);
    try {
      sessionStorage.setItem(key, JSON.stringify(value));
    } catch {
      // no storage here: the memory above holds it for as long as the page is open
    }
  }

  forget(name) {
    const key = this.#prefix + name;
    this.#memory.delete(key);
    try {
      sessionStorage.removeItem(key);
    } catch {
      // nothing was stored
    }
  }

  /** Erase all that this tab holds of the session. */
  clear() {
    this.#memory.clear();
    try {
      Object.keys(sessionStorage)
        .filter((key) => key.startsWith(this.#prefix))
        .forEach((key) => sessionStorage.removeItem(key));
    } catch {
      // nothing was stored
    }
  }
}
