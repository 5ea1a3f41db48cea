"""What one pass over a stretch of audio heard."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word with the tokens that spell it. `text` has its leading space, `tail` is the punctuation after it.

    Times are seconds from the start of the heard audio, None until aligned; `confidence` 0-1.
    """

    text: str
    tokens: tuple[int, ...]
    tail: str = ""
    tail_tokens: tuple[int, ...] = ()
    start_s: float | None = None
    end_s: float | None = None
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """Words after the forced prefix, `lead` being punctuation right after it.

    `log_prob` — mean log probability of the new tokens; `no_speech` — the model's belief that nobody speaks;
    `prefix` — the forced words again, with times when aligned; `looped` — a runaway repetition was cut off.
    """

    words: tuple[HeardWord, ...]
    lead: str = ""
    lead_tokens: tuple[int, ...] = ()
    log_prob: float = 0.0
    no_speech: float = 0.0
    prefix: tuple[HeardWord, ...] = field(default=())
    looped: bool = False


def text_of(words: tuple[HeardWord, ...] | list[HeardWord]) -> str:
    """The words as text, with all punctuation."""
    return "".join(word.text + word.tail for word in words)


def tokens_of(words: tuple[HeardWord, ...] | list[HeardWord]) -> list[int]:
    """The tokens of the words, with all punctuation."""
    return [token for word in words for token in (*word.tokens, *word.tail_tokens)]
