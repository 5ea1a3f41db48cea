import { h, setText, show } from "../js/dom.js";

/** The conversation, oldest first: what both wrote is told apart by name, side and shape; screens stand where they came. */
export function listView(room) {
  const { texts, session } = room;
  const list = h("ol", { class: "messages", "aria-label": texts.say("list"), role: "list" });
  const empty = h("p", { class: "second" }, texts.say("empty"));
  const typing = h("p", { class: "typing second", hidden: true }, texts.say("typing"));
  const element = h("section", {}, list, empty, typing);
  const shown = new Map();
  const update = () => {
    const lines = session.lines.filter(({ kind }) => kind === "message" || kind === "push");
    for (const line of lines) {
      if (!shown.has(line.id)) shown.set(line.id, newItem(room, line));
      const made = shown.get(line.id);
      if (line.kind === "message") place(room, made, line);
    }
    arrange(list, shown, lines);
    room.screens.update();
    show(empty, !list.childElementCount && !session.closed);
    show(typing, session.agentTyping && !session.closed);
  };
  return { element, update };
}

/** Only what is out of place is moved: what has the keyboard keeps it. */
function arrange(list, shown, lines) {
  const wanted = lines.map(({ id }) => shown.get(id).element).filter(Boolean);
  wanted.forEach((item, at) => {
    if (list.children[at] !== item) list.insertBefore(item, list.children[at] ?? null);
  });
  while (list.childElementCount > wanted.length) list.lastElementChild.remove();
}

function newItem(room, line) {
  return line.kind === "push" ? { element: room.screens.item(line.id) } : newMessage(room, line);
}

const NAMES = { citizen: "me", agent: "agent", colleague: "agent", bot: "bot" };

function newMessage(room, line) {
  const { texts } = room;
  const mine = line.party === "citizen";
  const state = h("span", { class: "state" });
  const text = h("p", { class: "text", lang: line.language || null, dir: "auto" });
  const files = h("div", { class: "files" }, ...line.attachments.map((file) => attachment(texts, file, mine)));
  const again = h("button", { type: "button", hidden: true, on: { click: () => room.sendAgain(line.id) } }, texts.say("again"));
  const by = `${texts.say(NAMES[line.party] ?? "system")}, ${texts.clock(line.at)}`;
  const element = h("li", { class: mine ? "mine" : "theirs" }, h("p", { class: "by" }, by, " ", state), text, files, again);
  return { element, text, state, files, again };
}

function place({ texts, session }, made, line) {
  const gone = line.erased ? texts.say("erased") : line.withdrawn ? texts.say("withdrawn") : "";
  setText(made.text, gone || line.text);
  made.text.classList.toggle("gone", Boolean(gone));
  show(made.text, Boolean(gone || line.text));
  show(made.files, !gone && made.files.childElementCount > 0);
  if (gone) made.files.replaceChildren();
  made.element.dataset.state = line.state;
  show(made.again, line.state === "refused" && !session.closed);
  const state = line.state === "sent" && line.read ? "read" : line.state;
  setText(made.state, line.party === "citizen" ? texts.say(state) : "");
}

/** A picture in its place, anything else to be downloaded. */
function attachment(texts, file, mine) {
  const address = `/c/api/attachments/${file.id}`;
  if (!file.media_type.startsWith("image/")) {
    return h("a", { class: "file", href: address, download: file.name }, `${file.name} (${sizeOf(file.size, texts.language)})`);
  }
  const alt = texts.say(mine ? "picture.mine" : "picture.theirs", { name: file.name });
  const { width, height } = file;
  const picture = h("img", { class: "picture", src: address, alt, width, height });
  return h("a", { href: address, target: "_blank", rel: "noopener" }, picture);
}

function sizeOf(bytes, language) {
  const [unit, size] = bytes < 1_000_000 ? ["kilobyte", bytes / 1000] : ["megabyte", bytes / 1_000_000];
  const digits = size < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: digits }).format(size);
}
