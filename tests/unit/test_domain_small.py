"""Ids, numbers, keys, call states, codes: small rules, one test each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.call import TRANSITIONS, CallState, may_become
from client.domain.codes import Code, for_ars, walk
from client.domain.derived_id import derived_id
from client.domain.ids import is_id, new_id
from client.domain.masking import mask_number
from client.domain.session_key import session_of_uui, user_to_user, uui_key

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def test_ids_sort_by_time_of_making():
    ids = [new_id(ms) for ms in (1_000, 2_000, 3_000)]
    assert ids == sorted(ids)
    assert all(map(is_id, ids))
    assert not is_id("01234567-89ab-4def-8123-456789abcdef")


def test_the_same_fact_has_the_same_id_and_another_has_not():
    assert derived_id(NOW, "call", "answered") == derived_id(NOW, "call", "answered")
    others = {
        derived_id(NOW, "call", "ended"),
        derived_id(NOW, "other", "answered"),
        derived_id(NOW + timedelta(seconds=1), "call", "answered"),
        derived_id(NOW, "callanswered", ""),
    }
    assert derived_id(NOW, "call", "answered") not in others
    assert len(others) == 4
    assert all(map(is_id, others))


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("01012345678", "010-****-5678"),
        ("010-1234-5678", "010-****-5678"),
        ("+821012345678", "010-****-5678"),
        ("0212345678", "02-****-5678"),
        ("0311234567", "031-****-4567"),
        ("120", "120"),
        ("15880000", "****0000"),
        ("", ""),
    ],
)
def test_numbers_are_masked(number, masked):
    assert mask_number(number) == masked


@given(st.from_regex(r"0[1-9][0-9]{7,9}", fullmatch=True))
def test_a_masked_number_never_holds_the_whole(number):
    assert number not in mask_number(number).replace("-", "")


def test_a_session_key_travels_through_user_to_user():
    session = new_id()
    header = user_to_user(session)
    assert session_of_uui(header) == session
    assert uui_key(header) == f"uui:{session.replace('-', '')}"


@pytest.mark.parametrize("header", ["", "xyz", "abc", "00" * 200, "3030;encoding", "<script>"])
def test_other_user_to_user_values_name_no_session(header):
    assert session_of_uui(header) is None


def test_call_states_only_go_forward():
    assert may_become(CallState.OFFERED, CallState.ACTIVE)
    assert may_become(CallState.ENDED, CallState.ENDED)
    assert not may_become(CallState.ENDED, CallState.ACTIVE)
    assert not may_become(CallState.ACTIVE, CallState.OFFERED)
    assert set(TRANSITIONS) == set(CallState)


def test_the_ars_code_suggests_the_nearest_wrap_up_code():
    tree = (Code(id="3", label="안심돌봄", children=(Code(id="3-1", label="장기요양"),)), Code(id="1", label="교통"))
    assert [code.id for code, _ in walk(tree)] == ["3", "3-1", "1"]
    assert {code.id: path for code, path in walk(tree)}["3-1"] == ("안심돌봄",)
    assert for_ars(tree, "3-1-2").id == "3-1"
    assert for_ars(tree, "3-2").id == "3"
    assert for_ars(tree, "31") is None
