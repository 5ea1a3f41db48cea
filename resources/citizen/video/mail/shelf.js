/**
 * The recording that is not sent yet, and what opens the one that was: kept in this browser alone (IndexedDB), in memory
 * where the browser allows none. One entry: {id, key, stage: "review" | "sending" | "sent", blob, type, seconds, wish}.
 * While it is recorded its parts stand beside it, each {data, seconds, type}: a page that is closed loses no more than the last.
 */
const NAME = "ieum-videomail";
const STORE = "mail";
const PARTS = () => IDBKeyRange.bound(["part", 0], ["part", Infinity]);

function opened() {
  return new Promise((done, failed) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
}

async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction(STORE, mode);
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(request.result);
      transaction.onabort = transaction.onerror = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

export class Shelf {
  #memory = null;
  #count = 0;
  #last = Promise.resolve();

  /** Keep the next part of what is being recorded. */
  keepPart(part) {
    const number = (this.#count += 1);
    return this.#afterwards(() => within("readwrite", (store) => store.put({ ...part, number }, ["part", number])));
  }

  /** The parts of a recording that came to no end, in their order; none where its beginning is gone: another tab took it. */
  async parts() {
    const parts = (await this.#afterwards(() => within("readonly", (store) => store.getAll(PARTS())))) ?? [];
    return parts[0]?.number === 1 ? parts : [];
  }

  dropParts() {
    this.#count = 0;
    return this.#afterwards(() => within("readwrite", (store) => store.delete(PARTS())));
  }

  /** One after the other, so that nothing is kept after it was dropped; without storage nothing is. */
  #afterwards(act) {
    this.#last = this.#last.then(act).catch(() => undefined);
    return this.#last;
  }

  async read() {
    try {
      return (await within("readonly", (store) => store.get("mail"))) ?? this.#memory;
    } catch {
      return this.#memory;
    }
  }

  /** True where it outlives the page; without storage, or room in it, memory holds it for as long as the page is open. */
  async write(entry) {
    this.#memory = entry;
    try {
      await within("readwrite", (store) => store.put(entry, "mail"));
      return true;
    } catch {
      return false;
    }
  }

  async forget() {
    this.#memory = null;
    this.dropParts();
    try {
      await within("readwrite", (store) => store.delete("mail"));
    } catch {
      // nothing was stored
    }
  }
}
