import { h } from "../js/dom.js";
import { MAX_MESSAGE, sendByKeyAndButton, tellLength, typingTeller } from "../js/writing.js";

const PICTURES = "image/jpeg,image/png,image/gif,image/webp"; // named, so that a phone turns its own kinds into these
const DOCUMENTS = ".pdf,.hwp,.hwpx,.docx,.xlsx,.pptx,.txt";

/** The field and the files. Enter sends, never half a syllable. */
export function composerView(room) {
  const { texts } = room;
  const field = h("textarea", { id: "message", rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "hint problem" });
  const problem = h("p", { id: "problem", class: "error", role: "status" });
  const element = h(
    "form",
    { class: "composer", novalidate: true },
    room.uploads.element,
    h("label", { for: "message" }, texts.say("label")),
    problem,
    h("div", { class: "line" }, field, h("button", { type: "submit", class: "primary" }, texts.say("send"))),
    h("div", { class: "row" }, ...fileButtons(room), h("p", { id: "hint", class: "hint keys" }, texts.say("hint"))),
  );
  field.value = room.kept.read("draft", "");
  const typing = typingTeller(room.signals);
  const check = () => tellLength(field, problem, (over) => texts.say("too_long", { max: MAX_MESSAGE, over }));
  const send = () => {
    const text = field.value.trim();
    if (!text || check()) return;
    room.write(text);
    field.value = "";
    room.kept.forget("draft");
    typing(false);
    field.focus();
  };
  field.addEventListener("input", () => {
    room.kept.write("draft", field.value);
    typing(Boolean(field.value.trim()));
    check();
  });
  sendByKeyAndButton(element, field, send);
  takeDropped(room, element);
  const update = () => {
    element.hidden = room.session.closed;
    room.uploads.update();
  };
  return { element, update };
}

/** Chosen, or photographed where there is a camera at hand. */
function fileButtons(room) {
  const { texts } = room;
  const chosen = fileInput(room, { id: "file", accept: `${PICTURES},${DOCUMENTS}`, multiple: true });
  const taken = fileInput(room, { id: "photo", accept: PICTURES, capture: "environment" });
  const button = (key, name, input) => h("button", { type: "button", class: name, on: { click: () => input.click() } }, texts.say(key));
  return [button("attach", "", chosen), button("camera", "camera", taken), chosen, taken];
}

function fileInput(room, attributes) {
  const input = h("input", { type: "file", hidden: true, ...attributes });
  input.addEventListener("change", () => {
    room.uploads.add([...input.files]);
    input.value = "";
  });
  return input;
}

/** Pasted or dropped. */
function takeDropped(room, element) {
  element.addEventListener("paste", (paste) => {
    if (!paste.clipboardData?.files.length) return;
    paste.preventDefault(); // or the picture's name would be pasted as text
    room.uploads.add([...paste.clipboardData.files]);
  });
  addEventListener("dragover", (drag) => drag.preventDefault());
  addEventListener("drop", (drop) => {
    drop.preventDefault();
    if (drop.dataTransfer?.files.length && !room.session.closed) room.uploads.add([...drop.dataTransfer.files]);
  });
}
