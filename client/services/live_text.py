"""Real-time text of both parties: what stands in their lines now, and the finished lines whose messages are on the way.

Every line is kept twice on purpose: as it is typed over the data channel (or, where none is open, as a signal), and once
finished as a message in the log, which is what lasts. The live line goes when its message is there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from client.domain import event as e
from client.domain.signal import LiveText, Signal
from client.domain.t140 import NEW_LINE, TextLines, difference
from client.domain.video import TextReceived
from client.domain.words import Party
from client.services.log import EventLog
from client.services.notices import LiveTextChanged
from client.services.publisher import Publisher
from client.services.signals import SignalSender

MOST_EARLY = 20
Write = Callable[[str, str], Awaitable[bool]]
"""(session, T.140) → whether it was sent."""


@dataclass(slots=True)
class Live:
    """One session's lines. `citizen`, `agent` — as they stand now; `pending` — the citizen's finished lines whose
    message has not come yet; `early` — messages that came before their live copy; `around` — their line as it came by the
    hub since the channel's last piece, None for not; `carried` — a channel stands.

    The two ways are never mixed: what comes round may be late, and the channel's pieces fit only to its own."""

    theirs: TextLines = field(default_factory=TextLines)
    agent: str = ""
    sent: str = ""
    pending: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    around: str | None = None
    carried: bool = False

    @property
    def citizen(self) -> str:
        """The citizen's unfinished line."""
        if self.around is None or (self.carried and self.theirs.line):
            return self.theirs.line
        return self.around


class LiveTextBook:
    """The lines of every video session."""

    def __init__(self, write: Write, log: EventLog, signals: SignalSender, publisher: Publisher) -> None:
        self._write = write
        self._log = log
        self._signals = signals
        self._publisher = publisher
        self._live: dict[str, Live] = {}
        self._queue: dict[str, list[str]] = {}
        self._sending: set[str] = set()

    def of(self, session: str) -> Live:
        """The session's lines."""
        return self._live.setdefault(session, Live())

    # ── ours ─────────────────────────────────────────────────────────────────────────────────────

    def type(self, session: str, line: str) -> None:
        """The agent's line as it stands now, a composing syllable included: the other side sees it at once."""
        live = self.of(session)
        if line == live.agent:
            return
        live.agent = line
        self._send(session, difference(live.sent, line))
        live.sent = line
        self._publisher.publish(LiveTextChanged(session))

    def finish(self, session: str, line: str = "") -> None:
        """The agent's line is finished: it is a message, on the disk when this returns. Raises `NotPossible`."""
        text = line or self.of(session).agent
        self.type(session, text)
        if text.strip():
            self._log.say(session, e.MessageSent(party=Party.AGENT, text=text))
        live = self.of(session)
        if text:
            self._send(session, NEW_LINE)
        live.agent = live.sent = ""
        self._publisher.publish(LiveTextChanged(session))

    def opened(self, session: str) -> None:
        """A new channel: the other side has an empty line there."""
        live = self.of(session)
        live.sent = ""
        self._queue.pop(session, None)
        if live.agent:
            self._send(session, live.agent)
            live.sent = live.agent

    def _send(self, session: str, text: str) -> None:
        """One after the other: an erasure must not overtake what it erases."""
        if not text:
            return
        self._queue.setdefault(session, []).append(text)
        if session not in self._sending:
            self._sending.add(session)
            self._log.in_background(self._flush(session))

    async def _flush(self, session: str) -> None:
        try:
            while waiting := self._queue.pop(session, []):
                if not await self._write(session, "".join(waiting)):
                    body = LiveText(party=Party.AGENT, text=self.of(session).agent)
                    self._signals.send(Signal(session=session, key=f"{LiveText.kind}:{Party.AGENT}", body=body))
        finally:
            self._sending.discard(session)

    # ── theirs ───────────────────────────────────────────────────────────────────────────────────

    def take(self, received: TextReceived) -> None:
        """What the citizen types."""
        live = self.of(received.call)
        live.around = None
        if received.fresh:
            live.theirs.restart()
        live.theirs.take(received.text)
        live.pending += [line for line in live.theirs.taken() if line.strip() and not _was_early(live, line)]
        self._publisher.publish(LiveTextChanged(received.call))

    def take_signal(self, session: str, body: LiveText) -> None:
        """The citizen's line came by the way round."""
        if body.party is Party.CITIZEN:
            self.of(session).around = body.text
            self._publisher.publish(LiveTextChanged(session))

    def carried(self, session: str, *, on: bool) -> None:
        """A channel stands, or no longer does: then what came round is the newest."""
        live = self.of(session)
        if live.carried != on:
            live.carried = on
            self._publisher.publish(LiveTextChanged(session))

    def arrived(self, session: str, text: str) -> None:
        """A message of the citizen is in the log: its live line is not shown twice."""
        live = self._live.get(session)
        if live is None:
            return
        same = next((line for line in live.pending if _same(line, text)), None)
        if same is not None:
            live.pending.remove(same)
        elif live.around is not None and _same(live.around, text):
            live.around = None
            live.theirs.restart()
        else:
            live.early = [*live.early, text][-MOST_EARLY:]
        self._publisher.publish(LiveTextChanged(session))

    def end(self, session: str) -> None:
        """The session's talk is over: what the agent had typed was seen, so it is kept. Raises `NotPossible`."""
        live = self._live.get(session)
        if live is None:
            return
        if live.agent.strip():
            self.finish(session)
        self._live.pop(session, None)
        self._queue.pop(session, None)
        self._publisher.publish(LiveTextChanged(session))


def _was_early(live: Live, line: str) -> bool:
    """A line whose message came by the faster road."""
    same = next((text for text in live.early if _same(line, text)), None)
    if same is not None:
        live.early.remove(same)
    return same is not None


def _same(line: str, text: str) -> bool:
    """A line as it was typed and its message, in which the hub may have put stars over a number: as long as before."""
    line, text = line.strip(), text.strip()
    return len(line) == len(text) and all(b in (a, "*") for a, b in zip(line, text, strict=True))
