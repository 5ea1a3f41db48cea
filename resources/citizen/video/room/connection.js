import { ask } from "../../js/api.js";

const GATHER_MS = 3000; // candidates that are later are not needed
const AGAIN_MS = 5000; // without an answer the same offer is told again
const LOST_MS = 3000; // of "disconnected" before a new connection is made
const BACK_OFF_MS = [500, 1000, 2000, 4000, 8000];
const STATS_MS = 1000;
const GOOD_FPS = 24;
const WEAK_FPS = 15;
const SURE = 3; // looks that agree, before one bad second is said aloud

/**
 * The way to the desk: one RTCPeerConnection a generation, made when the desk wishes for it and anew when the network
 * changes or dies. The old one stays until the new one stands.
 *
 * `tell(offer)` posts the offer; `onChannel(channel)` gets each text channel, `onStream(stream)` the desk's picture and
 * sound, `onState()` every change of `state` (new | connecting | connected | interrupted | failed), `quality` and `refused`.
 */
export class Connection {
  state = "new";
  generation = 0;
  quality = "none";
  refused = "";
  #media;
  #kind;
  #wishes;
  #now = null;
  #next = null;
  #timers = new Set();
  #tries = 0;
  #closed = false;
  #network = navigator.connection?.type;
  #seen = new Map(); // pictures by direction, at the last look
  #likely = "none";
  #looks = 0;
  #stats = 0;

