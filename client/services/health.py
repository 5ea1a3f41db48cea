"""The states in the window's head: phone, video where the agent signs, hub, captions, microphone."""

from __future__ import annotations

from dataclasses import dataclass

from client.domain.call import Devices, Level, Registration, Silence, Telling
from client.ports.telephony import Telephony
from client.services.alerts import AlertService
from client.services.call_views import CallFinished
from client.services.calls import CallService
from client.services.captions import CaptionService, CaptionState
from client.services.log import EventLog
from client.services.notices import (
    Alarm,
    CamerasChanged,
    HealthChanged,
    LevelChanged,
    Severity,
    Trouble,
    TroubleTold,
)
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.video import VideoService

FAR_END = "far_end"
SILENCE = {"microphone": Alarm.MICROPHONE_SILENT, FAR_END: Alarm.FAR_END_SILENT}


@dataclass(frozen=True, slots=True)
class Health:
    """`state` is good, careful, bad or off; `key` names it for the interface."""

    state: str
    key: str


class HealthService:
    """Attributes: `level` — the microphone's, 0–1; `devices` — the sound devices as last told."""

    def __init__(
        self,
        telephony: Telephony,
        calls: CallService,
        captions: CaptionService,
        video: VideoService,
        log: EventLog,
        alerts: AlertService,
        publisher: Publisher,
        policy: Policy,
    ) -> None:
        self.level = 0.0
        self.devices: Devices | None = None
        self._telephony = telephony
        self._calls = calls
        self._captions = captions
        self._video = video
        self._policy = policy
        self._log = log
        self._alerts = alerts
        self._publisher = publisher
        self._registrations: dict[str, Registration] = {}
        self._phone_there = False
        self._silent: dict[str, str] = {}  # side → the call that it was told of

    def start(self) -> None:
        """Listen to telephony."""
        self._telephony.listen(self.take)
        self._publisher.subscribe(CallFinished, self._call_over)
        self._publisher.subscribe(CamerasChanged, lambda _: self._publisher.publish(HealthChanged()))

    @property
    def phone(self) -> Health:
        """Whether calls can come in, and whether the running one is heard."""
        if not self._phone_there:
            return Health("bad", "phone_away")
        broken = [one for one in self._registrations.values() if not one.registered]
        if broken:
            return Health("bad" if len(broken) == len(self._registrations) else "careful", "not_registered")
        if FAR_END in self._silent:
            return Health("bad", "far_end_silent")
        return Health("good", "phone_ready")

    @property
    def video(self) -> Health:
        """Whether sign-language video can come in, and whether the citizen would see us; off where the agent takes none."""
        if not self._policy.signs:
            return Health("off", "video_off")
        if not self._video.there:
            return Health("bad", "video_away")
        cameras = self._video.cameras
        if cameras is not None and cameras.problem:
            return Health("careful", "camera_problem")
        return Health("good", "video_ready")

    @property
    def hub(self) -> Health:
        """Whether the log is kept where it belongs."""
        if self._log.connected:
            return Health("good", "hub_connected")
        return Health("bad", "hub_denied") if self._log.denied else Health("careful", "hub_away")

    @property
    def captions(self) -> Health:
        """Whether speech is recognised."""
        state = {
            CaptionState.ON: "good",
            CaptionState.ROUGH: "careful",
            CaptionState.AWAY: "bad",
            CaptionState.MISSING: "bad",
            CaptionState.OFF: "off",
        }
        return Health(state[self._captions.state], f"captions_{self._captions.state.value}")

    @property
    def microphone(self) -> Health:
        """Whether the microphone gives sound."""
        if "microphone" in self._silent:
            return Health("bad", "microphone_silent")
        if self.devices is not None and self.devices.problem:
            return Health("careful", "device_problem")
        return Health("good", "microphone_ready")

    @property
    def waiting_events(self) -> int:
        """Events that the hub has not acknowledged."""
        return self._log.waiting

    def take(self, telling: Telling) -> None:
        """Take a fact of telephony."""
        if isinstance(telling, Level):
            self.level = telling.microphone
            self._publisher.publish(LevelChanged(telling.microphone, telling.far_end))
            return
        if isinstance(telling, Registration):
            self._registration(telling)
        elif isinstance(telling, Silence):
            self._silence(telling)
        elif isinstance(telling, Devices):
            self._devices(telling)
        else:
            return
        self._publisher.publish(HealthChanged())

    def phone_there(self, *, there: bool) -> None:
        """The voice engine came or went."""
        if there != self._phone_there:
            self._phone_there = there
            self._publisher.publish(HealthChanged())

    def _registration(self, told: Registration) -> None:
        before = self._registrations.get(told.account)
        self._registrations[told.account] = told
        if not told.registered and (before is None or before.registered):
            detail = f"{told.code} {told.reason}".strip()
            self._publisher.publish(TroubleTold(Trouble.NOT_REGISTERED, Severity.BAD, detail))

    def _silence(self, told: Silence) -> None:
        alarm = SILENCE[told.side]
        if told.silent:
            self._silent[told.side] = told.call
            self._alerts.raise_(alarm, self._session_of(told.call) if told.side == FAR_END else "")
        else:
            self._sounds_again(told.side)

    def _session_of(self, call: str) -> str:
        return self._calls.book.session_of(call) or self._calls.running or ""

    def _sounds_again(self, side: str) -> None:
        self._silent.pop(side, None)
        for alert in [alert for alert in self._alerts.active if alert.alarm is SILENCE[side]]:
            self._alerts.acknowledge(alert.id)

    def _call_over(self, finished: CallFinished) -> None:
        """A silent far end that is gone is told by nobody."""
        if self._silent.get(FAR_END) in (finished.call, ""):
            self._sounds_again(FAR_END)
            self._publisher.publish(HealthChanged())

    def _devices(self, told: Devices) -> None:
        before, self.devices = self.devices, told
        if told.problem and (before is None or before.problem != told.problem):
            self._publisher.publish(TroubleTold(Trouble.DEVICE_LOST, Severity.CAREFUL, told.problem))
