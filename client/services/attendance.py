"""Who else has a session open or writes in it, and what of ours colleagues and the citizen are told."""

from __future__ import annotations

from client.domain.signal import Signal, Typing, Working
from client.domain.words import Party
from client.ports.clock import Clock, Timer
from client.services.notices import SessionChanged
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.signals import SignalSender

AGAIN_S = 20.0  # a sign of life; who gave none for a while has left (`SessionBook.others_at`)
PAUSE_S = 4.0  # without a key: not writing any more


class AttendanceService:
    """Tells of the one session that the window shows."""

    def __init__(self, sessions: SessionBook, signals: SignalSender, clock: Clock, publisher: Publisher) -> None:
        self._sessions = sessions
        self._signals = signals
        self._clock = clock
        self._publisher = publisher
        self._at = ""
        self._typing = False
        self._again: Timer | None = None
        self._pause: Timer | None = None

    def look_at(self, session: str) -> None:
        """The window shows this session ("": none) from now on."""
        if session == self._at:
            return
        self._stop_typing()
        if self._at:
            self._tell(viewing=False)
        self._at = session
        if self._again is not None:
            self._again.cancel()
            self._again = None
        if session:
            self._say_again()

    def types(self) -> None:
        """The agent pressed a key in the message's field."""
        if not self._at:
            return
        if self._pause is not None:
            self._pause.cancel()
        self._pause = self._clock.later(PAUSE_S, self._stop_typing)
        if not self._typing:
            self._set_typing(on=True)

    def _stop_typing(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self._typing:
            self._set_typing(on=False)

    def _set_typing(self, *, on: bool) -> None:
        self._typing = on
        self._tell(viewing=True)
        if self._sessions.may_write(self._at):
            body = Typing(party=Party.AGENT, on=on)
            self._signals.send(Signal(session=self._at, key=f"{Typing.kind}:{Party.AGENT}", body=body))

    def _say_again(self) -> None:
        self._tell(viewing=True)
        self._again = self._clock.later(AGAIN_S, self._say_again)
        self._publisher.publish(SessionChanged(self._at))  # who has fallen silent is no longer shown

    def _tell(self, *, viewing: bool) -> None:
        if self._at in self._sessions:
            body = Working(viewing=viewing, typing=self._typing)
            self._signals.send(Signal(session=self._at, key=Working.kind, body=body))