  constructor(media, kind, wishes) {
    this.#media = media;
    this.#kind = kind;
    this.#wishes = wishes;
    addEventListener("online", this.#online);
    navigator.connection?.addEventListener?.("change", this.#moved);
    this.#stats = setInterval(() => this.#measure(), STATS_MS);
  }

  #online = () => {
    if (this.state !== "new" && !this.#closed) this.renew();
  };

  /** Told at every new estimate of speed too: only from one kind of network to another is a reason. */
  #moved = () => {
    const { type } = navigator.connection;
    const before = this.#network;
    this.#network = type;
    if (type !== before && type !== "none") this.#online();
  };

  /** A page that was loaded again goes on above the generations of the page before it. */
  resume(generation) {
    this.generation = Math.max(this.generation, generation);
    this.renew();
  }

  /** The desk wishes for an offer newer than `generation`. */
  wished(generation) {
    if (this.#closed || this.generation > generation) return;
    this.generation = generation;
    this.renew();
  }

  /** A new connection beside the one that is there. */
  async renew() {
    if (this.#closed) return;
    this.#next?.pc?.close(); // it has none while the servers are still asked for
    this.#forgetTimers();
    this.generation += 1;
    if (this.state === "new" || this.state === "failed") this.#set("connecting");
    const made = (this.#next = { pc: null, generation: this.generation, offer: "" });
    try {
      const { servers } = await ask("/c/api/ice");
      if (made !== this.#next) return;
      made.pc = this.#build(made, servers);
      await made.pc.setLocalDescription(await made.pc.createOffer());
      await gathered(made.pc);
      if (made !== this.#next) return;
      made.offer = withLanguages(made.pc.localDescription.sdp, this.#kind);
      this.#tell(made);
    } catch (problem) {
      if (made === this.#next) this.#later();
      if (problem.passing === undefined && !(problem instanceof DOMException)) throw problem;
    }
  }

  /** The desk's answer to a generation. */
  async answered({ generation, sdp, refused }) {
    const made = this.#next;
    if (!made || made.generation !== generation || made.answered) return;
    this.#forgetTimers();
    if (refused) {
      this.refused = refused;
      this.#set("failed");
      if (refused !== "no_codec") this.#later();
      return;
    }
    made.answered = true;
    this.refused = "";
    try {
      await made.pc.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.#later();
    }
  }

  /** Camera or microphone changed: what is sent follows, without a new connection. */
  async follow() {
    for (const made of [this.#now, this.#next]) {
      await made?.video?.sender.replaceTrack(this.#media.video);
      await made?.audio?.sender.replaceTrack(this.#media.audio);
    }
  }

  close() {
    this.#closed = true;
    this.#forgetTimers();
    clearInterval(this.#stats);
    removeEventListener("online", this.#online);
    navigator.connection?.removeEventListener?.("change", this.#moved);
    this.#now?.pc?.close();
    this.#next?.pc?.close();
  }

  // ── one connection ────────────────────────────────────────────────────────────────────────────

  #build(made, servers) {
    const iceServers = servers.map(({ urls, username, credential }) => ({ urls, ...(username && { username, credential }) }));
    const pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    const sound = this.#kind !== "text";
    const picture = this.#kind === "sign";
    if (sound) made.audio = pc.addTransceiver(this.#media.audio ?? "audio", { direction: "sendrecv" });
    if (picture) {
      made.video = pc.addTransceiver(this.#media.video ?? "video", { direction: "sendrecv" });
      preferVp8(made.video);
    }
    this.#wishes.onChannel(pc.createDataChannel("", { protocol: "t140", ordered: true }));
    const stream = new MediaStream();
    pc.addEventListener("track", ({ track }) => stream.addTrack(track));
    pc.addEventListener("connectionstatechange", () => this.#changed(made, stream));
    return pc;
  }

  #changed(made, stream) {
    const state = made.pc.connectionState;
    if (made === this.#next && state === "connected") {
      this.#now?.pc.close();
      this.#now = made;
      this.#next = null;
      this.#tries = 0;
      this.#seen.clear();
      this.#forgetTimers();
      keepFrames(made.video?.sender);
      this.#wishes.onStream(stream);
      this.#set("connected");
    } else if (made === this.#now && state === "connected") {
      this.#forgetTimers();
      this.#set("connected");
    } else if (made === this.#now && state === "disconnected") {
      this.#set("interrupted");
      this.#in(LOST_MS, () => this.renew());
    } else if ((made === this.#now || made === this.#next) && state === "failed") {
      if (made === this.#now) this.#set("interrupted");
      this.#later();
    }
  }

  #tell(made) {
    if (made !== this.#next || made.answered) return;
    this.#wishes.tell({ generation: made.generation, sdp: made.offer });
    this.#in(AGAIN_MS, () => this.#tell(made));
    if (!made.patience) made.patience = this.#in(4 * AGAIN_MS, () => this.renew());
  }

  #later() {
    const wait = BACK_OFF_MS[Math.min(this.#tries, BACK_OFF_MS.length - 1)];
    this.#tries += 1;
    this.#in(wait, () => this.renew());
  }

  #in(ms, act) {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#closed) act();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  #forgetTimers() {
    this.#timers.forEach(clearTimeout);
    this.#timers.clear();
  }

  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.#wishes.onState();
  }

  /** Pictures of the last second in the direction that is worse, in words: good, weak, bad. */
  async #measure() {
    if (this.state !== "connected" || this.#kind !== "sign" || !this.#now) return;
    const report = await this.#now.pc.getStats().catch(() => new Map());
    const pictures = [...report.values()].filter(({ kind }) => kind === "video");
    const theirs = this.#rate("theirs", pictures.find(({ type }) => type === "inbound-rtp")?.framesDecoded);
    const ours = this.#rate("ours", this.#media.video ? pictures.find(({ type }) => type === "outbound-rtp")?.framesEncoded : 0);
    const fps = Math.min(this.#wishes.still() ? Infinity : theirs, ours); // a card is ten pictures a second on purpose
    const quality = fps === Infinity ? "none" : fps >= GOOD_FPS ? "good" : fps >= WEAK_FPS ? "weak" : "bad";
    this.#looks = quality === this.#likely ? this.#looks + 1 : 1;
    this.#likely = quality;
    if (quality === this.quality || this.#looks < SURE) return;
    this.quality = quality;
    this.#wishes.onState();
  }

  /** Pictures a second since the last look; Infinity where there were none to count from. */
  #rate(direction, count = 0) {
    const [before, then] = this.#seen.get(direction) ?? [0, 0];
    const now = performance.now();
    this.#seen.set(direction, [count, now]);
    return before && count ? ((count - before) * 1000) / (now - then) : Infinity;
  }
}

/** VP8 first, H.264 next; others only where there is nothing else, so that the desk can say so. */
function preferVp8(transceiver) {
  const all = RTCRtpReceiver.getCapabilities?.("video")?.codecs ?? [];
  const rank = ({ mimeType }) => ["video/vp8", "video/h264", "video/rtx"].indexOf(mimeType.toLowerCase());
  const known = all.filter((codec) => rank(codec) >= 0).sort((a, b) => rank(a) - rank(b));
  if (known.some((codec) => rank(codec) < 2)) transceiver.setCodecPreferences?.(known);
}

/** When the way is narrow the picture gets smaller, never slower. */
function keepFrames(sender) {
  if (!sender?.getParameters) return;
  const parameters = sender.getParameters();
  parameters.degradationPreference = "maintain-framerate";
  sender.setParameters(parameters).catch(() => {});
}

function gathered(pc) {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(done, GATHER_MS);
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      done();
    });
  });
}

/** The languages of this end, for every medium (RFC 8373): signed in pictures, spoken and written in sound and text. */
function withLanguages(sdp, kind) {
  const spoken = document.documentElement.dataset.chosen.split("-")[0];
  const lines = [];
  let tags = "";
  for (const line of sdp.trimEnd().split("\r\n")) {
    if (line.startsWith("m=")) {
      if (tags) lines.push(...tags);
      const signed = kind === "sign" && line.startsWith("m=video");
      tags = signed ? ["a=hlang-send:kvk", "a=hlang-recv:kvk"] : [`a=hlang-send:${spoken}`, `a=hlang-recv:${spoken}`];
    }
    lines.push(line);
  }
  return [...lines, ...(tags || []), ""].join("\r\n");
}
