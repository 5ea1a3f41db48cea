"""What a dealer of consultation talk tells: a citizen's words and files, from where they came, and that their session is over.

HappyTalk's shape (mbi-developer-center.happytalk.io, kakaotalk_webhook/counsel_data_reception). What it does not name is ignored:

* `/message` `{user_key, session_id, time, serial_number, type, content, attachment: {url}}`; `time` in Unix milliseconds; `type`
  text, photo, video, audio or file. Of a text over 1,000 characters `content` is the beginning and `attachment` the whole. That
  the address of a file is in `attachment` or is itself the `content` is assumed.
* `/reference` `{user_key, session_id, reference: {extra}, last_reference: {extra}}`: the button that the citizen came by.
* `/expired_session` `{user_key, session_id, time}`: over, by whomever; the dealer does not say why.

`type` BLOCK and LEAVE are assumed: another dealer may tell by them that the citizen has blocked the centre or left.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from client.domain.codec import BadInput, decode
from client.domain.event import NoteWritten, parse_timestamp
from client.hub.gateways.gateway import File, Inbound, Inbox
from client.hub.gateways.kakao_files import fetched
from client.hub.gateways.text_messages import require

MAX_KEY = 200
MAX_TEXT = 100_000
MAX_URL = 2_000
MAX_SESSIONS = 10_000
FIRST_YEAR, LAST_YEAR = 2000, 2999
FIRST_MS, LAST_MS = 946_684_800_000, 32_503_679_999_000  # those years in Unix milliseconds
GONE = {"block": "blocked", "leave": "ended"}
FILES = {"photo": "사진", "video": "동영상", "audio": "음성", "file": "파일"}
WHOLE = "전체 글"  # of a text that is too long for the webhook
WORDS = ("text", "tx")


class Incoming:
    """The webhooks of one account, `paths` of them. Files are fetched from the host of `base_url` alone, else stay links."""

    paths = ("message", "reference", "expired_session")

    def __init__(self, gateway: str, base_url: str) -> None:
        self._gateway = gateway
        self._base_url = base_url
        self._sessions: OrderedDict[str, str] = OrderedDict()  # the newest of each citizen that was seen lately

    async def take(self, path: str, data: Any, inbox: Inbox) -> None:
        """One of them. Raises `LogRefused` and `BadInput`."""
        if not isinstance(data, dict):
            raise BadInput("body", "must be an object")
        acts = {"message": self._message, "reference": self._reference, "expired_session": self._expired}
        await acts[path](data, inbox)

    async def _message(self, data: dict[str, Any], inbox: Inbox) -> None:
        user = _key(data, "user_key")
        kind = _line(data.get("type")).lower()
        if kind in GONE:
            await inbox.ended(self._gateway, user, GONE[kind])
            return
        self._note(user, data)
        text, files = await self._content(data, kind)
        require(bool(text or files), "content", "must not be empty")
        message = Inbound(
            id=_key(data, "serial_number"), address=user, text=text, files=files, at=_moment(data.get("time"))
        )
        await inbox.message(self._gateway, message)

    async def _content(self, data: dict[str, Any], kind: str) -> tuple[str, tuple[File, ...]]:
        """The words, with a link where a file is not fetched; a kind that nobody knows is at least named."""
        content = decode(str, data.get("content") or "", "content").strip()
        require(len(content) <= MAX_TEXT, "content", f"must be at most {MAX_TEXT} characters")
        url = _address(data.get("attachment")) or (content if kind in FILES else "")
        words = "" if url == content else content
        file = await fetched(url, self._base_url) if url else None
        if file is not None:
            return words, (file,)
        label = FILES.get(kind, WHOLE if url else "" if content or kind in WORDS else kind)
        link = " ".join(part for part in (f"[{label}]" if label else "", url) if part)
        return "\n".join(part for part in (words, link) if part), ()

    async def _reference(self, data: dict[str, Any], inbox: Inbox) -> None:
        """From where the citizen came: a session begins with it, and the agent is told."""
        session, user = _key(data, "session_id"), _key(data, "user_key")
        self._note(user, data)
        told = (_extra(data, "reference"), _extra(data, "last_reference"))
        words = " · ".join(dict.fromkeys(part for part in told if part)) or "카카오톡 채널"
        facts = (NoteWritten(text=f"유입 경로: {words}"),)
        await inbox.message(self._gateway, Inbound(id=f"reference:{session}", address=user, facts=facts))

    async def _expired(self, data: dict[str, Any], inbox: Inbox) -> None:
        """A webhook that comes late tells of an earlier session: the citizen's new one goes on."""
        user = _key(data, "user_key")
        session, newest = _line(data.get("session_id")), self._sessions.get(user, "")
        if not (session and newest) or session == newest:
            await inbox.ended(self._gateway, user, "expired")

    def _note(self, user: str, data: dict[str, Any]) -> None:
        if session := _line(data.get("session_id")):
            self._sessions[user] = session
            self._sessions.move_to_end(user)
        if len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)


# ── what is read of it ───────────────────────────────────────────────────────────────────────────


def _key(data: dict[str, Any], name: str) -> str:
    """A key, as text or as a whole number: serial numbers are both. Raises `BadInput`."""
    value = data.get(name)
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_KEY or not value.isprintable():
        raise BadInput(name, f"must be a text of 1 to {MAX_KEY} characters")
    return value


def _line(value: Any) -> str:
    """Whatever it is, as one printable line; "" where it is neither text nor number."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return "".join(sign if sign.isprintable() else " " for sign in str(value)[:MAX_KEY]).strip()


def _extra(data: dict[str, Any], name: str) -> str:
    """Of `reference` and `last_reference`: an object with `extra`, or that alone. Raises `BadInput`."""
    value = data.get(name)
    value = value.get("extra") if isinstance(value, dict) else value
    return _line(decode(str, value, "extra")) if isinstance(value, str) else ""


def _address(attachment: Any) -> str:
    url = attachment.get("url") if isinstance(attachment, dict) else attachment
    return url if isinstance(url, str) and 0 < len(url) <= MAX_URL and url.isprintable() else ""


def _moment(value: Any) -> datetime | None:
    """Unix milliseconds or RFC 3339, None where there is none. Raises `BadInput` for a time that cannot have been."""
    if value is None or value == "":
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        require(FIRST_MS <= value <= LAST_MS, "time", "must be in Unix milliseconds")
        return datetime.fromtimestamp(value / 1000, UTC)
    found = parse_timestamp(decode(str, value, "time"), "time")
    require(FIRST_YEAR <= found.year <= LAST_YEAR, "time", f"must be within {FIRST_YEAR} and {LAST_YEAR}")
    return found
