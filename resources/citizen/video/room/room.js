import { ask } from "../../js/api.js";
import { focusOn, h, show } from "../../js/dom.js";
import { Kept, forgetOthers } from "../../js/kept.js";
import { Link } from "../../js/link.js";
import { Outbox } from "../../js/outbox.js";
import { Prefs } from "../../js/prefs.js";
import { Say } from "../../js/say.js";
import { Session } from "../../js/session.js";
import { Signals, pageState } from "../../js/signals.js";
import { Screens, loadScreens } from "../../chat/screens.js";
import { Connection } from "./connection.js";
import { controlsView } from "./controls.js";
import { headerView } from "./header.js";
import { Media } from "./media.js";
import { overView } from "./over.js";
import { relayQuestionView } from "./questions.js";
import { ReadAloud } from "./read_aloud.js";
import { RealTimeText } from "./rtt.js";
import { stageView } from "./stage.js";
import { talkView } from "./talk.js";
import { loadTexts } from "./texts.js";
import { waitingView } from "./waiting.js";

const { centre, chosen, kind, keepDays, consent } = document.documentElement.dataset;
const wish = new Kept("media", () => localStorage); // a room that is opened again asks no more than the first time
const chosenNow = new URLSearchParams(location.search).get("media");
if (chosenNow) wish.write("wished", chosenNow);
const textOnly = (chosenNow ?? wish.read("wished")) === "none";

/** One conversation by video, by voice, or by text alone: from the queue to the goodbye. */
class Room {
  centre = centre;
  kind = textOnly ? "text" : kind;
  prefs = new Prefs();
  session = new Session();
  say = new Say();
  connected = true;
  started = false;
  asking = false;
  #offset = 0;
  #parted = false;
  #wasOver = false;
  #readUpTo = "";

