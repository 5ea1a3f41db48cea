"""The one stylesheet, made from a look. Widgets say what they are with the property `is`; colours stand only here.

Buttons, list rows and tabs paint themselves (`ui.key_button`, the delegates, `ui.tabs`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ui.look import Look

SHEET = """
QWidget { color: $text; }
QMainWindow, QDialog { background: $background; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4[] 8[]; }

QLabel { background: transparent; }
QLabel[is="second"] { color: $second; }
QLabel[is="third"] { color: $third; }
QLabel[is="small"] { color: $third; font-size: 12[]; }
QLabel[is="title"] { font-weight: 700; font-size: 15[]; }
QLabel[is="name"] { font-weight: 700; font-size: 17[]; }
QLabel[is="clock"] { font-weight: 700; font-size: 20[]; }
QLabel[is="brand"] { font-weight: 700; font-size: 17[]; }
QLabel[is="good"] { color: $good; }
QLabel[is="careful"] { color: $careful; }
QLabel[is="bad"] { color: $bad; }
QLabel[is="strong"] { font-weight: 700; }
QLabel[is="good-strong"] { color: $good; font-weight: 700; }
QLabel[is="careful-strong"] { color: $careful; font-weight: 700; }
QLabel[is="bad-strong"] { color: $bad; font-weight: 700; }
QLabel[is="heading"] { color: $third; font-size: 12[]; }
QLabel[is="chip"] { background: $background; color: $second; border-radius: 5[]; padding: 2[] 9[]; font-size: 13[]; }
QLabel[is="chip-accent"] { background: $soft; color: $accent; border-radius: 5[]; padding: 2[] 9[]; font-size: 13[]; }
QLabel[is="chip-careful"] { background: $careful_soft; color: $careful; border-radius: 5[]; padding: 2[] 9[]; font-size: 13[]; }

QFrame[is="head"] { background: $panel; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="side"] { background: $background; border: none; border-right: 1px solid $hairline; }
QFrame[is="centre"] { background: $panel; border: none; }
QFrame[is="panel"] { background: $background; border: none; border-left: 1px solid $hairline; }
QFrame[is="band"] { background: $panel; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="foot"] { background: $panel; border: none; border-top: 1px solid $hairline; }
QFrame[is="card"] { background: $panel; border: 1px solid $hairline; border-radius: 10[]; }
QFrame[is="phone"] { background: $panel; border: 1px solid $line; border-radius: 22[]; }
QFrame[is="callbar-good"] { background: $good_soft; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="callbar-careful"] { background: $careful_soft; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="callbar-soft"] { background: $soft; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="note"] { background: $careful_soft; border: 2px dashed $careful; border-radius: 8[]; }
QFrame[is="trouble-info"] { background: $soft; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="trouble-careful"] { background: $careful_soft; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="trouble-bad"] { background: $bad_soft; border: none; border-bottom: 1px solid $hairline; }
QFrame[is="strip"] { background: $soft; border: 2px solid $accent; border-radius: 10[]; }

