"""PCM legs, links between calls, the watch over silence: without a SIP stack."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from client.domain.call import CallState, Silence
from client.engines.voice.call_record import CallRecord, levels_of, links_of
from client.engines.voice.frame_bytes import ZERO, FrameBytes, pointer_works
from client.engines.voice.legs import CallLegs
from client.engines.voice.watch import FarEndWatch, SilenceWatch

LOUD, OTHER = b"\x01" * 640, b"\x02" * 640


class Published(list):
    def __call__(self, leg: str, sample: int, pcm: bytes) -> None:
        self.append((leg, sample, pcm))

    def of(self, leg: str) -> list[tuple[int, bytes]]:
        return [(sample, pcm) for name, sample, pcm in self if name == leg]


def test_each_tick_gives_each_leg_its_320_samples_whether_or_not_there_is_sound():
    published, time = Published(), [0.0]
    legs = CallLegs("c", published, lambda: time[0])
    legs.gate(hears=True, speaks=True)
    legs.tick(OTHER)
    legs.hear(LOUD)
    assert legs.say() == OTHER
    legs.tick(LOUD)
    legs.tick(LOUD)
    assert published.of("c/citizen") == [(0, ZERO), (320, LOUD), (640, ZERO)]
    assert published.of("c/agent") == [(0, ZERO), (320, OTHER), (640, ZERO)]
    assert legs.counts() == {"c/citizen": 960, "c/agent": 960}


def test_a_closed_gate_lets_zeros_through_and_says_since_when():
    published = Published()
    legs = CallLegs("c", published, lambda: 0.0)
    legs.gate(hears=True, speaks=True)
    legs.tick(LOUD)
    assert legs.gate(hears=False, speaks=False)["c/agent"] == 320
    legs.hear(LOUD)
    assert legs.say() == ZERO
    legs.tick(LOUD)
    assert published.of("c/citizen")[-1] == (320, ZERO)
    assert published.of("c/agent")[-1] == (320, ZERO)


def test_a_clock_that_stood_still_is_made_up_for_with_silence():
    published, time = Published(), [0.0]
    legs = CallLegs("c", published, lambda: time[0])
    time[0] = 0.02
    legs.tick(ZERO)
    time[0] = 2.0
    legs.tick(ZERO)
    assert legs.counts()["c/agent"] == pytest.approx(2.0 * 16_000, abs=640)
    samples = [sample for sample, _ in published.of("c/citizen")]
    assert samples == list(range(0, 320 * len(samples), 320))


def test_what_a_browser_is_to_hear_is_a_leg_of_its_own_on_the_same_clock():
    published = Published()
    legs = CallLegs("web:s", published, lambda: 0.0, mixed=True)
    legs.gate(hears=True, speaks=False)
    legs.take_mix(OTHER)
    legs.tick(LOUD)
    legs.tick(LOUD)
    legs.gate(hears=False, speaks=False)
    legs.take_mix(OTHER)  # a frame that was on its way when the call was held
    legs.tick(LOUD)
    assert published.of("web:s/mix") == [(0, OTHER), (320, ZERO), (640, ZERO)]
    assert set(legs.counts()) == {"web:s/citizen", "web:s/agent"}


def record(call: str, state=CallState.ACTIVE, **facts) -> CallRecord:
    return CallRecord(
        call=call, account="a", outbound=facts.pop("outbound", False), remote="sip:x", state=state, stream=0, **facts
    )


def test_an_active_call_is_heard_and_said_to():
    assert links_of([record("a")]) == {("a", "speaker"), ("a", "port:a"), ("port:a", "a")}


@pytest.mark.parametrize("facts", [{"wants_hold": True}, {"is_held": True}])
def test_on_hold_nothing_passes(facts):
    assert links_of([record("a", **facts)]) == set()


def test_members_of_a_conference_hear_each_other_unless_held():
    a, b = record("a", conference={"b"}), record("b", conference={"a"})
    assert {("a", "b"), ("b", "a")} <= links_of([a, b])
    b.wants_hold = True
    assert links_of([a, b]) == links_of([record("a")])


def test_a_far_end_that_is_confided_reaches_the_agent_alone_and_still_hears_the_others():
    a, b = record("a", conference={"b"}, confided=True), record("b", conference={"a"})
    links = links_of([a, b])
    assert {("a", "speaker"), ("a", "port:a"), ("b", "a"), ("b", "speaker")} <= links
    assert ("a", "b") not in links


def test_a_volume_is_that_of_the_ear_alone():
    calls = [record("a", volume=50), record("b"), record("c", volume=0)]
    assert levels_of(calls) == {("a", "speaker"): 0.5, ("c", "speaker"): 0.0}


def test_ringing_tones_of_the_far_end_reach_only_the_ears():
    assert links_of([record("a", CallState.EARLY, outbound=True)]) == {("a", "speaker")}
    assert links_of([record("a", CallState.OFFERED)]) == set()


@pytest.mark.parametrize(
    ("code", "by_us", "by"),
    [
        (200, True, "agent"),
        (200, False, "citizen"),
        (487, False, "citizen"),
        (486, False, "citizen"),
        (503, False, "failure"),
        (408, False, "failure"),
    ],
)
def test_who_ended_a_call(code, by_us, by):
    call = record("a", code=code, ended_by_us=by_us)
    assert call.by == ""
    call.move(CallState.ENDED)
    assert call.by == by


def test_silence_is_said_within_two_seconds_and_its_end_at_once():
    watch = SilenceWatch("microphone")
    said = [(n / 4, watch.look(arrived=n < 4, now=n / 4)) for n in range(20)]
    told = [(at, s) for at, s in said if s]
    assert len(told) == 1
    assert told[0][1].silent
    assert told[0][0] - 0.75 <= 2.0
    assert watch.look(arrived=True, now=9).silent is False
    assert watch.look(arrived=True, now=9.1) is None


def test_a_watch_at_rest_takes_back_what_it_said():
    watch = SilenceWatch("far_end", "c")
    watch.look(arrived=False, now=0)
    assert watch.look(arrived=False, now=2).silent
    assert watch.rest().silent is False
    assert watch.rest() is None
    assert watch.look(arrived=False, now=10) is None


def test_the_pointer_read_is_tried_and_the_slow_way_gives_the_same():
    assert pointer_works()
    pcm = np.arange(320, dtype=np.int16).tobytes()

    class Frame:
        buf = None

    for frames in (FrameBytes(by_pointer=True), FrameBytes(by_pointer=False), FrameBytes()):
        frame = Frame()
        frame.buf = frames.fill(frames.vector(), pcm)
        assert frames.read(frame) == pcm
        frame.buf = frames.fill(frame.buf, b"short")
        assert frames.read(frame)[:5] == b"short"


def test_a_layout_that_is_not_as_expected_falls_back(monkeypatch):
    monkeypatch.setattr("client.engines.voice.frame_bytes._span", lambda _: (0, 0))
    assert not pointer_works()
    assert FrameBytes().by_pointer is False


def test_a_call_negotiated_without_sound_is_said_to_be_silent():
    silent = record("a")
    silent.stream = None
    told: list = []
    watch = FarEndWatch(SimpleNamespace(records={"a": silent}, packets=lambda _: None), told.append)
    watch.look(0.0)
    watch.look(1.0)
    assert told == []
    watch.look(1.6)
    assert told == [Silence(side="far_end", silent=True, call="a")]
    silent.held_by_remote = True
    watch.look(1.8)
    assert told[-1].silent is False
