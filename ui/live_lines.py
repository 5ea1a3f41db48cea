"""Both parties' unfinished lines in the open session's timeline, and what the screen reader says of them."""

from __future__ import annotations

from PySide6.QtCore import QObject

from client.domain.words import Party
from client.services.live_text import Live
from client.services.notices import LiveTextChanged
from ui.context import Context
from ui.language import tr
from ui.listen import listen
from ui.timeline_view import TimelineView

ENDS = (" ", "\u00a0", ".", ",", "!", "?")  # after these a word is finished: no syllable of it will change


class LiveLines(QObject):
    """Shows them as they are typed. Announced are whole words or finished lines of the citizen, by a setting; never a
    syllable that is being composed."""

    def __init__(self, context: Context, timeline: TimelineView) -> None:
        super().__init__(timeline)
        self._context = context
        self._timeline = timeline
        self._said = ""
        self._lines = 0
        listen(self, context.desk.publisher, LiveTextChanged, self._on_text)
        context.selection.changed.connect(self.refresh)

    def _on_text(self, notice: LiveTextChanged) -> None:
        if notice.session == self._context.selection.session:
            self.refresh()

    def refresh(self) -> None:
        """Show the lines of the open session."""
        model, session = self._timeline.lines(), self._context.selection.session
        if model is None or not session:
            return
        live = self._context.desk.video.text.of(session)
        model.show_live(rows_of(live))
        self._announce(live)

    def _announce(self, live: Live) -> None:
        how = self._context.settings.announce_live_text
        if how == "words":
            self._say_words(live.citizen)
        elif how == "lines" and len(live.pending) > self._lines:
            self._say(live.pending[-1])
        self._lines = len(live.pending)

    def _say_words(self, line: str) -> None:
        whole = line[: max((line.rfind(end) + 1 for end in ENDS), default=0)]
        if whole.startswith(self._said) and whole != self._said:
            self._say(whole[len(self._said) :])
        self._said = whole

    def _say(self, text: str) -> None:
        if text.strip():
            self._context.announcer.say(tr("Citizen: {text}", text=text.strip()))


def rows_of(live: Live) -> list[tuple[str, Party, str]]:
    """(id, who, text) of what stands unfinished, the citizen's first."""
    rows = [(f"live:pending:{n}", Party.CITIZEN, line) for n, line in enumerate(live.pending)]
    if live.citizen.strip():
        rows.append(("live:citizen", Party.CITIZEN, live.citizen))
    if live.agent.strip():
        rows.append(("live:agent", Party.AGENT, live.agent))
    return rows
