import { h, setText, show } from "../../js/dom.js";

/** Below the pictures, never over them: one's own camera and microphone, one's own picture; the end stands apart. */
export function controlsView(room, stage) {
  const { texts, media, prefs, say } = room;
  const button = (act, name = "") => h("button", { type: "button", class: `control ${name}`, on: { click: act } });
  const camera = button(() => room.showCamera(media.camera !== "on"));
  const turn = button(() => room.turnCamera());
  const microphone = button(() => room.openMicrophone(media.microphone !== "on"));
  const move = button(() => {
    stage.next();
    say.aloud(texts.say("self.moved", { place: stage.place }));
    room.changed();
  });
  const self = button(() => {
    prefs.set("self", prefs.get("self") === "hidden" ? "shown" : "hidden");
    room.changed();
  });
  const again = button(() => room.askForMedia());
  const trouble = h("p", { class: "trouble", role: "status" });
  const row = h("div", { class: "controls" }, camera, turn, microphone, self, move, again);
  const element = h("section", { class: "under", "aria-label": texts.say("stage.self") }, trouble, row);

  const update = () => {
    const live = !room.over && room.kind !== "text";
    show(element, live);
    setText(camera, texts.say(media.camera === "on" ? "camera.off" : "camera.on"));
    show(camera, room.kind === "sign");
    setText(turn, texts.say(media.facing === "user" ? "camera.back" : "camera.front"));
    show(turn, room.kind === "sign" && media.camera === "on" && media.severalCameras);
    setText(microphone, texts.say(media.microphone === "on" ? "microphone.off" : "microphone.on"));
    setText(self, texts.say(prefs.get("self") === "hidden" ? "self.show" : "self.hide"));
    setText(move, texts.say("self.move", { place: stage.place }));
    const seen = media.camera === "on" && room.answered;
    show(self, seen);
    show(move, seen && prefs.get("self") !== "hidden");
    setText(trouble, media.trouble ? texts.say(media.trouble) : "");
    show(trouble, Boolean(media.trouble));
    setText(again, texts.say("try.again"));
    show(again, media.trouble && media.trouble !== "insecure");
  };
  return { element, update };
}
