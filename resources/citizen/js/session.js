/**
 * One consultation as the page knows it, read off its events: those of the hub and this page's own unsent ones.
 *
 * `pushes` — screens in the order pushed: `{push, screen, at, answers, answerState, withdrawn}`; `consents` — purpose →
 * `{given, state, at}`; `lines` — captions, messages and pushes, oldest first; `partials` — leg → running caption; `guide` —
 * what the agent points at; `held` — {reason, at} while on hold; `agentShown` — the agent's picture, not the card; `relay` —
 * {office, agreed} while an office is on the telephone; `call`, `closed` (a chat already when its citizen ended it). An own event's state is `pending`, `sent` or `refused`.
 */
export class Session {
  #events = new Map();
  #states = new Map();
  #problems = new Map();
  #closed = false;
  id = "";
  call = "none";
  threadEnded = false;
  held = null;
  agentShown = true;
  relay = null;
  guide = null;
  agentTyping = false;
  queue = null;
  readByCitizen = "";
  partials = new Map();

  constructor() {
    this.#derive();
  }

  get closed() {
    return this.#closed || this.threadEnded;
  }

  /** The whole state, first or again after a loss. */
  takeState(state) {
    this.id = state.session;
    this.call = state.call;
    this.#closed = state.closed;
    this.partials.clear();
    this.agentTyping = false;
    for (const event of state.events) this.#put(event, "sent");
    this.#derive();
    for (const signal of state.signals) this.takeSignal(signal);
  }

  takeEvent(event) {
    this.#put(event, "sent");
    this.#derive();
  }

  /** An event of this page, whose journey the outbox tells. */
  takeOwn(event, state, answer = null) {
    const seq = answer?.seq ?? null;
    this.#put(this.#events.get(event.id) ?? { ...event, seq, own: true }, state);
    this.#problems.set(event.id, state === "refused" ? answer : null);
    this.#derive();
  }

  /** An own event by its id, and giving one up that was refused. */
  own(id) {
    const { type, at, body } = this.#events.get(id);
    return { id, at, type, body };
  }

  drop(id) {
    this.#events.delete(id);
    this.#derive();
  }

  takeSession({ closed, call }) {
    this.#closed = closed;
    this.call = call;
    if (closed) this.partials.clear();
  }

  takeSignal({ kind, body }) {
    if (kind === "caption") this.#takePartial(body);
    if (kind === "queue") this.queue = body;
    if (kind === "guide") this.guide = body.focus ? body : null;
    if (kind === "typing" && body.party !== "citizen") this.agentTyping = body.on;
  }

  problemOf(id) {
    return this.#problems.get(id) ?? null;
  }

  /** The decision for a purpose as the hub has it: a pending "yes" is none yet, a pending "no" counts at once. */
  mayNow(purpose) {
    const decision = this.consents.get(purpose);
    return Boolean(decision?.given && decision.state === "sent");
  }

  pushed(push) {
    return this.pushes.find((candidate) => candidate.push === push) ?? null;
  }

  #put(event, state) {
    const known = this.#events.get(event.id);
    if (known?.seq && state !== "sent") return;
    this.#events.set(event.id, known && !event.seq ? known : event);
    this.#states.set(event.id, state);
  }

  #takePartial(body) {
    const said = this.lines.some((line) => line.utterance === body.utterance);
    if (said || (!body.stable && !body.provisional)) this.partials.delete(body.leg);
    else this.partials.set(body.leg, body);
  }

  #derive() {
    this.pushes = [];
    this.consents = new Map();
    this.lines = [];
    this.threadEnded = false;
    this.held = null;
    this.agentShown = true;
    this.relay = null;
    const order = (event) => event.seq ?? Number.MAX_SAFE_INTEGER;
    const events = [...this.#events.values()].sort((a, b) => order(a) - order(b));
    for (const event of events) READERS[event.type]?.(this, event, this.#states.get(event.id));
    for (const [leg, partial] of this.partials) {
      if (this.lines.some((line) => line.utterance === partial.utterance)) this.partials.delete(leg);
    }
  }
}

