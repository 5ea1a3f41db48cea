"""Every refusal of the file checks is said in Korean."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from client.domain.file_refusals import KOREAN, in_korean

ROOT = Path(__file__).resolve().parents[2]
VERBS = re.compile(r"(is|has|unpacks|calls) ")


def said() -> set[str]:
    """What the checks say: strings that go on from 'the file'."""
    sources = (ROOT / "client" / "hub" / "attachments").glob("*.py")
    constants = [
        n.value for path in sources for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Constant)
    ]
    return {text for text in constants if isinstance(text, str) and VERBS.match(text)}


def test_every_refusal_has_its_korean_and_none_is_left_over():
    assert said() == set(KOREAN)


def test_korean_is_korean():
    assert [text for text in KOREAN.values() if not re.search("[가-힣]{2}", text)] == []


@pytest.mark.parametrize(
    ("why", "korean"),
    [
        ("must be at most 10 MB", "10MB까지 받습니다"),
        ("cannot be made smaller than 300000 bytes", "300000바이트보다 작게 만들 수 없습니다"),
        ("is empty", "빈 파일입니다"),
        ("another reason", "another reason"),
    ],
)
def test_figures_stay_and_unknown_words_too(why, korean):
    assert in_korean(why) == korean
