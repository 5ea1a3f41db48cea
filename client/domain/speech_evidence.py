"""Was it said at all? A model that hears silence or noise makes up what its training ended with.

Evidence is what the audio gives: how long somebody spoke, how sure the model was of its words, whether a detector heard
a voice. The known inventions only lower the bar; alone they condemn nothing, for people do say thank you.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from client.domain.agreement import spoken_letters

LETTERS_PER_S = 14.0  # twice the quickest speech: more letters were not spoken in the time
POOR_LOG_PROB = -1.0  # Whisper's own limit (Radford et al. 2022, 4.5)
FAIR_LOG_PROB = -0.75
NO_SPEECH = 0.6  # likewise
SHORT_VOICE_S = 0.25
INVENTED = re.compile(
    r"시청해\s*주셔서|구독과?\s*좋아요|다음\s*영상|한글\s*자막|자막\s*(제공|by)|MBC\s*뉴스|KBS\s*뉴스|SBS\s*뉴스"
    r"|thank(s| you) for watching|subtitles by|please subscribe|ご視聴|字幕",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """`voice_s` — seconds of voice; `sure` — a detector heard it, not the level alone; the rest is the model's own."""

    voice_s: float
    sure: bool
    log_prob: float
    no_speech: float


def believable(text: str, evidence: Evidence) -> bool:
    """True if `text` may be shown as said."""
    letters = spoken_letters(text)
    if not letters:
        return True
    if letters > LETTERS_PER_S * max(evidence.voice_s, SHORT_VOICE_S):
        return False
    if evidence.no_speech > NO_SPEECH and evidence.log_prob < POOR_LOG_PROB:
        return False
    doubtful = not evidence.sure or evidence.voice_s < 2 * SHORT_VOICE_S or evidence.no_speech > NO_SPEECH
    if INVENTED.search(text) and (doubtful or evidence.log_prob < FAIR_LOG_PROB):
        return False
    return evidence.sure or evidence.log_prob > FAIR_LOG_PROB
