"""What every key store does: the system's (through a keyring backend in memory) and the file."""

from __future__ import annotations

import json
import os

import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend
from keyring.backends.fail import Keyring as FailKeyring
from keyring.backends.null import Keyring as NullKeyring

from client import platform
from client.adapters.key_store import keys_of, open_key_store
from client.domain.codec import BadInput


class MemoryBackend(KeyringBackend):
    """A sound keyring backend that keeps its secrets in memory."""

    priority = 5.0

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.locked = False

    def get_password(self, service, username):
        if self.locked:
            raise keyring.errors.KeyringLocked
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


class PlainTextBackend(MemoryBackend):
    """As keyrings.alt's: works, but below the recommended priority."""

    priority = 0.5


KeyringBackend._classes -= {MemoryBackend, PlainTextBackend}  # or keyring would offer them to every other test


@pytest.fixture(params=["system", "file"])
def open_store(request, tmp_path):
    backend = MemoryBackend() if request.param == "system" else FailKeyring()
    return lambda: open_key_store(tmp_path, lambda: backend)


def test_a_secret_is_there_again_after_a_restart(open_store):
    open_store().put("hub.token", "토큰 abc")
    assert open_store().get("hub.token") == "토큰 abc"
    assert open_store().all("hub.token") == ("토큰 abc",)


def test_putting_again_replaces(open_store):
    store = open_store()
    store.put("hub.token", "one")
    store.put("hub.token", "two")
    assert store.all("hub.token") == ("two",)


def test_a_forgotten_secret_is_gone(open_store):
    store = open_store()
    store.put("sip:1001@dasan.test", "pw")
    store.forget("sip:1001@dasan.test")
    store.forget("never there")
    assert open_store().get("sip:1001@dasan.test") is None


def test_the_key_is_made_once(open_store):
    (key,) = keys_of(open_store(), "outbox")
    assert len(key) == 32
    assert keys_of(open_store(), "outbox") == (key,)


def test_a_spoilt_key_is_told(open_store):
    open_store().put("outbox", "not hex")
    with pytest.raises(BadInput, match="key outbox"):
        keys_of(open_store(), "outbox")


@pytest.mark.parametrize("backend", [FailKeyring, NullKeyring, PlainTextBackend])
def test_backends_that_keep_nothing_or_plain_text_count_as_none(tmp_path, backend):
    store = open_key_store(tmp_path, backend)
    assert (store.kind, bool(store.problem)) == ("file", True)


def test_a_locked_key_store_falls_back_to_the_file_and_says_so(tmp_path):
    backend = MemoryBackend()
    backend.locked = True
    store = open_key_store(tmp_path, lambda: backend)
    assert store.kind == "file"
    assert "KeyringLocked" in store.problem


def test_of_several_backends_the_sound_one_is_used(tmp_path, monkeypatch):
    sound = MemoryBackend()
    monkeypatch.setattr(ChainerBackend, "backends", [NullKeyring(), sound])
    store = open_key_store(tmp_path, ChainerBackend)
    store.put("name", "secret")
    assert store.kind == "system"
    assert sound.kept == {("ieum", "name"): "secret"}


def test_the_file_is_for_its_owner_alone(tmp_path):
    store = open_key_store(tmp_path / "deep", FailKeyring)
    store.put("outbox", "secret")
    file = tmp_path / "deep" / "keys.json"
    if not platform.WINDOWS:
        assert file.stat().st_mode & 0o077 == 0
        assert file.parent.stat().st_mode & 0o077 == 0
    assert [path.name for path in file.parent.iterdir()] == ["keys.json"]


@pytest.mark.parametrize("content", ["{", "[]", '"text"', "\xff"])
def test_a_damaged_file_is_told_and_not_overwritten(tmp_path, content):
    file = tmp_path / "keys.json"
    file.write_bytes(content.encode("latin-1"))
    store = open_key_store(tmp_path, FailKeyring)
    with pytest.raises(BadInput, match=r"keys\.json"):
        store.put("outbox", "new")
    assert file.read_bytes() == content.encode("latin-1")


def test_secrets_move_from_the_file_once_there_is_a_key_store(tmp_path):
    open_key_store(tmp_path, FailKeyring).put("outbox", "from the file")
    backend = MemoryBackend()
    assert open_key_store(tmp_path, lambda: backend).get("outbox") == "from the file"
    assert backend.kept == {("ieum", "outbox"): "from the file"}
    assert json.loads((tmp_path / "keys.json").read_text()) == {}


def test_a_differing_earlier_secret_stays_known(tmp_path):
    backend = MemoryBackend()
    open_key_store(tmp_path, lambda: backend).put("outbox", "the system's")
    open_key_store(tmp_path, FailKeyring).put("outbox", "of a day without")
    assert open_key_store(tmp_path, lambda: backend).all("outbox") == ("the system's", "of a day without")


def test_a_write_that_fails_leaves_the_old_file_whole(tmp_path, monkeypatch):
    store = open_key_store(tmp_path, FailKeyring)
    store.put("outbox", "old")

    def no_space(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        store.put("outbox", "new")
    assert open_key_store(tmp_path, FailKeyring).get("outbox") == "old"


@pytest.mark.skipif(platform.WINDOWS, reason="Windows always has a key store")
def test_without_a_session_bus_there_is_no_key_store(tmp_path, monkeypatch):
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert "session bus" in open_key_store(tmp_path).problem
    (tmp_path / "bus").touch()
    assert platform.may_have_key_store()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    assert platform.may_have_key_store()
    assert open_key_store(tmp_path).kind == "file"
