"""The relay to an office under the picture: what the office has to be told, its answer, its menu, its end."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from client.domain.relay import RelayState
from client.domain.words import Party
from client.services.notices import RelayChanged, SessionChanged, VideoChanged
from client.services.relay_lines import RelayView
from ui.actions import LetKeysThrough
from ui.context import Context
from ui.flow_layout import FlowLayout
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.listen import Coalesced, listen
from ui.number import Number
from ui.relay_text import announcement, relay_text, who_text

LOUDEST, STEP, MENU_WIDE = 200, 10, 116


class RelayStrip(QFrame):
    """Hidden while there is no relay. Attributes: `agree`, `refuse`, `end` — its buttons; `menu` — keys for the office;
    `office`, `citizen` — how loud they are for the agent, percent."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._told = ""
        look = context.look
        self.setProperty("is", "band")
        self.setAccessibleName(tr("Phone relay"))
        self._state = Label(style="strong", wrap=True)
        self._say = Label(wrap=True)
        self._who = Label(style="second", wrap=True)
        self.agree = self._button("relay_agree", tr("The office agrees"), Kind.PRIMARY)
        self.refuse = self._button("relay_refuse", tr("The office refuses"))
        self.end = self._button("relay_end", tr("End the relay"), Kind.DANGER)
        self.menu = QLineEdit()
        self.menu.setAccessibleName(tr("Keys for the office's menu"))
        self.menu.setPlaceholderText(tr("Menu: 0-9 * #"))
        self.menu.setFixedWidth(look.px(MENU_WIDE))
        self.menu.returnPressed.connect(self._send_tones)
        LetKeysThrough(context.actions, self.menu)
        self.office, self.citizen = self._volume(tr("Office"), Party.OFFICE), self._volume(tr("Citizen"), Party.CITIZEN)
        self._lay_out()
        due = Coalesced(self, self.refresh)
        for kind in (RelayChanged, VideoChanged, SessionChanged):
            listen(self, context.desk.publisher, kind, due.ask)
        self.refresh()

    def _button(self, action: str, text: str, kind: Kind = Kind.PLAIN) -> KeyButton:
        context = self._context
        button = KeyButton(context.look, text, key=context.key(action), kind=kind, compact=True)
        button.clicked.connect(lambda: context.actions.trigger(action))
        return button

    def _volume(self, name: str, party: Party) -> Number:
        box = Number(self._context.look, 0, LOUDEST, step=STEP, unit=" %")
        box.setAccessibleName(tr("How loud: {who}", who=name))
        box.setToolTip(box.accessibleName())
        box.valueChanged.connect(lambda percent: self._set_volume(party, percent))
        return box

    def _lay_out(self) -> None:
        look = self._context.look
        column = QVBoxLayout(self)
        column.setContentsMargins(look.px(20), look.px(6), look.px(20), look.px(6))
        column.setSpacing(look.px(4))
        for label in (self._state, self._say, self._who):
            column.addWidget(label)
        self._row = QWidget()
        self._flow = FlowLayout(self._row, gap=look.px(6))
        self._loud = [Label(tr("Office"), "third"), Label(tr("Citizen"), "third")]
        for part in (
            self.agree,
            self.refuse,
            self.menu,
            self._loud[0],
            self.office,
            self._loud[1],
            self.citizen,
            self.end,
        ):
            self._flow.addWidget(part)
        row = QHBoxLayout()
        row.addWidget(self._row, 1)
        column.addLayout(row)

    def refresh(self) -> None:
        """Show the relay as it stands."""
        desk = self._context.desk
        view = desk.relay.view(desk.video.running) if desk.video.running else None
        self.setVisible(view is not None)
        if view is None:
            self._told = ""
            return
        announcing = view.state is RelayState.ANNOUNCING
        self._state.say(relay_text(view))
        self._say.say(announcement(view))
        self._say.setVisible(announcing)
        self._who.say(who_text(view))
        for button in (self.agree, self.refuse):
            button.setVisible(announcing)
        self._show_sound(view)
        told = f"{self._state.words}. {self._say.words if announcing else ''} {self._who.words}"
        if told != self._told:
            self._context.announcer.say(told)
        self._told = told
        self._flow.invalidate()
        self._row.setFixedHeight(self._flow.heightForWidth(max(1, self.width() - 2 * self._context.look.px(20))))

    def _show_sound(self, view: RelayView) -> None:
        """Volumes are for whoever hears; a menu can be answered once somebody has picked up."""
        talking = view.state in (RelayState.ANNOUNCING, RelayState.JOINED)
        self.menu.setVisible(talking)
        hears = talking and self._context.desk.policy.hears
        for part, there in (
            (self._loud[0], hears),
            (self.office, hears),
            (self._loud[1], hears and view.citizen_voice),
            (self.citizen, hears and view.citizen_voice),
        ):
            part.setVisible(there)
        for box, percent in ((self.office, view.office_volume), (self.citizen, view.citizen_volume)):
            if not box.hasFocus():
                box.blockSignals(True)
                box.setValue(percent)
                box.blockSignals(False)

    def _set_volume(self, party: Party, percent: int) -> None:
        self._context.tasks.start(self._context.desk.relay.volume(party, percent))

    def _send_tones(self) -> None:
        digits = self.menu.text().strip()
        if digits:
            self._context.tasks.start(self._context.desk.relay.tones(digits), lambda _: self.menu.clear(), self)

    def take_keyboard(self) -> None:
        """To what has to be done next."""
        first = next((part for part in (self.agree, self.menu, self.end) if part.isVisible()), None)
        if first is not None:
            first.window().activateWindow()
            first.setFocus()
