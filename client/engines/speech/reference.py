"""Whole files by the unmodified libraries: what live captions are measured against, and decoding of sound files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from client import models
from client.engine_protocol import SAMPLE_RATE
from client.engines.speech.recognisers import VOSK, WHISPER
from client.engines.speech.vosk import VoskModel

Sound = npt.NDArray[np.float32]


class UnreadableSound(Exception):
    """A file holds no sound that can be decoded; the text says why."""


def decode_sound(file: Path) -> Sound:
    """Any sound file as 16 kHz mono, -1 to 1; raises `UnreadableSound`."""
    import av.error
    from faster_whisper import decode_audio

    try:
        sound: Sound = decode_audio(str(file), sampling_rate=SAMPLE_RATE)
    except (av.error.FFmpegError, OSError, IndexError, ValueError) as error:
        raise UnreadableSound(f"{file} cannot be read as sound: {error}") from error
    if not len(sound):
        raise UnreadableSound(f"{file} holds no sound")
    return sound


class WholeFile:
    """faster-whisper as it comes, beam 1, nothing conditioned on what was said before."""

    def __init__(self, directory: Path) -> None:
        from faster_whisper import WhisperModel

        place = models.proven(models.catalogue()[WHISPER], directory)
        if place is None:
            raise models.ModelRefused(f"{WHISPER} is not installed: run `ieum models install`")
        self._model = WhisperModel(str(place), device="cpu", compute_type="int8", cpu_threads=1)

    def text(self, sound: Sound, language: str) -> str:
        """Everything that was said."""
        segments, _ = self._model.transcribe(sound, language=language, beam_size=1, condition_on_previous_text=False)
        return "".join(segment.text for segment in segments)

    def words(self, sound: Sound, language: str) -> list[tuple[str, float, float]]:
        """(word, start, end in seconds)."""
        segments, _ = self._model.transcribe(
            sound, language=language, beam_size=1, condition_on_previous_text=False, word_timestamps=True
        )
        return [(word.word, word.start, word.end) for segment in segments for word in segment.words or ()]

    def close(self) -> None:
        """Give the memory back."""
        self._model.model.unload_model()


def vosk_text(directory: Path, sound: Sound) -> str:
    """Everything that vosk hears in 16 kHz sound, empty if its model is absent."""
    place = models.proven(models.catalogue()[VOSK], directory)
    if place is None:
        return ""
    stream = VoskModel(place).recogniser()
    pcm = np.clip(np.round(sound * 32768), -32768, 32767).astype("<i2").tobytes()
    heard = [stream.hear(pcm[at : at + 3200]) for at in range(0, len(pcm), 3200)]
    return " ".join(text.text for text in [*(h for h in heard if h.ended), stream.finish()])