/** Something that happened, said in the page's own words (`key` of its texts). */
function note(session, id, at, key, values = {}) {
  session.lines.push({ id, at, kind: "note", key, values });
}

function upTo(lines, id) {
  return lines.slice(0, lines.findIndex((line) => line.id === id) + 1);
}

const READERS = {
  "screen.pushed": (session, { body, at }) => {
    session.lines.push({ id: body.push, at, kind: "push", title: body.screen.title });
    session.pushes.push({ ...body, at, answers: null, answerState: "", answerId: "", withdrawn: "", told: new Set() });
  },
  "screen.delivered": (session, { body }) => session.pushed(body.push)?.told.add("delivered"),
  "screen.opened": (session, { body }) => session.pushed(body.push)?.told.add("opened"),
  "screen.answered": (session, { id, body }, state) => {
    const pushed = session.pushed(body.push);
    if (pushed && pushed.answerState !== "sent") {
      Object.assign(pushed, { answers: body.answers, answerState: state, answerId: id });
    }
  },
  "screen.withdrawn": (session, { body }, state) => {
    const pushed = session.pushed(body.push);
    if (pushed && state !== "refused") pushed.withdrawn = body.party ?? "agent";
  },
  "consent.answered": (session, { body, at }, state) => {
    if (state !== "refused") session.consents.set(body.purpose, { given: body.given, state, at });
  },
  "message.sent": (session, { id, at, body }, state) =>
    session.lines.push({ id, at, kind: "message", state, party: body.party, text: body.text, language: body.language, attachments: body.attachments ?? [] }),
  "message.withdrawn": (session, { body }) => {
    const line = session.lines.find(({ id }) => id === body.message);
    if (line) line.withdrawn = true;
  },
  "message.read": (session, { body }) => {
    if (body.party === "citizen") session.readByCitizen = body.message;
    else for (const line of upTo(session.lines, body.message)) line.read = true;
  },
  "thread.ended": (session) => {
    session.threadEnded = true;
  },
  "call.held": (session, { body, at }) => {
    session.held = { reason: body.reason, at };
  },
  "call.resumed": (session) => {
    session.held = null;
  },
  "video.picture": (session, { body }) => {
    if (body.party !== "citizen") session.agentShown = body.on;
  },
  "video.interrupted": (session, { id, at }) => note(session, id, at, "interrupted"),
  "video.restored": (session, { id, at }) => note(session, id, at, "restored"),
  "relay.started": (session, { id, at, body }) => {
    session.relay = { office: body.office, agreed: false };
    note(session, id, at, body.voice === "colleague" ? "relay.started.colleague" : "relay.started", body);
  },
  "relay.agreed": (session, { id, at }) => {
    if (session.relay) session.relay.agreed = true;
    note(session, id, at, "relay.agreed", { office: session.relay?.office ?? "" });
  },
  "relay.ended": (session, { id, at, body }) => {
    session.relay = null;
    session.consents.delete("relay_voice"); // given for one office
    note(session, id, at, body.refused ? "relay.refused" : "relay.ended");
  },
  "caption.said": (session, { id, at, body }) =>
    session.lines.push({ ...body, id, at, kind: "caption", corrected: false, erased: false }),
  "caption.corrected": (session, { body }) => {
    const line = session.lines.find((candidate) => candidate.id === body.caption);
    if (line) Object.assign(line, { text: body.text, corrected: true });
  },
  "log.emptied": (session, { id, at, body }) => {
    const kind = { "caption.said": "caption", "message.sent": "message" }[body.was];
    if (kind) session.lines.push({ id, at, kind, party: "agent", text: "", state: "sent", erased: true });
  },
  "log.erased": (session, { body }) => {
    for (const line of session.lines) if (body.events.includes(line.id)) Object.assign(line, { text: "", erased: true });
  },
};
