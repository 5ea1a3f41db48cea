/** What this browser can record of what the hub takes, the first that fits; "" where it records nothing. */
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm;codecs=vp8", "video/webm", "video/mp4"];
const SIGNING_BITS = 2_500_000; // a second: 640×480 at 30 pictures, hands in motion
const LEAST_BITS = 400_000;
const SHARE = 0.85; // of the largest size that the hub takes: an encoder goes over its rate for a while

export function recordable() {
  if (typeof MediaRecorder === "undefined" || !navigator.mediaDevices) return "";
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
}

/** The camera in the size in which signing reads well, and the microphone where it is wanted and there. */
export async function openCamera(sound) {
  const video = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: "user" };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: sound });
  } catch (error) {
    if (!sound) throw error;
    return navigator.mediaDevices.getUserMedia({ video });
  }
}

export function stopCamera(stream) {
  stream?.getTracks().forEach((track) => track.stop());
}

/**
 * One recording, at most `seconds` long and about `bytes` large. `onTick` hears the seconds left, `onPart` every second's
 * {data, seconds, type}; `done` gives {blob, seconds, type}.
 */
export class Recording {
  #recorder;
  #parts = [];
  #size = 0;
  #began = 0;
  #timer;
  #onPart;

  constructor(stream, seconds, bytes, { onTick, onPart }) {
    this.#onPart = onPart;
    const bits = Math.max(LEAST_BITS, Math.min(SIGNING_BITS, ((bytes * 8) / seconds) * SHARE));
    this.#recorder = new MediaRecorder(stream, { mimeType: recordable(), videoBitsPerSecond: bits });
    this.done = new Promise((done, failed) => {
      this.#recorder.ondataavailable = ({ data }) => this.#take(data, bytes);
      this.#recorder.onerror = ({ error }) => failed(error ?? new Error("recording"));
      this.#recorder.onstop = () => done(this.#whole());
    });
    stream.getVideoTracks()[0].addEventListener("ended", () => this.stop()); // unplugged: what there is can be sent
    this.#recorder.start(1000);
    this.#began = performance.now();
    this.#timer = setInterval(() => {
      const left = seconds - this.seconds;
      onTick(Math.max(0, Math.ceil(left)));
      if (left <= 0) this.stop();
    }, 250);
  }

  get seconds() {
    return (performance.now() - this.#began) / 1000;
  }

  stop() {
    clearInterval(this.#timer);
    if (this.#recorder.state !== "inactive") {
      this.length = this.seconds;
      this.#recorder.stop();
    }
  }

  #take(data, bytes) {
    this.#parts.push(data);
    if (data.size) this.#onPart({ data, seconds: this.seconds, type: this.#type });
    this.#size += data.size;
    if (this.#size > bytes * SHARE) this.stop();
  }

  get #type() {
    return this.#recorder.mimeType || recordable();
  }

  #whole() {
    const type = this.#type;
    return { blob: new Blob(this.#parts, { type }), seconds: Math.max(0.1, this.length ?? this.seconds), type };
  }
}
