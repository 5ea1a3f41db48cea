"""Watches a video message being played: what the player tells, and every picture that reaches the ring."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from client.domain.video import MailPlaying
from client.engines.video.mail_player import MailPlayer
from client.picture_ring import PictureReader, ring_file


class Played:
    """A player and what it told; `shown` — (when, brightness) of each new picture in its ring."""

    def __init__(self, directory: Path) -> None:
        self.tellings: list[MailPlaying] = []
        self.ring = ring_file(directory, "mail")
        self.player = MailPlayer(self.ring, self.tellings.append)
        self.shown: list[tuple[float, int]] = []

    @property
    def now(self) -> MailPlaying:
        return self.tellings[-1]

    async def watch(self) -> None:
        """Look at every picture until it stands still."""
        reader, number = PictureReader(self.ring), 0
        while self.now.playing:
            if (picture := reader.newest(number)) is not None:
                number = picture.number
                self.shown.append((time.monotonic(), picture.pixels[0]))
            await asyncio.sleep(0.004)
        reader.close()
