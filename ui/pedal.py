"""A pedal or switches that are no keyboard: IT's own program (`desk.pedal_command`), whose every line names an action.

Pedals that are keyboards need nothing of this: F13–F24 can be given to any action. The program is the desk's child: it is
started with it, started again when it ends, and its input closes with the desk, so that it can end too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PureWindowsPath

from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QTimer

from client.services.notices import Severity, Trouble, TroubleTold
from client.services.publisher import Publisher
from ui.shortcuts import BY_ID

AGAIN_MS, LATEST_MS = 1_000, 60_000  # started again after this long, and twice as long each time until a line comes
BOUNCE_MS = 80  # a switch that trembles is pressed once
MOST_LINE, MOST_WAITING, SHOWN = 200, 4_096, 40  # bytes of a line, bytes without a line's end, letters told of one
END_MS = 1_000

Press = Callable[[str], object]
"""Action id → done, where it can be done now."""


class Pedal(QObject):
    """Runs the program while it lives. An action that is not possible now is not done, as with a key."""

    def __init__(self, command: Sequence[str], publisher: Publisher, press: Press, parent: QObject) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._publisher = publisher
        self._press = press
        self._failed = self._told = False
        self._wait_ms = AGAIN_MS
        self._last = ""
        self._since = QElapsedTimer()
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._start)
        self._process = QProcess(self)
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(lambda *_: self._later())
        self._process.errorOccurred.connect(self._on_error)
        parent.destroyed.connect(self.end)
        if self._command:
            self._start()

    def end(self, *_: object) -> None:
        """Let the program end with the desk; it has nothing to keep."""
        self._again.stop()
        self._process.blockSignals(True)
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(END_MS)

    # ── the program ──────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        program, *arguments = self._command
        self._process.start(program, arguments)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is not QProcess.ProcessError.FailedToStart:
            return
        if not self._failed:  # told once, and again after it has worked
            self._tell(Trouble.PEDAL_FAILED, PureWindowsPath(self._command[0]).name)
        self._failed = True
        self._later()

    def _later(self) -> None:
        self._again.start(self._wait_ms)
        self._wait_ms = min(LATEST_MS, self._wait_ms * 2)

    # ── its lines ────────────────────────────────────────────────────────────────────────────────

    def _read(self) -> None:
        self._failed, self._wait_ms = False, AGAIN_MS
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data())
            self._take(line[:MOST_LINE].decode("utf-8", "replace").strip())
        if self._process.bytesAvailable() > MOST_WAITING:
            self._process.readAll()  # a program that never ends a line is none for a pedal

    def _take(self, line: str) -> None:
        if line in BY_ID:
            if not self._bounces(line):
                self._press(line)
        elif line and not self._told:  # once: a program of another kind may print without end
            self._told = True
            self._tell(Trouble.PEDAL_UNKNOWN, "".join(sign for sign in line if sign.isprintable())[:SHOWN])

    def _bounces(self, action: str) -> bool:
        soon = self._since.isValid() and not self._since.hasExpired(BOUNCE_MS)
        again, self._last = soon and action == self._last, action
        self._since.start()
        return again

    def _tell(self, trouble: Trouble, detail: str) -> None:
        self._publisher.publish(TroubleTold(trouble, Severity.CAREFUL, detail))
