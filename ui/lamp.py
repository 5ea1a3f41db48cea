"""A lamp or a vibrator that goes with alerts: IT's own command (`desk.alert_command`), told `on KIND` and `off`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PureWindowsPath

from PySide6.QtCore import QProcess

from client.services.notices import Alarm, Severity, Trouble, TroubleTold
from client.services.publisher import Publisher


class Lamp:
    """Runs the command and does not wait for it. It learns the kind of alert, never a number or a name of a person."""

    def __init__(self, command: Sequence[str], publisher: Publisher) -> None:
        self._command = tuple(command)
        self._publisher = publisher
        self._lit = False
        self._failed = False

    def on(self, alarm: Alarm) -> None:
        """An alert was raised, or is said again."""
        self._lit = True
        self._run("on", alarm.value)

    def off(self) -> None:
        """No alert is left; a lamp that is off is left alone."""
        if self._lit:
            self._lit = False
            self._run("off")

    def _run(self, *words: str) -> None:
        if not self._command:
            return
        program, *arguments = self._command
        started, _ = QProcess.startDetached(program, [*arguments, *words])
        if not started and not self._failed:  # told once, and again after it has worked
            name = PureWindowsPath(program).name  # takes both slashes
            self._publisher.publish(TroubleTold(Trouble.LAMP_FAILED, Severity.CAREFUL, name))
        self._failed = not started
