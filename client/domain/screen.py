"""Screens of visible ARS: what an agent may push and which answers fit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from client.domain.codec import BadInput

MAX_ANSWER = 2_000  # characters of one field: a citizen's free text, an LMS long

Answers = Mapping[str, str | tuple[str, ...]]


class ScreenKind(StrEnum):
    """What the citizen can do with a screen."""

    CARD = "card"
    CHOICE = "choice"
    CHECKLIST = "checklist"
    FORM = "form"
    CAPTIONS = "captions"


class FieldKind(StrEnum):
    """The input a form's field offers; `name` and `address` set the browser's autofill purpose (WCAG 1.3.5)."""

    NAME = "name"
    ADDRESS = "address"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One choice or one thing on a checklist."""

    id: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    id: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One page of visible ARS in one language.

    `items` belong to `choice` (exactly one is answered) and `checklist` (any number), `fields` to `form`.
    `lead` is the sentence under the title; `body` plain text of a card, paragraphs split by a blank line.
    """

    kind: ScreenKind
    title: str
    name: str = ""
    language: str = "ko"
    lead: str = ""
    body: str = ""
    items: tuple[Item, ...] = ()
    fields: tuple[Field, ...] = ()
    button: str = ""
    reviewed: str = ""

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise BadInput("title", "must not be empty")
        if self.kind in (ScreenKind.CHOICE, ScreenKind.CHECKLIST) and not self.items:
            raise BadInput("items", "must not be empty")
        if self.kind is ScreenKind.FORM and not self.fields:
            raise BadInput("fields", "must not be empty")
        names = [item.id for item in self.items] + [field.id for field in self.fields]
        if len(set(names)) != len(names):
            raise BadInput("items", "ids must differ")


def check_answers(screen: Screen, answers: Answers) -> None:
    """Raise `BadInput` unless `answers` fit `screen`.

    A choice answers `{"choice": item_id}`, a checklist `{"checked": (item_id, …)}`, a form `{field_id: text}`.
    """
    if screen.kind is ScreenKind.FORM:
        _check_form(screen, answers)
        return
    allowed = {ScreenKind.CHOICE: {"choice"}, ScreenKind.CHECKLIST: {"checked"}}.get(screen.kind, set())
    if extra := set(answers) - allowed:
        raise BadInput(f"answers.{min(extra)}", "does not belong to this screen")
    ids = {item.id for item in screen.items}
    if screen.kind is ScreenKind.CHOICE and answers.get("choice") not in ids:
        raise BadInput("answers.choice", "must be one of the screen's items")
    if screen.kind is ScreenKind.CHECKLIST:
        checked = answers.get("checked", ())
        if isinstance(checked, str) or not set(checked) <= ids:
            raise BadInput("answers.checked", "must name items of the screen")


def _check_form(screen: Screen, answers: Answers) -> None:
    fields = {field.id: field for field in screen.fields}
    for name, value in answers.items():
        if name not in fields:
            raise BadInput(f"answers.{name}", "does not belong to this screen")
        if not isinstance(value, str):
            raise BadInput(f"answers.{name}", "must be text")
        if len(value) > MAX_ANSWER:
            raise BadInput(f"answers.{name}", f"must be at most {MAX_ANSWER} characters")
    for field in screen.fields:
        if field.required and not str(answers.get(field.id, "")).strip():
            raise BadInput(f"answers.{field.id}", "must not be empty")
