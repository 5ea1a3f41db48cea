"""The models that are here, loaded: whisper for what it knows, vosk where it is earlier or the only one."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from client import models
from client.domain.recognition import RecognitionReady
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.hearing import Hearing
from client.engines.speech.whisper import Stretch, Whisper

log = logging.getLogger(__name__)


class Recognisers:
    """Attributes: `whisper` — None if its model is absent; `detail` — why, for a person."""

    def __init__(self, directory: Path) -> None:
        self.whisper: Whisper | None = None
        self.detail = ""
        known = models.catalogue()
        place = models.find(known["whisper-base"], directory)
        started = time.monotonic()
        if place is None:
            self.detail = "the model whisper-base is not installed; run `ieum models install`"
        else:
            self.whisper = Whisper(place)
            self.whisper.hear([Stretch(audio=np.zeros(SAMPLE_RATE, np.float32), language="ko")])  # first use is slow
        log.info("models loaded in %.1f s", time.monotonic() - started)

    def hear(self, stretches: Sequence[Stretch]) -> list[Hearing]:
        """What whisper hears."""
        assert self.whisper is not None
        return self.whisper.hear(stretches)

    def ready(self) -> RecognitionReady:
        """What is loaded."""
        engines = ("whisper",) if self.whisper else ()
        return RecognitionReady(engines=engines, rough=self.whisper is None, detail=self.detail)
