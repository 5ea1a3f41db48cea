"""Operating-system branches live in `client/platform.py` alone: a POSIX-only call elsewhere would break Windows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = {"fcntl", "pwd", "grp", "termios", "resource", "pty", "tty", "syslog", "posix", "curses"}
CALLS = {
    "os": {
        "fork",
        "forkpty",
        "getuid",
        "geteuid",
        "getgid",
        "setsid",
        "killpg",
        "getpgid",
        "setuid",
        "chown",
        "kill",
        "uname",
        "getppid",
        "mkfifo",
        "nice",
        "sched_setaffinity",
        "sched_getaffinity",
        "getloadavg",
        "statvfs",
        "WEXITSTATUS",
        "umask",
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGALRM", "alarm", "setitimer", "pause"},
    "time": {"tzset"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
    "socket": {"AF_UNIX", "socketpair"},
    "sys": {"platform", "getwindowsversion"},
}


def posix_only(text: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module.split(".")[0] in MODULES:
                found.append(node.module)
            found += [f"{node.module}.{a.name}" for a in node.names if a.name in CALLS.get(node.module, ())]
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.attr in CALLS.get(node.value.id, ()):
                found.append(f"{node.value.id}.{node.attr}")
            if node.attr == "add_signal_handler":
                found.append("loop.add_signal_handler")
    return found


def test_posix_only_calls_stay_in_platform():
    files = [*ROOT.glob("client/**/*.py"), *ROOT.glob("ui/**/*.py")]
    broken = {
        str(f.relative_to(ROOT)): posix_only(f.read_text(encoding="utf-8"))
        for f in files
        if f != ROOT / "client/platform.py"
    }
    assert {file: calls for file, calls in broken.items() if calls} == {}


@pytest.mark.parametrize(
    "text",
    [
        "import fcntl",
        "import os\nos.fork()",
        "from os import kill",
        "import signal\nsignal.SIGKILL",
        "loop.add_signal_handler(2, f)",
    ],
)
def test_a_posix_only_call_is_found(text):
    assert posix_only(text)
