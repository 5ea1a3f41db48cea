"""What the window remembers of each session while others are open, and when it is made anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from client.domain.timeline import CaptionLine, Line


def is_settled(line: Line) -> bool:
    """True unless it is a caption whose utterance still runs."""
    return not isinstance(line, CaptionLine) or line.final


class ReadMarks:
    """Which lines of a session were said on a key. One that was said while provisional is unread again once final."""

    def __init__(self) -> None:
        self._said: dict[str, bool] = {}
        self._begin = ""

    def say(self, lines: Iterable[Line]) -> None:
        """These lines count as read, as they stand now."""
        for line in lines:
            self._begin = min(self._begin or line.at, line.at)
            self._said[line.id] = is_settled(line)

    def unread(self, lines: Iterable[Line]) -> Line | None:
        """The first unread line; what was said before the first read one is history."""
        return next((line for line in lines if line.at >= self._begin and self._is_unread(line)), None)

    def _is_unread(self, line: Line) -> bool:
        return line.id not in self._said or (is_settled(line) and not self._said[line.id])


@dataclass(frozen=True, slots=True)
class Correction:
    """A caption that was corrected, and its reading `before`."""

    session: str
    line: str
    before: str


class Memory:
    """Attributes: `corrections` — newest last, for taking back; `consulted` — (colleague, note) of the consultation;
    `notes_read` — (session, note) of hand-overs that were put away; `stage_out` — the video has a window of its own.
    """

    def __init__(self) -> None:
        self.corrections: list[Correction] = []
        self.consulted = ("", "")
        self.notes_read: set[tuple[str, str]] = set()
        self.stage_out = False
        self._marks: dict[str, ReadMarks] = {}

    def marks(self, session: str) -> ReadMarks:
        """What was read in a session."""
        return self._marks.setdefault(session, ReadMarks())

    def take_correction(self, session: str) -> Correction | None:
        """The last correction in a session; it is remembered no more."""
        last = next((one for one in reversed(self.corrections) if one.session == session), None)
        if last is not None:
            self.corrections.remove(last)
        return last

    def forget(self, session: str) -> None:
        """The session is gone."""
        self._marks.pop(session, None)
        self.corrections = [one for one in self.corrections if one.session != session]
