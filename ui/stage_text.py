"""What the video stage says: the card in the picture's place, who sees and hears whom, and the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from client.domain.video import VideoLink
from client.domain.words import Channel
from client.services.video_views import VideoView
from ui.language import tr
from ui.wording import clock_text, seconds_since

TOLD_LOSS = 0.005  # under half a percent nothing is seen of it


@dataclass(frozen=True, slots=True)
class Card:
    """What stands where no picture is: `title` and what it means for the agent; `again` — a new connection can be asked for."""

    title: str
    text: str
    again: bool = False


def card_of(view: VideoView, *, away: bool, has_picture: bool, now: datetime) -> Card | None:
    """The card in the picture's place; None where a picture is seen."""
    return _broken(view, away, now) or _hidden(view, has_picture)


def _broken(view: VideoView, away: bool, now: datetime) -> Card | None:
    if away:
        return Card(
            tr("The video engine has stopped"), tr("It starts again by itself. Text goes on; the citizen is told.")
        )
    if view.interrupted:
        passed = clock_text(seconds_since(view.interrupted, now))
        text = tr("For {time}. The citizen's page connects again by itself; what was typed is kept.", time=passed)
        return Card(tr("The connection is interrupted"), text, again=True)
    if view.on_hold:
        return Card(tr("On hold"), tr("The citizen sees a card that says who left and since when. Text goes on."))
    if view.call is None:
        return Card(
            tr("Asking the citizen's page"), tr("The page asks for the camera now, then it connects."), again=True
        )
    if view.call.link is VideoLink.CONNECTING:
        return Card(tr("Connecting"), tr("The two ends look for a way to each other. Text can be typed already."))
    return None


def _hidden(view: VideoView, has_picture: bool) -> Card | None:
    camera = view.citizen.camera if view.citizen else "on"
    if view.channel is Channel.WEB_CALL:
        return Card(tr("Voice call from the homepage"), tr("No picture either way; captions and text stand beside it."))
    if view.call is not None and not view.call.picture:
        return Card(tr("Text only"), tr("The citizen uses no camera. Everything goes by text."))
    if camera in ("off", "none", "denied"):
        return Card(tr("The citizen's camera is off"), camera_text(camera))
    if not has_picture:
        return Card(
            tr("The first picture is on its way"), tr("The connection stands; the citizen's camera is starting.")
        )
    return None


def camera_text(camera: str) -> str:
    """Why no picture of the citizen comes."""
    return {
        "none": tr("Their device has no camera that the page can use."),
        "denied": tr("Their browser does not let the page use the camera."),
    }.get(camera, tr("They switched it off; they still see you. Text goes on."))


def sees_text(view: VideoView) -> str:
    """Who sees and hears whom, in one line."""
    return " · ".join(part for part in (_seen(view), _heard(view)) if part)


def _seen(view: VideoView) -> str:
    if view.channel is Channel.WEB_CALL:
        return ""
    if view.interrupted or view.call is None or view.call.link is not VideoLink.CONNECTED:
        return tr("Nobody sees the other")
    if view.on_hold:
        return tr("The citizen sees a card")
    ours, theirs = view.shown and view.call.picture, view.call.sees and view.call.picture
    if ours and theirs:
        return tr("You see each other")
    if ours:
        return tr("The citizen sees me")
    return tr("I see the citizen; they see a card") if theirs else tr("Nobody sees the other")


def _heard(view: VideoView) -> str:
    if view.call is None or not view.call.sound:
        return tr("no sound")
    if view.on_hold or view.interrupted:
        return tr("Nobody hears you")
    theirs = bool(view.citizen and view.citizen.microphone == "on")
    if view.muted:
        return tr("my microphone is off") if theirs else tr("no sound")
    return tr("both hear each other") if theirs else tr("the citizen's microphone is off")


def figures_text(view: VideoView) -> str:
    """Frames, delay and loss of the last second, quietly; "" where none are known."""
    quality = view.quality
    if quality is None or not (view.call and view.call.sees):
        return ""
    parts = [tr("{fps} fps", fps=round(quality.fps_in)), tr("delay {ms} ms", ms=round(quality.delay_ms))]
    if quality.loss >= TOLD_LOSS:
        parts.append(tr("loss {percent} %", percent=round(quality.loss * 100)))
    return " · ".join(parts)


def clock_of(view: VideoView, now: datetime) -> str:
    """How long the session has been talked in, mm:ss."""
    return clock_text(seconds_since(view.since, now)) if view.since else ""
