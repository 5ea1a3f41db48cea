"""Caption files: times, escapes, readable lengths."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

from client.demo.transcript import to_vtt as transcript
from client.domain import event as e
from client.domain.caption_file import (
    FORMATS,
    LONGEST_LETTERS,
    LONGEST_MS,
    Cue,
    cues,
    to_json,
    to_srt,
    to_txt,
    to_vtt,
    vtt,
)
from client.domain.event import new_event
from client.domain.recognition import FinalText, SpokenWord
from client.domain.words import Party


def final(text: str, start_ms: int = 0, word_ms: int = 500) -> FinalText:
    words = tuple(
        SpokenWord(text=w, start_ms=start_ms + n * word_ms, end_ms=start_ms + (n + 1) * word_ms, confidence=0.9)
        for n, w in enumerate(text.split())
    )
    end = start_ms + word_ms * len(words)
    return FinalText(
        leg="file",
        utterance=f"file@{start_ms}",
        text=text,
        words=words,
        start_ms=start_ms,
        end_ms=end,
        language="ko",
        engine="whisper",
    )


def test_vtt_says_when_and_escapes_what_could_be_taken_for_a_tag():
    text = to_vtt([final("A&B <b>굵게</b> 1 --> 2", 3_723_004)])
    assert text == "WEBVTT\n\n01:02:03.004 --> 01:02:05.504\nA&amp;B &lt;b&gt;굵게&lt;/b&gt; 1 --&gt; 2\n"


def test_srt_numbers_its_captions_and_holds_no_tag():
    text = to_srt([final("하나 <i>", 0), final("둘", 61_000)])
    assert text == "1\n00:00:00,000 --> 00:00:01,000\n하나 ‹i›\n\n2\n00:01:01,000 --> 00:01:01,500\n둘\n"


def test_a_long_utterance_becomes_captions_of_readable_length_that_lose_no_word():
    whole = final(" ".join(f"낱말{n}" for n in range(60)))
    made = cues([whole])
    assert " ".join(cue.text for cue in made) == whole.text
    assert all(len(cue.text) <= LONGEST_LETTERS for cue in made)
    assert all(cue.end_ms - cue.start_ms <= LONGEST_MS for cue in made)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(made))


def test_nothing_said_is_an_empty_file_of_its_kind():
    empty = final("")
    assert to_vtt([empty]) == "WEBVTT\n"
    assert to_srt([empty]) == to_txt([empty]) == ""
    assert json.loads(to_json([])) == {"captions": []}


def test_json_keeps_words_with_their_confidence():
    (caption,) = json.loads(to_json([final("네 그렇습니다")]))["captions"]
    assert [word["text"] for word in caption["words"]] == ["네", "그렇습니다"]
    assert caption["words"][1]["confidence"] == 0.9


def test_a_script_without_gaps_gets_none():
    whole = final("今 日 は 市 役 所 " * 12)
    whole = replace(whole, text=whole.text.replace(" ", ""))
    made = cues([whole])
    assert len(made) > 1
    assert "".join(cue.text for cue in made) == whole.text
    assert all(len(cue.text) <= LONGEST_LETTERS for cue in made)


def test_words_that_are_not_the_texts_own_are_not_put_in_its_place():
    (made,) = cues([replace(final("네 그렇습니다"), text="아닙니다")])
    assert (made.text, made.start_ms, made.end_ms) == ("아닙니다", 0, 1_000)


def test_a_named_voice_is_no_markup_and_every_cue_lasts():
    text = vtt([Cue(0, 0, "줄\n\n바꿈 & <b>", voice="상담사<1>")])
    assert text == "WEBVTT\n\n00:00:00.000 --> 00:00:00.001\n<v 상담사&lt;1&gt;>줄 바꿈 &amp; &lt;b&gt;\n"


def test_a_sessions_transcript_names_its_speakers_and_shows_corrections():
    def said(second, party, text, media_ms):
        body = e.Caption(utterance=text, party=party, text=text, start_ms=media_ms, end_ms=media_ms + 1_500)
        return new_event("s", body, at=datetime(2026, 11, 26, 9, 0, second, tzinfo=UTC))

    first, second = said(5, Party.AGENT, "여보세오", 400), said(3, Party.CITIZEN, "<네>", 900)
    fixed = new_event("s", e.CaptionCorrected(caption=first.id, text="여보세요"), at=datetime(2026, 11, 26, tzinfo=UTC))
    assert transcript([first, second, fixed]) == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v citizen>&lt;네&gt;\n\n"
        "00:00:02.000 --> 00:00:03.500\n<v agent>여보세요\n"
    )
    assert transcript([fixed]) == "WEBVTT\n"


def test_every_format_takes_an_utterance_without_word_times():
    bare = FinalText(
        leg="f", utterance="f@0", text="줄\n바꿈", words=(), start_ms=0, end_ms=0, language="ko", engine="vosk"
    )
    for name, form in FORMATS.items():
        assert "줄" in form([bare]), name
    assert to_txt([bare]) == "줄 바꿈\n"
