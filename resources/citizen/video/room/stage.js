import { h, setText, show } from "../../js/dom.js";

const CORNERS = ["br", "bl", "tl", "tr"];

/**
 * The counselor's picture, large, with nothing over it but one's own, which can be moved to a corner by its button or
 * by dragging, and hidden. Where there is no picture, a card says why.
 */
export function stageView(room) {
  const { texts, media } = room;
  const signer = h("video", { class: "signer", autoplay: true, playsinline: true, "aria-label": texts.say("stage.signer") });
  const self = h("video", { class: "self", autoplay: true, playsinline: true, "aria-label": texts.say("stage.self") });
  self.muted = true;
  const card = h("p", { class: "card", role: "status" });
  const element = h("section", { class: "stage", "aria-label": texts.say("stage") }, signer, card, self);
  let corner = CORNERS.includes(room.prefs.get("corner")) ? room.prefs.get("corner") : "br";
  const place = (to) => {
    corner = to;
    room.prefs.set("corner", to);
    self.dataset.corner = to;
  };
  place(corner);
  dragToCorner(self, element, place);
  const upright = matchMedia("(orientation: portrait)"); // a phone that is turned shows the whole signer again
  upright.addEventListener("change", () => element.scrollIntoView({ block: "nearest", behavior: "instant" }));

  const update = () => {
    const why = cardWords(room);
    setText(card, why);
    show(card, why);
    show(signer, !why);
    self.srcObject = streamOf(self.srcObject, media.video);
    self.classList.toggle("mirrored", media.facing === "user");
    show(self, media.video && room.prefs.get("self") !== "hidden");
    element.dataset.picture = why ? "none" : "signer";
    show(element, room.kind === "sign" || room.kind === "call");
  };
  return {
    element,
    update,
    use: (stream) => {
      signer.srcObject = stream;
      signer.play().catch(() => addEventListener("pointerdown", () => signer.play().catch(() => {}), { once: true })); // some browsers want a touch first
    },
    get place() {
      return texts.say(`corner.${corner}`);
    },
    next: () => place(CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length]),
  };
}

function streamOf(stream, track) {
  if (!track) return null;
  return stream?.getVideoTracks()[0] === track ? stream : new MediaStream([track]);
}

/** Why there is no picture, in words; "" where there is one. */
function cardWords({ texts, session, connection, kind }) {
  if (session.held) return heldWords(texts, session.held);
  if (connection.refused) return texts.say(`refused.${connection.refused}`);
  if (["interrupted", "failed"].includes(connection.state)) return texts.say("interrupted");
  if (connection.state === "connecting") return texts.say("taken");
  if (kind === "call") return texts.say("stage.call");
  if (!session.agentShown) return texts.say("stage.card");
  return connection.state === "connected" ? "" : texts.say("stage.none");
}

export function heldWords(texts, { reason, at }) {
  const known = ["hold", "consultation", "other_call", "hand_over"].includes(reason) ? reason : "hold";
  return texts.say(`held.${known}`, { time: texts.clock(at) });
}

/** Dragging is one way; the button does the same (WCAG 2.5.7). */
function dragToCorner(self, stage, place) {
  self.addEventListener("pointerdown", (down) => {
    self.setPointerCapture(down.pointerId);
    down.preventDefault();
  });
  self.addEventListener("pointerup", (up) => {
    const box = stage.getBoundingClientRect();
    const right = up.clientX > box.left + box.width / 2;
    const below = up.clientY > box.top + box.height / 2;
    place(`${below ? "b" : "t"}${right ? "r" : "l"}`);
  });
}
