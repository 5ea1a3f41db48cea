"""The citizen's card: who they are as far as they are known, and how to reach their phone's screen."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from client.domain.session import SessionView
from client.domain.words import Channel
from client.services.notices import MirrorChanged, SessionChanged
from ui.actions import LetKeysThrough
from ui.choice import Choice
from ui.complaint_card import ComplaintCard
from ui.context import Context
from ui.history_card import HistoryCard
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import CALM_MS, Coalesced, listen
from ui.panel_page import PanelPage, card
from ui.qr_code import QrCode
from ui.wording import ars_text, channel_text, consent_text, language_text, page_text, time_text, who_text

CAPTION_LANGUAGES = ("ko", "en", "ja", "zh", "vi", "mn")


class CitizenPanel(PanelPage):
    """Card, consents, link."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context.look, parent)
        self._context = context
        self._session = ""
        self.column.addWidget(self._make_card())
        self.complaint, self.history = ComplaintCard(context), HistoryCard(context)
        self.column.addWidget(self.complaint)
        self.column.addWidget(self.history)
        self.column.addWidget(Label(tr("Link for the citizen's phone"), "heading"))
        self.column.addWidget(self._make_link())
        self.column.addStretch(1)
        context.actions.register("history", self._go_to_history, self.history.possible)
        context.actions.register("copy_link", self.copy_link, lambda: bool(context.selection.session))
        context.actions.register("new_link", self.renew_link, self._may_renew)
        self._due = Coalesced(self, self.refresh, CALM_MS)
        listen(self, context.desk.publisher, SessionChanged, self._on_notice)
        listen(self, context.desk.publisher, MirrorChanged, self._on_notice)
        context.selection.changed.connect(self._change_session)
        self._change_session()

    def _go_to_history(self) -> None:
        self._context.actions.trigger("panel_citizen")
        self.history.go()

    def _make_card(self) -> QFrame:
        look = self._context.look
        frame, column = card(look)
        top = QHBoxLayout()
        self._number = Label(style="name")
        self._reveal = KeyButton(look, tr("Show the number"), kind=Kind.QUIET)
        self._reveal.clicked.connect(self._ask_reason)
        top.addWidget(self._number, 1)
        top.addWidget(self._reveal)
        column.addLayout(top)
        column.addWidget(self._make_reason())
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.setHorizontalSpacing(look.px(14))
        grid.setVerticalSpacing(look.px(7))
        self._facts = {name: Label(wrap=True) for name in ("channel", "ars", "queue", "since", "consents")}
        labels = (tr("Channel"), tr("Menu"), tr("Queue"), tr("Since"), tr("Consents"))
        self._fact_labels = {}
        for row, (name, text) in enumerate(zip(self._facts, labels, strict=True)):
            self._fact_labels[name] = Label(text, "third")
            grid.addWidget(self._fact_labels[name], row, 0)
            grid.addWidget(self._facts[name], row, 1)
        self._language = Choice(self._context.actions)
        self._language.setAccessibleName(tr("Language of the captions"))
        for tag in CAPTION_LANGUAGES:
            self._language.addItem(language_text(tag), tag)
        self._language.activated.connect(self._choose_language)
        grid.addWidget(Label(tr("Language"), "third"), 5, 0)
        grid.addWidget(self._language, 5, 1)
        column.addLayout(grid)
        self._relay = QCheckBox(tr("Relay call: an operator speaks for the citizen"))
        self._relay.setAccessibleName(self._relay.text())
        self._relay.clicked.connect(self._mark_relay)
        column.addWidget(self._relay)
        return frame

    def _make_reason(self) -> QWidget:
        look = self._context.look
        self._reason_row = QWidget()
        column = QVBoxLayout(self._reason_row)
        column.setContentsMargins(0, 0, 0, 0)
        self._reason = QLineEdit()
        self._reason.setPlaceholderText(tr("Reason, kept in the access log"))
        self._reason.setAccessibleName(tr("Reason for showing the number"))
        self._reason.returnPressed.connect(self._unmask)
        LetKeysThrough(self._context.actions, self._reason)
        row = QHBoxLayout()
        show = KeyButton(look, tr("Show"), key="Enter", kind=Kind.PRIMARY)
        show.clicked.connect(self._unmask)
        leave = KeyButton(look, tr("Leave it"))
        leave.clicked.connect(self._hide_reason)
        row.addWidget(show)
        row.addWidget(leave)
        row.addStretch(1)
        column.addWidget(self._reason)
        column.addLayout(row)
        self._reason_row.hide()
        return self._reason_row

    def _make_link(self) -> QFrame:
        look = self._context.look
        frame, column = card(look)
        row = QHBoxLayout()
        row.setSpacing(look.px(14))
        self._qr = QrCode(look)
        self._qr.hide()
        side = QVBoxLayout()
        self._page = Label(wrap=True)
        self._copy = KeyButton(look, tr("Copy the link"), key=self._context.key("copy_link"), kind=Kind.PRIMARY)
        self._copy.clicked.connect(self.copy_link)
        self._show_qr = KeyButton(look, tr("Show the QR code"))
        self._show_qr.clicked.connect(self._toggle_qr)
        self._renew = KeyButton(look, tr("New address"), key=self._context.key("new_link"))
        self._renew.setAccessibleDescription(tr("The old address opens nothing any more"))
        self._renew.clicked.connect(lambda: self._context.actions.trigger("new_link"))
        self._address = QLineEdit()
        self._address.setReadOnly(True)
        self._address.setAccessibleName(tr("Citizen link"))
        self._address.hide()
        side.addWidget(self._page)
        side.addWidget(self._copy)
        side.addWidget(self._show_qr)
        side.addWidget(self._renew)
        side.addStretch(1)
        row.addLayout(side, 1)
        row.addWidget(self._qr)
        column.addLayout(row)
        column.addWidget(self._address)
        return frame

    # ── showing ──────────────────────────────────────────────────────────────────────────────────

    def _on_notice(self, notice: SessionChanged | MirrorChanged) -> None:
        if notice.session == self._session:
            self._due.ask()

    def _change_session(self) -> None:
        self._session = self._context.selection.session
        self._hide_reason()
        self._shown_number = ""
        self._qr.hide()
        self._address.hide()
        self.refresh()

    _shown_number = ""

    def refresh(self) -> None:
        """Show the open session's citizen."""
        view = self._context.selection.view()
        self.setEnabled(view is not None)
        if view is None:
            return
        self._number.say(self._shown_number or who_text(view))
        self._reveal.setVisible(bool(view.number) and not self._shown_number and self._reason_row.isHidden())
        for name, text in self._fact_texts(view).items():
            self._facts[name].say(text)
            self._facts[name].setVisible(bool(text))
            self._fact_labels[name].setVisible(bool(text))
        at = self._language.findData(view.language.split("-")[0])
        if at >= 0 and not self._language.view().isVisible():
            self._language.setCurrentIndex(at)
        self._relay.setChecked(view.relay)
        self._relay.setVisible(view.channel is Channel.PHONE)  # 107 is a telephone number
        mirror = self._context.desk.screens.mirror(view.id)
        self._page.say(page_text(mirror.page), "good" if mirror.page == "open" else "second")

    def _fact_texts(self, view: SessionView) -> dict[str, str]:
        answers = [
            tr("{what}: allowed", what=consent_text(purpose))
            if given
            else tr("{what}: refused", what=consent_text(purpose))
            for purpose, given in view.consents.items()
        ]
        return {
            "channel": channel_text(view.channel),
            "ars": ars_text(view.ars),
            "queue": tr("Video messages") if view.mail else view.queue,
            "since": time_text(view.opened_at),
            "consents": "\n".join(answers),
        }

    # ── the number ───────────────────────────────────────────────────────────────────────────────

    def _ask_reason(self) -> None:
        self._reason_row.show()
        self._reveal.hide()
        self._reason.setFocus()

    def _hide_reason(self) -> None:
        self._reason.clear()
        self._reason_row.hide()

    def _unmask(self) -> None:
        reason = self._reason.text().strip()
        if not reason:
            self._reason.setFocus()
            return
        session = self._session
        self._context.tasks.start(
            self._context.desk.sessions.unmask(session, reason), lambda number: self._show_number(session, number), self
        )

    def _show_number(self, session: str, number: str) -> None:
        if session == self._session:
            self._shown_number = number
            self._hide_reason()
            self.refresh()
            self._context.announcer.say(number)

    # ── language, relay, link ────────────────────────────────────────────────────────────────────

    def _choose_language(self) -> None:
        tag = str(self._language.currentData())
        self._context.tasks.start(self._context.desk.captions.set_language(self._session, tag))

    def _mark_relay(self, on: bool) -> None:
        self._context.tasks.attempt(lambda: self._context.desk.calls.mark_relay(self._session, on))

    def copy_link(self) -> None:
        """Put the link on the clipboard and say so."""
        self._context.tasks.start(self._context.desk.screens.link(self._session), self._copied, self)

    def _copied(self, address: str) -> None:
        QGuiApplication.clipboard().setText(address)
        self._page.say(tr("The link is copied"), "good")
        self._context.announcer.say(tr("The link is copied"))

    def _may_renew(self) -> bool:
        session = self._context.selection.session
        return bool(session) and self._context.desk.sessions.may_write(session)

    def renew_link(self) -> None:
        """A new address on the clipboard, and in the QR code if that is shown; the old one opens nothing any more."""
        session = self._session
        self._context.tasks.start(
            self._context.desk.screens.renew_link(session), lambda address: self._renewed(session, address), self
        )

    def _renewed(self, session: str, address: str) -> None:
        QGuiApplication.clipboard().setText(address)
        words = tr("A new address is copied; the old one opens nothing any more")
        self._context.announcer.say(words)
        if session != self._session:
            return
        self._page.say(words, "good")
        if self._qr.isVisible():
            self._show_address(session, address)

    def show_qr(self) -> None:
        """Show the QR code and the address."""
        session = self._session
        self._context.tasks.start(
            self._context.desk.screens.link(session), lambda address: self._show_address(session, address), self
        )

    def _toggle_qr(self) -> None:
        if self._qr.isVisible():
            self._qr.hide()
            self._address.hide()
        else:
            self.show_qr()

    def _show_address(self, session: str, address: str) -> None:
        if session != self._session:
            return
        self._qr.show_address(address)
        self._address.setText(address)
        self._address.setCursorPosition(0)
        self._qr.show()
        self._address.show()
