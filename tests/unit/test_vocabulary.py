"""Names that recognition should know: whole ones, as many as find room, before what is to be heard."""

from __future__ import annotations

import logging

import pytest

from client.engines.speech.whisper import MAX_VOCABULARY, Whisper, spelt_names


class Spelling:
    """A tokenizer whose tokens are letters."""

    sot_prev = 1
    sot_sequence = (2, 3)
    no_timestamps = 4

    def encode(self, text):
        return [ord(letter) for letter in text]


def spelt(tokens) -> str:
    return "".join(map(chr, tokens))


class NoModel(Whisper):
    """Whisper without its weights: only what it is asked."""

    def __init__(self):
        self.vocabulary = ()

    def _tokenizer(self, _language):
        return Spelling()


@pytest.mark.parametrize(
    ("names", "known"),
    [
        ((), ""),
        (("다산콜",), " 다산콜"),
        (("다산콜", "안심돌봄"), " 다산콜, 안심돌봄"),
        (("가" * 100, "나" * 90, "다" * 20), f" {'가' * 100}, {'나' * 90}"),
        (("가" * 300, "나"), ""),
    ],
)
def test_only_whole_names_are_spelt(names, known):
    tokens, used = spelt_names(names, Spelling().encode)
    assert spelt(tokens) == known
    assert len(tokens) <= MAX_VOCABULARY
    assert known.count(", ") + bool(known) == used


def test_the_names_stand_before_what_is_to_be_said():
    whisper = NoModel()
    assert whisper._start(Spelling(), [9]) == [2, 3, 4, 9]
    whisper.vocabulary = ("다산콜", "안심돌봄")
    assert whisper._start(Spelling(), [9]) == [1, *map(ord, " 다산콜, 안심돌봄"), 2, 3, 4, 9]
    whisper.vocabulary = ()
    assert whisper._start(Spelling(), [9]) == [2, 3, 4, 9]


def test_names_without_room_are_said_in_the_log(caplog):
    whisper = NoModel()
    with caplog.at_level(logging.WARNING):
        whisper.vocabulary = ("다산콜", "안심돌봄")
    assert caplog.messages == []
    with caplog.at_level(logging.WARNING):
        whisper.vocabulary = tuple(f"민원실 {n}호" for n in range(100))
    (message,) = caplog.messages
    assert "captions.vocabulary" in message
    assert "of 100 names" in message
