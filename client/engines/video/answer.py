"""What is added to aiortc's answer before it goes to the browser."""

from __future__ import annotations

import re

from client.domain.hlang import with_hlang

START_KBPS, LEAST_KBPS = 1500, 750
GOOGLE = f"x-google-start-bitrate={START_KBPS};x-google-min-bitrate={LEAST_KBPS}"
# Chromium begins at 300 kbit/s and takes half a minute to reach what signing needs, unless it is told where to begin.
PICTURES = re.compile(r"a=rtpmap:(\d+) (?:VP8|H264)/90000")


def finished(answer: str, offer: str, languages: tuple[str, ...]) -> str:
    """The answer with rates for Chromium, and the languages of each medium (RFC 8373)."""
    return with_hlang(_with_rates(answer), offer, languages)


def _with_rates(answer: str) -> str:
    numbers = PICTURES.findall(answer)
    lines: list[str] = []
    for line in answer.splitlines():
        match = re.fullmatch(r"a=fmtp:(\d+) (.+)", line)
        lines.append(f"{line};{GOOGLE}" if match and match[1] in numbers else line)
        mapped = PICTURES.fullmatch(line)
        if mapped and f"a=fmtp:{mapped[1]} " not in answer:
            lines.append(f"a=fmtp:{mapped[1]} {GOOGLE}")
    return "\r\n".join(lines) + "\r\n"
