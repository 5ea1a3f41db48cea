"""The window's head: the agent's own state, how many sessions they hold, and whether everything works."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from client.domain.session import Stage
from client.services.health import Health
from client.services.notices import (
    AlertChanged,
    CallsChanged,
    GatewaysChanged,
    HealthChanged,
    LevelChanged,
    PresenceChanged,
    SessionChanged,
    SessionGone,
    WrapUpChanged,
)
from ui.alert_line import AlertLine
from ui.context import Context
from ui.health_label import HealthLabel
from ui.key_button import KeyButton, Kind
from ui.label import Label
from ui.language import tr
from ui.level_meter import LevelMeter
from ui.listen import CALM_MS, Coalesced, listen
from ui.services_text import services_text
from ui.wording import presence_text

PARTS = ("phone", "video", "hub", "services", "captions", "microphone")
QUIET = ("good", "off")
CROWDED = 2  # parts that are not well, from which on a narrow head has no room for finding, which has its key
DOTS = {"available": "good", "talking": "good", "wrap_up": "careful", "offline": "third"}


class Head(QFrame):
    """One line over the whole window. Attributes: `alert` — what calls for the agent, in the room between the two halves."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        look = context.look
        self.setProperty("is", "head")
        self.setFixedHeight(look.px(52))
        self.presence = KeyButton(look, key=context.key("presence"))
        self.presence.clicked.connect(lambda: context.actions.trigger("presence"))
        self._brand = Label(tr("Ieum"), "brand")
        self._held = Label(style="second")
        self.alert = AlertLine(context)
        self._narrow = False
        self._health = {name: HealthLabel(look, part_text(name)) for name in PARTS}
        self._meter = LevelMeter(look)
        self.swap = KeyButton(look, compact=True)
        self.swap.hide()
        self._find = KeyButton(look, tr("Find"), key=context.key("find"), kind=Kind.QUIET, compact=True)
        self._find.clicked.connect(lambda: context.actions.trigger("find"))
        self._help = KeyButton(look, tr("Help"), key=context.key("help"), kind=Kind.QUIET, compact=True)
        self._help.clicked.connect(lambda: context.actions.trigger("help"))
        self._lay_out()
        self._refresh = Coalesced(self, self.refresh, CALM_MS)
        for kind in (
            PresenceChanged,
            HealthChanged,
            SessionChanged,
            SessionGone,
            WrapUpChanged,
            CallsChanged,
            AlertChanged,
            GatewaysChanged,
        ):
            listen(self, context.desk.publisher, kind, self._refresh.ask)
        listen(self, context.desk.publisher, LevelChanged, lambda level: self._meter.show_level(level.microphone))
        self.refresh()

    def _lay_out(self) -> None:
        look = self._context.look
        row = QHBoxLayout(self)
        row.setContentsMargins(look.px(16), 0, look.px(8), 0)
        row.setSpacing(look.px(16))
        row.addWidget(self._brand)
        row.addWidget(self.presence)
        row.addWidget(self._held)
        row.addWidget(self.alert)
        row.addStretch(1)
        for name in PARTS:
            row.addWidget(self._health[name])
        row.addWidget(self._meter)
        row.addWidget(self.swap)
        row.addWidget(self._find)
        row.setSpacing(look.px(14))
        row.addWidget(self._help)

    def set_narrow(self, narrow: bool) -> None:
        """Leave out the words of what is well, where there is no room; what is not well keeps its words."""
        self._narrow = narrow
        self._brand.setVisible(not narrow)
        self._help.setVisible(not narrow)
        self.swap.setVisible(narrow)
        self.refresh()

    def refresh(self) -> None:
        """Say how things stand."""
        desk = self._context.desk
        shown = desk.presence.shown
        words = tr("In a video session") if desk.video.running else presence_text(shown)
        self.presence.set_words(words)
        self.presence.set_dot(DOTS.get(shown, "careful"))
        self.presence.setAccessibleName(tr("My state: {state}", state=words))
        weights = desk.policy.weights
        held = sum(weights.get(view.channel, 1) for view in desk.sessions.mine() if view.stage is not Stage.OFFERED)
        self._held.say(tr("Sessions {count}/{most}", count=held, most=desk.policy.capacity))
        stands = (
            ("phone", desk.health.phone),
            ("video", desk.health.video),
            ("hub", desk.health.hub),
            ("captions", desk.health.captions),
            ("microphone", desk.health.microphone),
        )
        for name, health in stands:
            self._show_health(name, health)
        state, text, whole = services_text(desk.gateways.states.values())
        self._health["services"].show_state(state, text, whole)
        states = {**{name: health.state for name, health in stands}, "services": state}
        self._share_room([name for name, state in states.items() if state not in QUIET])
        self._meter.setAccessibleDescription(self._health["microphone"].state.words)

    def _share_room(self, troubled: list[str]) -> None:
        """In little room what calls goes first, then what is not well; both have their own keys and come back."""
        calling = not self.alert.isHidden()
        without = () if self._context.desk.health.video.state != "off" else ("video",)
        for name in PARTS:
            # the services are named only where there is something to say, the video only where the agent takes it
            roomy = not self._narrow and name not in without and (name != "services" or name in troubled)
            self._health[name].setVisible(roomy or (name in troubled and self._narrow and not calling))
        self._held.setVisible(not self._narrow or not (calling or troubled))
        self._find.setVisible(not self._narrow or calling or len(troubled) < CROWDED)

    def _show_health(self, name: str, health: Health) -> None:
        waiting = self._context.desk.health.waiting_events if name == "hub" and health.state != "good" else 0
        text = health_text(health.key)
        if waiting:
            text = tr("{text}, {count} waiting", text=text, count=waiting)
        label = self._health[name]
        label.show_state(health.state, text)
        label.state.setVisible(not (health.state in QUIET and name == "microphone"))  # its meter says it


def part_text(name: str) -> str:
    """One of the things that must work."""
    return {
        "services": tr("Messages"),
        "phone": tr("Phone"),
        "video": tr("Video"),
        "hub": tr("Server"),
        "captions": tr("Captions"),
        "microphone": tr("Microphone"),
    }[name]


def health_text(key: str) -> str:
    """How it stands with it, in a word or two."""
    return {
        "phone_ready": tr("ready"),
        "phone_away": tr("stopped"),
        "not_registered": tr("not registered"),
        "video_ready": tr("ready"),
        "video_away": tr("stopped"),
        "camera_problem": tr("check the camera"),
        "far_end_silent": tr("citizen not heard"),
        "hub_connected": tr("connected"),
        "hub_away": tr("not reachable"),
        "hub_denied": tr("sign-in refused"),
        "captions_on": tr("on"),
        "captions_off": tr("off"),
        "captions_rough": tr("rough"),
        "captions_away": tr("starting"),
        "captions_missing": tr("missing"),
        "microphone_ready": tr("ready"),
        "microphone_silent": tr("silent"),
        "device_problem": tr("check it"),
    }.get(key, key)
