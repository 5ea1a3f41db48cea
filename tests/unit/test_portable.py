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
        "sysconf",
        "name",
        "setpgid",
        "getpgrp",
        "wait",
        "waitpid",
        "mknod",
        "openpty",
        "ttyname",
        "pathconf",
    },
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGALRM", "alarm", "setitimer", "pause"},
    "time": {"tzset"},
    "asyncio": {"open_unix_connection", "start_unix_server"},
    "socket": {"AF_UNIX", "socketpair"},
    "sys": {"platform", "getwindowsversion"},
}


PLACES = ("/proc/", "/sys/", "/etc/", "/dev/", "/run/", "/var/")
OPTIONS = {"start_new_session", "preexec_fn", "pass_fds", "process_group"}


def posix_only(text: str) -> list[str]:
    tree = ast.parse(text)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    imported = [alias for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names = {alias.asname or alias.name: alias.name for alias in imported}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            if node.module.split(".")[0] in MODULES:
                found.append(node.module)
            found += [f"{node.module}.{a.name}" for a in node.names if a.name in CALLS.get(node.module, ())]
        elif isinstance(node, ast.Attribute):
            module = names.get(node.value.id, "") if isinstance(node.value, ast.Name) else ""
            if node.attr in CALLS.get(module, ()):
                found.append(f"{module}.{node.attr}")
            if node.attr == "add_signal_handler":
                found.append("loop.add_signal_handler")
        elif isinstance(node, ast.keyword) and node.arg in OPTIONS:
            found.append(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            found += [node.value for place in PLACES if node.value.startswith(place)]
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
        "import os as system\nsystem.fork()",
        "from os import kill as end",
        "import signal as s\ns.SIGKILL",
        "import os\nos.sysconf('SC_CLK_TCK')",
        "import os\nif os.name == 'nt': pass",
        "import subprocess\nsubprocess.Popen(['x'], start_new_session=True)",
        "open('/proc/self/stat')",
        "from pathlib import Path\nPath(f'/proc/{1}/stat')",
    ],
)
def test_a_posix_only_call_is_found(text):
    assert posix_only(text)


@pytest.mark.parametrize(
    "text", ['"""As in /proc/self."""', "name.kill()", "import os\nos.path.join('a', 'name')", "x = 'a/proc/b'"]
)
def test_what_is_portable_is_let_through(text):
    assert posix_only(text) == []
