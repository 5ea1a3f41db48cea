"""The models that are here, loaded: whisper for what is shown, vosk for first words, or alone where whisper is absent."""

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
from client.engines.speech.vosk import VoskModel
from client.engines.speech.whisper import Stretch, Whisper

log = logging.getLogger(__name__)

WHISPER, VOSK = "whisper-base", "vosk-ko"


class Recognisers:
    """Attributes: `whisper`, `vosk` — None if their model is absent or damaged; `detail` — what is wrong, for a person."""

    def __init__(self, directory: Path) -> None:
        known = models.catalogue()
        started = time.monotonic()
        wrong: list[str] = []
        whisper, vosk = (_proven(known[name], directory, wrong) for name in (WHISPER, VOSK))
        self.whisper = Whisper(whisper) if whisper else None
        self.vosk = VoskModel(vosk) if vosk else None
        if self.whisper:
            self.whisper.hear([Stretch(audio=np.zeros(SAMPLE_RATE, np.float32), language="ko")])  # first use is slow
        self.rough_languages = known[VOSK].languages
        self.detail = "; ".join(wrong)
        log.info("models loaded in %.1f s; %s", time.monotonic() - started, self.detail or "nothing is missing")

    @property
    def languages(self) -> tuple[str, ...]:
        """What is recognised here, by ISO 639-1 code; nothing without a model."""
        if self.whisper is not None:
            return self.whisper.languages
        return self.rough_languages if self.vosk is not None else ()

    def hear(self, stretches: Sequence[Stretch]) -> list[Hearing]:
        """What whisper hears."""
        assert self.whisper is not None
        return self.whisper.hear(stretches)

    def ready(self) -> RecognitionReady:
        """What is loaded."""
        engines = tuple(name for name, loaded in (("whisper", self.whisper), ("vosk", self.vosk)) if loaded)
        rough = bool(engines) and self.whisper is None
        return RecognitionReady(engines=engines, rough=rough, detail=self.detail, broken=not engines)


def _proven(model: models.Model, directory: Path, wrong: list[str]) -> Path | None:
    """Where it can be loaded from; what keeps it from that goes to `wrong`. One damaged model leaves the other."""
    try:
        place = models.proven(model, directory)
    except models.ModelRefused as error:
        wrong.append(str(error))
        return None
    if place is None:
        wrong.append(f"{model.id} is not installed: run `ieum models install`")
    return place
