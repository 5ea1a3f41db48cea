"""What a line of the timeline says: to the eye as runs of text, to assistive technology as one sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace

from client.domain.event import DeliveryState, parse_timestamp
from client.domain.timeline import CaptionLine, FactLine, Line, MessageLine, NoteLine, ScreenLine, ScreenState
from client.domain.words import Party
from ui.fact_text import fact_text
from ui.language import tr
from ui.wording import clock_text, delivery_text, party_text, screen_state_text, time_text, writer_text

SPEAKER_INKS = {Party.CITIZEN: "accent", Party.AGENT: "second"}
ELLIPSIS = "…"
CARET = "▏"
RINGING_S = 300  # what was at most this long before the answer belongs to the call


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLine(Line):
    """A line that a party is typing, or has finished while its message is on the way."""

    party: Party
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A line as it is drawn: `solid` text, then `lighter` text; `dotted` are (start, end) under uncertain words.

    `label` names the speaker in the colour `ink`; `mark` is a small word under it; `icon` stands before facts;
    `state` follows the text in the colour `state_ink`.
    """

    solid: str
    lighter: str = ""
    dotted: tuple[tuple[int, int], ...] = ()
    label: str = ""
    ink: str = "second"
    mark: str = ""
    icon: str = ""
    state: str = ""
    state_ink: str = "second"
    boxed: bool = False
    words: bool = True


def shown(line: Line) -> Shown:
    """How a line is drawn."""
    seen = _as_said(line)
    if line.refused:
        return replace(seen, state=tr("the server did not take it; kept here"), state_ink="bad")
    return seen


def _as_said(line: Line) -> Shown:
    match line:
        case CaptionLine():
            return _caption(line)
        case MessageLine():
            return _message(line)
        case LiveLine():
            ink = SPEAKER_INKS.get(line.party, "good")
            return Shown(solid="", lighter=f"{line.text}{CARET}", label=writer_text(line.party), ink=ink)
        case NoteLine():
            return Shown(solid=line.text, label=tr("Internal note"), ink="careful", boxed=True)
        case ScreenLine():
            return _screen(line)
        case FactLine():
            return Shown(solid=fact_text(line.body), icon="fact", words=False)
    return Shown(solid="", words=False)


def _message(line: MessageLine) -> Shown:
    ink = SPEAKER_INKS.get(line.party, "good")
    files = [tr("[File: {name}]", name=attachment.name) for attachment in line.attachments]
    buttons = [f"[{button.label}]" for button in line.buttons]
    words = "\n".join(part for part in (line.subject, line.text, *files, *buttons) if part)
    state, state_ink = message_state(line)
    if line.withdrawn:
        return Shown(solid="", lighter=words, label=writer_text(line.party), ink=ink, state=state, state_ink=state_ink)
    return Shown(solid=words, label=writer_text(line.party), ink=ink, state=state, state_ink=state_ink)


def message_state(line: MessageLine) -> tuple[str, str]:
    """How far a message came, in words, and in which colour they stand."""
    if line.withdrawn:
        return tr("taken back"), "third"
    if not line.stored:
        return tr("kept here, being sent"), "careful"
    if line.read:
        return tr("read"), "good"
    if line.delivery is None:
        return "", "second"
    inks = {DeliveryState.FAILED: "bad", DeliveryState.UNCERTAIN: "careful", DeliveryState.DELIVERED: "good"}
    text = delivery_text(line.delivery)
    return (f"{text}: {line.reason}" if line.reason else text), inks.get(line.delivery, "second")


def _caption(line: CaptionLine) -> Shown:
    mark = tr("corrected") if line.corrected else tr("rough") if line.rough else ""
    solid = line.corrected or line.stable
    lighter = "" if line.final or line.corrected else f"{line.provisional}{ELLIPSIS}"
    ink = SPEAKER_INKS.get(line.party, "good")
    return Shown(
        solid=solid, lighter=lighter, dotted=line.uncertain(), label=party_text(line.party), ink=ink, mark=mark
    )


def _screen(line: ScreenLine) -> Shown:
    inks = {ScreenState.OPENED: "good", ScreenState.ANSWERED: "good", ScreenState.WITHDRAWN: "third"}
    answers = answer_text(line)
    text = tr("Screen sent ‘{title}’", title=line.screen.title)
    return Shown(
        solid=f"{text} — {answers}" if answers else text,
        icon="screen",
        state=screen_state_text(line.state),
        state_ink=inks.get(line.state, "second"),
        words=False,
    )


def answer_text(line: ScreenLine) -> str:
    """What the citizen answered, by the words they saw."""
    if line.answers is None:
        return ""
    names = {item.id: item.text for item in line.screen.items}
    labels = {field.id: field.label for field in line.screen.fields}
    parts = []
    for key, value in line.answers.items():
        if isinstance(value, str):
            parts.append(f"{labels[key]}: {value}" if key in labels else names.get(value, value))
        else:
            parts.extend(names.get(item, item) for item in value)
    return ", ".join(part for part in parts if part)


def line_time(line: Line, talking_since: str) -> str:
    """mm:ss into the running call, 00:00 for its ringing; the time of day for what was long before it."""
    if not line.at:
        return ""
    if talking_since:
        seconds = (parse_timestamp(line.at) - parse_timestamp(talking_since)).total_seconds()
        if seconds > -RINGING_S:
            return clock_text(seconds)
    return time_text(line.at)


def spoken(line: Line, talking_since: str = "") -> str:
    """The whole line in one sentence: who, what, and how sure it is."""
    seen = shown(line)
    parts = [seen.label] if seen.label else []
    if isinstance(line, CaptionLine):
        if not line.final:
            parts.append(tr("provisional"))
        if line.rough:
            parts.append(tr("rough"))
        if line.corrected:
            parts.append(tr("corrected"))
    if isinstance(line, LiveLine):
        return ", ".join((seen.label, tr("being typed"), line.text))
    parts.append(f"{seen.solid}{seen.lighter}".strip())
    if isinstance(line, CaptionLine) and line.uncertain():
        words = ", ".join(line.stable[start:end] for start, end in line.uncertain())
        parts.append(tr("uncertain: {words}", words=words))
    if seen.state:
        parts.append(seen.state)
    parts.append(line_time(line, talking_since))
    return ", ".join(parts)
