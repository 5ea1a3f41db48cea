"""A field for a whole number with its unit."""

from __future__ import annotations

from PySide6.QtWidgets import QSpinBox

from ui.look import Look


class Number(QSpinBox):
    """Between two limits, in steps."""

    def __init__(self, look: Look, least: int, most: int, *, step: int = 1, unit: str = "") -> None:
        super().__init__()
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setSuffix(unit)
        self.lineEdit().setTextMargins(look.px(11), 0, 0, 0)  # the stylesheet does not reach into a spin box