  constructor(texts, screenTexts) {
    this.texts = texts;
    this.media = new Media(() => this.#mediaChanged());
    this.screens = new Screens(this, screenTexts, Number(keepDays));
    this.signals = new Signals(() => false, () => this.#part());
    this.reading = new ReadAloud(this.say, this.prefs);
    this.rtt = new RealTimeText((line) => this.signals.liveText(line), () => this.#theyType());
    this.connection = new Connection(this.media, this.kind, {
      tell: (offer) => this.#tellOffer(offer),
      onChannel: (channel) => {
        channel.addEventListener("open", () => this.signals.forgetLiveText());
        this.rtt.use(channel);
      },
      onStream: (stream) => this.stage.use(stream),
      onState: () => this.#mediaChanged(),
      still: () => !this.session.agentShown || Boolean(this.session.held),
    });
  }

  start() {
    this.link = new Link({
      state: (state) => this.#takeState(state),
      event: (event) => this.#hear(() => this.#takeEvent(event)),
      signal: (signal) => this.#hear(() => this.#takeSignal(signal)),
      session: (facts) => this.#hear(() => this.session.takeSession(facts)),
      connected: () => this.#hear(() => this.#back()),
      lost: () => this.#hear(() => (this.connected = false)),
      refused: () => this.#part(),
    });
    this.link.open();
  }

  get over() {
    return this.session.closed || this.session.call === "ended";
  }

  /** A counselor has taken it. */
  get answered() {
    return !this.over && (this.session.queue?.taken || ["active", "held"].includes(this.session.call));
  }

  // ── what a citizen can do ─────────────────────────────────────────────────────────────────────

  finishLine(text) {
    this.rtt.finish(text);
    if (text) this.outbox.put("message.sent", { party: "citizen", text, language: chosen });
  }

  sendAgain(id) {
    this.outbox.again(this.session.own(id));
  }

  async askForMedia() {
    if (this.kind === "text") return;
    this.asking = true;
    this.changed();
    await this.media.ask({ camera: this.kind === "sign", microphone: this.kind === "call" });
    this.asking = false;
    await this.connection.follow();
    this.#mediaChanged();
  }

  async showCamera(on) {
    await this.media.showCamera(on);
    await this.connection.follow();
    this.say.aloud(this.texts.say(this.media.camera === "on" ? "camera.is.on" : "camera.is.off"));
  }

  async turnCamera() {
    await this.media.turn();
    await this.connection.follow();
  }

  async openMicrophone(on) {
    await this.media.openMicrophone(on);
    await this.connection.follow();
    this.say.aloud(this.texts.say(this.media.microphone === "on" ? "microphone.is.on" : "microphone.is.off"));
  }

  /** Throws `Problem` where the hub was not told; that it has ended is then told by the hub. */
  async end() {
    this.#keepUnfinished();
    await ask("/c/api/end", {});
  }

  // ── what the hub says ─────────────────────────────────────────────────────────────────────────

  #takeState(state) {
    if (this.session.id && state.session !== this.session.id) {
      this.#part();
      return;
    }
    this.#offset = Date.parse(state.time) - Date.now();
    const first = !this.session.id;
    this.session.takeState(state);
    if (first) this.#settle();
    if (first) this.#resume(state.signals);
    else for (const signal of state.signals) this.#takeSignal(signal);
    this.changed();
    this.started = true;
    if (first && !this.over) this.askForMedia();
  }

  /** What the desk said to the page that was here before a reload is not said again, and its wish still stands. */
  #resume(signals) {
    for (const signal of signals) if (!signal.kind.startsWith("video_")) this.#takeSignal(signal);
    const past = signals.filter(({ kind: what }) => what.startsWith("video_")).map(({ body }) => body.generation);
    if (past.length && !this.over) this.connection.resume(Math.max(this.kept.read("generation", 0), ...past));
  }

  #settle() {
    this.kept = new Kept(this.session.id, () => localStorage); // a closed tab is opened again: nothing may be lost
    forgetOthers(this.session.id);
    this.signals.session = this.session.id;
    this.outbox = new Outbox(this.kept, {
      session: this.session.id,
      clock: () => new Date(Date.now() + this.#offset),
      onChange: (event, state, answer) => this.#hear(() => this.#takeOwn(event, state, answer)),
      onTrouble: (problem) => (problem?.moved || problem?.status === 401) && this.#part(),
    });
    for (const event of this.outbox.waiting) this.session.takeOwn(event, "pending");
    this.#build();
    this.#listenToWindow();
    this.outbox.flush();
  }

  #takeOwn(event, state, answer) {
    this.session.takeOwn(event, state, answer);
    this.screens.takeOwn(event, state, answer);
  }

