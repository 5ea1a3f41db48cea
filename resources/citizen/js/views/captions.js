import { h, setText, show } from "../dom.js";

const NEAR_END_PX = 24;
const OTHERS = ["interpreter", "colleague", "office", "relay_operator"];

/**
 * The others' words as captions: every final a line that stays, the running ones below. No live region: who wants
 * captions read asks for it in the settings.
 */
export function captionsView(ctx) {
  const { texts } = ctx;
  const lines = h("div", { class: "said" });
  const running = h("div", { class: "running" });
  const waiting = h("p", { class: "waiting" });
  const held = h("p", { class: "held" }, texts.say("held.note"));
  const scroller = h(
    "div",
    { class: "scroller", role: "region", tabindex: "0", "aria-label": texts.say("captions.region") },
    lines,
    running,
    waiting,
  );
  const toggle = h("button", { type: "button", class: "quiet", on: { click: () => switchCaptions(ctx) } });
  const latest = h("button", { type: "button", class: "quiet latest", hidden: true }, texts.say("captions.latest"));
  const element = h(
    "section",
    { class: "captions", "aria-labelledby": "captions-title" },
    h("div", { class: "head" }, h("h2", { id: "captions-title" }, texts.say("captions.heading")), toggle),
    held,
    scroller,
    latest,
  );
  const follow = follower(scroller, latest);
  const shown = new Map();

  const update = () => {
    const on = ctx.prefs.get("captions");
    const captions = ctx.session.lines.filter((line) => line.kind === "caption");
    setText(toggle, texts.say(on ? "captions.hide" : "captions.show"));
    show(scroller, on);
    show(held, ctx.session.call === "held");
    for (const line of captions) placeLine(ctx, lines, shown, line);
    placeRunning(ctx, running);
    setText(waiting, texts.say("captions.waiting"));
    show(waiting, !captions.length && !running.childElementCount);
    element.classList.toggle("off", !on);
    follow();
  };
  return { element, update };
}

function switchCaptions(ctx) {
  ctx.prefs.set("captions", !ctx.prefs.get("captions"));
  if (!ctx.prefs.get("captions")) ctx.say.aloud(ctx.texts.say("captions.off"));
  ctx.changed();
}

/** Keeps the newest line in view until the reader scrolls up; then says how to come back. */
function follower(scroller, latest) {
  let following = true;
  const toEnd = () => scroller.scrollTo({ top: scroller.scrollHeight, behavior: "instant" });
  scroller.addEventListener("scroll", () => {
    following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
    show(latest, !following);
  });
  latest.addEventListener("click", () => {
    following = true;
    toEnd();
    scroller.focus();
  });
  return () => following && toEnd();
}

function placeLine(ctx, list, shown, line) {
  const text = line.erased ? ctx.texts.say("captions.erased") : line.text;
  const known = shown.get(line.id);
  if (known) {
    setText(known.lastChild, text);
    return;
  }
  const element = h("p", { lang: line.language }, ...speaker(ctx, line), h("span", {}, text));
  shown.set(line.id, element);
  list.append(element);
}

function placeRunning(ctx, running) {
  for (const [leg, partial] of ctx.session.partials) {
    const id = `running-${leg}`;
    let line = [...running.children].find((child) => child.id === id);
    if (!line) {
      line = h("p", { id }, ...speaker(ctx, partial), h("span"), provisionalMark(ctx), h("span", { class: "provisional" }));
      running.append(line);
    }
    line.lang = partial.language;
    const [provisional, mark, stable] = [...line.children].reverse();
    setText(stable, partial.stable ? `${partial.stable} ` : "");
    setText(provisional, `${partial.provisional}…`);
    show(mark, Boolean(partial.provisional));
  }
  for (const child of [...running.children]) {
    if (!ctx.session.partials.has(child.id.slice("running-".length))) child.remove();
  }
}

function provisionalMark(ctx) {
  return h("span", { class: "heard", lang: ctx.texts.language }, `${ctx.texts.say("captions.provisional")} `);
}

/** Who speaks, where it is not the agent; and that a rough engine listened. */
function speaker(ctx, { party, rough }) {
  const notes = [];
  if (OTHERS.includes(party)) notes.push(ctx.texts.say(`captions.of.${party}`));
  if (rough) notes.push(ctx.texts.say("captions.rough"));
  return notes.length ? [h("span", { class: "speaker", lang: ctx.texts.language }, notes.join(" · "), " ")] : [];
}
