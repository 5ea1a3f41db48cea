import { focusOn } from "./dom.js";
import { pageState } from "./signals.js";
import { textsFor } from "./texts.js";
import { consentVersion } from "./views/consent.js";

const CONSENT_WORDS = {
  share: ["share.started", "share.stopped"],
  other: ["consent.saved.given", "consent.saved.refused"],
};

/** What a citizen can do with the page. The rest of the page is `App`, which this is the one half of. */
export class Acts {
  sendMessage(text) {
    this.outbox.put("message.sent", { party: "citizen", text, language: this.texts.chosen });
  }

  /** Send a refused message once more, or take its text back for editing. */
  sendAgain(id) {
    this.outbox.again(this.session.own(id));
  }

  takeBack(id) {
    const { body } = this.session.own(id);
    this.session.drop(id);
    this.changed();
    return body.text;
  }

  answer(push, answers) {
    this.outbox.put("screen.answered", { push, answers });
  }

  /** Open a refused answer again, as it was written. */
  reopen({ push, answerId }) {
    const field = this.session.problemOf(answerId)?.field.split(".").at(-1) ?? "";
    this.session.drop(answerId);
    this.openPush(push);
    this.page.screens.complain(field);
  }

  consent(purpose, given) {
    const { language } = this.texts;
    if (purpose === "share_screen" && !given) this.signals.stopMirror();
    this.ui.ask = "";
    this.outbox.put("consent.answered", { purpose, given, version: consentVersion(this), language });
    const words = CONSENT_WORDS[purpose === "share_screen" ? "share" : "other"][given ? 0 : 1];
    this.say.aloud(this.texts.say(words));
  }

  /** Ask once more for a purpose that was refused. */
  askAgain(purpose) {
    this.page.settings.element.close();
    const [kind, push] = purpose.split(":");
    if (push) this.openPush(push);
    else {
      this.ui.ask = kind;
      this.setMode(this.ui.mode === "plain" && kind !== "share_screen" ? "plain" : "screens");
      this.page.questionsIn[this.ui.mode].focus();
    }
  }

  openPush(push) {
    Object.assign(this.ui, { wanted: push, mode: "screens" });
    this.#closeTalkOnPhone();
    this.changed();
    focusOn(this.headings.screen());
    this.mirrorNow();
  }

  toggleTalk() {
    this.ui.talk = !this.ui.talk;
    if (this.ui.talk && this.ui.mode === "plain") this.ui.mode = "screens";
    this.countUnread();
    this.changed();
    if (this.ui.talk) this.page.talk.focus();
    else this.page.bar.talk.focus();
  }

  /** Close the screen and only talk: nothing is shared from then on, the call is untouched. */
  toggleVoice() {
    const leaving = this.ui.mode !== "voice";
    if (leaving) this.#closeScreen();
    this.setMode(leaving ? "voice" : "screens");
  }

  toggleShare() {
    if (this.sharing()) {
      this.consent("share_screen", false);
      return;
    }
    this.ui.ask = "share_screen";
    this.setMode("screens", false);
    this.page.questionsIn.screens.focus();
  }

  setMode(mode, focus = true) {
    if (mode !== "screens") this.ui.talk = false;
    this.ui.mode = mode;
    this.kept.write("mode", mode);
    this.changed();
    if (focus) focusOn(this.headings[mode]());
    this.signals.page(mode === "voice" ? "hidden" : pageState());
  }

  openSettings() {
    this.page.settings.open();
  }

  async setLanguage(tag) {
    this.texts = await textsFor(tag);
    this.kept.write("language", tag);
    this.build();
    this.openSettings();
    this.page.settings.element.querySelector("#language").focus();
  }

  #closeScreen() {
    const pushed = this.session.pushed(this.ui.current);
    if (pushed && !pushed.withdrawn && !pushed.answerState) {
      this.outbox.put("screen.withdrawn", { push: pushed.push, party: "citizen" });
    }
    if (this.session.mayNow("share_screen")) this.consent("share_screen", false);
  }

  #closeTalkOnPhone() {
    if (!matchMedia("(min-width: 60rem)").matches) this.ui.talk = false;
  }
}
