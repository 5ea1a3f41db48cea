"""How good and how early captions were: pure arithmetic over what was shown, and when.

Letters are compared without spaces, punctuation and case. A reference word counts as shown at the first moment at which
all its letters stand in the shown text of its utterance, at their place in the best alignment. Its delay is that moment
minus its end. A word that is there early, up to `EARLY_MS` before its end, counts with a delay below zero; what stands
there earlier still is taken for another word, and counts from the first later state of the text that has it.

An utterance whose final never came has no delay of a final and changed nothing: it is counted as missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from client.domain.agreement import plain

SLACK_MS = 1_500  # an utterance is compared with reference words that end this near to it
EARLY_MS = 400  # a word that stands there this long before its end was another word


@dataclass(frozen=True, slots=True)
class ReferenceWord:
    """A word of the whole-file recognition and when it ended, in milliseconds of the stream."""

    text: str
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Shown:
    """One state of one utterance on screen, `at_ms` of the stream's own time."""

    at_ms: float
    stable: str
    provisional: str


@dataclass(slots=True)
class ShownUtterance:
    """All states of one utterance, its final text, and when that was shown; None if it never was."""

    start_ms: float
    states: list[Shown] = field(default_factory=list)
    final: str = ""
    final_at_ms: float | None = None
    end_ms: float = 0.0


@dataclass(slots=True)
class Delays:
    """Samples in milliseconds, and counts of letters."""

    first_ms: list[float] = field(default_factory=list)
    stable_ms: list[float] = field(default_factory=list)
    final_ms: list[float] = field(default_factory=list)
    finals_missing: int = 0
    words: int = 0
    final_letters: int = 0
    stable_letters: int = 0
    stable_before_final: int = 0
    changed: int = 0


def edit_distance(one: str, other: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def error_rate(pairs: Iterable[tuple[str, str]]) -> float:
    """Character error rate over (reference, recognised) texts: all errors over all reference letters."""
    errors = letters = 0
    for reference, recognised in pairs:
        wanted = plain(reference)
        errors += edit_distance(wanted, plain(recognised))
        letters += len(wanted)
    return errors / letters if letters else 0.0


def matched(reference: str, text: str) -> list[bool]:
    """For each letter of `reference`, whether `text` has it at its place; what follows `text` in `reference` is free."""
    columns = len(reference) + 1
    table = [[0] * columns for _ in range(len(text) + 1)]
    for i in range(1, len(text) + 1):
        table[i][0] = i
    for j in range(1, columns):
        table[0][j] = j
    for i, letter in enumerate(text, 1):
        above, row = table[i - 1], table[i]
        for j in range(1, columns):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != reference[j - 1]))
    return _traced(table, reference, text)


def _traced(table: list[list[int]], reference: str, text: str) -> list[bool]:
    found = [False] * len(reference)
    i = len(text)
    j = min(range(len(reference) + 1), key=lambda column: (table[i][column], column))
    while i and j:
        same = text[i - 1] == reference[j - 1]
        if table[i][j] == table[i - 1][j - 1] + (not same):
            found[j - 1] = same
            i, j = i - 1, j - 1
        elif table[i][j] == table[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return found


def score(reference: Sequence[ReferenceWord], utterances: Sequence[ShownUtterance]) -> Delays:
    """Delays of every reference word, and what the finals changed."""
    delays = Delays(words=len(reference))
    first: dict[int, float] = {}
    stable: dict[int, float] = {}
    for utterance in utterances:
        near = [
            (at, word)
            for at, word in enumerate(reference)
            if utterance.start_ms - SLACK_MS <= word.start_ms and word.end_ms <= utterance.end_ms + SLACK_MS
        ]
        for state in utterance.states:
            _note(near, state.stable + state.provisional, state.at_ms, first)
            _note(near, state.stable, state.at_ms, stable)
        if utterance.final_at_ms is None:
            delays.finals_missing += 1
            continue
        _note(near, utterance.final, utterance.final_at_ms, first)
        _note(near, utterance.final, utterance.final_at_ms, stable)
        _note_final(utterance, utterance.final_at_ms, delays)
    delays.first_ms = [at - reference[n].end_ms for n, at in sorted(first.items())]
    delays.stable_ms = [at - reference[n].end_ms for n, at in sorted(stable.items())]
    return delays


def _note(near: Sequence[tuple[int, ReferenceWord]], text: str, at_ms: float, times: dict[int, float]) -> None:
    letters = plain(text)
    if not letters or all(n in times for n, _ in near):
        return
    spelt = [plain(word.text) for _, word in near]
    found = matched("".join(spelt), letters)
    begin = 0
    for (n, word), letters_of in zip(near, spelt, strict=True):
        end = begin + len(letters_of)
        if letters_of and n not in times and all(found[begin:end]) and at_ms >= word.end_ms - EARLY_MS:
            times[n] = at_ms
        begin = end


def _note_final(utterance: ShownUtterance, final_at_ms: float, delays: Delays) -> None:
    delays.final_ms.append(final_at_ms - utterance.end_ms)
    last = plain(utterance.states[-1].stable) if utterance.states else ""
    final = plain(utterance.final)
    kept = sum(matched(final, last))
    delays.final_letters += len(final)
    delays.stable_letters += len(last)
    delays.stable_before_final += kept
    delays.changed += len(last) - kept
