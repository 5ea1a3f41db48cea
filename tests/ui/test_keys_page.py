"""The page of keys is what the declaration makes."""

from __future__ import annotations

from pathlib import Path

from ui.keys_page import page

FILE = Path(__file__).resolve().parents[2] / "resources" / "help" / "keys.md"


def test_the_page_of_keys_is_up_to_date():
    assert FILE.read_text(encoding="utf-8") == page(), "make reference"
