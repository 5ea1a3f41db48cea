"""Where the key of the desk's own store rests."""

from __future__ import annotations

from collections.abc import Iterator

from client.doctor.finding import Finding, Machine, ok, warn


def check(machine: Machine) -> Iterator[Finding]:
    """The system's key store, or a file and why."""
    store = machine.key_store
    if store.kind == "system":
        yield ok("key_store", "keys rest in the system's key store")
        return
    yield warn(
        "key_store",
        f"keys rest in a file that only its owner may read: {store.problem}",
        "set up a key store (on Linux: gnome-keyring or KWallet, unlocked at login), or encrypt the disk",
    )
