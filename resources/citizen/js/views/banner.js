import { h, setText, show } from "../dom.js";

/** What the page must say about itself: no connection, waiting to be sent, store full. In words, announced politely. */
export function bannerView(ctx) {
  const { texts } = ctx;
  const words = h("strong");
  const more = h("span");
  const element = h("aside", { class: "banner", hidden: true, "aria-label": texts.say("party.system") }, words, " ", more);
  let told = "";
  const update = () => {
    const [first, second] = troubleOf(ctx);
    show(element, Boolean(first));
    setText(words, first);
    setText(more, second);
    if (first && first !== told) ctx.say.aloud(`${first}. ${second}`);
    else if (!first && told) ctx.say.aloud(texts.say("away.back"));
    told = first;
  };
  return { element, update };
}

/** [what is wrong, what that means], both empty while all is well. */
export function troubleOf({ ui, texts, outbox }) {
  const waiting = outbox.waiting.length ? texts.say("away.waiting", { count: outbox.waiting.length }) : "";
  const problem = ui.sendTrouble ?? ui.linkTrouble;
  if (problem?.status === 507) return [texts.say("away.full"), waiting];
  if (problem?.status === 429) return [texts.say("away.busy"), waiting];
  if (!ui.connected) return [texts.say("away.lost"), `${texts.say("away.lost.more")} ${waiting}`.trim()];
  return ["", ""];
}
