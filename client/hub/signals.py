"""The newest signal per (session, key), kept while the session is open and repeated to whoever connects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from client.domain.event import Caption, ConsentAnswered, SessionClosed
from client.domain.session_log import Appended
from client.domain.signal import PartialCaption, Signal

MAX_KEYS = 100  # of one session; the oldest goes


class Signals:
    """In memory only: a signal need not last."""

    def __init__(self) -> None:
        self._newest: defaultdict[str, dict[str, Signal]] = defaultdict(dict)

    def put(self, signal: Signal) -> None:
        """Keep it in place of the one with its key."""
        held = self._newest[signal.session]
        held.pop(signal.key, None)
        held[signal.key] = signal
        if len(held) > MAX_KEYS:
            del held[next(iter(held))]

    def end(self, session: str, key: str) -> Signal | None:
        """Keep it no longer; what it was."""
        return self._newest.get(session, {}).pop(key, None)

    def of(self, session: str) -> Sequence[Signal]:
        """What to repeat to a reader of this session."""
        return list(self._newest.get(session, {}).values())

    def follow(self, appended: Appended) -> None:
        """A final ends its partial, a withdrawn consent the mirror, a closed session everything."""
        session = appended.facts.id
        for taken in appended.fresh:
            match taken.event.body:
                case SessionClosed():
                    self._newest.pop(session, None)
                case Caption(utterance=utterance):
                    self._drop(session, self._partials(session, utterance))
                case ConsentAnswered(purpose="share_screen", given=False):
                    self._drop(session, ["mirror"])

    def _partials(self, session: str, utterance: str) -> list[str]:
        return [
            key
            for key, signal in self._newest.get(session, {}).items()
            if isinstance(signal.body, PartialCaption) and signal.body.utterance == utterance
        ]

    def _drop(self, session: str, keys: Iterable[str]) -> None:
        for key in keys:
            self._newest.get(session, {}).pop(key, None)
