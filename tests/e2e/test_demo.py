"""`ieum demo` and the practice run without a display: whole sessions by themselves, on real parts, apart from this desk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
import wave
from collections.abc import Iterable
from pathlib import Path

import pytest

from client.domain.event import event_from_json

ROOT = Path(__file__).resolve().parents[2]
IEUM = [sys.executable, "-m", "client"]
PNG = b"\x89PNG"
UNREACHABLE = """
[hub]
url = "http://127.0.0.1:9"
token = "nobody"
[phone]
accounts = [{user = "1001", domain = "nowhere.test", password = "x", proxy = "sip:127.0.0.1:9"}]
"""


@pytest.fixture
def unlucky(tmp_path):
    """An environment without a display, with settings that would keep a session from working; they stay untouched."""
    settings, data = tmp_path / "mine.toml", tmp_path / "data"
    settings.write_text(UNREACHABLE)
    env = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    env.pop("QT_QPA_PLATFORM", None)
    yield env | {"IEUM_USER_SETTINGS": str(settings), "IEUM_DATA": str(data)}
    assert settings.read_text() == UNREACHABLE
    assert not data.exists() or not any(data.rglob("*.db")), "the desk's own data was touched"


@pytest.fixture
def ieum(unlucky):
    """ieum(*arguments): the command, run to its end."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [*IEUM, *arguments]
        return subprocess.run(command, cwd=ROOT, env=unlucky, capture_output=True, text=True, check=False, timeout=150)

    return run


def told(lines: Iterable[str], until: str = "") -> dict[str, dict]:
    """What happened, by name, up to an event of that name."""
    happened: dict[str, dict] = {}
    for line in lines:
        if line.startswith("{"):
            said = json.loads(line)
            happened[said["event"]] = said
            if said["event"] == until:
                break
    return happened


def assert_left(out: Path) -> list:
    """Every file of a whole session; its events."""
    for name in ("window.png", "page.png"):
        assert (out / name).read_bytes()[:4] == PNG
    assert "/c/" in (out / "page.txt").read_text()
    assert (out / "sip.trace").read_text().count("INVITE sip:") >= 1
    events = [event_from_json(event) for event in json.loads((out / "session.json").read_text())]
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    vtt = (out / "transcript.vtt").read_text()
    assert vtt.startswith("WEBVTT")
    assert "citizen" in vtt
    return events


def test_a_demo_in_english_from_the_call_to_its_files(ieum, tmp_path):
    out = tmp_path / "out"
    done = ieum("demo", "--out", str(out))
    assert done.returncode == 0, done.stderr[-2000:]
    events = assert_left(out)
    types = [event.type for event in events]
    for wanted in (
        "call.answered",
        "consent.answered",
        "screen.pushed",
        "screen.answered",
        "caption.said",
        "wrapup.saved",
        "session.closed",
    ):
        assert wanted in types, types
    pushed = next(event.body.screen for event in events if event.type == "screen.pushed")
    assert pushed.language == "en"
    happened = told(done.stdout.splitlines())
    assert happened["heard"]["parties"] == ["agent", "citizen"]
    assert "--stay" in happened["page over"]["why"]
    assert {event.body.language for event in events if event.type == "caption.said"} == {"en"}


def test_a_practice_run_without_a_display_does_it_by_itself_and_keeps_its_page(unlucky, tmp_path):
    command = [*IEUM, "desk", "--practice", "--stay", "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, cwd=ROOT, env=unlucky, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        happened = told(desk.stdout, until="staying")
        address = happened["staying"]["address"]
        assert (tmp_path / "out" / "page.txt").read_text().strip() == address
        with urllib.request.urlopen(address, timeout=10) as page:
            assert page.status == 200
            assert b"<html" in page.read()
        desk.terminate()
        assert desk.wait(30) == 0
    assert_left(tmp_path / "out")


def test_a_practice_citizen_calls_a_person_at_the_desk_until_the_window_closes(unlucky):
    seen = unlucky | {"DISPLAY": ":practice", "QT_QPA_PLATFORM": "offscreen"}  # a display, for all that the desk asks
    command = [*IEUM, "desk", "--practice"]
    with subprocess.Popen(command, cwd=ROOT, env=seen, stdout=subprocess.PIPE, text=True) as desk:
        assert desk.stdout is not None
        assert "ringing" in told(desk.stdout, until="ringing")
        desk.terminate()
        assert desk.wait(30) == 0


def test_a_citizen_who_is_never_captioned_fails_the_demo(ieum, tmp_path):
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(bytes(2 * 16_000))
    wav = str(tmp_path / "quiet.wav")
    done = ieum("demo", "--wav", wav, "--no-browser", "--listen", "2", "--out", str(tmp_path / "out"))
    assert done.returncode == 1
    assert "nothing that the citizen said was captioned" in done.stderr
    happened = told(done.stdout.splitlines())
    assert happened["heard"]["parties"] == []
    assert happened["pushed"]["language"] == "ko"


def test_a_desk_without_a_display_says_what_to_do(ieum):
    done = ieum("desk")
    assert done.returncode == 3
    assert "DISPLAY" in done.stderr
    assert "--practice" in done.stderr


def test_a_recording_that_cannot_be_played_is_refused_at_once(ieum, tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    done = ieum("demo", "--wav", str(tmp_path / "broken.wav"), "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert "broken.wav" in done.stderr
