import { h, setText } from "../js/dom.js";
import { saveLink } from "./save.js";

const MAX_MESSAGE = 2000;
const TYPING_MS = 4000;

/** The field, the files, saving and ending. Enter sends, never half a syllable. */
export function composerView(room) {
  const { texts } = room;
  const field = h("textarea", { id: "message", rows: "2", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "hint problem" });
  const problem = h("p", { id: "problem", class: "error", role: "alert" });
  const file = h("input", { type: "file", id: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true" });
  const choose = h("button", { type: "button", on: { click: () => file.click() } }, texts.say("attach"));
  const element = h(
    "form",
    { class: "composer", novalidate: true },
    room.uploads.element,
    h("label", { for: "message" }, texts.say("label")),
    h("p", { id: "hint", class: "hint" }, texts.say("hint")),
    problem,
    field,
    h("div", { class: "row" }, choose, h("span", { class: "grow" }), h("button", { type: "submit", class: "primary" }, texts.say("send"))),
    h(
      "details",
      {},
      h("summary", {}, texts.say("more")),
      h("div", { class: "row" }, saveLink(texts, "txt"), saveLink(texts, "html"), endButton(room)),
    ),
    file,
  );
  field.value = room.kept.read("draft", "");
  const typing = typingTeller(room);
  const send = () => {
    const text = field.value.trim();
    if (!text || tooLong(texts, field, problem)) return;
    room.write(text);
    field.value = "";
    room.kept.forget("draft");
    typing(false);
    field.focus();
  };
  field.addEventListener("input", () => {
    room.kept.write("draft", field.value);
    typing(Boolean(field.value.trim()));
    tooLong(texts, field, problem);
  });
  sendByKeyAndButton(element, field, send);
  takeFiles(room, element, file);
  return { element, update: () => room.uploads.update() };
}

function tooLong(texts, field, problem) {
  const over = field.value.trim().length - MAX_MESSAGE;
  setText(problem, over > 0 ? texts.say("too_long", { max: MAX_MESSAGE, over }) : "");
  field.setAttribute("aria-invalid", String(over > 0));
  return over > 0;
}

function sendByKeyAndButton(form, field, send) {
  let composing = false;
  let wanted = false;
  field.addEventListener("compositionstart", () => (composing = true));
  field.addEventListener("compositionend", () => {
    composing = false;
    if (wanted) queueMicrotask(send);
    wanted = false;
  });
  field.addEventListener("keydown", (key) => {
    if (key.key !== "Enter" || key.shiftKey || key.isComposing || composing || key.keyCode === 229) return;
    key.preventDefault();
    send();
  });
  form.addEventListener("submit", (submit) => {
    submit.preventDefault();
    if (composing) {
      wanted = true;
      field.blur(); // ends the composition; `compositionend` sends the whole word
    } else send();
  });
}

/** Chosen, pasted or dropped. */
function takeFiles(room, element, file) {
  file.addEventListener("change", () => {
    room.uploads.add([...file.files]);
    file.value = "";
  });
  element.addEventListener("paste", ({ clipboardData }) => clipboardData?.files.length && room.uploads.add([...clipboardData.files]));
  addEventListener("dragover", (drag) => drag.preventDefault());
  addEventListener("drop", (drop) => {
    drop.preventDefault();
    if (drop.dataTransfer?.files.length && !room.isOver) room.uploads.add([...drop.dataTransfer.files]);
  });
}

function endButton(room) {
  const { texts } = room;
  const yes = h("button", { type: "button", class: "primary" }, texts.say("end.yes"));
  const no = h("button", { type: "button" }, texts.say("end.no"));
  const dialog = h(
    "dialog",
    { "aria-labelledby": "end-title" },
    h("h2", { id: "end-title" }, texts.say("end.ask")),
    h("div", { class: "row" }, yes, no),
  );
  const open = h("button", { type: "button", class: "quiet", on: { click: () => dialog.showModal() } }, texts.say("end"));
  no.addEventListener("click", () => dialog.close());
  yes.addEventListener("click", () => {
    dialog.close();
    room.end();
  });
  return h("span", {}, open, dialog);
}

/** Tells the agent that the citizen is writing (never what), and after a pause that they stopped. */
function typingTeller(room) {
  let on = false;
  let timer = 0;
  const tell = (now) => {
    if (now !== on) room.signals.typing(now);
    on = now;
  };
  return (now) => {
    clearTimeout(timer);
    tell(now);
    if (now) timer = setTimeout(() => tell(false), TYPING_MS);
  };
}
