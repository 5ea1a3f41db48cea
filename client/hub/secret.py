"""Tokens and the hub's own key: what is given out is random, what is kept is a hash or sealed."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

from client import platform

TOKEN_BYTES = 24  # 192 bits


def new_token() -> str:
    """A fresh credential, URL-safe text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hashed(token: str) -> bytes:
    """What is stored of a credential. A random token needs no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


class HubKey:
    """The key in `file` (owner-only, made at the first start). Seals link tokens; keys the events' fingerprints."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            platform.write_private(file, Fernet.generate_key())
        key = file.read_bytes()
        self._fernet = Fernet(key)
        self.fingerprint_key = hashlib.sha256(b"fingerprint" + base64.urlsafe_b64decode(key)).digest()

    def seal(self, token: str) -> bytes:
        """The token, readable only with this key."""
        return self._fernet.encrypt(token.encode())

    def unseal(self, sealed: bytes) -> str:
        """The token again; raises `cryptography.fernet.InvalidToken` under another key."""
        return self._fernet.decrypt(sealed).decode()
