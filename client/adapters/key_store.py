"""Secrets in the operating system's key store; where there is none, in a file that only its owner may read.

On Windows that is the Credential Manager, on a Linux desktop the Secret Service. `keyring` also brings backends that
keep nothing, or keep it in plain text: those count as none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from client import platform
from client.adapters.seal import new_key
from client.domain.codec import BadInput
from client.ports.key_store import KeyStore

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "ieum"
SOUND_PRIORITY = 1.0  # keyring: "a priority of 1 or greater is recommended"; null, fail and plain text are below


class FileKeyStore:
    """A JSON object in one owner-only file."""

    kind = "file"

    def __init__(self, file: Path, problem: str = "") -> None:
        self._file = file
        self.problem = problem

    def get(self, name: str) -> str | None:
        """The secret of this name."""
        return self._read().get(name)

    def all(self, name: str) -> tuple[str, ...]:
        """The one value, if any."""
        secret = self.get(name)
        return (secret,) if secret else ()

    def put(self, name: str, secret: str) -> None:
        """Keep a secret; the file is replaced whole."""
        self._write({**self._read(), name: secret})

    def forget(self, name: str) -> None:
        """Remove it."""
        kept = self._read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def names(self) -> tuple[str, ...]:
        """Of all secrets here."""
        return tuple(self._read())

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise BadInput(str(self._file), "is damaged: restore it, or move it away to begin anew") from error
        if not isinstance(kept, dict):
            raise BadInput(str(self._file), "is damaged: restore it, or move it away to begin anew")
        return {str(name): str(secret) for name, secret in kept.items()}

    def _write(self, kept: dict[str, str]) -> None:
        platform.write_private(self._file, json.dumps(kept, indent=1).encode())


class SystemKeyStore:
    """The operating system's key store; what an earlier file holds is still read."""

    kind = "system"
    problem = ""

    def __init__(self, backend: KeyringBackend, earlier: FileKeyStore) -> None:
        self._backend = backend
        self._earlier = earlier
        backend.get_password(SERVICE, "outbox")  # a locked store says so now, not in mid-session
        for name in earlier.names():
            if backend.get_password(SERVICE, name) is None:  # kept in a file while there was no key store
                backend.set_password(SERVICE, name, earlier.get(name) or "")
                earlier.forget(name)

    def get(self, name: str) -> str | None:
        """The secret of this name, the system's first."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> tuple[str, ...]:
        """The system's value and the earlier file's, without repeats."""
        found = (self._backend.get_password(SERVICE, name), *self._earlier.all(name))
        return tuple(dict.fromkeys(secret for secret in found if secret))

    def put(self, name: str, secret: str) -> None:
        """Keep a secret in the system's key store."""
        self._backend.set_password(SERVICE, name, secret)

    def forget(self, name: str) -> None:
        """Remove it from both."""
        if self._backend.get_password(SERVICE, name) is not None:
            self._backend.delete_password(SERVICE, name)
        self._earlier.forget(name)


def open_key_store(directory: Path, find: Callable[[], KeyringBackend] | None = None) -> KeyStore:
    """The system's key store if it really works here, else a file in `directory`."""
    file = FileKeyStore(directory / "keys.json")
    if find is None and not platform.may_have_key_store():
        file.problem = "there is no session bus, so no key store"
        return file
    import keyring.errors  # 70 ms that a start without a key store need not spend

    backend = _sound((find or keyring.get_keyring)())
    if backend is None:
        file.problem = "this system has no key store"
        return file
    try:
        return SystemKeyStore(backend, file)
    except (keyring.errors.KeyringError, RuntimeError, OSError) as error:
        file.problem = f"the system's key store does not open ({type(error).__name__})"
        return file


def keys_of(store: KeyStore, name: str) -> tuple[bytes, ...]:
    """The key under `name` and its forerunners, the one in force first; made at first use."""
    if not store.all(name):
        store.put(name, new_key().hex())
    try:
        return tuple(bytes.fromhex(secret) for secret in store.all(name))
    except ValueError as error:
        raise BadInput(f"key {name}", "in the key store is damaged") from error


def _sound(backend: KeyringBackend) -> KeyringBackend | None:
    from keyring.backends.chainer import ChainerBackend

    candidates = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    return next((each for each in candidates if each.priority >= SOUND_PRIORITY), None)
