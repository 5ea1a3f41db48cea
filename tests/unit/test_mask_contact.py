"""A contact is shown so that it is known again and not found out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.domain.masking import mask_contact


@pytest.mark.parametrize(
    ("contact", "shown"),
    [
        ("", ""),
        ("홍길동 01012345678", "홍길동 010-****-5678"),
        ("홍길동 010-1234-5678", "홍길동 010-****-5678"),
        ("010 1234 5678", "010-****-5678"),
        ("(02) 1234-5678", "(02-****-5678"),
        ("730-1234", "***1234"),
        ("302호", "302호"),
        ("a@b.kr", "a***@b.kr"),
        ("02-123-4567", "02-****-4567"),
        ("+821012345678", "010-****-5678"),
        ("hong.gildong@seoul.kr", "ho***@seoul.kr"),
        ("010-****-5678", "010-****-5678"),
        ("은평구청 민원실", "은평구청 민원실"),
    ],
)
def test_what_is_shown(contact, shown):
    assert mask_contact(contact) == shown


@given(st.integers(10**8, 10**11 - 1), st.sampled_from(["", "홍길동 ", "민원인: "]))
def test_no_whole_number_is_shown(number, name):
    assert str(number) not in re.sub(r"\D", "", mask_contact(f"{name}0{number}"))


@given(st.text(max_size=60))
def test_masked_once_is_masked(contact):
    once = mask_contact(contact)
    assert mask_contact(once) == once
