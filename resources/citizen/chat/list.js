import { h, setText, show } from "../js/dom.js";

/** The conversation, oldest first; what both wrote is told apart by name, side and shape. */
export function listView(room) {
  const { texts } = room;
  const list = h("ol", { class: "messages", "aria-label": texts.say("list"), role: "list" });
  const empty = h("p", { class: "second" }, texts.say("empty"));
  const typing = h("p", { class: "typing second", hidden: true }, texts.say("typing"));
  const element = h("section", {}, list, empty, typing);
  const shown = new Map();
  const update = () => {
    const messages = room.session.lines.filter(({ kind }) => kind === "message");
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 80;
    let added = false;
    for (const line of messages) {
      if (!shown.has(line.id)) {
        shown.set(line.id, newMessage(room, line));
        list.append(shown.get(line.id).element);
        added = true;
      }
      place(room, shown.get(line.id), line);
    }
    for (const [id, { element: gone }] of shown) {
      if (!messages.some((line) => line.id === id)) {
        gone.remove();
        shown.delete(id);
      }
    }
    show(empty, !messages.length);
    show(typing, room.session.agentTyping && !room.isOver);
    if (added && atEnd) scrollTo({ top: document.documentElement.scrollHeight });
  };
  return { element, update };
}

const NAMES = { citizen: "me", agent: "agent", bot: "bot" };

function newMessage(room, line) {
  const { texts } = room;
  const mine = line.party === "citizen";
  const state = h("span", { class: "state" });
  const text = h("p", { class: "text", lang: line.language || null, dir: "auto" });
  const files = h("div", {}, ...(line.attachments ?? []).map((file) => attachment(texts, file, mine)));
  const again = h("button", { type: "button", hidden: true, on: { click: () => room.sendAgain(line.id) } }, texts.say("again"));
  const by = `${texts.say(NAMES[line.party] ?? "system")}, ${texts.clock(line.at)}`;
  const element = h("li", { class: mine ? "mine" : "theirs" }, h("p", { class: "by" }, by, " ", state), text, files, again);
  return { element, text, state, files, again };
}

function place(room, made, line) {
  const { texts } = room;
  const gone = line.erased ? texts.say("erased") : line.withdrawn ? texts.say("withdrawn") : "";
  setText(made.text, gone || line.text);
  made.text.classList.toggle("gone", Boolean(gone));
  show(made.text, Boolean(gone || line.text));
  show(made.files, !gone);
  made.element.dataset.state = line.state;
  show(made.again, line.state === "refused");
  const mine = line.party === "citizen";
  const state = line.state === "sent" && line.read ? "read" : line.state;
  setText(made.state, mine ? texts.say(state) : "");
}

/** A picture in its place, anything else to be downloaded. */
function attachment(texts, file, mine) {
  const address = `/c/api/attachments/${file.id}`;
  if (!file.media_type.startsWith("image/")) {
    return h("a", { class: "file", href: address, download: file.name }, file.name);
  }
  const alt = texts.say(mine ? "picture.mine" : "picture.theirs", { name: file.name });
  const { width, height } = file;
  const picture = h("img", { class: "picture", src: address, alt, width, height, loading: "lazy" });
  return h("a", { href: address, target: "_blank", rel: "noopener" }, picture);
}
