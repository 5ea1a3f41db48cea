"""KakaoTalk consultation talk (상담톡): what one message may hold and how long a session lives, as its dealers have it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

MAX_TEXT = 1_000  # characters
MAX_BUTTONS = 5
IMAGE_BYTES = 5_000_000
FILE_BYTES = 300_000_000
LIVES = timedelta(days=30)  # from the citizen's last message


class KakaoProblem(StrEnum):
    """Why a message cannot be sent as it is."""

    TOO_LONG = "too_long"
    TOO_MANY_BUTTONS = "too_many_buttons"
    IMAGE_TOO_LARGE = "image_too_large"
    FILE_TOO_LARGE = "file_too_large"


def problems(
    text: str, *, buttons: int = 0, images: tuple[int, ...] = (), files: tuple[int, ...] = ()
) -> tuple[KakaoProblem, ...]:
    """What is wrong; `images` and `files` are their sizes in bytes. The text counts as it stands, because it is sent as it stands."""
    found = {
        KakaoProblem.TOO_LONG: len(text) > MAX_TEXT,
        KakaoProblem.TOO_MANY_BUTTONS: buttons > MAX_BUTTONS,
        KakaoProblem.IMAGE_TOO_LARGE: any(size > IMAGE_BYTES for size in images),
        KakaoProblem.FILE_TOO_LARGE: any(size > FILE_BYTES for size in files),
    }
    return tuple(problem for problem, there in found.items() if there)


def expires_at(last: datetime) -> datetime:
    """Until when the centre may write, after the citizen's `last` message."""
    return last + LIVES


def expired(last: datetime, now: datetime) -> bool:
    """True if the session is over."""
    return now >= expires_at(last)
