"""Korean is complete: every source string has its translation, none is left over, and placeholders agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ui.language import load_table

UI = Path(__file__).resolve().parents[2] / "ui"
MARKS = ("tr", "noop")


def sources(text: str) -> list[str]:
    """The string of every `tr(…)` and `noop(…)`; one that is not a literal would escape translation."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            argument = node.args[0]
            if isinstance(argument, ast.Constant):
                found.append(str(argument.value))
            elif not ast.unparse(argument).endswith((".label", ".value")):  # marked by noop where they are declared
                found.append(f"not a literal: {ast.unparse(node)}")
    return found


def all_sources() -> set[str]:
    files = [file for file in UI.glob("*.py") if file.name != "language.py"]
    return {source for file in files for source in sources(file.read_text(encoding="utf-8"))}


def test_every_source_string_is_translated_and_none_is_left_over():
    table = load_table("ko")
    assert sorted(all_sources() - set(table)) == []
    assert sorted(set(table) - all_sources()) == []


def test_placeholders_agree():
    wrong = {
        source: text
        for source, text in load_table("ko").items()
        if sorted(re.findall(r"{(\w+)}", source)) != sorted(re.findall(r"{(\w+)}", text))
    }
    assert wrong == {}


def test_korean_is_korean_and_particles_fit_any_name():
    for source, text in load_table("ko").items():
        assert re.search("[가-힣]", text) or not re.search("[a-z]{3}", text), source
        assert not re.search(r"}[’'”]?(은|는|이|가|을|를|과|와)(\s|$)", text), (
            f"a particle that depends on the name: {text}"
        )


@pytest.mark.parametrize("text", ["tr(name)", "tr('a' + b)", "noop(f'{x}')"])
def test_a_string_that_escapes_is_found(text):
    assert sources(text)[0].startswith("not a literal")
