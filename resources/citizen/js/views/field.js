import { h, setText } from "../dom.js";

export const MAX_ANSWER = 2000;
const COUNT_FROM = 1600; // say how many characters are left only when it begins to matter
const AUTOFILL = { name: "name", address: "street-address", text: "off" }; // WCAG 1.3.5

/** One field: label, whether it is needed, hint and error tied to it; autofill by its purpose. */
export function fieldRow(ctx, push, item, value) {
  const { texts } = ctx;
  const id = `${push}-${item.id}`;
  const input = h(item.kind === "name" ? "input" : "textarea", {
    id,
    name: item.id,
    "data-item": item.id,
    autocomplete: AUTOFILL[item.kind],
    rows: { name: null, address: 2, text: 4 }[item.kind],
    type: item.kind === "name" ? "text" : null,
    "aria-required": item.required ? "true" : null,
    "aria-describedby": `${id}-hint ${id}-error ${id}-count`,
  });
  input.value = value;
  const note = h("span", { class: "guide-note", lang: texts.language, hidden: true }, texts.say("screen.guided"));
  const error = h("p", { class: "error", id: `${id}-error`, lang: texts.language });
  const count = h("p", { class: "hint", id: `${id}-count`, lang: texts.language });
  const need = texts.say(item.required ? "form.required" : "form.optional");
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id }, item.label, " ", h("span", { class: "need", lang: texts.language }, `(${need})`)),
    h("p", { class: "hint", id: `${id}-hint` }, item.hint, item.hint ? " " : "", note),
    error,
    input,
    count,
  );
  const tellCount = () => {
    const length = input.value.trim().length;
    setText(count, length >= COUNT_FROM ? texts.say("form.limit", { max: MAX_ANSWER, count: length }) : "");
  };
  input.addEventListener("input", tellCount);
  tellCount();
  return {
    item,
    input,
    element,
    note,
    words: item.label,
    problem: () => problemOf(item, input.value.trim()),
    wording: (key) => texts.say(key, { label: item.label, max: MAX_ANSWER }),
    complain: (text) => complain(input, error, element, text),
  };
}

function problemOf({ required }, text) {
  if (required && !text) return "form.error.empty";
  return text.length > MAX_ANSWER ? "form.error.long" : "";
}

function complain(input, error, element, text) {
  setText(error, text);
  element.classList.toggle("wrong", Boolean(text));
  if (text) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
