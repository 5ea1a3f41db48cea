"""`ieum caption` with a double for recognition: formats, several files, languages, and what it cannot do."""

from __future__ import annotations

import io
import json
import sys
import wave
from typing import ClassVar

import numpy as np
import pytest

from client.__main__ import main
from client.commands import caption as command
from client.engines.speech import leg as leg_module
from tests.doubles.spoken_levels import RATE, LevelVoice, hear, say, text

WRONG_CALL, MISSING = 2, 3


class Whisper:
    languages = ("ko", "en")
    vocabulary = ()


class Models:
    """Stands for `Recognisers`; attributes as there, `asked` — languages that were heard."""

    whisper = Whisper()
    vosk = None
    languages = Whisper.languages
    detail = ""
    asked: ClassVar[list[str]] = []

    def __init__(self, _directory):
        pass

    def hear(self, stretches):
        self.asked.extend(stretch.language for stretch in stretches)
        return hear(stretches)


@pytest.fixture(autouse=True)
def _doubles(monkeypatch, tmp_path):
    for name in ("IEUM_USER_SETTINGS", "IEUM_MACHINE_SETTINGS"):
        monkeypatch.setenv(name, str(tmp_path / f"no-{name}.toml"))
    Models.asked.clear()
    monkeypatch.setattr(command, "Recognisers", Models)
    monkeypatch.setattr(leg_module, "VoiceActivity", LevelVoice)


def sound(file, *words):
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(say(*words, silence_s=1.0))
    return str(file)


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("vtt", f"WEBVTT\n\n00:00:00.000 --> 00:00:00.900\n{text(1, 2)}\n"),
        ("srt", f"1\n00:00:00,000 --> 00:00:00,900\n{text(1, 2)}\n"),
        ("txt", f"{text(1, 2)}\n"),
    ],
)
def test_a_recording_is_printed_in_the_format_asked_for(tmp_path, capsys, form, printed):
    assert main(["caption", sound(tmp_path / "one.wav", 1, 2), "--format", form]) == 0
    assert capsys.readouterr().out == printed


def test_json_is_one_object_with_words_and_times(tmp_path, capsys):
    assert main(["caption", sound(tmp_path / "one.wav", 1, 2), "--format", "json", "--language", "en-US"]) == 0
    (caption,) = json.loads(capsys.readouterr().out)["captions"]
    assert (caption["text"], caption["language"]) == (text(1, 2), "en")
    assert [word["text"] for word in caption["words"]] == [text(1), text(2)]


@pytest.mark.parametrize(("tag", "language"), [("en", "en"), ("EN-gb", "en"), ("ko-KR", "ko")])
def test_a_language_is_asked_for_by_its_tag(tmp_path, tag, language):
    assert main(["caption", sound(tmp_path / "one.wav", 1), "--language", tag]) == 0
    assert set(Models.asked) == {language}


@pytest.mark.parametrize("form", ["vtt", "srt", "json"])
def test_several_recordings_are_not_printed_as_one_broken_file(tmp_path, capsys, form):
    files = [sound(tmp_path / "one.wav", 1), sound(tmp_path / "two.wav", 2)]
    assert main(["caption", *files, "--format", form]) == WRONG_CALL
    told = capsys.readouterr()
    assert told.out == ""
    assert "--output" in told.err
    assert Models.asked == [], "it is said before an hour of recognition"


def test_several_recordings_as_text_follow_each_other(tmp_path, capsys):
    files = [sound(tmp_path / "one.wav", 1), sound(tmp_path / "two.wav", 2)]
    assert main(["caption", *files, "--format", "txt"]) == 0
    assert capsys.readouterr().out == f"{text(1)}\n{text(2)}\n"


def test_recordings_of_one_name_do_not_overwrite_each_other(tmp_path, capsys):
    names = ("a/call.wav", "b/Call.wav", "b/call-2.wav", "c/call.wav")
    files = [sound(tmp_path / name, number) for number, name in enumerate(names)]
    out = tmp_path / "out"
    assert main(["caption", *files, "--format", "txt", "--output", str(out)]) == 0
    written = [line.rpartition("/")[2].rpartition("\\")[2] for line in capsys.readouterr().out.splitlines()]
    assert written == ["call.txt", "Call-2.txt", "call-2-2.txt", "call-3.txt"]
    assert [(out / name).read_text(encoding="utf-8") for name in written] == [f"{text(n)}\n" for n in range(4)]


def test_what_is_printed_is_utf_8_whatever_the_console_has(tmp_path, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252", newline="\n"))
    assert main(["caption", sound(tmp_path / "one.wav", 1), "--format", "txt"]) == 0
    sys.stdout.flush()
    assert raw.getvalue().decode() == f"{text(1)}\n"


def test_without_any_model_it_says_what_to_do(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Models, "whisper", None)
    monkeypatch.setattr(Models, "languages", ())
    monkeypatch.setattr(Models, "detail", "not installed: run `ieum models install`")
    assert main(["caption", sound(tmp_path / "one.wav", 1)]) == MISSING
    assert "run `ieum models install`" in capsys.readouterr().err


def test_without_whisper_another_language_than_korean_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Models, "whisper", None)
    monkeypatch.setattr(Models, "languages", ("ko",))
    assert main(["caption", sound(tmp_path / "one.wav", 1), "--language", "en"]) == MISSING
    assert "only ko" in capsys.readouterr().err


@pytest.mark.parametrize("tag", ["tlh", "12", "*"])
def test_an_unknown_language_is_a_wrong_call(tmp_path, capsys, tag):
    assert main(["caption", sound(tmp_path / "one.wav", 1), "--language", tag]) == WRONG_CALL
    assert f"the language {tag} is not known" in capsys.readouterr().err


def test_what_holds_no_sound_is_refused_and_the_rest_is_captioned(tmp_path, capsys):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(np.zeros(9).tobytes())
    out = tmp_path / "out"
    files = [str(broken), sound(tmp_path / "one.wav", 1)]
    assert main(["caption", *files, "--format", "srt", "--output", str(out)]) == WRONG_CALL
    assert "broken.wav cannot be read as sound" in capsys.readouterr().err
    assert [file.name for file in out.iterdir()] == ["one.srt"]
    assert main(["caption", str(tmp_path / "nothing.wav")]) == WRONG_CALL
