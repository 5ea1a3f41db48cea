import { h, setText, show } from "../js/dom.js";
import { saveLink } from "./save.js";

/** Taking the conversation along, and ending it: in a dialog, so that neither happens by a slip. */
export function menuView(room) {
  const { texts } = room;
  const ending = endView(room, () => element.close());
  const close = h("button", { type: "button", class: "quiet" }, texts.say("menu.close"));
  const element = h(
    "dialog",
    { class: "settings", "aria-labelledby": "menu-title" },
    h("div", { class: "head" }, h("h2", { id: "menu-title", tabindex: "-1" }, texts.say("menu")), close),
    h("h3", {}, texts.say("menu.save")),
    h("div", { class: "row" }, saveLink(texts, "txt"), saveLink(texts, "html")),
    ending.element,
  );
  const button = h("button", { type: "button", class: "tool", "aria-haspopup": "dialog" }, texts.say("menu"));
  button.addEventListener("click", () => {
    ending.reset();
    element.showModal();
  });
  close.addEventListener("click", () => element.close());
  const update = () => {
    show(button, !room.session.closed);
    if (room.session.closed && element.open) element.close();
  };
  return { element, button, update };
}

export function endView(room, done) {
  const { texts } = room;
  const problem = h("p", { class: "error", role: "status" });
  const yes = h("button", { type: "button", class: "primary" }, texts.say("end.yes"));
  const no = h("button", { type: "button", on: { click: done } }, texts.say("end.no"));
  const question = h(
    "div",
    { class: "ask", role: "group", "aria-labelledby": "end-title", hidden: true },
    h("h3", { id: "end-title", tabindex: "-1" }, texts.say("end.ask")),
    h("p", {}, texts.say("end.lead")),
    problem,
    h("div", { class: "pair" }, yes, no),
  );
  const open = h("button", { type: "button", class: "end" }, texts.say("end"));
  const reset = () => {
    show(open, true);
    show(question, false);
    setText(problem, "");
  };
  open.addEventListener("click", () => {
    show(open, false);
    show(question, true);
    question.querySelector("h3").focus();
  });
  yes.addEventListener("click", async () => {
    if (yes.getAttribute("aria-disabled")) return; // pressed twice
    yes.setAttribute("aria-disabled", "true");
    setText(problem, "");
    await room.end().then(done, () => setText(problem, texts.say("end.failed")));
    yes.removeAttribute("aria-disabled");
  });
  return { element: h("div", { class: "ending" }, open, question), reset };
}
