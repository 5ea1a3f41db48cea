"""The doctor's checks, each on a machine that is well and on one that is not."""

from __future__ import annotations

import dataclasses
import hashlib
import http.server
import io
import json
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from client import models, platform
from client.__main__ import main
from client.adapters.key_store import FileKeyStore, open_key_store
from client.doctor import (
    check_camera,
    check_disk,
    check_encryption,
    check_fonts,
    check_hub,
    check_input,
    check_keys,
    check_libraries,
    check_models,
    check_ports,
    check_settings,
    check_sound,
    checkup,
)
from client.doctor.finding import Machine, State, ok
from client.domain.call import Account
from client.engines.video.camera_device import list_cameras
from client.settings import Settings

SOUND = {
    "inputs": ["Headset"],
    "outputs": ["Headset"],
    "default_input": "Headset",
    "default_output": "Headset",
    "problem": "",
    "microphone": "Headset",
    "frames": 4800,
    "peak": 0.2,
}
CAMERA = {"problem": "", "cameras": ["Cam"], "chosen": "Cam", "width": 640, "height": 480}
SIP = {"library": "2.15", "openssl": "1.0.2k", "tls": "TLSv1.2 X", "tls_problem": "", "srtp": "A", "srtp_problem": ""}
ACCOUNT = Account(user="1001", domain="dasan.test", password="pw")


@pytest.fixture
def machine(tmp_path):
    def make(probed=None, **settings):
        store = FileKeyStore(tmp_path / "keys.json", "there is none")
        return Machine(
            settings=Settings(**settings), data_dir=tmp_path, key_store=store, probe=lambda _: probed or {"died": "x"}
        )

    return make


def states(findings):
    return {finding.id: str(finding.state) for finding in findings}


def test_each_bad_finding_says_what_to_do(machine):
    for finding in checkup.look(machine()):
        assert finding.what
        assert bool(finding.todo) == (finding.state is not State.OK)


def test_a_check_that_breaks_is_a_finding_and_the_next_goes_on(machine):
    def broken(_machine):
        raise ZeroDivisionError
        yield

    broken.__module__ = "client.doctor.check_moon"
    got = list(checkup.look(machine(), (broken, lambda _: iter([ok("next", "fine")]))))
    assert [(f.id, f.state) for f in got] == [("moon", State.FAIL), ("next", State.OK)]
    assert "ZeroDivisionError" in got[0].what


def test_settings_that_a_lock_makes_void_are_told(machine, tmp_path, monkeypatch):
    (tmp_path / "m.toml").write_text('locked = ["desk.scale"]')
    (tmp_path / "u.toml").write_text("[desk]\nscale = 150")
    monkeypatch.setenv("IEUM_MACHINE_SETTINGS", str(tmp_path / "m.toml"))
    monkeypatch.setenv("IEUM_USER_SETTINGS", str(tmp_path / "u.toml"))
    assert states(check_settings.check(machine()))["settings.desk.scale"] == "warn"


def test_a_missing_library_names_its_debian_package(machine, monkeypatch):
    monkeypatch.setattr(platform, "library_present", lambda name: name != "libportaudio.so.2")
    found = {finding.id: finding for finding in check_libraries.check(machine())}
    assert found["libraries.libportaudio2"].todo == "apt-get install libportaudio2"
    assert "libraries" not in found
    monkeypatch.setattr(platform, "library_present", lambda _: True)
    assert states(check_libraries.check(machine())) == {"python": "ok", "libraries": "ok"}


def test_a_library_that_is_not_there_is_seen():
    assert not platform.library_present("libnosuchthing.so.99") or platform.WINDOWS


