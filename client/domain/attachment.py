"""What a message carries beside its words: a picture or a document, named here, its bytes kept at the hub."""

from __future__ import annotations

from dataclasses import dataclass

MAX_ATTACHMENTS = 10  # of one message


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One file as it was kept: `media_type` by its bytes, `size` in bytes, `width` and `height` of a picture in px."""

    id: str
    name: str
    media_type: str
    size: int
    width: int = 0
    height: int = 0

    @property
    def is_picture(self) -> bool:
        """True for what may be shown in place: pictures that were re-encoded."""
        return self.media_type.startswith("image/")
