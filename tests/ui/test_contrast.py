"""Every ink is legible on every surface of every theme, so that no pair that a widget chooses can fail."""

from __future__ import annotations

import itertools

import pytest
from PySide6.QtGui import QColor, QPalette

from client.settings import Settings
from ui.key_button import COLORS, OFF, Kind, touched
from ui.look import Look, look_for
from ui.theme import AA_LINE, AA_TEXT, AAA_TEXT, INKS, LINES, SURFACES, THEMES, contrast, load_tokens, palette


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


def fills(kind: Kind, look: Look) -> list[str]:
    """What lies under a button's words: its own fill, or what it stands on; the same touched."""
    own = COLORS[kind][0]
    grounds = [look.color(role) for role in ([own] if own else SURFACES)]
    return [color.name() for color in (*grounds, touched(look.color(own) if own else QColor(0, 0, 0, 0), look))]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", Kind)
def test_every_button_also_when_it_is_touched(qapp, theme, kind):
    look = look_for(Settings(theme=theme))
    least = AAA_TEXT if theme == "contrast" else AA_TEXT
    ink = getattr(look.tokens, COLORS[kind][2])
    low = {fill: contrast(ink, fill) for fill in fills(kind, look) if contrast(ink, fill) < least}
    assert low == {}
    if kind in (Kind.PLAIN, Kind.QUIET, Kind.DASHED):  # these draw the key in a quieter ink
        assert min(contrast(look.tokens.second, fill) for fill in fills(kind, look)) >= least


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("kind", Kind)
def test_a_touched_button_looks_touched(qapp, theme, kind):
    look = look_for(Settings(theme=theme))
    own = look.color(COLORS[kind][0]) if COLORS[kind][0] else QColor(0, 0, 0, 0)
    assert touched(own, look) != own


@pytest.mark.parametrize("theme", THEMES)
def test_what_is_switched_off_can_still_be_read(qapp, theme):
    tokens = load_tokens(theme)
    off = palette(tokens)
    group, roles = QPalette.ColorGroup.Disabled, QPalette.ColorRole
    pairs = [(getattr(tokens, OFF[2]), getattr(tokens, OFF[0]))]
    pairs += [(off.color(group, ink).name(), off.color(roles.Base).name()) for ink in (roles.Text, roles.WindowText)]
    pairs += [(off.color(group, roles.ButtonText).name(), off.color(roles.Button).name())]
    pairs += [(off.color(roles.PlaceholderText).name(), off.color(roles.Base).name())]
    pairs += [(off.color(roles.HighlightedText).name(), off.color(roles.Highlight).name())]
    assert min(contrast(ink, ground) for ink, ground in pairs) >= (AAA_TEXT if theme == "contrast" else AA_TEXT)


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
