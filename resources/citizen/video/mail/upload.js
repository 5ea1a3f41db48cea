/**
 * Sending in pieces that can be taken up again: the hub says how much it has, the page goes on there. A dead network is waited
 * for; the same piece twice is one.
 */
const API = "/c/api/videomail";
const SMALLEST = 16_384; // bytes: a second on a poor line; it grows from there
const LARGEST = 1_000_000; // what the hub takes at once
const QUICK_MS = 2000; // a piece that took less is followed by a larger one
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 20_000;

/** The hub said no, for good: `status` and its `code`. */
export class SendingRefused extends Error {
  constructor(status, code, field = "") {
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

export class Upload {
  #entry;
  #tell;
  #stopped = new AbortController();
  #size = SMALLEST;

  /** `tell` hears {sent, whole, trouble: "" | "away" | "busy"}. */
  constructor(entry, tell) {
    this.#entry = entry;
    this.#tell = tell;
  }

  stop() {
    this.#stopped.abort();
  }

  /** All of it, then the finish; the message's state at the hub. Rejects with SendingRefused, or AbortError after `stop`. */
  async send() {
    const { id, key, type, blob, seconds, wish } = this.#entry;
    let offset = await this.#begin(id, key, type);
    while (offset < blob.size) {
      this.#say(offset);
      offset = await this.#piece(offset);
    }
    this.#say(offset);
    const body = JSON.stringify({ bytes: blob.size, seconds, ...wish });
    const answer = await this.#ask(`/${id}/finish`, "POST", body, { "content-type": "application/json" });
    if (answer.ok) return answer.json();
    throw await refusal(answer);
  }

  async #begin(id, key, type) {
    const body = JSON.stringify({ id, key, media_type: type });
    const answer = await this.#ask("", "POST", body, { "content-type": "application/json" });
    if (answer.status === 409) return this.#entry.blob.size; // it was sent, only its answer was lost
    if (!answer.ok) throw await refusal(answer);
    return Number(answer.headers.get("upload-offset"));
  }

  async #piece(offset) {
    const data = this.#entry.blob.slice(offset, offset + this.#size);
    const headers = { "content-type": "application/offset+octet-stream", "upload-offset": String(offset) };
    const began = performance.now();
    const answer = await this.#ask(`/${this.#entry.id}`, "PATCH", data, headers);
    this.#size = performance.now() - began < QUICK_MS ? Math.min(LARGEST, this.#size * 2) : SMALLEST;
    const there = Number(answer.headers.get("upload-offset"));
    if (answer.ok || (answer.status === 409 && there)) return there;
    const refused = await refusal(answer);
    if (refused.code === "already-sent") return this.#entry.blob.size;
    throw refused;
  }

  async #ask(path, method, body, headers) {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      this.#stopped.signal.throwIfAborted();
      const answer = await fetch(API + path, {
        method, body, headers: { "upload-key": this.#entry.key, ...headers }, signal: this.#stopped.signal,
      }).catch((error) => {
        if (error.name === "AbortError") throw error;
        return null;
      });
      if (answer && answer.status < 500 && answer.status !== 429) return answer;
      this.#say(null, answer ? "busy" : "away");
      await this.#pause(answer?.headers.has("retry-after") ? Number(answer.headers.get("retry-after")) * 1000 : wait);
    }
  }

  /** Until the time is over, or the network says that it is back. */
  #pause(ms) {
    return new Promise((done) => {
      const go = () => {
        clearTimeout(timer);
        removeEventListener("online", go);
        done();
      };
      const timer = setTimeout(go, ms);
      addEventListener("online", go);
      this.#stopped.signal.addEventListener("abort", go, { once: true });
    });
  }

  #say(sent, trouble = "") {
    if (sent !== null) this.sent = sent;
    this.#tell({ sent: this.sent ?? 0, whole: this.#entry.blob.size, trouble });
  }
}

async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  return new SendingRefused(answer.status, problem.code ?? "", problem.field ?? "");
}

/** How a message stands: the hub's state, null where there is none (any more). Throws where the hub cannot be asked. */
export async function stateOf({ id, key }) {
  const answer = await fetch(`${API}/${id}`, { headers: { "upload-key": key } });
  if (answer.status === 404 || answer.status === 422) return null;
  if (!answer.ok) throw await refusal(answer);
  return answer.json();
}

/** Take a message back, sent or not. */
export async function discard({ id, key }) {
  const answer = await fetch(`${API}/${id}`, { method: "DELETE", headers: { "upload-key": key } });
  if (!answer.ok && answer.status !== 404) throw await refusal(answer);
}

/** A cookie for the room in which the counselor waits. */
export async function enterRoom({ id, key }) {
  const answer = await fetch(`${API}/${id}/enter`, { method: "POST", headers: { "upload-key": key } });
  if (!answer.ok) throw await refusal(answer);
}
