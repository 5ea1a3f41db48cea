import { h, setText } from "../../js/dom.js";
import { openCamera, recordable, Recording, stopCamera } from "./recorder.js";

const COUNT = 3; // seconds until it begins: time to take the hands from the keys
const SAY_AT = [60, 30, 10]; // seconds left that are said aloud

/** From what it is about to a recording: explain, preview, 3-2-1, record. `shelf` keeps each second of it, `onDone` gets {blob, seconds, type}. */
export class Record {
  #page;
  #shelf;
  #onDone;
  #stream = null;
  #sound = false;

  constructor(page, shelf, onDone) {
    this.#page = page;
    this.#shelf = shelf;
    this.#onDone = onDone;
  }

  explain() {
    const page = this.#page;
    stopCamera(this.#stream);
    if (!recordable()) {
      page.show("no-camera", page.say("no.camera"), page.p("no.recorder"), page.write());
      return;
    }
    const sound = h("input", { type: "checkbox", id: "sound" });
    sound.checked = this.#sound;
    sound.addEventListener("change", () => (this.#sound = sound.checked));
    const { seconds, days } = page.limits;
    page.show(
      "intro", page.say("heading"), page.p("lead"),
      h("ul", {},
        h("li", {}, page.say("how.review")), h("li", {}, page.say("how.long", { length: page.length(seconds) })),
        h("li", {}, page.say("how.who")), h("li", {}, page.say("how.kept", { days }))),
      h("div", { class: "choice" }, sound, h("label", { for: "sound" }, page.say("sound"))),
      page.button("camera", () => this.preview(), true),
      page.write(),
    );
  }

  async preview() {
    const page = this.#page;
    page.tell(page.say("opening"));
    try {
      stopCamera(this.#stream);
      this.#stream = await openCamera(this.#sound);
    } catch {
      page.show("no-camera", page.say("no.camera"), page.p("no.camera.lead"),
        page.buttons(page.button("again", () => this.preview(), true)), page.write());
      return;
    }
    page.show("preview", page.say("preview"), page.p("preview.lead"), this.#own(),
      page.buttons(page.button("start", () => this.#countDown(), true), page.button("back", () => this.explain())));
  }

  #own() {
    const film = h("video", { class: "film self", autoplay: true, playsinline: true, "aria-label": this.#page.say("preview.film") });
    film.muted = true;
    film.srcObject = this.#stream;
    return film;
  }

  async #countDown() {
    const page = this.#page;
    const clock = h("p", { class: "clock", role: "timer" });
    let going = true;
    const back = () => {
      going = false;
      this.explain();
    };
    page.show("counting", page.say("counting"), clock, this.#own(), page.buttons(page.button("back", back)));
    for (let left = COUNT; left > 0; left -= 1) {
      setText(clock, String(left));
      page.tell(String(left));
      await new Promise((done) => setTimeout(done, 1000));
      if (!going) return;
    }
    await this.#record();
  }

  async #record() {
    const page = this.#page;
    const { seconds, bytes } = page.limits;
    const clock = h("p", { class: "clock", role: "timer", "data-recording": true }, page.say("left", { length: page.length(seconds) }));
    const onTick = (left) => {
      setText(clock, page.say("left", { length: page.length(left) }));
      if (SAY_AT.includes(left)) page.tell(clock.textContent);
    };
    this.#shelf.dropParts(); // of one that failed
    const onPart = (part) => this.#shelf.keepPart(part);
    const recording = new Recording(this.#stream, seconds, bytes, { onTick, onPart });
    const stop = page.button("stop", () => recording.stop(), true);
    page.show("recording", page.say("recording"), clock, this.#own(), page.p("recording.lead"), page.buttons(stop));
    page.tell(page.say("recording"));
    const space = (event) => {
      if (event.code !== "Space") return;
      event.preventDefault();
      recording.stop();
    };
    addEventListener("keydown", space);
    try {
      const made = await recording.done;
      this.#onDone(made);
    } catch {
      page.show("no-camera", page.say("no.camera"), page.p("no.camera.lead"),
        page.buttons(page.button("again", () => this.preview(), true)), page.write());
    } finally {
      removeEventListener("keydown", space);
      stopCamera(this.#stream);
    }
  }
}
