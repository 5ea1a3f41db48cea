import { h, setText, show } from "../../js/dom.js";
import { newId } from "../../js/ids.js";
import { Prefs } from "../../js/prefs.js";
import { Page } from "./page.js";
import { Record } from "./record.js";
import { Shelf } from "./shelf.js";
import { Standing } from "./standing.js";
import { discard, SendingRefused, Upload } from "./upload.js";

const LEAST_DIGITS = 9;

new Prefs(); // the text size that this citizen chose before
const page = await Page.load();
const shelf = new Shelf();
const record = new Record(page, shelf, recorded);
const standing = new Standing(page, shelf, () => record.explain());
let address = null; // of the recording that is shown

await begin();

/** Where the page was left, or what its address opens. */
async function begin() {
  const linked = standing.linked();
  const kept = await shelf.read();
  if (linked && linked.id !== kept?.id) await standing.look(linked);
  else if (kept?.stage === "sending") await send(kept);
  else if (kept?.stage === "review") review(kept);
  else if (kept?.stage === "sent") await standing.look(kept);
  else if (!(await rescued())) record.explain();
}

/** True where a page was closed while it recorded: what it had is shown. */
async function rescued() {
  const parts = await shelf.parts();
  if (!parts.length) return false;
  const { seconds, type } = parts.at(-1);
  await recorded({ blob: new Blob(parts.map(({ data }) => data), { type }), seconds, type, cut: true });
  return true;
}

async function recorded(made) {
  const key = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const entry = { id: newId(), key, stage: "review", ...made };
  if (await shelf.write(entry)) await shelf.dropParts();
  review(entry);
}

function film(entry) {
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(entry.blob);
  const shown = h("video", { class: "film", controls: true, playsinline: true, src: address, "aria-label": page.say("review.film") });
  // a recorder writes no length: only a browser that has been to the end can move within it
  const measured = () => {
    if (shown.duration !== Infinity) return;
    shown.addEventListener("seeked", () => (shown.currentTime = 0), { once: true });
    shown.currentTime = 1e6;
  };
  shown.addEventListener("loadedmetadata", measured, { once: true });
  shown.muted = !/opus|mp4a/.test(entry.type);
  return shown;
}

function review(entry, wrong = "") {
  const choice = (value, key, checked) => {
    const radio = h("input", { type: "radio", name: "reply", value, id: `reply-${value}`, checked });
    return h("div", { class: "choice" }, radio, h("label", { for: radio.id }, page.say(key)));
  };
  const before = entry.wish ?? { number: "", name: "" };
  const number = h("input", { type: "tel", id: "number", autocomplete: "tel", maxlength: 30, value: before.number, "aria-describedby": "number-wrong" });
  const name = h("input", { type: "text", id: "name", maxlength: 50, autocomplete: "nickname", value: before.name });
  const error = h("p", { class: "error", id: "number-wrong", role: "alert" }, wrong);
  const field = h("div", { class: "field" }, h("label", { for: "number" }, page.say("number")), number, error);
  show(field, Boolean(before.number || wrong));
  const replies = h("fieldset", {}, h("legend", {}, page.say("reply")),
    choice("here", "reply.here", !before.number), choice("number", "reply.number", Boolean(before.number)));
  replies.addEventListener("change", () => show(field, byNumber()));
  const byNumber = () => replies.querySelector("input:checked").value === "number";
  const submit = (event) => {
    event.preventDefault();
    if (byNumber() && number.value.replace(/\D/g, "").length < LEAST_DIGITS) {
      setText(error, page.say("number.wrong"));
      number.setAttribute("aria-invalid", "true");
      number.focus();
      return;
    }
    const wish = { number: byNumber() ? number.value : "", name: name.value, language: page.language };
    send({ ...entry, stage: "sending", wish });
  };
  page.show("review", page.say("review"),
    entry.cut ? page.p("review.cut") : null,
    page.p("review.lead", { length: page.length(entry.seconds) }), film(entry),
    page.buttons(page.button("redo", async () => (await drop(entry), record.preview())),
      page.button("delete", async () => (await drop(entry), record.explain()))),
    page.p("how.who"), page.p("how.kept", { days: page.limits.days }),
    h("form", { on: { submit }, novalidate: true }, replies, field,
      h("div", { class: "field" }, h("label", { for: "name" }, page.say("name")), name),
      h("button", { type: "submit", class: "primary wide" }, page.say("send"))));
  if (wrong) number.focus();
}

async function drop(entry) {
  await shelf.forget();
  URL.revokeObjectURL(address);
  if (entry.stage === "sending") await discard(entry).catch(() => undefined); // what is left there goes by itself in a day
}

async function send(entry) {
  await shelf.write(entry);
  const words = h("p", { class: "clock" }, page.say("sending.part", { percent: 0 }));
  const trouble = h("p", { class: "line", role: "status", hidden: true });
  const bar = h("div");
  let said = 0;
  const upload = new Upload(entry, ({ sent, whole, trouble: why }) => {
    const percent = Math.floor((sent / whole) * 100);
    setText(words, page.say("sending.part", { percent }));
    bar.style.width = `${percent}%`;
    show(trouble, why);
    if (why) setText(trouble, page.say(`sending.${why}`));
    if (percent >= said + 25) page.tell(words.textContent);
    if (percent >= said + 25) said = percent;
  });
  const cancel = async () => {
    upload.stop();
    await drop(entry);
    record.explain();
  };
  page.show("sending", page.say("sending"), words, h("div", { class: "bar", "aria-hidden": "true" }, bar), trouble,
    page.p("sending.keep"), page.buttons(page.button("cancel", cancel)));
  try {
    await sent(entry, await upload.send());
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof SendingRefused)) throw error;
    await refused(entry, error);
  }
}

async function sent(entry, state) {
  const { id, key } = entry;
  await shelf.write({ id, key, stage: "sent" });
  URL.revokeObjectURL(address);
  standing.done({ id, key }, state, entry.wish.number);
}

async function refused(entry, error) {
  if (error.field === "number") {
    review({ ...entry, stage: "review" }, page.say("number.wrong"));
    return;
  }
  page.show("failed", page.say("failed"), page.p("failed.lead"),
    page.buttons(page.button("again", () => send(entry), true),
      page.button("redo", async () => (await drop(entry), record.preview()))),
    page.write());
}
