/** Forget what chats that are over have left in this browser: all but `session`. */
export function forgetOthers(session = "") {
  try {
    Object.keys(localStorage)
      .filter((key) => /^ieum:[0-9a-f-]{36}:/.test(key) && !key.startsWith(`ieum:${session}:`))
      .forEach((key) => localStorage.removeItem(key));
  } catch {
    // nothing is stored
  }
}

/**
 * What this tab keeps over a reload: unsent events, drafts. In memory where the browser allows no storage.
 * Everything of a session stands under its id and is forgotten with it.
 */
export class Kept {
  #prefix;
  #storage;
  #memory = new Map();

  /** `storage` gives where it is kept: this tab's own, unless a closed tab shall find it again. */
  constructor(session, storage = () => sessionStorage) {
    this.#storage = storage;
    this.#prefix = `ieum:${session}:`;
  }

  read(name, fallback = null) {
    const key = this.#prefix + name;
    try {
      return JSON.parse(this.#storage().getItem(key)) ?? this.#memory.get(key) ?? fallback;
    } catch {
      return this.#memory.get(key) ?? fallback;
    }
  }

  write(name, value) {
    const key = this.#prefix + name;
    this.#memory.set(key, value);
    try {
      this.#storage().setItem(key, JSON.stringify(value));
    } catch {
      // no storage here: the memory above holds it for as long as the page is open
    }
  }

  forget(name) {
    const key = this.#prefix + name;
    this.#memory.delete(key);
    try {
      this.#storage().removeItem(key);
    } catch {
      // nothing was stored
    }
  }

  /** Erase all that this tab holds of the session. */
  clear() {
    this.#memory.clear();
    try {
      Object.keys(this.#storage())
        .filter((key) => key.startsWith(this.#prefix))
        .forEach((key) => this.#storage().removeItem(key));
    } catch {
      // nothing was stored
    }
  }
}
