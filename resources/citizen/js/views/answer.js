import { h, setText, show } from "../dom.js";

/** What became of a screen: answered (with the answer), being sent, refused, withdrawn. */
export function answerView(ctx, screen) {
  const { texts } = ctx;
  const heading = h("h3", { tabindex: "-1" });
  const words = h("p", { class: "second" });
  const list = h("div", { class: "yours" });
  const again = h("button", { type: "button", hidden: true }, texts.say("screen.again"));
  const element = h("section", { class: "answer", lang: texts.language, hidden: true }, heading, words, list, again);
  let shown = "";
  const update = (pushed) => {
    const { answerState, withdrawn, answers } = pushed;
    show(element, Boolean(answerState || withdrawn));
    const state = JSON.stringify([answerState, withdrawn, answers]);
    if (state === shown) return;
    shown = state;
    element.dataset.state = answerState || "withdrawn";
    setText(heading, headline(ctx, pushed));
    setText(words, answerState === "pending" ? texts.say("screen.sending") : "");
    show(words, answerState === "pending");
    list.replaceChildren(...(answers ? given(ctx, screen, answers) : []));
    show(again, answerState === "refused");
  };
  again.addEventListener("click", () => ctx.reopen(ctx.session.pushes.find((pushed) => pushed.screen === screen)));
  return { element, heading, update };
}

function headline({ texts }, { answerState, withdrawn }) {
  if (answerState === "sent") return texts.say("screen.sent");
  if (answerState === "pending") return texts.say("talk.pending");
  if (answerState === "refused") return texts.say("screen.refused");
  return withdrawn ? texts.say(`screen.withdrawn.${withdrawn === "citizen" ? "citizen" : "agent"}`) : "";
}

/** The answer in words, as it was given. */
export function given({ texts }, screen, answers) {
  if (screen.kind === "form") {
    return [
      h(
        "dl",
        { lang: screen.language },
        ...screen.fields.map(({ id, label }) =>
          h("div", {}, h("dt", {}, label), answers[id] ? h("dd", {}, answers[id]) : empty(texts, "screen.empty")),
        ),
      ),
    ];
  }
  const ids = [answers.choice, ...(answers.checked ?? [])];
  const chosen = screen.items.filter(({ id }) => ids.includes(id));
  if (!screen.items.length) return [];
  if (!chosen.length) return [h("p", {}, texts.say("screen.nothing"))];
  return [h("ul", { lang: screen.language }, ...chosen.map(({ text }) => h("li", {}, text)))];
}

function empty(texts, key) {
  return h("dd", { class: "second", lang: texts.language }, texts.say(key));
}
