"""Files of consultation talk: handed to the dealer as forms before they are sent, and fetched from its own host alone."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Mapping
from urllib.parse import unquote

import httpx

from client.hub.gateways.gateway import File

MOST_BYTES = 20_000_000  # of a file that is fetched; the citizen may send up to 300 MB, which stay at the dealer
WITHIN_S = 5.0  # for all of it: the dealer waits for its answer meanwhile
MAX_NAME = 100
UNKNOWN = "application/octet-stream"


def form(fields: Mapping[str, str], name: str, file: File) -> tuple[str, bytes]:
    """Content type and body of `multipart/form-data` (RFC 7578) with `fields` and the one `file`."""
    boundary = secrets.token_hex(16)  # 128 random bits are in no file
    parts = [
        f'--{boundary}\r\ncontent-disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    disposition = f'content-disposition: form-data; name="{name}"; filename="{_quoted(file.name)}"'
    head = f"--{boundary}\r\n{disposition}\r\ncontent-type: {file.media_type}\r\n\r\n"
    body = b"".join((*parts, head.encode(), file.data, f"\r\n--{boundary}--\r\n".encode()))
    return f"multipart/form-data; boundary={boundary}", body


def is_own(url: str, base_url: str) -> bool:
    """True if `url` leads to the very scheme, host and port of `base_url`: nothing else is ever asked."""
    try:
        asked, own = httpx.URL(url), httpx.URL(base_url)
    except httpx.InvalidURL:
        return False
    same = (asked.scheme, asked.host, asked.port) == (own.scheme, own.host, own.port)
    return same and bool(asked.host) and not asked.userinfo


async def fetched(url: str, base_url: str, *, most: int = MOST_BYTES, within_s: float = WITHIN_S) -> File | None:
    """The file behind an address of the dealer's own; None where it is elsewhere, too large, too slow or not there."""
    if not is_own(url, base_url):
        return None
    try:
        async with asyncio.timeout(within_s), _client() as client, client.stream("GET", url) as response:
            data = await _held(response, most)
    except (httpx.HTTPError, TimeoutError):
        return None
    media_type = response.headers.get("content-type", UNKNOWN).partition(";")[0].strip().lower()
    return File(name=_name(url), media_type=media_type, data=data) if data else None


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=ssl.create_default_context(),
        trust_env=False,
        follow_redirects=False,  # it would lead elsewhere
        headers={"user-agent": "Ieum", "accept-encoding": "identity"},
    )


async def _held(response: httpx.Response, most: int) -> bytes:
    """At most `most` bytes, else nothing: half a file is none."""
    held = bytearray()
    if response.status_code != httpx.codes.OK:
        return b""
    async for piece in response.aiter_raw():  # not decoded: a small answer could unpack to a large one
        held += piece
        if len(held) > most:
            return b""
    return bytes(held)


def _name(url: str) -> str:
    name = unquote(httpx.URL(url).path.rpartition("/")[2])
    return "".join(sign for sign in name if sign.isprintable())[:MAX_NAME] or "file"


def _quoted(name: str) -> str:
    """A file's name as browsers write it in a form (HTML, 4.10.21.8)."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
