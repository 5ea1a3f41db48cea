"""The interface's language. Source strings are English; the translations are data (`resources/translations`)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QObject, QTranslator

from client.resources import resource_path

CONTEXT = "ieum"
LANGUAGES = ("ko", "en")


def tr(source: str, **values: object) -> str:
    """`source` in the interface's language; `{name}` in it is replaced by the value of that name."""
    text = QCoreApplication.translate(CONTEXT, source)
    return text.format(**values) if values else text


def noop(source: str) -> str:
    """Marks a string that is translated later, where it is shown."""
    return source


class TableTranslator(QTranslator):
    """Translates by a table of source → translation."""

    def __init__(self, table: Mapping[str, str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table = table

    def translate(
        self,
        context: str,
        sourceText: str,  # noqa: N803 — Qt's name
        disambiguation: str | None = None,  # noqa: ARG002
        n: int = -1,  # noqa: ARG002
    ) -> str | None:
        """The translation, or None where there is none."""
        return self._table.get(sourceText) if context == CONTEXT else None

    def isEmpty(self) -> bool:
        """Never: the table may be small, but it is there."""
        return False


def load_table(language: str) -> dict[str, str]:
    """Source → translation of one language."""
    table: dict[str, str] = json.loads(resource_path(f"translations/{language}.json").read_text(encoding="utf-8"))
    return table


def install_language(app: QCoreApplication, language: str) -> None:
    """Speak `language` from now on: our strings, Qt's own, and the forms of dates and numbers."""
    for old in app.findChildren(QTranslator):
        app.removeTranslator(old)
        old.deleteLater()
    QLocale.setDefault(QLocale(language))
    if language == "en":
        return
    of_qt = QTranslator(app)
    if of_qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(of_qt)
    app.installTranslator(TableTranslator(load_table(language), app))
