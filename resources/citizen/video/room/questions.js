import { h, setText, show } from "../../js/dom.js";
import { consentPanel } from "../../js/views/consent.js";

/** Asked while an office is on the telephone: whether it may hear the citizen's microphone. Asked once a relay. */
export function relayQuestionView(room) {
  const element = h("section", { class: "questions", hidden: true });
  let asked = false;
  const update = () => {
    const { session, media, over } = room;
    const wanted = !over && Boolean(session.relay?.agreed) && media.microphone === "on" && !session.consents.has("relay_voice");
    if (wanted && !asked) element.replaceChildren(consentPanel(room.screens, "relay_voice").element);
    asked = wanted;
    show(element, wanted);
  };
  return { element, update };
}

/** In the settings: whether the counselor may take still pictures. */
export function snapshotView(room) {
  return choiceView(room, "snapshot", () => room.kind === "sign");
}

/** In the settings while an office is on the telephone: whether it may hear the citizen's microphone. */
export function relayVoiceView(room) {
  return choiceView(room, "relay_voice", () => Boolean(room.session.relay?.agreed));
}

/** One consent: asked with its purpose, taken back by one press. */
function choiceView(room, purpose, wanted) {
  const { texts } = room;
  const now = h("p", { class: "second" });
  const panel = h("div", {});
  const button = h("button", { type: "button" });
  button.addEventListener("click", () => {
    if (room.session.mayNow(purpose)) room.screens.consent(purpose, false);
    else {
      const asked = consentPanel(room.screens, purpose, { onAnswer: () => panel.replaceChildren() });
      panel.replaceChildren(asked.element);
      asked.heading.focus();
    }
  });
  const element = h("section", {}, h("h3", {}, texts.say(`menu.${purpose}`)), now, button, panel);
  const update = () => {
    const given = room.session.mayNow(purpose);
    setText(now, texts.say(`menu.${purpose}.now.${given ? "yes" : "no"}`));
    setText(button, texts.say(`menu.${purpose}.${given ? "no" : "yes"}`));
    show(element, wanted());
  };
  return { element, update };
}
