/** The citizen's own camera and microphone. Nothing of them leaves before a connection takes their tracks. */
const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30, min: 15 } };
/** No noise suppression: it swallows the beginnings of sentences, from which a third of the captions' errors came (a known
 * passage, letters wrong: 0.33 with it, 0.22 without; three runs with noise 10 dB below the voice favoured neither). */
const VOICE = { echoCancellation: true, noiseSuppression: false, autoGainControl: true };

export class Media {
  camera = "none"; // on | off | denied | none, as the desk is told
  microphone = "none";
  trouble = ""; // denied | missing | busy | insecure
  facing = "user";
  #video = null;
  #audio = null;
  #cameras = 0;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get video() {
    return this.camera === "on" ? this.#video : null;
  }

  get audio() {
    return this.#audio;
  }

  get severalCameras() {
    return this.#cameras > 1;
  }

  /** Ask for what is wanted; what is refused is said in `trouble`, and text goes on without. */
  async ask({ camera, microphone }) {
    this.trouble = "";
    if (!navigator.mediaDevices?.getUserMedia) {
      this.trouble = "insecure";
      this.#onChange();
      return;
    }
    if (camera) await this.#askCamera();
    if (microphone) await this.#askMicrophone();
    this.#cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput").length;
    this.#onChange();
  }

  /** Camera on, or off: it is let go of, so that its light goes out. */
  async showCamera(on) {
    if (!on) {
      this.#video?.stop();
      this.#video = null;
      this.camera = "off";
    } else await this.#askCamera();
    this.#onChange();
  }

  async openMicrophone(on) {
    if (on && !this.#audio) await this.#askMicrophone();
    if (this.#audio) {
      this.#audio.enabled = on;
      this.microphone = on ? "on" : "off";
    }
    this.#onChange();
  }

  /** To the other side of the phone. */
  async turn() {
    this.#flip();
    this.#video?.stop(); // a phone opens one camera at a time
    await this.#askCamera();
    if (!this.video) {
      const { trouble } = this;
      this.#flip();
      await this.#askCamera();
      this.trouble = trouble;
    }
    this.#onChange();
  }

  #flip() {
    this.facing = this.facing === "user" ? "environment" : "user";
  }

  close() {
    this.#video?.stop();
    this.#audio?.stop();
    this.#video = this.#audio = null;
    this.camera = this.microphone = "off";
  }

  async #askCamera() {
    const stream = await this.#get({ video: { ...WANTED, facingMode: this.facing } });
    if (!stream) {
      this.camera = this.trouble === "denied" ? "denied" : "none";
      return;
    }
    [this.#video] = stream.getVideoTracks();
    this.#video.contentHint = "motion"; // frame rate before sharpness: signing is movement
    this.#video.addEventListener("ended", () => this.#lost("camera"));
    this.camera = "on";
  }

  async #askMicrophone() {
    const stream = await this.#get({ audio: VOICE });
    if (!stream) {
      this.microphone = this.trouble === "denied" ? "denied" : "none";
      return;
    }
    [this.#audio] = stream.getAudioTracks();
    this.#audio.addEventListener("ended", () => this.#lost("microphone"));
    this.microphone = "on";
  }

  #lost(what) {
    if (what === "camera") this.#video = null;
    else this.#audio = null;
    this[what] = "none";
    this.trouble = "missing";
    this.#onChange();
  }

  async #get(wish) {
    try {
      return await navigator.mediaDevices.getUserMedia(wish);
    } catch ({ name }) {
      const known = { NotAllowedError: "denied", SecurityError: "denied", NotReadableError: "busy", AbortError: "busy" };
      this.trouble = known[name] ?? "missing";
      return null;
    }
  }
}
