"""Speech for tests is found where it is said to be, and its absence says what to do."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tests.peers import recorded


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("IEUM_SPEECH", str(tmp_path / "speech"))
    return tmp_path / "speech"


def test_the_directory_that_is_named_is_used(folder):
    folder.mkdir()
    soundfile.write(folder / "speech-03.flac", np.ones(320, np.int16), recorded.RATE)
    (folder / "speech-03.txt").write_text("안녕하세요", encoding="utf-8")
    found = recorded.spoken(3)
    assert (len(found.samples), found.words, found.language) == (320, "안녕하세요", "ko")


def test_without_a_directory_speech_is_english_and_korean_is_asked_for(folder):
    found = recorded.spoken(3)
    assert found.language == "en"
    assert len(found.samples) > 14 * recorded.RATE
    assert np.abs(found.samples).max() > 3_000
    assert "quick brown fox" in found.words
    with pytest.raises(AssertionError, match=r"(?s)speech-03\.flac.*IEUM_SPEECH.*CONTRIBUTING"):
        recorded.korean(3)


def test_the_words_must_be_there_too(folder):
    folder.mkdir()
    soundfile.write(folder / "speech-03.flac", np.ones(320, np.int16), recorded.RATE)
    with pytest.raises(AssertionError, match=r"speech-03\.txt"):
        recorded.spoken(3)
