"""The one module with operating-system branches."""

from __future__ import annotations

import asyncio
import ctypes
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import platformdirs

_DIRS = platformdirs.PlatformDirs("ieum", appauthor=False)
WINDOWS = sys.platform == "win32"
_IMPORTED = time.time()


def machine_settings_file() -> Path:
    """IT's settings for the whole machine.

    `IEUM_MACHINE_SETTINGS` moves it, for tests and images, but only where IT has put no file: else whoever may set a
    variable would step around IT's locks.
    """
    of_it = _system_settings_file()
    moved = os.environ.get("IEUM_MACHINE_SETTINGS")
    return Path(moved) if moved and not of_it.exists() else of_it


def _system_settings_file() -> Path:
    """Where IT puts the machine's file. No variable that a user may set moves it, so the usual library is not asked."""
    if WINDOWS:
        return Path(_windows_program_data()) / "ieum" / "ieum.toml"
    if sys.platform == "darwin":
        return Path("/Library/Application Support/ieum/ieum.toml")
    return Path("/etc/xdg/ieum/ieum.toml")


def _windows_program_data() -> str:
    """As the registry says it: the environment's word for it is the user's to change."""
    import winreg

    place = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Explorer\Shell Folders"
    with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as folders:  # type: ignore[attr-defined,unused-ignore]
        return str(winreg.QueryValueEx(folders, "Common AppData")[0])  # type: ignore[attr-defined,unused-ignore]


def user_settings_file() -> Path:
    """The user's own settings (`IEUM_USER_SETTINGS` moves it)."""
    if moved := os.environ.get("IEUM_USER_SETTINGS"):
        return Path(moved)
    return Path(_DIRS.user_config_dir) / "ieum.toml"


def data_place() -> Path:
    """Where the desk keeps its store (`IEUM_DATA` moves it), whether or not it is there."""
    return Path(os.environ.get("IEUM_DATA") or _DIRS.user_data_dir)


def data_dir() -> Path:
    """Where the desk keeps its store, made with owner-only rights."""
    path = data_place()
    private_dir(path)
    return path


def models_dir() -> Path:
    """Where models stand unless a setting says otherwise: they are large and hold no one's data, so they do not move along."""
    return Path(_DIRS.user_data_dir) / "models"


def private_dir(path: Path) -> None:
    """Make a directory that only its owner may read."""
    path.mkdir(parents=True, exist_ok=True)
    if not WINDOWS:
        path.chmod(0o700)


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    private_dir(path.parent)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    if not WINDOWS:
        _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """Make a rename in it last through a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def ieum_command() -> list[str]:
    """The `ieum` command itself, the same from source and frozen."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "client"]


