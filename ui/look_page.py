"""The page of settings for how the desk looks and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from PySide6.QtWidgets import QCheckBox, QFormLayout, QWidget

from ui.choice import Choice
from ui.context import Context
from ui.label import Label
from ui.language import tr
from ui.number import Number

W = TypeVar("W", bound=QWidget)


class LookPage(QWidget):
    """Theme, sizes, motion, language, announcements. Attributes: `form`; `fields` — setting key → its widget."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        now = context.settings
        self._actions, self._look = context.actions, context.look
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(context.look.px(10))
        self.form.setHorizontalSpacing(context.look.px(18))
        themes = {
            "system": tr("As the system"),
            "light": tr("Light"),
            "dark": tr("Dark"),
            "contrast": tr("High contrast"),
        }
        self.theme = self._choice(tr("Colours"), themes, now.theme)
        self.language = self._choice(tr("Language"), {"ko": "한국어", "en": "English"}, now.interface_language)
        self.scale = self._number(tr("Size of everything"), now.scale, 100, 200, 10, " %")
        self.captions = self._number(tr("Size of captions"), now.caption_size, 14, 36, 1, " px")
        self.motion = self._box(tr("No flashing: alerts are steady"), on=now.reduced_motion)
        self.announce = self._box(tr("Let the screen reader say each caption"), on=now.announce_captions)
        self.fields: dict[str, QWidget] = {
            "desk.theme": self.theme,
            "desk.language": self.language,
            "desk.scale": self.scale,
            "desk.caption_size": self.captions,
            "desk.reduced_motion": self.motion,
            "desk.announce_captions": self.announce,
        }
        self._before = self._values()

    def _choice(self, label: str, values: Mapping[str, str], now: str) -> Choice:
        box = Choice(self._actions)
        for value, text in values.items():
            box.addItem(text, value)
        box.setCurrentIndex(box.findData(now))
        return self._row(label, box)

    def _number(self, label: str, now: int, least: int, most: int, step: int, unit: str) -> Number:
        box = Number(self._look, least, most, step=step, unit=unit)
        box.setValue(now)
        return self._row(label, box)

    def _box(self, label: str, *, on: bool) -> QCheckBox:
        box = QCheckBox(label)
        box.setAccessibleName(label)
        box.setChecked(on)
        self.form.addRow("", box)
        return box

    def _row(self, label: str, widget: W) -> W:
        widget.setAccessibleName(label)
        self.form.addRow(Label(label, "second"), widget)
        return widget

    def _values(self) -> dict[str, object]:
        return {
            "desk.theme": self.theme.currentData(),
            "desk.language": self.language.currentData(),
            "desk.scale": self.scale.value(),
            "desk.caption_size": self.captions.value(),
            "desk.reduced_motion": self.motion.isChecked(),
            "desk.announce_captions": self.announce.isChecked(),
        }

    def changes(self) -> dict[str, object]:
        """What differs from what is in force."""
        return {key: value for key, value in self._values().items() if value != self._before[key]}
