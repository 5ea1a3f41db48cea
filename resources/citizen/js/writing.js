import { setText } from "./dom.js";

export const MAX_MESSAGE = 2000;
const TYPING_MS = 4000;

/**
 * Enter sends, but never while a syllable is being composed (229 is Safari's word for it); the button waits for the
 * composition's end, or the input method would write the last syllable into the emptied field.
 */
export function sendByKeyAndButton(form, field, send) {
  let composing = false;
  let wanted = false;
  field.addEventListener("compositionstart", () => {
    composing = true;
  });
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
    if (!composing) {
      send();
      return;
    }
    wanted = true;
    field.blur(); // ends the composition; `compositionend` sends the whole word
  });
}

/** Says in `problem` where the text is too long, by `words(over)`; true then. */
export function tellLength(field, problem, words) {
  const over = field.value.trim().length - MAX_MESSAGE;
  setText(problem, over > 0 ? words(over) : "");
  field.toggleAttribute("aria-invalid", false);
  if (over > 0) field.setAttribute("aria-invalid", "true");
  return over > 0;
}

/** Tells the agent that the citizen is writing (never what), and after a pause that they stopped. */
export function typingTeller(signals) {
  let on = false;
  let timer = 0;
  const tell = (now) => {
    if (now !== on) signals.typing(now);
    on = now;
  };
  return (now) => {
    clearTimeout(timer);
    tell(now);
    if (now) timer = setTimeout(() => tell(false), TYPING_MS);
  };
}
