from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain import event as e
from client.domain.event import Event
from client.domain.ids import new_id
from client.domain.screen import Item, Screen, ScreenKind
from client.domain.signal import PartialCaption
from client.domain.timeline import (
    CaptionLine,
    Change,
    FactLine,
    MessageLine,
    NoteLine,
    ScreenLine,
    ScreenState,
    Timeline,
)
from client.domain.words import Party

SESSION = new_id()


def at(second: int) -> str:
    return f"2026-11-22T05:00:{second:02d}.000Z"


def event(body, second=0, **fields):
    return Event(id=fields.pop("id", new_id()), session=SESSION, at=at(second), body=body, **fields)


def partial(stable="", provisional="", utterance="u1", start_ms=0):
    return PartialCaption(
        leg="c/citizen",
        party=Party.CITIZEN,
        utterance=utterance,
        stable=stable,
        provisional=provisional,
        start_ms=start_ms,
    )


def said(text="안녕하세요", utterance="u1", second=1, words=(), **fields):
    return event(
        e.Caption(utterance=utterance, party=Party.CITIZEN, text=text, words=words), second, leg="c/citizen", **fields
    )


@pytest.fixture
def timeline():
    return Timeline()


@pytest.fixture
def changes(timeline):
    seen = []
    timeline.listen(lambda change, index: seen.append((change, index)))
    return seen


def test_a_final_replaces_its_partial_in_place(timeline, changes):
    timeline.partial(at(1), partial("안녕", "하세"))
    timeline.apply(event(e.MessageSent(party=Party.CITIZEN, text="네"), 2))
    timeline.apply(said())
    (line, message) = timeline.lines
    assert isinstance(line, CaptionLine)
    assert (line.text, line.final, line.provisional) == ("안녕하세요", True, "")
    assert isinstance(message, MessageLine)
    assert changes == [(Change.ADDED, 0), (Change.ADDED, 1), (Change.CHANGED, 0)]


def test_a_late_partial_of_a_finished_utterance_changes_nothing(timeline):
    timeline.apply(said())
    timeline.partial(at(1), partial("옛"))
    assert timeline.lines[0].text == "안녕하세요"


def test_a_partial_that_was_nothing_goes_away(timeline, changes):
    timeline.partial(at(1), partial("음"))
    timeline.partial(at(1), partial())
    assert timeline.lines == []
    assert changes[-1] == (Change.REMOVED, 0)


def test_the_running_text_of_a_dead_engine_is_dropped(timeline):
    timeline.partial(at(1), partial("가"))
    timeline.apply(said("나", "u0", 0))
    timeline.drop_partials("c/citizen")
    assert [line.text for line in timeline.lines] == ["나"]


def test_a_correction_stands_in_the_captions_place_also_when_the_final_comes_again(timeline):
    final = said()
    timeline.apply(final)
    timeline.apply(event(e.CaptionCorrected(caption=final.id, text="안녕히"), 3))
    timeline.apply(final)
    line = timeline.find("u1")
    assert (line.text, line.uncertain()) == ("안녕히", ())
    timeline.apply(event(e.CaptionCorrected(caption=new_id(), text="x"), 4))
    assert len(timeline.lines) == 1


def test_uncertain_words_are_found_in_the_text(timeline):
    words = tuple(
        e.Word(text=text, start_ms=0, end_ms=1, confidence=confidence)
        for text, confidence in (("은평구요", 0.9), ("장기요양", 0.3), ("없는말", 0.1), ("등급", 0.2))
    )
    timeline.apply(said("은평구요 장기요양 등급", words=words))
    line = timeline.lines[0]
    assert [line.stable[a:b] for a, b in line.uncertain()] == ["장기요양", "등급"]


def test_a_screen_goes_forward_only(timeline):
    screen = Screen(kind=ScreenKind.CHOICE, title="t", items=(Item(id="a", text="A"),))
    push = new_id()
    timeline.apply(event(e.ScreenOpened(push=push)))  # of a screen unknown here: nothing to show
    timeline.apply(event(e.ScreenPushed(push=push, screen=screen)))
    timeline.apply(event(e.ScreenPushed(push=push, screen=screen)))
    timeline.apply(event(e.ScreenAnswered(push=push, answers={"choice": "a"})))
    timeline.apply(event(e.ScreenOpened(push=push)))
    (line,) = timeline.lines
    assert isinstance(line, ScreenLine)
    assert (line.state, line.answers) == (ScreenState.ANSWERED, {"choice": "a"})
    timeline.apply(event(e.ScreenWithdrawn(push=push)))
    assert timeline.lines[0].state is ScreenState.WITHDRAWN
    assert timeline.lines[0].answers == {"choice": "a"}


def test_what_is_erased_is_no_longer_shown(timeline):
    final, message, note = (
        said(),
        event(e.MessageSent(party=Party.AGENT, text="b"), 2),
        event(e.NoteWritten(text="c"), 3),
    )
    for one in (final, message, note):
        timeline.apply(one)
    assert isinstance(timeline.lines[2], NoteLine)
    timeline.apply(event(e.EventsErased(events=(final.id, message.id), reason="x"), 4))
    timeline.apply(event(e.Emptied(was="note.written"), 3, id=note.id))
    assert timeline.lines == []


def test_facts_are_lines_and_technical_ones_are_not(timeline):
    timeline.apply(event(e.CallAnswered()))
    timeline.apply(event(e.LegJoined(party=Party.AGENT)))
    (line,) = timeline.lines
    assert isinstance(line, FactLine)


def test_a_message_is_stored_once_the_hub_numbered_it(timeline, changes):
    message = event(e.MessageSent(party=Party.AGENT, text="b"))
    timeline.apply(message)
    assert not timeline.lines[0].stored
    timeline.apply(message.numbered(1, at(0), "me"))
    assert timeline.lines[0].stored
    timeline.apply(message.numbered(1, at(0), "me"))
    assert len(changes) == 2


def test_listening_ends(timeline):
    seen = []
    stop = timeline.listen(lambda *change: seen.append(change))
    stop()
    timeline.apply(said())
    assert seen == []


@given(st.permutations(range(8)))
def test_lines_sort_by_time_in_any_order_of_arrival(order):
    timeline = Timeline()
    for second in order:
        timeline.apply(event(e.NoteWritten(text=str(second)), second))
    assert [line.text for line in timeline.lines] == [str(n) for n in range(8)]


def test_lines_of_a_joined_session_move_over(timeline):
    other = Timeline()
    other.apply(said())
    for line in other.lines:
        timeline.adopt(line)
    assert timeline.find("u1") is not None
