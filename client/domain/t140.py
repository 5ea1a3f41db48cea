"""Real-time text (ITU-T T.140): what is typed as it is typed, its erasures, and the lines that come of it.

The unit of erasure is one whole character as a reader sees it (T.140, 8.2: the last character, with all that combines
with it): a Hangul syllable, an emoji with its skin tone. RFC 8865 carries the text over a WebRTC data channel.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

ERASE = "\b"  # T.140, 8.2
NEW_LINE = "\u2028"  # T.140, 8.3: LINE SEPARATOR; CR LF is taken for one too
ALERT = "\a"  # T.140, 8.7: the other side asks for attention
MISSING = "\ufffd"  # T.140 addendum 1: text was lost
MARK = "\ufeff"  # begins a session, is no text
PROTOCOL = "t140"  # RFC 8865, 4.1: the data channel's subprotocol
MAX_LINE = 8_000  # characters of one line
PRINTED = " "  # the first character that is no control

_JOINER = "\u200d"
_REGIONAL = range(0x1F1E6, 0x1F200)
_SKIN = range(0x1F3FB, 0x1F400)
_LEADING, _VOWEL, _TRAILING = range(0x1100, 0x1160), range(0x1160, 0x11A8), range(0x11A8, 0x1200)


def characters(text: str) -> list[str]:
    """The text in whole characters as a reader sees them (the rules of UAX #29 that occur in messages)."""
    found: list[str] = []
    for sign in text:
        if found and _joins(found[-1], sign):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _joins(before: str, sign: str) -> bool:
    code, last = ord(sign), ord(before[-1])
    if sign == _JOINER or unicodedata.category(sign) in ("Mn", "Me", "Mc") or code in _SKIN:
        return before[-1] >= PRINTED
    if before[-1] == _JOINER and len(before) > 1 and unicodedata.category(sign) == "So":
        return True
    if code in _REGIONAL:
        return last in _REGIONAL and len(before) == 1
    if code in _VOWEL:
        return last in _LEADING or last in _VOWEL
    return code in _TRAILING and (last in _VOWEL or last in _TRAILING)


def difference(before: str, after: str) -> str:
    """What turns a line `before` into `after` at the other end: erasures from the end, then the new text."""
    old, new = characters(before), characters(after)
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    return ERASE * (len(old) - same) + "".join(new[same:])


@dataclass(slots=True)
class TextLines:
    """What one party types: `line` — the unfinished one; `finished` — those before it, not yet taken.

    `erased_beyond` counts erasures that met an empty line: the sender means text that we do not have.
    """

    line: str = ""
    finished: list[str] = field(default_factory=list)
    erased_beyond: int = 0
    _returned: bool = False

    def take(self, text: str) -> None:
        """Fold in what was received. Control characters other than those of T.140 are left out."""
        for sign in text:
            returned, self._returned = self._returned, sign == "\r"
            if sign == "\n" and returned:
                continue
            if sign in (NEW_LINE, "\r", "\n"):
                self.finished.append(self.line)
                self.line = ""
            elif sign == ERASE:
                self._erase()
            elif (sign >= PRINTED or sign == "\t") and sign not in (MARK, "\x7f") and len(self.line) < MAX_LINE:
                self.line += sign

    def restart(self) -> None:
        """A new channel: the sender repeats the unfinished line."""
        self.line = ""
        self._returned = False

    def taken(self) -> list[str]:
        """The finished lines, which are no longer kept here."""
        taken, self.finished = self.finished, []
        return taken

    def _erase(self) -> None:
        whole = characters(self.line)
        if whole:
            self.line = "".join(whole[:-1])
        else:
            self.erased_beyond += 1
