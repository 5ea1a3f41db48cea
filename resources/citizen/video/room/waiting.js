import { h, setText, show } from "../../js/dom.js";

const SHOWN = 8; // of those who wait before: more are told by number alone

/** The waiting room: the place in the queue as words and as a row of persons, and one's own picture as others will see it. */
export function waitingView(room) {
  const { texts, media, say } = room;
  let said = "";
  const place = h("p", { class: "place" });
  const row = h("p", { class: "people", "aria-hidden": "true" });
  const preview = h("video", { class: "preview mirrored", autoplay: true, playsinline: true, "aria-label": texts.say("stage.self") });
  preview.muted = true;
  const guide = h("p", { class: "second" }, texts.say("preview"));
  const asking = h("p", { class: "asking" }, texts.say(room.kind === "call" ? "ask.microphone" : "ask.camera"));
  const element = h("section", { class: "waiting-room", "aria-labelledby": "waiting" }, h("h2", { id: "waiting" }, texts.say("queue.wait")), row, place, asking, preview, guide);
  const update = () => {
    show(element, !room.answered && !room.over);
    const ahead = room.session.queue?.ahead ?? 0;
    const words = ahead ? texts.say("queue.ahead", { count: ahead }) : texts.say("queue.next");
    setText(place, words);
    if (room.session.queue && !room.answered && !room.over && words !== said) say.aloud((said = words));
    setText(row, "● ".repeat(Math.min(ahead, SHOWN)) + "◉");
    const track = room.answered ? null : media.video;
    if (preview.srcObject?.getVideoTracks()[0] !== (track ?? undefined)) preview.srcObject = track ? new MediaStream([track]) : null;
    preview.classList.toggle("mirrored", media.facing === "user");
    show(preview, Boolean(track));
    show(guide, Boolean(track));
    show(asking, room.kind !== "text" && room.asking);
  };
  return { element, update };
}