  #takeEvent(event) {
    this.session.takeEvent(event);
    const { type, body } = event;
    if (type === "message.sent" && body.party !== "citizen") {
      this.rtt.arrived(body.text);
      this.reading.message(body.text, this.texts.say("arrived", { text: body.text }), body.language || null);
    }
    const note = this.session.lines.at(-1);
    if (note?.id === event.id && note.kind === "note") this.say.aloud(this.texts.say(note.key, note.values));
    if (type === "video.picture") this.say.aloud(this.texts.say(body.on ? "picture.on" : "picture.off"));
  }

  #takeSignal(signal) {
    this.session.takeSignal(signal);
    const { kind: what, body } = signal;
    if (what === "video_wish") this.connection.wished(body.generation);
    if (what === "video_answer") this.connection.answered(body);
    if (what === "live_text") this.rtt.takeAround(body.text);
  }

  #theyType() {
    this.reading.line(this.rtt.theirs.line);
    this.changed();
  }

  #tellOffer(offer) {
    this.kept.write("generation", offer.generation);
    const signal = { key: "video_offer", kind: "video_offer", body: offer, session: this.session.id };
    ask("/c/api/signals", { signals: [signal] }).catch((problem) => problem.moved && this.#part());
  }

  #mediaChanged() {
    const { generation, state } = this.connection;
    const link = this.kind === "text" && state === "new" ? "none" : state;
    const { camera, microphone } = this.media;
    if (this.session.id && !this.over) this.signals.media({ generation, link, camera, microphone });
    this.changed();
  }

  #hear(take) {
    take();
    this.changed();
  }

  #back() {
    if (!this.connected) this.say.aloud(this.texts.say("back"));
    this.connected = true;
    this.signals.page(pageState());
    this.#mediaChanged();
    this.outbox.flush();
  }

  #listenToWindow() {
    document.addEventListener("visibilitychange", () => {
      if (this.#parted) return;
      this.signals.page(pageState());
      if (pageState() === "open" && !this.connected) this.link.open();
      this.changed();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && !this.#parted && this.link.open());
    addEventListener("pagehide", () => this.connection.close());
  }

  /** What stood in the field was seen as it was typed: it is kept as a message. */
  #keepUnfinished() {
    const text = this.talk.composer.field.value.trim();
    if (text) this.talk.composer.finish(text);
  }

  /** Elsewhere, or over: what was written stays in this browser and is shown when the session is opened again. */
  #part() {
    if (this.#parted) return;
    this.#parted = true;
    this.#stop();
    if (this.over) return; // it can still be read
    const heading = h("h1", {}, this.texts.say("moved"));
    const again = h("a", { class: "button", href: kind === "call" ? "/c/call" : "/c/sign" }, this.texts.say("reopen"));
    document.body.replaceChildren(h("main", { class: "alone" }, heading, again));
    focusOn(heading);
  }

  #stop() {
    this.link.close();
    this.outbox?.close();
    this.signals.close();
    this.connection.close();
    this.media.close();
  }

  // ── the page ──────────────────────────────────────────────────────────────────────────────────

  #build() {
    const header = headerView(this);
    const waiting = waitingView(this);
    this.stage = stageView(this);
    const controls = controlsView(this, this.stage);
    const questions = relayQuestionView(this);
    this.talk = talkView(this);
    const over = overView(this);
    const seen = h("div", { class: "seen" }, waiting.element, this.stage.element, controls.element);
    const title = h("h2", { class: "heard" }, this.texts.say("talk"));
    const said = h("div", { class: "said-side" }, title, questions.element, over.element, this.talk.element);
    const main = h("main", { id: "main" }, seen, said);
    const room = h("div", { class: "room video-room", "data-kind": this.kind }, header.element, main);
    this.parts = [header, waiting, this.stage, controls, questions, this.talk, over];
    this.room = room;
    this.seen = seen;
    document.body.replaceChildren(room, this.say.element);
  }

  changed() {
    if (this.#parted || !this.parts) return;
    for (const part of this.parts) part.update();
    show(this.stage.element, this.answered && this.kind !== "text");
    show(this.seen, !this.over);
    document.body.dataset.state = this.#stateName();
    this.#tellRead();
    if (this.over && !this.#wasOver) this.#goodbye();
    if (this.over && !this.outbox.waiting.length) this.kept.clear();
  }

  #stateName() {
    if (this.over) return "over";
    if (!this.answered) return "waiting";
    if (this.session.held) return "held";
    return this.connection.state;
  }

  #goodbye() {
    this.#wasOver = true;
    wish.forget("wished");
    this.connection.close();
    this.media.close();
    this.outbox.flush();
  }

  /** The counselor may know what was seen, once a person can have seen it. */
  #tellRead() {
    const theirs = this.session.lines.filter(({ kind: line, party }) => line === "message" && party !== "citizen");
    const last = theirs.at(-1);
    if (!last || last.id === this.#readUpTo || pageState() !== "open" || this.over) return;
    this.#readUpTo = last.id;
    if (this.session.readByCitizen !== last.id) this.outbox.put("message.read", { message: last.id, party: "citizen" });
  }
}

const room = new Room(await loadTexts(document.documentElement.lang), await loadScreens(chosen, consent));
room.start();