@pytest.mark.parametrize(
    ("probed", "settings", "expected"),
    [
        (SOUND, {}, {"sound.inputs": "ok", "sound.outputs": "ok"}),
        ({"died": "exit -6"}, {}, {"sound": "fail"}),
        ({"problem": "PortAudio library not found"}, {}, {"sound": "fail"}),
        ({**SOUND, "inputs": []}, {}, {"sound.inputs": "warn", "sound.outputs": "ok"}),
        ({**SOUND, "inputs": []}, {"microphone_wav": "x.wav"}, {"sound.inputs": "ok", "sound.outputs": "ok"}),
        ({**SOUND, "peak": 0.0}, {}, {"sound.inputs": "warn", "sound.outputs": "ok"}),
        ({**SOUND, "microphone_problem": "busy"}, {}, {"sound.inputs": "fail", "sound.outputs": "ok"}),
        ({**SOUND, "outputs": []}, {}, {"sound.inputs": "ok", "sound.outputs": "warn"}),
        (
            SOUND,
            {"speaker": "Jabra", "ring_device": "Head"},
            {"sound.inputs": "ok", "sound.outputs": "ok", "sound.speaker": "warn"},
        ),
    ],
)
def test_sound(machine, probed, settings, expected):
    assert states(check_sound.check(machine(probed, **settings))) == expected


@pytest.mark.parametrize(
    ("probed", "settings", "expected"),
    [
        (CAMERA, {}, {"video": "ok"}),
        (CAMERA, {"signs": True}, {"video": "ok", "video.camera": "ok"}),
        ({"died": "exit -11"}, {}, {"video": "fail"}),
        ({"problem": "aiortc 9 is installed", "cameras": []}, {"signs": True}, {"video": "fail"}),
        ({"problem": "", "cameras": []}, {"signs": True}, {"video": "ok", "video.camera": "warn"}),
        (CAMERA, {"signs": True, "camera": "Old cam"}, {"video": "ok", "video.camera": "warn"}),
        (
            {**CAMERA, "chosen": "signer", "cameras": []},
            {"signs": True, "camera": "signer"},
            {"video": "ok", "video.camera": "ok"},
        ),
        (
            {**CAMERA, "camera_problem": "another program has it"},
            {"signs": True},
            {"video": "ok", "video.camera": "fail"},
        ),
    ],
)
def test_camera(machine, probed, settings, expected):
    assert states(check_camera.check(machine(probed, **settings))) == expected


def test_the_camera_probe_tells_what_is_here():
    from client.engines import probe_camera

    assert probe_camera.probe("signer") == {
        "problem": "",
        "cameras": [device.name for device in list_cameras()],
        "chosen": "signer",
        "width": 640,
        "height": 480,
    }
    assert "chosen" not in probe_camera.probe("a camera of yesterday")


@pytest.mark.parametrize(
    ("probed", "account", "expected"),
    [
        (SIP, None, {"sip.library": "ok", "sip.tls": "ok", "sip.srtp": "ok"}),
        ({"died": "exit -6"}, None, {"sip.library": "fail"}),
        (
            {**SIP, "tls": "", "tls_problem": "Unsupported", "srtp": ""},
            None,
            {"sip.library": "ok", "sip.tls": "warn", "sip.srtp": "warn"},
        ),
        (
            {**SIP, "tls": "", "srtp": ""},
            {"transport": "tls", "srtp": "required"},
            {"sip.library": "ok", "sip.tls": "fail", "sip.srtp": "fail"},
        ),
        (
            SIP,
            {"transport": "udp", "srtp": "optional"},
            {"sip.library": "ok", "sip.tls": "ok", "sip.srtp": "ok", "sip.1001.keys": "warn"},
        ),
    ],
)
def test_encryption(machine, probed, account, expected):
    accounts = (dataclasses.replace(ACCOUNT, **account),) if account else ()
    assert states(check_encryption.check(machine(probed, accounts=accounts))) == expected


def test_keys_in_a_file_are_told_with_the_reason(machine):
    (finding,) = check_keys.check(machine())
    assert finding.state is State.WARN
    assert "there is none" in finding.what
    store = machine().key_store
    store.kind = "system"
    (finding,) = check_keys.check(dataclasses.replace(machine(), key_store=store))
    assert finding.state is State.OK


