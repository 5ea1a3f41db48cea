"""Signals: what need not last. The hub keeps the newest per (session, key) while the leg lives and repeats it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from client.domain.codec import BadInput, decode, encode
from client.domain.words import Party

MAX_KEY = 200  # characters
MAX_SDP = 60_000  # characters of a WebRTC offer with its candidates; browsers send 3,000 to 12,000
MAX_LINE = 8_000  # characters of one line of real-time text


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


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoWish(SignalBody):
    """The desk asks the citizen's page for an offer with a generation above `generation`: at the answer (0), and again
    after its own engine died or its network changed. Key `video_wish`."""

    kind: ClassVar[str] = "video_wish"
    generation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOffer(SignalBody):
    """The page's WebRTC offer with all its ICE candidates. Key `video_offer`. One more generation is one more
    connection: it takes the place of the one before as soon as it stands (make before break)."""

    kind: ClassVar[str] = "video_offer"
    from_citizen: ClassVar[bool] = True
    generation: int
    sdp: str

    def __post_init__(self) -> None:
        _require_sdp(self.generation, self.sdp)


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoAnswer(SignalBody):
    """The desk's answer to the offer of the same generation, and its acknowledgement. Key `video_answer`.

    `refused` — why there is none (`no_codec`, `bad_offer`, `engine_away`, `failed`); `sdp` is empty then.
    """

    kind: ClassVar[str] = "video_answer"
    generation: int
    sdp: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaState(SignalBody):
    """What a party's own end is like now; also acknowledges the answer of its `generation`. Key `media:<party>`.

    `link` — new|connecting|connected|interrupted|failed|none (text only); `camera`, `microphone` — on|off|denied|none.
    """

    kind: ClassVar[str] = "media"
    from_citizen: ClassVar[bool] = True
    party: Party
    generation: int = 0
    link: str = "new"
    camera: str = "none"
    microphone: str = "none"

    def __post_init__(self) -> None:
        if self.link not in LINKS:
            raise BadInput("link", f"must be one of {', '.join(LINKS)}")
        for name in ("camera", "microphone"):
            if getattr(self, name) not in SOURCES:
                raise BadInput(name, f"must be one of {', '.join(SOURCES)}")


LINKS = ("new", "connecting", "connected", "interrupted", "failed", "none")
SOURCES = ("on", "off", "denied", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveText(SignalBody):
    """A party's line of real-time text as it stands now: the way round where no data channel is open.
    Key `live_text:<party>`."""

    kind: ClassVar[str] = "live_text"
    from_citizen: ClassVar[bool] = True
    party: Party
    text: str

    def __post_init__(self) -> None:
        if len(self.text) > MAX_LINE:
            raise BadInput("text", f"must be at most {MAX_LINE} characters")


def _require_sdp(generation: int, sdp: str) -> None:
    if generation < 1:
        raise BadInput("generation", "must be at least 1")
    if not 1 <= len(sdp) <= MAX_SDP:
        raise BadInput("sdp", f"must be 1 to {MAX_SDP} characters")


SIGNALS: dict[str, type[SignalBody]] = {
    cls.kind: cls
    for cls in (
        PartialCaption,
        Mirror,
        Typing,
        PageState,
        Guide,
        Working,
        QueuePlace,
        VideoWish,
        VideoOffer,
        VideoAnswer,
        MediaState,
        LiveText,
    )
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
