"""Colours by role. A theme is data (`resources/themes`); every ink is legible on every surface, which a test computes.

Because each ink is measured against each surface, a widget may combine any two without asking.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtGui import QColor, QPalette

from client.domain.codec import decode
from client.resources import resource_path

INKS = ("text", "second", "third", "accent", "good", "careful", "bad")
SURFACES = ("background", "panel", "raised", "soft", "good_soft", "careful_soft", "bad_soft")
LINES = ("line", "accent", "careful", "bad", "good")
THEMES = ("light", "dark", "contrast")
LINEAR = 0.04045  # sRGB value under which the curve is a line (IEC 61966-2-1)
AA_TEXT, AAA_TEXT, AA_LINE = 4.5, 7.0, 3.0  # WCAG 2.2: 1.4.3, 1.4.6, 1.4.11


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One theme: `#RRGGBB` by role. `hairline` only separates and carries no meaning; `line` does."""

    name: str
    background: str
    panel: str
    raised: str
    hairline: str
    line: str
    text: str
    second: str
    third: str
    accent: str
    on_accent: str
    soft: str
    good: str
    good_soft: str
    careful: str
    careful_soft: str
    bad: str
    bad_soft: str

    def color(self, role: str) -> QColor:
        """The colour of a role, by its name."""
        return _color(getattr(self, role))

    def roles(self) -> dict[str, str]:
        """Role → `#RRGGBB`, for the stylesheet."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@lru_cache(maxsize=128)
def _color(value: str) -> QColor:
    return QColor(value)


def load_tokens(name: str) -> Tokens:
    """The theme `name`: light, dark or contrast."""
    return decode(Tokens, tomllib.loads(resource_path(f"themes/{name}.toml").read_text(encoding="utf-8")))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1–21 (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(text: str) -> float:
    channels = (int(text[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= LINEAR else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palette(tokens: Tokens) -> QPalette:
    """Qt's palette, for what the stylesheet does not reach."""
    roles = QPalette.ColorRole
    made = QPalette()
    for role, name in {
        roles.Window: "background",
        roles.WindowText: "text",
        roles.Base: "panel",
        roles.AlternateBase: "background",
        roles.Text: "text",
        roles.PlaceholderText: "third",
        roles.Button: "raised",
        roles.ButtonText: "text",
        roles.ToolTipBase: "raised",
        roles.ToolTipText: "text",
        roles.Highlight: "accent",
        roles.HighlightedText: "on_accent",
        roles.Link: "accent",
        roles.LinkVisited: "accent",
        roles.Accent: "accent",
    }.items():
        made.setColor(role, tokens.color(name))
    disabled = QPalette.ColorGroup.Disabled
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(disabled, role, tokens.color("third"))
    return made
