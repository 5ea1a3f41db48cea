import { h, setText, show } from "../dom.js";

/** A choice (exactly one) or a checklist (any number): native radios or boxes in rows that are easy to hit. */
export function optionsBody(ctx, { push, screen }) {
  const { texts } = ctx;
  const one = screen.kind === "choice";
  const kept = ctx.kept.read(`draft:${push}`, []);
  const rows = screen.items.map((item) => optionRow(ctx, push, item, one, kept.includes(item.id)));
  const problem = h("p", { class: "error", id: `problem-${push}`, lang: texts.language, tabindex: "-1" });
  const share = h("p", { class: "hint", lang: texts.language });
  const picked = () => rows.filter(({ input }) => input.checked).map(({ item }) => item.id);
  const send = () => {
    const ids = picked();
    if (one && !ids.length) {
      setText(problem, texts.say("screen.choose.missing"));
      rows[0].input.focus();
      return;
    }
    ctx.answer(push, one ? { choice: ids[0] } : { checked: ids });
  };
  const element = h(
    "form",
    { class: "options", novalidate: true },
    h(
      "fieldset",
      { "aria-describedby": problem.id },
      h("legend", { class: "heard" }, screen.title),
      problem,
      ...rows.map(({ element: row }) => row),
    ),
    share,
    h("button", { type: "submit", class: "primary wide" }, screen.button || texts.say(one ? "screen.choose" : "screen.prepared")),
  );
  element.addEventListener("submit", (submit) => {
    submit.preventDefault();
    send();
  });
  element.addEventListener("change", () => {
    setText(problem, "");
    ctx.kept.write(`draft:${push}`, picked());
  });
  let touched = "";
  element.addEventListener("focusin", ({ target }) => {
    touched = target.dataset.item ?? touched;
  });
  return {
    element,
    values: () => Object.fromEntries(picked().map((id) => [id, "on"])),
    focus: () => touched,
    writing: () => false,
    update: () => setText(share, texts.say(ctx.sharing() ? "screen.shared" : "screen.alone")),
    guide: (id) => guideRows(ctx, rows, id),
  };
}

function optionRow(ctx, push, item, one, checked) {
  const id = `${push}-${item.id}`;
  const note = h("span", { class: "guide-note", lang: ctx.texts.language, hidden: true }, ctx.texts.say("screen.guided"));
  const input = h("input", {
    type: one ? "radio" : "checkbox",
    id,
    name: push,
    "data-item": item.id,
    "aria-describedby": `${id}-hint`,
    checked,
  });
  const hint = h("span", { class: "hint", id: `${id}-hint` }, item.hint, item.hint ? " " : "", note);
  const element = h("div", { class: "option" }, input, h("label", { for: id }, h("span", {}, item.text)), hint);
  element.addEventListener("click", ({ target }) => target === element && input.click());
  return { item, input, element, note, words: item.text };
}

/** Mark what the agent points at, in words and shape; said once, never moving the keyboard. */
export function guideRows(ctx, rows, id) {
  for (const row of rows) {
    const on = row.item.id === id;
    if (on === !row.note.hidden) continue;
    show(row.note, on);
    row.element.classList.toggle("guided", on);
    if (!on) continue;
    ctx.say.aloud(ctx.texts.say("screen.guided.say", { text: row.words }));
    if (!row.element.closest("article").contains(document.activeElement)) row.element.scrollIntoView({ block: "nearest" });
  }
}
