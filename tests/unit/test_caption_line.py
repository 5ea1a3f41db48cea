"""One line on screen, across a restart of recognition."""

from __future__ import annotations

from client.domain.caption_line import CaptionLine
from client.domain.recognition import FinalText, PartialText


def partial(name: str, stable: str, start_ms: int = 1_000) -> PartialText:
    return PartialText(
        leg="l", utterance=name, stable=stable, provisional="…", start_ms=start_ms, language="ko", engine="e"
    )


def final(name: str, text: str, start_ms: int = 1_000) -> FinalText:
    return FinalText(
        leg="l", utterance=name, text=text, words=(), start_ms=start_ms, end_ms=2_000, language="ko", engine="e"
    )


def test_without_a_restart_everything_passes():
    line = CaptionLine()
    facts = [partial("a", ""), partial("a", "네"), final("a", "네 맞아요"), partial("b", "")]
    assert [told for fact in facts for told in line.take(fact)] == facts


def test_the_interrupted_line_goes_on_under_its_name_and_its_stable_text_stays():
    line = CaptionLine()
    line.take(partial("a", "나는 오늘"))
    line.interrupted()
    assert line.take(partial("x", "", 1_300)) == []
    assert line.take(partial("x", "나는", 1_300)) == []
    assert line.take(partial("x", "나는 오늘 이", 1_300)) == [partial("a", "나는 오늘 이", 1_300)]
    assert line.take(final("x", "나는 오늘 이 자리", 1_300)) == [final("a", "나는 오늘 이 자리", 1_300)]
    assert line.take(partial("x2", "", 9_000)) == [partial("x2", "", 9_000)]


def test_a_line_that_is_not_heard_again_is_taken_back():
    line = CaptionLine()
    line.take(partial("a", "음"))
    line.interrupted()
    gone, new = line.take(partial("x", "", 9_000))
    assert isinstance(gone, FinalText)
    assert (gone.utterance, gone.text) == ("a", "")
    assert new == partial("x", "", 9_000)


def test_ending_a_leg_takes_its_line_back_once():
    line = CaptionLine()
    line.take(partial("a", "음"))
    (gone,) = line.ended()
    assert (gone.utterance, gone.text) == ("a", "")
    assert line.ended() == []
