import { ask } from "./api.js";
import { newId } from "./ids.js";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15000;

/**
 * Events on their way to the hub. Kept in this tab until acknowledged, sent in order, again with the same id.
 *
 * `onChange(event, state, problem)`: state is `pending`, `sent` or `refused` (sending again as it is will not help).
 * `onTrouble(problem)`: null when sending works, else why it waits. Every event names its session: what was written here
 * must not land in another consultation that this browser has opened since.
 */
export class Outbox {
  #kept;
  #waiting;
  #sending = false;
  #retry = 0;
  #timer = 0;
  #closed = false;

  constructor(kept, { session, clock, onChange, onTrouble }) {
    this.#kept = kept;
    this.session = session;
    this.#waiting = kept.read("outbox", []);
    this.clock = clock;
    this.onChange = onChange;
    this.onTrouble = onTrouble;
  }

  get waiting() {
    return this.#waiting;
  }

  /** Send an event; returns it at once, pending. */
  put(type, body) {
    const event = { id: newId(), at: this.clock().toISOString(), type, body };
    this.#waiting.push(event);
    this.#keep();
    this.onChange(event, "pending");
    this.flush();
    return event;
  }

  /** Forget an event that was refused, or send it once more. */
  again(event) {
    this.#waiting.push(event);
    this.#keep();
    this.onChange(event, "pending");
    this.flush();
  }

  /** Try now: the connection is back, or somebody asked. */
  flush() {
    clearTimeout(this.#timer);
    if (!this.#sending && !this.#closed) this.#drain();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #drain() {
    this.#sending = true;
    try {
      while (this.#waiting.length && !this.#closed) {
        if (!(await this.#sendFirst())) break;
      }
    } finally {
      this.#sending = false;
    }
  }

  /** Send the oldest event; false where sending has to wait. One a request: a refused one harms no other. */
  async #sendFirst() {
    const event = this.#waiting[0];
    try {
      const { stored } = await ask("/c/api/events", { events: [{ ...event, session: this.session }] });
      this.#done(event, "sent", stored[0]);
      this.#retry = 0;
      this.onTrouble(null);
    } catch (problem) {
      if (problem.passing === undefined) throw problem;
      if (problem.passing || problem.moved || problem.status === 401) return this.#wait(problem);
      this.#done(event, "refused", problem);
    }
    return true;
  }

  #done(event, state, answer) {
    this.#waiting = this.#waiting.filter((other) => other.id !== event.id);
    this.#keep();
    this.onChange(event, state, answer);
  }

  #wait(problem) {
    this.onTrouble(problem);
    const usual = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#retry);
    this.#retry += 1;
    this.#timer = setTimeout(() => this.flush(), Math.max(usual, problem.retryAfter * 1000));
    return false;
  }

  #keep() {
    if (this.#waiting.length) this.#kept.write("outbox", this.#waiting);
    else this.#kept.forget("outbox");
  }
}
