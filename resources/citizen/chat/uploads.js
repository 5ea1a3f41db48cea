import { h, setText, show } from "../js/dom.js";
import { newId } from "../js/ids.js";
import { send } from "./sending.js";

const RETRY_MS = [2000, 4000, 8000, 15000];
const REFUSED = { 409: "upload.many", 413: "upload.large", 422: "upload.refused" };
const PARTED = [401, 403, 410];

/**
 * Files on their way: progress, cancel, again when the network is back. Each becomes a message when the hub has it. The
 * names of those that are not there yet are kept: a closed window loses the file, but not silently.
 */
export class Uploads {
  #room;
  #largest;
  #going = new Set();
  element = h("div", { class: "uploads", hidden: true });

  constructor(room, largest) {
    this.#room = room;
    this.#largest = largest;
    for (const name of room.kept.read("uploads", [])) this.#finished(this.#taken({ name }), "upload.lost");
  }

  /** True while a file is not at the hub: leaving now would lose it. */
  get busy() {
    return this.#going.size > 0;
  }

  add(files) {
    for (const file of files) this.#begin(this.#taken(file));
    this.#room.changed();
  }

  /** The network is back. */
  goOn() {
    for (const upload of this.#going) if (!upload.request) this.#send(upload);
  }

  update() {
    show(this.element, this.element.childElementCount > 0);
  }

  #begin(upload) {
    const { row, file } = upload;
    this.#going.add(upload);
    this.#keep();
    row.retry.addEventListener("click", () => this.#send(upload));
    if (file.size > this.#largest) this.#finished(upload, "upload.large");
    else this.#send(upload);
  }

  #send(upload) {
    const { row } = upload;
    clearTimeout(upload.timer);
    this.#say(upload, "uploading");
    show(row.bar, true);
    this.#hide(row.retry);
    upload.request = send(upload, {
      progress: (share) => {
        row.bar.value = share;
      },
      done: (kept) => this.#done(upload, kept),
      failed: (status) => this.#failed(upload, status),
    });
  }

  #done(upload, kept) {
    this.#room.write("", [kept]);
    this.#room.say.aloud(this.#room.texts.say("upload.done", { name: upload.file.name }));
    this.#drop(upload);
  }

  #failed(upload, status) {
    upload.request = null;
    if (REFUSED[status]) this.#finished(upload, REFUSED[status]);
    else if (PARTED.includes(status)) this.#finished(upload, "upload.failed");
    else this.#wait(upload);
  }

  #wait(upload) {
    this.#say(upload, "upload.waiting");
    show(upload.row.bar, false);
    show(upload.row.retry, true);
    upload.timer = setTimeout(() => this.#send(upload), RETRY_MS[Math.min(upload.tries, RETRY_MS.length - 1)]);
    upload.tries += 1;
  }

  /** Nothing more will come of it: why, until it was read. */
  #finished(upload, key) {
    const { row } = upload;
    this.#say(upload, key);
    row.words.classList.add("error");
    show(row.bar, false);
    this.#hide(row.retry);
    setText(row.cancel, this.#room.texts.say("upload.dismiss"));
    row.cancel.removeAttribute("aria-label");
    this.#going.delete(upload);
    this.#keep();
  }

  #drop(upload) {
    clearTimeout(upload.timer);
    upload.request?.cancel();
    this.#hide(upload.row.element);
    upload.row.element.remove();
    this.#going.delete(upload);
    this.#keep();
    this.update();
  }

  #say({ row, file }, key) {
    setText(row.words, this.#room.texts.say(key, { name: file.name, most: Math.round(this.#largest / 1_000_000) }));
  }

  #keep() {
    const names = [...this.#going].map(({ file }) => file.name);
    if (names.length) this.#room.kept.write("uploads", names);
    else this.#room.kept.forget("uploads");
  }

  /** Hidden; what had the keyboard gives it to the field. */
  #hide(element) {
    if (element.contains(document.activeElement)) document.querySelector("#message")?.focus();
    show(element, false);
  }

  #taken(file) {
    const upload = { id: newId(), file, tries: 0, row: this.#row(file) };
    upload.row.cancel.addEventListener("click", () => this.#drop(upload));
    return upload;
  }

  #row({ name }) {
    const { texts } = this.#room;
    const words = h("p", { role: "status" });
    const bar = h("progress", { max: "1", value: "0", "aria-label": name, hidden: true });
    const retry = h("button", { type: "button", hidden: true }, texts.say("upload.retry"));
    const cancel = h("button", { type: "button", "aria-label": `${texts.say("upload.cancel")}: ${name}` }, texts.say("upload.cancel"));
    const element = h("div", { class: "upload" }, words, bar, h("div", { class: "row" }, retry, cancel));
    this.element.append(element);
    return { element, words, bar, retry, cancel };
  }
}
