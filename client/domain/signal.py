"""Signals: what need not last. The hub keeps the newest per (session, key) while the leg lives and repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from client.domain.codec import BadInput, decode, encode
from client.domain.words import Party

MAX_KEY = 200  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalBody:
    """What a signal says. `kind` is its name on the wire; the key is `kind` or `kind:<part>`."""

    kind: ClassVar[str] = ""
    from_citizen: ClassVar[bool] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialCaption(SignalBody):
    """The running utterance of a leg: `stable` no longer changes, `provisional` may; the whole text is the one
    right after the other. Key `caption:<leg>`.

    `confidence` is the mean of the stable words, 0–1; an empty text ends the line (nothing was said after all).
    """

    kind: ClassVar[str] = "caption"
    leg: str
    party: Party
    utterance: str
    stable: str
    provisional: str
    start_ms: int = 0
    language: str = "ko"
    rough: bool = False
    heard_by: tuple[Party, ...] = (Party.CITIZEN, Party.AGENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror(SignalBody):
    """What the citizen's page shows, after consent only. Key `mirror`.

    `push` — the screen; `values` — field or item id → text or `on`; `focus` — the id touched last.
    """

    kind: ClassVar[str] = "mirror"
    from_citizen: ClassVar[bool] = True
    push: str
    values: dict[str, str]
    focus: str = ""
    scroll: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Typing(SignalBody):
    """A party is writing. Key `typing:<party>`."""

    kind: ClassVar[str] = "typing"
    from_citizen: ClassVar[bool] = True
    party: Party
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PageState(SignalBody):
    """The citizen's page: `open`, `hidden` or `gone`. Key `page`. `gone` is said by the hub when the stream ends."""

    kind: ClassVar[str] = "page"
    from_citizen: ClassVar[bool] = True
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide(SignalBody):
    """The agent points at a field or item of the pushed screen. Key `guide`."""

    kind: ClassVar[str] = "guide"
    push: str
    focus: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Working(SignalBody):
    """A colleague has this session open (`viewing`) or writes in it (`typing`). Key `working:<principal>`.

    `principal` and `name` are stamped by the hub; both flags false: they have left.
    """

    kind: ClassVar[str] = "working"
    viewing: bool
    typing: bool = False
    principal: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace(SignalBody):
    """How many citizens wait before this one, or that an agent has taken it; said by the hub to the citizen's page. Key `queue`."""

    kind: ClassVar[str] = "queue"
    ahead: int
    taken: bool = False


SIGNALS: dict[str, type[SignalBody]] = {
    cls.kind: cls for cls in (PartialCaption, Mirror, Typing, PageState, Guide, Working, QueuePlace)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One signal of one session."""

    session: str
    key: str
    body: SignalBody


def signal_to_json(signal: Signal) -> dict[str, Any]:
    """The signal as a JSON object, `kind` beside the body."""
    return {
        "session": signal.session,
        "key": signal.key,
        "kind": signal.body.kind,
        "body": encode(signal.body),
    }


def signal_from_json(data: Any) -> Signal:
    """The signal that a JSON object holds; raises `BadInput`."""
    if not isinstance(data, dict):
        raise BadInput("", "must be an object")
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in SIGNALS:
        raise BadInput("kind", "is not a known signal")
    key, session = data.get("key"), data.get("session")
    if not isinstance(key, str) or not isinstance(session, str) or key.split(":")[0] != kind or len(key) > MAX_KEY:
        raise BadInput("key", "must be the kind, or the kind with a part after a colon")
    return Signal(session=session, key=key, body=decode(SIGNALS[kind], data.get("body"), "body"))
