"""A child process whose output goes to a file, so that a test can wait for a line."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.waiting import until

GRACE_S = 5


class Peer:
    def __init__(self, command: list[str], log: Path, *, cwd: Path | None = None, env: dict | None = None) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT, cwd=cwd, env=env
            )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def send(self, line: str) -> None:
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    async def ended(self, seconds: float = 15) -> int:
        """The exit code."""
        await until(
            lambda: self.process.poll() is not None, seconds, f"end of {self.process.args[:3]}: {self.text()[-500:]}"
        )
        return self.process.returncode

    def kill(self, *, politely: bool = False) -> None:
        if self.process.poll() is None and not politely:
            self.process.kill()
            self.process.wait()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdin.close()
