"""As much SIP as asks a registrar whether it knows an account: REGISTER without Contact (RFC 3261, 10.2.3).

Such a REGISTER fetches the bindings and changes none, so a desk that is registered at the same time stays so.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from client.domain.call import Account

USER_AGENT = "Ieum-doctor"
PROXY_UNAUTHORIZED = 407
_HASHES = {"MD5": "md5", "SHA-256": "sha256"}  # RFC 8760


class NotSip(Exception):
    """What came back is no SIP response."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Status code, reason phrase and headers by lower-case name (every value of a name)."""

    code: int
    reason: str
    headers: dict[str, list[str]]


def parse(data: bytes) -> Response:
    """The response in a datagram or a stream's head; raises `NotSip`."""
    head = data.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace")
    first, *lines = head.split("\r\n")
    found = re.fullmatch(r"SIP/2\.0 (\d{3}) ?(.*)", first)
    if not found:
        raise NotSip(first[:40])
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return Response(code=int(found[1]), reason=found[2], headers=headers)


@dataclass(slots=True)
class Asking:
    """One account's question: the same Call-ID and tag over the challenge and its answer."""

    account: Account
    transport: str
    local: str
    call_id: str = ""
    tag: str = ""
    turn: int = 0

    def __post_init__(self) -> None:
        self.call_id = f"{secrets.token_hex(8)}@ieum.invalid"
        self.tag = secrets.token_hex(4)

    def register(self, authorization: str = "") -> bytes:
        """The request."""
        self.turn += 1
        who = f"<sip:{self.account.user}@{self.account.domain}>"
        lines = [
            f"REGISTER sip:{self.account.domain} SIP/2.0",
            f"Via: SIP/2.0/{self.transport.upper()} {self.local};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: {who};tag={self.tag}",
            f"To: {who}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {self.turn} REGISTER",
            f"User-Agent: {USER_AGENT}",
            *([authorization] if authorization else []),
            "Content-Length: 0",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def answers(self, response: Response) -> bool:
        """True if a response is to the request made last (RFC 3261, 17.1.3): it has its Call-ID and its number."""
        calls = [*response.headers.get("call-id", ()), *response.headers.get("i", ())]
        numbers = [value.split() for value in response.headers.get("cseq", ())]
        return calls == [self.call_id] and numbers == [[str(self.turn), "REGISTER"]]

    def answer(self, challenge: Response) -> str:
        """The Authorization header for a 401 or 407 (RFC 7616); empty if no offered scheme is known."""
        by_proxy = challenge.code == PROXY_UNAUTHORIZED
        for offered in challenge.headers.get("proxy-authenticate" if by_proxy else "www-authenticate", []):
            fields = {name.lower(): quoted or bare for name, quoted, bare in _FIELDS.findall(offered)}
            algorithm = fields.get("algorithm", "MD5").upper()
            if offered.lower().startswith("digest") and algorithm in _HASHES and "nonce" in fields:
                value = self._digest(fields, algorithm)
                return f"{'Proxy-Authorization' if by_proxy else 'Authorization'}: Digest {value}"
        return ""

    def _digest(self, fields: dict[str, str], algorithm: str) -> str:
        def hashed(text: str) -> str:
            return hashlib.new(_HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()

        uri = f"sip:{self.account.domain}"
        realm, nonce, user = fields.get("realm", ""), fields["nonce"], self.account.user
        secret = hashed(f"{user}:{realm}:{self.account.password}")
        asked = hashed(f"REGISTER:{uri}")
        parts = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
        plain = {"algorithm": algorithm}
        if "auth" in fields.get("qop", "").replace(" ", "").split(","):
            once = secrets.token_hex(8)
            parts |= {"response": hashed(f"{secret}:{nonce}:00000001:{once}:auth:{asked}"), "cnonce": once}
            plain |= {"qop": "auth", "nc": "00000001"}
        else:
            parts["response"] = hashed(f"{secret}:{nonce}:{asked}")
        if "opaque" in fields:
            parts["opaque"] = fields["opaque"]
        return ", ".join([*(f'{k}="{v}"' for k, v in parts.items()), *(f"{k}={v}" for k, v in plain.items())])


_FIELDS = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
