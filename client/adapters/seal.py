"""Sealing what rests on the disk: AES-256-GCM (NIST SP 800-38D), a fresh 96-bit nonce before each ciphertext."""

from __future__ import annotations

import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class Unreadable(Exception):
    """Sealed with another key, moved to another place, or damaged."""


class Seal:
    """One key. `fingerprint` (8 bytes) tells keys apart without telling them."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)
        self.fingerprint = hashlib.sha256(b"ieum seal\x00" + key).digest()[:8]

    def close(self, text: str, place: str) -> bytes:
        """`text` sealed for one `place` (a table and row): a sealed row cannot be passed off as another."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> str:
        """The text that was sealed for `place`; raises `Unreadable`."""
        try:
            plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise Unreadable(place) from error
        return plain.decode()


def new_key() -> bytes:
    """A fresh random key."""
    return os.urandom(KEY_BYTES)