QLineEdit, QPlainTextEdit, QComboBox, QSpinBox, QKeySequenceEdit QLineEdit {
  background: $panel; color: $text; border: 1px solid $line; border-radius: 8[];
  padding: 6[] 12[]; placeholder-text-color: $third; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus, QSpinBox:focus { border: 2px solid $accent; padding: 5[] 11[]; }
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled { background: $background; color: $third; border-color: $hairline; }
QPlainTextEdit[is="composer"] { background: $background; border-radius: 8[]; padding: 3[] 11[]; }
QPlainTextEdit[is="composer"]:focus { background: $panel; padding: 2[] 10[]; }
QPlainTextEdit[is="note"] { background: transparent; border: none; padding: 2[] 4[]; }
QPlainTextEdit[is="note"]:focus { border: none; padding: 2[] 4[]; }
QPlainTextEdit[is="correction"] { border-radius: 6[]; padding: 2[] 8[]; }
QPlainTextEdit[is="correction"]:focus { padding: 1[] 7[]; }
QComboBox { min-height: 22[]; padding-right: 28[]; }
QComboBox::drop-down { border: none; width: 26[]; }
QComboBox::down-arrow { image: url("$chevron"); width: 16[]; height: 16[]; }
QSpinBox::up-arrow { image: url("$chevron-up"); width: 12[]; height: 12[]; }
QSpinBox::down-arrow { image: url("$chevron"); width: 12[]; height: 12[]; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; selection-background-color: $soft; selection-color: $text; outline: none; }
QSpinBox { padding: 6[] 4[]; }
QSpinBox:focus { padding: 5[] 3[]; }
QSpinBox QLineEdit, QSpinBox QLineEdit:focus { border: none; padding: 0; background: transparent; }
QSpinBox::up-button, QSpinBox::down-button { width: 22[]; border: none; background: transparent; }

QCheckBox { spacing: 8[]; background: transparent; padding: 3[]; border: 2px solid transparent; border-radius: 6[]; }
QCheckBox:focus { border-color: $accent; }
QCheckBox::indicator { width: 15[]; height: 15[]; border: 2px solid $line; border-radius: 4[]; background: $panel; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QCheckBox::indicator:disabled { border-color: $hairline; }

QTreeView { show-decoration-selected: 1; }
QListView, QTreeView, QTableView, QScrollArea { background: transparent; border: none; outline: none; }
QListWidget { background: $panel; border: 1px solid $line; border-radius: 8[]; padding: 4[]; }
QListWidget:focus { border: 2px solid $accent; padding: 3[]; }
QListWidget::item { padding: 6[] 8[]; border-radius: 6[]; color: $text; }
QListWidget::item:selected { background: $soft; color: $text; }
QTreeView::item { padding: 5[] 4[]; border: 2px solid transparent; border-radius: 6[]; }
QTreeView::item:selected { background: $soft; color: $text; }
QTreeView::branch:selected { background: $soft; }
QTreeView::branch:closed:has-children { image: url("$chevron-right"); }
QTreeView::branch:open:has-children { image: url("$chevron"); }
QTreeView::indicator { width: 14[]; height: 14[]; border: 2px solid $line; border-radius: 4[]; background: $panel; }
QTreeView::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QTableView { background: $panel; border: 1px solid $hairline; border-radius: 8[]; gridline-color: $hairline; }
QTableView::item { padding: 4[] 8[]; }
QTableView::item:selected { background: $soft; color: $text; }
QTableView:focus, QTreeView:focus { border: 2px solid $accent; border-radius: 8[]; }
QHeaderView::section { background: $background; color: $third; border: none; border-bottom: 1px solid $hairline; padding: 6[] 8[]; font-size: 12[]; }
QScrollArea > QWidget > QWidget { background: transparent; }

QScrollBar:vertical { background: transparent; width: 10[]; margin: 0; }
QScrollBar::handle:vertical { background: $line; border-radius: 3[]; min-height: 32[]; margin: 2[] 3[]; }
QScrollBar:horizontal { background: transparent; height: 10[]; margin: 0; }
QScrollBar::handle:horizontal { background: $line; border-radius: 3[]; min-width: 32[]; margin: 3[] 2[]; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenu { background: $raised; border: 1px solid $line; border-radius: 8[]; padding: 6[]; }
QMenu::item { padding: 7[] 20[] 7[] 14[]; border-radius: 5[]; border: 2px solid transparent; }
QMenu::item:selected { background: $soft; color: $text; border-color: $accent; }
QMenu::item:disabled { color: $third; }
QMenu::separator { height: 1px; background: $hairline; margin: 6[] 8[]; }
QMenu::indicator { width: 0; }
QSplitter::handle { background: $hairline; }
"""


def stylesheet(look: Look, images: Mapping[str, str]) -> str:
    """The sheet with the look's colours and measures; `images` — name → path of the pictures it names."""
    values = {**look.tokens.roles(), **images}
    sheet = re.sub(r"\$([\w-]+)", lambda found: values[found.group(1)], SHEET)
    return re.sub(r"(\d+)\[\]", lambda found: f"{look.px(int(found.group(1)))}px", sheet)
