import { h, show } from "../dom.js";

/**
 * Everything as plain text for a braille display: lines are only added at the end, once final; what stands is never
 * touched again and the focus is never moved, so the reader's place holds. A correction is a line of its own. A question
 * of consent stands below, where it moves no line, and a line tells of it.
 */
export function plainView(ctx, questions) {
  const { texts } = ctx;
  const log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-labelledby": "plain-title", tabindex: "0" });
  const heading = h("h2", { id: "plain-title", tabindex: "-1" }, texts.say("plain.title"));
  const back = h("button", { type: "button", on: { click: () => ctx.setMode("screens") } }, texts.say("plain.back"));
  const element = h(
    "section",
    { class: "plain", "aria-labelledby": "plain-title", hidden: true },
    heading,
    h("p", { class: "second" }, texts.say("plain.lead")),
    back,
    log,
    questions,
  );
  const written = new Set();
  const write = (key, who, text, language) => {
    if (written.has(key) || !text) return;
    written.add(key);
    log.append(h("p", {}, h("b", {}, `${who}: `), h("span", { lang: language || null }, text)));
  };
  const update = () => {
    show(element, ctx.ui.mode === "plain");
    for (const line of ctx.session.lines) writeLine(ctx, write, line);
    const heading = questions.querySelector("h3");
    if (heading) write(heading.id, texts.say("party.system"), texts.say("plain.question", { title: heading.textContent }), null);
  };
  return { element, update, heading };
}

function writeLine({ texts }, write, line) {
  if (line.kind === "push") {
    write(line.id, texts.say("party.system"), texts.say("plain.screen", { title: line.title }), null);
    return;
  }
  const who = texts.say(`party.${line.party}`);
  write(line.id, who, line.text, line.language);
  if (line.corrected) write(`${line.id} corrected`, who, texts.say("plain.corrected", { text: line.text }), null);
  if (line.state === "refused") {
    write(`${line.id} refused`, texts.say("party.system"), texts.say("plain.failed", { text: line.text }), null);
  }
}