@pytest.mark.parametrize(("fonts", "state"), [(("Noto Sans CJK KR",), "ok"), ((), "fail"), (None, "warn")])
def test_fonts(machine, monkeypatch, fonts, state):
    monkeypatch.setattr(platform, "korean_fonts", lambda: fonts)
    assert states(check_fonts.check(machine())) == {"fonts": state}


@pytest.fixture
def gsettings(tmp_path, monkeypatch):
    """gsettings(values): the desktop's settings, by `schema key`."""

    def set_(values: dict[str, str]) -> None:
        cases = "".join(f'"{key}") echo "{value}";;\n' for key, value in values.items())
        program = tmp_path / "bin" / "gsettings"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\ncase "$2 $3" in\n{cases}*) exit 1;;\nesac\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    return set_


HANJA = {"org.freedesktop.ibus.engine.hangul hanja-keys": "'Hangul_Hanja,F9'"}
TYPED = {"org.freedesktop.ibus.general preload-engines": "['xkb:us::eng', 'hangul']"}
GNOME = {"org.gnome.desktop.input-sources sources": "[('xkb', 'us'), ('ibus', 'hangul')]"}


@pytest.mark.parametrize(
    ("values", "shortcuts", "state"),
    [
        ({**HANJA, **TYPED}, {}, "warn"),
        ({**HANJA, **GNOME}, {}, "warn"),
        (HANJA, {}, "ok"),
        ({}, {}, "ok"),
        ({**HANJA, **TYPED}, {"answer": "F8"}, "ok"),
        ({**TYPED, "org.freedesktop.ibus.engine.hangul hanja-keys": "'Hangul_Hanja'"}, {}, "ok"),
    ],
)
@pytest.mark.skipif(platform.WINDOWS, reason="there ibus is not")
def test_a_key_that_the_input_method_takes_is_told(machine, gsettings, values, shortcuts, state):
    gsettings(values)
    assert states(check_input.check(machine(shortcuts=shortcuts))) == {"input.hanja": state}


@pytest.mark.parametrize(("free", "state"), [(10**9, "ok"), (10**8, "warn"), (10**6, "fail")])
def test_disk(machine, monkeypatch, free, state):
    class Usage:
        pass

    Usage.free = free
    monkeypatch.setattr(check_disk.shutil, "disk_usage", lambda _: Usage)
    assert states(check_disk.check(machine())) == {"disk": state}


def test_a_disk_that_cannot_be_written_is_told(machine, monkeypatch):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(platform, "write_private", refuse)
    (finding,) = check_disk.check(machine())
    assert finding.state is State.FAIL
    assert "No space left" in finding.what


def test_ports(machine):
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        got = check_ports.check(machine(hub_port=taken.getsockname()[1], citizen_port=port))
        assert states(got) == {"ports.hub.port": "warn", "ports.hub.citizen_port": "ok"}
    assert states(check_ports.check(machine())) == {"ports": "ok"}


