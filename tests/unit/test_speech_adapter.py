"""The desk's side of the speech engine, without an engine: what is asked again, of whom, and what is told."""

from __future__ import annotations

import asyncio

import pytest

from client.adapters.engine_link import EngineRefused, LinkState
from client.adapters.speech import SpeechEngine
from client.domain.recognition import NO_LANGUAGE, FinalText, SoundStopped, TextGap
from tests.waiting import until

LEG = "call-1/citizen"


class Link:
    """An engine that is there and keeps what it is asked; `refuses` — operations it does not meet."""

    def __init__(self):
        self.asked = []
        self.refuses = set()

    async def request(self, op, **args):
        self.asked.append((op, args))
        if op in self.refuses:
            raise EngineRefused(NO_LANGUAGE)
        return {"at": 0}

    def of(self, op):
        return [args for asked, args in self.asked if asked == op]


class Source:
    """Where sound is to be had; `error` — it is not; `waits` — until it is set."""

    def __init__(self):
        self.given = 0
        self.error = None
        self.waits = asyncio.Event()
        self.waits.set()

    async def __call__(self):
        await self.waits.wait()
        if self.error is not None:
            raise self.error
        self.given += 1
        return 5_000, f"token-{self.given}"


@pytest.fixture
async def a(tmp_path, monkeypatch):
    source = Source()
    speech = SpeechEngine(tmp_path, source, vocabulary=("다산콜",))
    speech.link, speech.source, speech.told = Link(), source, []
    monkeypatch.setattr(speech, "_link", speech.link)
    speech.listen(speech.told.append)
    await speech.attach(LEG, (5_000, "first"), language="ko", wide_band=True)
    return speech


def heard_to(speech, ms):
    final = FinalText(
        leg=LEG, utterance="u", text="네", words=(), start_ms=0, end_ms=ms, language="ko", engine="whisper"
    )
    speech._told(final)
    speech.told.clear()


async def test_a_leg_whose_connection_broke_gets_another_and_nothing_is_told(a):
    a._told(SoundStopped(leg=LEG))
    await until(lambda: a.link.of("sound"))
    assert a.link.of("sound") == [{"leg": LEG, "port": 5_000, "token": "token-1"}]
    assert a.told == []


async def test_a_leg_whose_sound_is_not_to_be_had_is_told_from_its_last_words_on(a):
    heard_to(a, 2_500)
    a.source.error = OSError("the voice engine is gone")
    a._told(SoundStopped(leg=LEG))
    await until(lambda: a.told)
    assert a.told == [TextGap(leg=LEG, start_ms=2_500, end_ms=2_500, reason="the voice engine is gone")]
    assert a.link.of("sound") == []


async def test_a_leg_that_was_dropped_meanwhile_is_not_taken_up_again(a):
    a.source.waits.clear()
    a._told(SoundStopped(leg=LEG))
    a._told(SoundStopped(leg="nobody"))
    await a.detach(LEG)
    a.source.waits.set()
    await until(lambda: a.source.given == 1 and not a._tasks)
    assert a.link.of("sound") == []
    assert a.told == []


async def test_names_are_told_to_an_engine_that_ran_before_a_fresh_one_has_read_them(a):
    a._state_changed(LinkState.STARTED)
    await until(lambda: len(a.link.of("attach")) == 2)
    assert a.link.of("configure") == []
    a._state_changed(LinkState.ADOPTED)
    await until(lambda: a.link.of("configure"))
    assert a.link.of("configure") == [{"vocabulary": ("다산콜",)}]


async def test_a_refused_language_is_a_gap_and_the_one_of_before_stays(a):
    heard_to(a, 1_000)
    a.link.refuses = {"language"}
    await a.set_language(LEG, "tlh")
    assert a.told == [TextGap(leg=LEG, start_ms=1_000, end_ms=1_000, reason=NO_LANGUAGE)]
    a._state_changed(LinkState.STARTED)
    await until(lambda: len(a.link.of("attach")) == 2)
    assert a.link.of("attach")[-1]["language"] == "ko"


async def test_a_leg_that_was_refused_is_attached_when_another_language_is_set(a):
    a.link.refuses = {"attach"}
    await a.attach("other", (5_000, "second"), language="tlh", wide_band=True)
    assert [gap.reason for gap in a.told] == [NO_LANGUAGE]
    a.link.refuses = set()
    await a.set_language("other", "en")
    assert a.link.of("language") == []
    assert (a.link.of("attach")[-1]["leg"], a.link.of("attach")[-1]["language"]) == ("other", "en")
    await a.set_language("other", "ko")
    assert a.link.of("language") == [{"leg": "other", "language": "ko"}]
