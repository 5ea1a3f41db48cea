import { h, setText, show } from "../js/dom.js";
import { newId } from "../js/ids.js";

/** Files on their way: progress, cancel, try again. Each becomes a message when the hub has it. */
export class Uploads {
  #room;
  #largest;
  element = h("div", { class: "uploads" });

  constructor(room, largest) {
    this.#room = room;
    this.#largest = largest;
  }

  add(files) {
    for (const file of files) this.#begin({ id: newId(), file });
  }

  update() {
    show(this.element, this.element.childElementCount > 0);
  }

  #begin(upload) {
    const { texts } = this.#room;
    const { name, size } = upload.file;
    const words = h("p", { role: "status" });
    const bar = h("progress", { max: "100", value: "0", "aria-label": name });
    const retry = h("button", { type: "button", hidden: true }, texts.say("upload.retry"));
    const cancel = h("button", { type: "button" }, texts.say("upload.cancel"));
    const row = h("div", { class: "upload" }, words, bar, h("div", { class: "row" }, retry, cancel));
    this.element.append(row);
    const gone = () => {
      row.remove();
      this.update();
    };
    cancel.addEventListener("click", () => {
      upload.request?.abort();
      gone();
    });
    const say = (key, percent = 0) => setText(words, texts.say(key, { name, percent }));
    const go = () => {
      show(retry, false);
      show(bar, true);
      say("uploading");
      this.#send(upload, {
        progress: (percent) => {
          bar.value = percent;
          say("uploading", percent);
        },
        done: (kept) => {
          this.#room.write("", [kept]);
          this.#room.say.aloud(texts.say("upload.done", { name }));
          gone();
        },
        failed: (status) => {
          show(bar, false);
          const refused = status === 413 ? "upload.large" : status === 422 ? "upload.refused" : "";
          say(refused || "upload.failed");
          show(retry, !refused);
        },
      });
    };
    retry.addEventListener("click", go);
    this.update();
    if (size > this.#largest) {
      show(bar, false);
      say("upload.large");
    } else go();
  }

  /** The same id again is the same file: a lost answer costs nothing. */
  #send(upload, { progress, done, failed }) {
    const request = new XMLHttpRequest();
    upload.request = request;
    request.open("POST", `/c/api/attachments?id=${upload.id}&name=${encodeURIComponent(upload.file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => progress(total ? Math.round((100 * loaded) / total) : 0));
    request.addEventListener("load", () => (request.status === 201 ? done(JSON.parse(request.responseText)) : failed(request.status)));
    request.addEventListener("error", () => failed(0));
    request.send(upload.file);
  }
}
