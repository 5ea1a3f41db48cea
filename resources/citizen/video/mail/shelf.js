/**
 * The recording that is not sent yet, and what opens the one that was: kept in this browser alone (IndexedDB), in memory
 * where the browser allows none. One entry: {id, key, stage: "review" | "sending" | "sent", blob, type, seconds, wish}.
 */
const NAME = "ieum-videomail";
const STORE = "mail";

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

  async read() {
    try {
      return (await within("readonly", (store) => store.get("mail"))) ?? this.#memory;
    } catch {
      return this.#memory;
    }
  }

  async write(entry) {
    this.#memory = entry;
    try {
      await within("readwrite", (store) => store.put(entry, "mail"));
    } catch {
      // no storage here: the memory above holds it for as long as the page is open
    }
  }

  async forget() {
    this.#memory = null;
    try {
      await within("readwrite", (store) => store.delete("mail"));
    } catch {
      // nothing was stored
    }
  }
}
