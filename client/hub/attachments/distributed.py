"""Streams of HWP documents that are for reading only (Hancom's format of 배포용 문서, revision 1.2): scrambled, not secret."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from client.hub.attachments.clean import refused

RECORD = 4  # bytes of the record's own header
DATA = 256  # bytes of what the key is hidden in
BLOCK = 16


def unscrambled(stream: bytes) -> bytes:
    """The stream as it was; raises `BadInput` where it does not have the shape."""
    hidden, body = stream[RECORD : RECORD + DATA], stream[RECORD + DATA :]
    if len(hidden) < DATA or len(body) % BLOCK:
        raise refused("is a damaged document")
    key = _key(hidden)
    # ECB is what the format has; nothing is kept secret by it
    decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305
    return decryptor.update(body) + decryptor.finalize()


def _key(hidden: bytes) -> bytes:
    """The first four bytes seed the numbers that cover the rest, and say where in it the key begins."""
    seed = int.from_bytes(hidden[:4], "little")
    plain = bytes(value ^ cover for value, cover in zip(hidden, _covers(seed), strict=False))
    start = 4 + (hidden[0] & 0xF)
    return plain[start : start + BLOCK]


def _covers(seed: int) -> Iterator[int]:
    """Runs of one number, each 1 to 16 long, by the C library's generator that Hancom uses."""
    numbers = _numbers(seed)
    while True:
        value = next(numbers) & 0xFF
        for _ in range((next(numbers) & 0xF) + 1):
            yield value


def _numbers(seed: int) -> Iterator[int]:
    while True:
        seed = (seed * 214013 + 2531011) & 0xFFFFFFFF
        yield seed >> 16 & 0x7FFF
