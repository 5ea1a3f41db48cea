from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.codec import BadInput, decode, encode
from client.domain.event import BODIES, Caption, Event, MessageSent, Word, event_from_json, event_to_json
from client.domain.ids import new_id
from client.domain.words import Party


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    n: int
    ratio: float = 1.0


@dataclass(frozen=True)
class Outer:
    name: str
    inner: Inner
    many: tuple[Inner, ...] = ()
    table: dict[str, int] | None = None
    colour: Colour = Colour.RED
    free: Any = None
    either: str | tuple[str, ...] = ""
    flag: bool = False


def test_what_is_encoded_decodes_to_the_same():
    value = Outer("ㄱ", Inner(1), (Inner(2, 0.5),), {"a": 1}, Colour.RED, {"x": [1]}, ("a", "b"), True)
    assert decode(Outer, json.loads(json.dumps(encode(value)))) == value


@pytest.mark.parametrize(
    ("data", "path", "why"),
    [
        ({"inner": {"n": 1}}, "name", "is missing"),
        ({"name": "a", "inner": {"n": 1}, "nmae": 1}, "nmae", "unknown field"),
        ({"name": 1, "inner": {"n": 1}}, "name", "must be text"),
        ({"name": "a", "inner": {"n": True}}, "inner.n", "must be a whole number"),
        ({"name": "a", "inner": {"n": 2**63}}, "inner.n", "is too large"),
        ({"name": "a", "inner": {"n": 1, "ratio": float("nan")}}, "inner.ratio", "must be a finite number"),
        ({"name": "a", "inner": 5}, "inner", "must be an object"),
        ({"name": "a", "inner": {"n": 1}, "many": {}}, "many", "must be a list"),
        ({"name": "a", "inner": {"n": 1}, "many": [{"n": 1}, {"n": "x"}]}, "many.1.n", "must be a whole number"),
        ({"name": "a", "inner": {"n": 1}, "table": []}, "table", "must be an object"),
        ({"name": "a", "inner": {"n": 1}, "table": {"k": "v"}}, "table.k", "must be a whole number"),
        ({"name": "a", "inner": {"n": 1}, "colour": "blue"}, "colour", "must be one of red"),
        ({"name": "a\x00", "inner": {"n": 1}}, "name", "holds characters that are not text"),
        ({"name": "a\ud800", "inner": {"n": 1}}, "name", "holds characters that are not text"),
        ({"name": "a", "inner": {"n": 1}, "flag": 1}, "flag", "must be true or false"),
        ([], "", "must be an object"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(data, path, why):
    with pytest.raises(BadInput) as caught:
        decode(Outer, data)
    assert (caught.value.path, caught.value.why) == (path, why)


def test_nesting_without_end_is_refused():
    deep: Any = {}
    for _ in range(40):
        deep = {"next": deep}

    @dataclass(frozen=True)
    class Chain:
        next: Any = None

    assert decode(Chain, deep).next  # Any is taken as it is
    with pytest.raises(BadInput):
        decode(tuple[tuple[int, ...], ...], json.loads("[" * 40 + "]" * 40))  # type: ignore[arg-type]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.sampled_from(sorted(BODIES)))
def test_garbage_is_refused_and_never_crashes(value, kind):
    for data in (
        value,
        {"type": kind, "id": new_id(), "session": new_id(), "at": "2026-01-01T00:00:00Z", "body": value},
    ):
        try:
            event = event_from_json(data)
        except BadInput:
            continue
        assert event_from_json(event_to_json(event)) == event


def an_event(body) -> Event:
    return Event(id=new_id(), session=new_id(), at="2026-11-22T05:06:07.089Z", body=body, leg="c/citizen")


@given(st.text(min_size=1).filter(lambda t: t.strip() and "\x00" not in t and t.isprintable()))
def test_events_survive_json(text):
    word = Word(text=text, start_ms=0, end_ms=10, confidence=0.5)
    for body in (
        MessageSent(party=Party.CITIZEN, text=text[:8000]),
        Caption(utterance="u", party=Party.AGENT, text=text, words=(word,)),
    ):
        event = an_event(body)
        assert event_from_json(json.loads(json.dumps(event_to_json(event)))) == event


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": "nonsense"}, "id"),
        ({"session": "x"}, "session"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-01-01T00:00:00"}, "at"),
        ({"type": "no.such"}, "type"),
        ({"body": {"party": "citizen", "text": "  "}}, "body.text"),
        ({"body": {"party": "citizen", "text": "x" * 8001}}, "body.text"),
        ({"audience": "everybody"}, "audience"),
    ],
)
def test_a_broken_envelope_is_refused(change, path):
    good = event_to_json(an_event(MessageSent(party=Party.CITIZEN, text="네")))
    with pytest.raises(BadInput) as caught:
        event_from_json({**good, **change})
    assert caught.value.path == path