@contextmanager
def small_hub(health=200, me=200, time=None):
    """A hub that says what the test wants; the real one is asked in `tests/e2e/test_doctor_hub.py`."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            token = self.headers.get("Authorization", "") == "Bearer good"
            code = health if self.path == "/v1/health" else me if token else 401
            body = json.dumps({"role": "agent", "time": time or datetime.now(UTC).isoformat()}).encode()
            self.send_response(code)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


LATE = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()


@pytest.mark.parametrize(
    ("said", "token", "expected"),
    [
        ({}, "good", {"hub": "ok", "hub.agent": "ok", "clock": "ok"}),
        ({}, "bad", {"hub": "ok", "hub.agent": "fail"}),
        ({}, "", {"hub": "ok", "hub.agent": "fail"}),
        ({"health": 503}, "good", {"hub": "fail", "hub.agent": "ok", "clock": "ok"}),
        ({"me": 500}, "good", {"hub": "ok", "hub.agent": "fail"}),
        ({"time": LATE}, "good", {"hub": "ok", "hub.agent": "ok", "clock": "warn"}),
        ({"time": "noon"}, "good", {"hub": "ok", "hub.agent": "ok", "clock": "warn"}),
    ],
)
def test_hub(machine, said, token, expected):
    with small_hub(**said) as url:
        assert states(check_hub.check(machine(hub_url=url, hub_token=token))) == expected


def test_a_hub_that_is_away_and_an_embedded_one(machine):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert states(check_hub.check(machine(hub_url=f"http://127.0.0.1:{port}"))) == {"hub": "fail"}
    assert states(check_hub.check(machine())) == {"hub": "ok", "clock": "ok"}


def test_a_hub_without_tls_outside_this_machine_is_told(machine):
    got = states(check_hub.check(machine(hub_url="http://nowhere.invalid:9")))
    assert got == {"hub.encryption": "warn", "hub": "fail"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A machine of its own for the command."""
    monkeypatch.setenv("IEUM_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("IEUM_MACHINE_SETTINGS", str(tmp_path / "machine.toml"))
    monkeypatch.setenv("IEUM_USER_SETTINGS", str(tmp_path / "user.toml"))
    return tmp_path


def test_the_command_tells_what_the_sip_library_really_does(place, capfd):
    code = main(["doctor", "--json"])
    told = json.loads(capfd.readouterr().out)
    found = {finding["id"]: finding for finding in told["findings"]}
    assert code == (0 if told["ok"] else 1)
    assert "TLSv1.2" in found["sip.tls"]["what"]
    assert found["sip.srtp"]["what"].endswith("AES_256_CM_HMAC_SHA1_80")  # the one negotiated, not all that are offered
    assert found["disk"]["state"] == "ok"


def probed_with(change: str) -> dict:
    """What the SIP probe tells in a child where `change` was made first."""
    code = f"import json, os\nfrom client.engines import probe_sip\n{change}\n"
    code += "print(json.dumps(probe_sip.probe()), flush=True)\nos._exit(0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_tls_that_checks_no_certificate_is_not_told_as_working():
    told = probed_with("make = probe_sip._transport\nprobe_sip._transport = lambda end, kind, _=None: make(end, kind)")
    assert told["tls"] == ""
    assert "nobody vouches" in told["tls_problem"]


def test_a_call_that_is_not_encrypted_is_not_told_as_srtp():
    told = probed_with("probe_sip.pj.PJMEDIA_SRTP_MANDATORY = probe_sip.pj.PJMEDIA_SRTP_DISABLED")
    assert told["srtp"] == ""
    assert "not encrypted" in told["srtp_problem"]


def test_a_call_in_which_no_sound_arrives_is_not_told_as_srtp():
    no_clock = "probe_sip.pj.Endpoint.instance().audDevManager().setNoDev() or 'quiet'"
    told = probed_with(f"probe_sip._talk = lambda call: {no_clock}")
    assert told["srtp"] == ""
    assert "did not arrive" in told["srtp_problem"]


@pytest.mark.parametrize("kept", ["file", "under a file"])
def test_a_data_directory_that_cannot_be_used_is_a_finding(place, capfd, monkeypatch, kept):
    monkeypatch.setattr(checkup, "PROBE_S", 0.001)
    (place / "data").write_text("in the way")
    if kept == "under a file":
        monkeypatch.setenv("IEUM_DATA", str(place / "data" / "below"))
    assert main(["doctor", "--json"]) == 1
    found = {finding["id"]: finding for finding in json.loads(capfd.readouterr().out)["findings"]}
    assert found["disk"]["state"] == "fail"
    assert str(place / "data") in found["disk"]["what"]
    assert "hub" in found, "the other checks went on"


def test_a_secret_that_cannot_be_kept_is_said(place, capfd, monkeypatch):
    (place / "data").write_text("in the way")
    monkeypatch.setattr(sys, "stdin", io.StringIO("hush\n"))
    assert main(["doctor", "--keep", "hub.token"]) == 2
    assert "cannot hold hub.token" in capfd.readouterr().err


def test_bad_settings_do_not_make_sound_look_broken(place):
    (place / "user.toml").write_text("[desk]\nscale = 1")
    assert "inputs" in checkup.run_probe("sound")


def test_only_portaudios_own_word_asks_for_its_library(machine):
    (died,) = check_sound.check(machine({"died": "exit 1: ImportError"}))
    (absent,) = check_sound.check(machine({"problem": "PortAudio library not found"}))
    assert "libportaudio2" not in died.todo
    assert "libportaudio2" in absent.todo


def test_the_command_prints_for_people_and_names_no_secret(place, capfd, monkeypatch):
    monkeypatch.setattr(checkup, "PROBE_S", 0.001)
    (place / "user.toml").write_text(
        '[hub]\nurl = "http://127.0.0.1:9"\ntoken = "hush-token"\n'
        '[[phone.accounts]]\nuser = "1001"\ndomain = "127.0.0.1"\npassword = "hush-password"\n'
        'transport = "tcp"\nproxy = "sip:127.0.0.1:9"\n'
    )
    assert main(["doctor"]) == 1
    out = capfd.readouterr().out
    assert "FAIL  hub" in out
    assert "FAIL  sip.1001" in out
    assert "no answer within" in out
    assert "hush" not in out


def test_a_secret_goes_from_stdin_to_where_settings_look_for_it(place, capfd, monkeypatch):
    for name in ("hub.token", "sip:1001@dasan.test"):
        monkeypatch.setattr(sys, "stdin", io.StringIO("hush\n"))
        assert main(["doctor", "--keep", name]) == 0
        assert open_key_store(place / "data").get(name) == "hush"
    out, err = capfd.readouterr()
    assert "hush" not in out + err


@pytest.mark.parametrize(
    ("name", "said"), [("hub.token", "\n"), ("hub.token", "토큰\n"), ("password", "hush\n"), ("sip:1001", "hush\n")]
)
def test_what_is_no_secret_is_not_kept(place, capfd, monkeypatch, name, said):
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    assert main(["doctor", "--keep", name]) == 2
    assert name in capfd.readouterr().err
    assert not (place / "data" / "keys.json").exists()


def test_bad_settings_and_a_damaged_key_file_are_findings(place, capfd, monkeypatch):
    monkeypatch.setattr(checkup, "PROBE_S", 0.001)
    (place / "user.toml").write_text("[desk]\nscale = 1")
    (place / "data").mkdir()
    (place / "data" / "keys.json").write_text("{")
    assert main(["doctor", "--json"]) == 1
    found = {finding["id"]: finding["what"] for finding in json.loads(capfd.readouterr().out)["findings"]}
    assert "desk.scale" in found["settings"]
    assert "keys.json" in found["key_store"]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import os; print('half'); os.abort()", "exit"),
        ("print('{not json')", "exit 0"),
        ("print('[1]')", "nonsense"),
    ],
)
def test_a_probe_that_dies_is_told(monkeypatch, code, why):
    monkeypatch.setattr(platform, "ieum_command", lambda: [sys.executable, "-c", code])
    assert why in checkup.run_probe("sip")["died"]


@pytest.fixture
def small_model(monkeypatch):
    """The catalogue with one model of five bytes."""
    file = models.ModelFile(name="model.bin", size=5, sha256=hashlib.sha256(b"right").hexdigest())
    model = models.Model(
        id="small", title="Small", engine="whisper", languages=("ko",), licence="MIT", packages=(), files=(file,)
    )
    monkeypatch.setattr(models, "catalogue", lambda: {"small": model})
    monkeypatch.delenv("IEUM_MODELS", raising=False)


@pytest.mark.parametrize(
    ("content", "captions", "expected"),
    [
        (b"right", True, {"models.small": "ok"}),
        (b"wrong", True, {"models.small": "fail", "models": "fail"}),
        (None, True, {"models.small": "warn", "models": "fail"}),
        (None, False, {"models.small": "warn"}),
    ],
)
def test_models_are_read_to_the_last_byte(machine, small_model, tmp_path, content, captions, expected):
    if content:
        (tmp_path / "small").mkdir()
        (tmp_path / "small" / "model.bin").write_bytes(content)
    assert states(check_models.check(machine(models_dir=str(tmp_path), captions=captions))) == expected