def start_detached(
    arguments: list[str], log: Path, environment: dict[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a child that outlives this process; what it prints goes to `log`."""
    private_dir(log.parent)
    with log.open("ab") as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
            start_new_session=not WINDOWS,
            creationflags=0x00000200 | 0x08000000 if WINDOWS else 0,  # CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW
        )
    threading.Thread(target=process.wait, daemon=True).start()  # no zombie: a dead child must be seen as dead
    return process


def process_alive(pid: int) -> bool:
    """True if a process with this id runs (a zombie does not)."""
    if WINDOWS:
        done = subprocess.run(["tasklist", "/FI", f"PID eq {pid}", "/NH"], capture_output=True, text=True, check=False)
        return str(pid) in done.stdout
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[-1].split()[0] != "Z"


def new_event_loop() -> asyncio.AbstractEventLoop:
    """A loop with sockets everywhere: Windows' proactor loop starves engines that poll."""
    return asyncio.SelectorEventLoop()


def on_terminate(loop: asyncio.AbstractEventLoop, act: Callable[[], None]) -> None:
    """Call `act` on the loop when the system or a terminal asks this process to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        if WINDOWS:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(act))
        else:
            loop.add_signal_handler(number, act)


def library_present(name: str) -> bool:
    """True if the loader finds this shared library. Elsewhere than on Linux the wheels bring all they need."""
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def korean_fonts() -> tuple[str, ...] | None:
    """Families that hold Hangul, as far as the system says; None if it cannot tell."""
    if WINDOWS:
        fonts = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "Fonts"
        return ("Malgun Gothic",) if (fonts / "malgun.ttf").exists() else ()
    try:
        done = subprocess.run(["fc-list", ":lang=ko", "family"], capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return tuple(sorted({line.split(",")[0].strip() for line in done.stdout.splitlines() if line.strip()}))


def has_display() -> bool:
    """True if a window can be shown to a person here."""
    if WINDOWS or sys.platform == "darwin":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def wants_less_motion() -> bool:
    """True if the system is asked to move and flash less; False where it cannot tell."""
    if WINDOWS:
        moves = ctypes.c_int(1)
        ask = ctypes.windll.user32.SystemParametersInfoW  # type: ignore[attr-defined,unused-ignore]
        ask(0x1042, 0, ctypes.byref(moves), 0)  # SPI_GETCLIENTAREAANIMATION: "animation effects" of the settings
        return not moves.value
    mac = sys.platform == "darwin"
    question = ["defaults", "read", "com.apple.universalaccess", "reduceMotion"]
    if not mac:
        question = ["gsettings", "get", "org.gnome.desktop.interface", "enable-animations"]
    try:
        done = subprocess.run(question, capture_output=True, text=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() == ("1" if mac else "false")


def hanja_keys() -> tuple[str, ...]:
    """Keys that the Korean input method takes for Hanja before any program sees them; known of ibus-hangul, where it is used."""
    if sys.platform != "linux":
        return ()
    engines = _gsettings("org.freedesktop.ibus.general", "preload-engines")
    sources = _gsettings("org.gnome.desktop.input-sources", "sources")
    if "hangul" not in engines + sources:
        return ()
    keys = _gsettings("org.freedesktop.ibus.engine.hangul", "hanja-keys").strip("'")
    return tuple(key.strip() for key in keys.split(",") if key.strip())


def _gsettings(schema: str, key: str) -> str:
    """A value of the desktop's settings as it is printed, empty where there is none."""
    try:
        done = subprocess.run(["gsettings", "get", schema, key], capture_output=True, text=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def claim_lock(path: Path) -> BinaryIO | None:
    """An open file that only one process may hold, None if another does; it is let go when closed or when we die."""
    private_dir(path.parent)
    file = path.open("ab")
    try:
        if WINDOWS:
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def process_began() -> float:
    """Unix time at which this process was started, as exactly as the system tells it."""
    stat = Path("/proc/self/stat")
    if not stat.exists():
        return _IMPORTED
    ticks = int(stat.read_text().rsplit(")", 1)[-1].split()[19])
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - uptime + ticks / os.sysconf("SC_CLK_TCK")


def give_up_on_the_dead(listening: socket.socket, seconds: float) -> None:
    """Connections taken here end when the peer has acknowledged nothing for so long: a phone without a network says no
    goodbye, and would pass for present for a quarter of an hour. Where the system cannot be told, it stays at that."""
    if sys.platform == "linux":
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(seconds * 1000))


def may_have_key_store() -> bool:
    """False where there cannot be one: on Linux every key store is reached over the session's D-Bus."""
    if sys.platform != "linux" or os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}", "bus").exists()


CAMERA_FORMAT = "dshow" if WINDOWS else "avfoundation" if sys.platform == "darwin" else "v4l2"
"""FFmpeg's name for this system's cameras."""


def camera_address(device: str) -> str:
    """What FFmpeg opens for a device that it lists by this name."""
    return f"video={device}" if WINDOWS else device


def gives_pictures(device: str) -> bool:
    """False for a video device of Linux that carries only what belongs to another's pictures."""
    index = Path("/sys/class/video4linux", Path(device).name, "index")
    return not index.exists() or index.read_text().strip() == "0"


class SharedMemory:
    """Memory that two processes of this user share, by a file's name. Raises `OSError`.

    Linux: a file of memory under /dev/shm, so that pictures never touch a disk; Windows: named memory of the paging file;
    else a file. Only the user can read it. Attributes: `buffer` — the memory.
    """

    def __init__(self, file: Path, size: int, *, create: bool) -> None:
        self._path = None if WINDOWS else memory_file(file)
        self._create = create
        if self._path is None:
            import hashlib

            name = "ieum-" + hashlib.sha256(str(file).encode()).hexdigest()[:32]
            self._map = mmap.mmap(-1, size, tagname=name)  # type: ignore[call-arg,unused-ignore]
        else:
            flags = os.O_RDWR | (os.O_CREAT | os.O_TRUNC if create else 0)
            if create:
                self._path.unlink(missing_ok=True)  # whoever still reads the old one keeps it
            descriptor = os.open(self._path, flags, 0o600)
            try:
                if create:
                    os.ftruncate(descriptor, size)
                self._map = mmap.mmap(descriptor, 0)
            except ValueError as error:  # an empty file
                raise OSError(f"{file} holds nothing") from error
            finally:
                os.close(descriptor)
        self.buffer = memoryview(self._map)

    def close(self) -> None:
        """Let go; whoever made it takes its name away too."""
        self.buffer.release()
        self._map.close()
        if self._create and self._path is not None:
            self._path.unlink(missing_ok=True)


def memory_file(file: Path) -> Path:
    """Where `SharedMemory` of this name stands: in memory where the system has a place for that, else the file itself."""
    import hashlib

    place = Path("/dev/shm")  # noqa: S108 — memory, and the file is the user's alone
    if not place.is_dir():
        return file
    name = hashlib.sha256(str(file).encode()).hexdigest()[:32]
    return place / f"ieum-{os.getuid()}-{name}"
