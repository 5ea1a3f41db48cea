import { h, setText, show } from "../../js/dom.js";
import { MAX_MESSAGE, sendByKeyAndButton, tellLength } from "../../js/writing.js";
import { watchField } from "./rtt.js";

const NEAR_PX = 60;

/**
 * Text and captions: finished lines, then what either is typing or saying now, then the field. Both parties are told apart
 * by name, side and shape. Nothing here is a live region: `ReadAloud` says whole words or lines, never single letters.
 */
export function talkView(room) {
  const { texts } = room;
  const list = h("ol", { class: "messages", role: "list", "aria-label": texts.say("talk") });
  const running = h("div", { class: "now" });
  const empty = h("p", { class: "second" }, texts.say("empty"));
  const scroller = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": texts.say("talk") }, list, running, empty);
  const composer = fieldView(room);
  const element = h("section", { class: "talk" }, scroller, composer.element);
  const shown = new Map();
  const page = document.scrollingElement;
  const follow = { talk: follower(scroller, scroller), page: follower(page, document) };
  let before = "0 ";
  const update = () => {
    const lines = room.session.lines.filter(({ kind, party }) => ["message", "caption", "push", "note"].includes(kind) && !(kind === "caption" && party === "citizen"));
    for (const line of lines) {
      if (!shown.has(line.id)) shown.set(line.id, newItem(room, line));
      place(room, shown.get(line.id), line);
    }
    arrange(list, shown, lines);
    room.screens.update();
    placeRunning(room, running);
    show(empty, !list.childElementCount && !running.childElementCount);
    composer.update();
    const all = `${lines.length} ${running.textContent}`;
    const where = getComputedStyle(scroller).getPropertyValue("--follow").trim() || "talk"; // the look decides what scrolls
    if (all !== before) follow[where]();
    before = all;
  };
  return { element, update, composer };
}

/** Keeps the newest line in sight, in the talk's own scroller or the page's, unless one reads further up. */
function follower(scrolled, heard) {
  let following = true;
  heard.addEventListener("scroll", () => {
    following = scrolled.scrollHeight - scrolled.scrollTop - scrolled.clientHeight < NEAR_PX;
  });
  return () => following && scrolled.scrollTo({ top: scrolled.scrollHeight, behavior: "instant" });
}

function arrange(list, shown, lines) {
  const wanted = lines.map(({ id }) => shown.get(id).element).filter(Boolean);
  wanted.forEach((item, at) => {
    if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
  });
  while (list.childElementCount > wanted.length) list.lastElementChild.remove();
}

function newItem(room, line) {
  if (line.kind === "push") return { element: room.screens.item(line.id) };
  if (line.kind === "note") return { element: h("li", { class: "noted" }, h("p", {}, room.texts.say(line.key, line.values))) };
  const mine = line.party === "citizen";
  const state = h("span", { class: "state" });
  const text = h("p", { class: "text", lang: line.language || null, dir: "auto" });
  const again = h("button", { type: "button", hidden: true, on: { click: () => room.sendAgain(line.id) } }, room.texts.say("again"));
  const by = h("p", { class: "by" }, `${nameOf(room.texts, line)} `, state);
  return { element: h("li", { class: mine ? "mine" : "theirs" }, by, text, again), text, state, again };
}

function nameOf(texts, { party, kind }) {
  const name = texts.say({ citizen: "me", office: "office", relay_operator: "office" }[party] ?? "agent");
  return kind === "caption" ? `${name} (${texts.say("caption")})` : name;
}

function place({ texts, session }, made, line) {
  if (!made.text) return;
  const gone = line.erased ? texts.say("erased") : line.withdrawn ? texts.say("withdrawn") : "";
  setText(made.text, gone || line.text);
  made.text.classList.toggle("gone", Boolean(gone));
  show(made.again, line.state === "refused" && !session.closed);
  const state = line.state === "sent" && line.read ? "read" : line.state;
  setText(made.state, line.party === "citizen" && line.kind === "message" ? texts.say(state) : "");
  made.element.dataset.state = line.state ?? "";
}

/** What is being typed and said now, below what is finished. */
function placeRunning({ texts, session, rtt, over }, running) {
  const now = over ? [] : rtt.theirs.finished.map((text) => ["agent", text, ""]);
  if (rtt.theirs.line && !over) now.push(["agent", rtt.theirs.line, texts.say("live")]);
  for (const { party, stable, provisional } of session.partials.values()) {
    now.push([party, `${stable}${provisional ? ` ${provisional}…` : ""}`, texts.say("caption")]);
  }
  while (running.childElementCount > now.length) running.lastElementChild.remove();
  now.forEach(([party, text, how], at) => {
    if (!running.children[at]) running.append(h("div", { class: "theirs live" }, h("p", { class: "by" }), h("p", { class: "text", dir: "auto" })));
    const [by, words] = running.children[at].children;
    const name = texts.say(party === "office" ? "office" : "agent");
    setText(by, how ? `${name} · ${how}` : name);
    setText(words, text);
  });
}

/** The field: what stands in it is seen at once, Enter ends the line. */
function fieldView(room) {
  const { texts } = room;
  const field = h("textarea", { id: "line", rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "line-hint line-problem" });
  const hint = h("p", { id: "line-hint", class: "hint" });
  const problem = h("p", { id: "line-problem", class: "error", role: "status" });
  const element = h(
    "form",
    { class: "composer", novalidate: true },
    h("label", { for: "line" }, texts.say("field")),
    problem,
    h("div", { class: "line" }, field, h("button", { type: "submit", class: "primary" }, texts.say("send"))),
    hint,
  );
  field.value = room.kept.read("draft", "");
  const check = () => tellLength(field, problem, (over) => texts.say("too_long", { max: MAX_MESSAGE, over }));
  const finish = (text = field.value.trim()) => {
    if (check()) return;
    field.value = "";
    room.kept.forget("draft");
    room.finishLine(text);
    field.focus();
  };
  watchField(field, room.rtt, finish);
  field.addEventListener("input", () => {
    room.kept.write("draft", field.value);
    check();
  });
  sendByKeyAndButton(element, field, () => field.value.trim() && finish());
  if (field.value) room.rtt.type(field.value);
  const update = () => {
    show(element, !room.over);
    setText(hint, texts.say(room.answered ? "field.hint" : "field.waiting"));
  };
  return { element, update, field, finish };
}
