"""Every ink is legible on every surface of every theme, so that no pair that a widget chooses can fail."""

from __future__ import annotations

import itertools

import pytest

from ui.theme import AA_LINE, AA_TEXT, AAA_TEXT, INKS, LINES, SURFACES, THEMES, contrast, load_tokens


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_pair(theme):
    tokens = load_tokens(theme)
    least = AAA_TEXT if theme == "contrast" else AA_TEXT
    pairs = {
        (ink, surface): contrast(getattr(tokens, ink), getattr(tokens, surface))
        for ink, surface in itertools.product(INKS, SURFACES)
    }
    pairs["on_accent", "accent"] = contrast(tokens.on_accent, tokens.accent)
    assert {pair: round(ratio, 2) for pair, ratio in pairs.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_line_that_means_something(theme):
    tokens = load_tokens(theme)
    pairs = itertools.product(LINES, SURFACES)
    low = {(a, b): contrast(getattr(tokens, a), getattr(tokens, b)) for a, b in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in low.items() if ratio < AA_LINE} == {}


def test_the_stylesheet_names_no_colour_of_its_own():
    from ui.stylesheet import SHEET

    assert "#" not in SHEET
    assert "rgb" not in SHEET


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#FFFFFF", 21.0), ("#777777", "#FFFFFF", 4.48)])
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
