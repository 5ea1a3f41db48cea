"""How large and in which colours everything is drawn: the theme, the scale and the fonts, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

from client.settings import Settings, less_motion
from ui.theme import Tokens, load_tokens

FAMILIES = ("Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic", "Apple SD Gothic Neo", "NanumGothic")
TABULAR = QFont.Tag("tnum")
LARGE = 17  # px from which letters are set a little tighter
MIN_CAPTION_PX, MAX_CAPTION_PX = 14, 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`scale` 1.0–2.0 multiplies every measure; `caption_px` is the caption text at scale 1."""

    tokens: Tokens
    scale: float
    caption_px: int
    reduced_motion: bool
    family: str

    def px(self, measure: float) -> int:
        """A measure of the design, in pixels of this look."""
        return max(1, round(measure * self.scale)) if measure else 0

    def color(self, role: str) -> QColor:
        """The colour of a role."""
        return self.tokens.color(role)

    def font(self, size: float = 14, *, bold: bool = False, tabular: bool = False) -> QFont:
        """The interface font, `size` in pixels of the design; large sizes are set a little tighter."""
        return _font(self.family, self.px(size), bold, size >= LARGE, tabular)


@lru_cache(maxsize=128)
def _font(family: str, pixels: int, bold: bool, tight: bool, tabular: bool) -> QFont:
    """Made once: every painted line asks for two. Who changes one takes a copy."""
    font = QFont(family)
    font.setPixelSize(pixels)
    if bold:
        font.setWeight(QFont.Weight.Bold)
    if tight:
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 98.5)
    if tabular:
        font.setFeature(TABULAR, 1)
    return font


def look_for(settings: Settings) -> Look:
    """The look that the settings ask for on this system."""
    return Look(
        tokens=load_tokens(theme_name(settings.theme)),
        scale=min(200, max(100, settings.scale)) / 100,
        caption_px=min(MAX_CAPTION_PX, max(MIN_CAPTION_PX, settings.caption_size)),
        reduced_motion=less_motion(settings),
        family=system_family(),
    )


def theme_name(asked: str) -> str:
    """The theme itself; `system` follows what the operating system prefers."""
    if asked != "system":
        return asked
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() is Qt.ContrastPreference.HighContrast:
        return "contrast"
    return "dark" if hints.colorScheme() is Qt.ColorScheme.Dark else "light"


def system_family() -> str:
    """The first family with Hangul that this machine has, else the system's default."""
    present = set(QFontDatabase.families())
    return next((name for name in FAMILIES if name in present), QGuiApplication.font().family())
