"""The doctor asks a real hub: one that settings name, one that runs here by itself, and one that has died."""

from __future__ import annotations

import json
import sys

import pytest

from client.adapters.key_store import FileKeyStore
from client.doctor import check_hub
from client.doctor.finding import Machine
from client.settings import Settings
from tests.peers.process import Peer
from tests.waiting import until


@pytest.fixture
def command(tmp_path, monkeypatch):
    """`ieum hub` with its data under `tmp_path`."""
    for name in ("IEUM_DATA", "IEUM_USER_SETTINGS", "IEUM_MACHINE_SETTINGS"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return [sys.executable, "-m", "client", "hub", "--data", str(tmp_path / "hub")]


@pytest.fixture
async def hub(command, tmp_path):
    """(process, endpoint) of a hub as a desk starts it."""
    file = tmp_path / "run" / "hub.json"
    peer = Peer([*command, "--embedded", "--endpoint", str(file)], tmp_path / "hub.log")
    try:
        await until(file.exists, 20, "the hub writes its endpoint")
        yield peer, json.loads(file.read_text())
    finally:
        peer.kill()


def look(tmp_path, **settings):
    machine = Machine(
        settings=Settings(**settings),
        data_dir=tmp_path,
        key_store=FileKeyStore(tmp_path / "keys.json"),
        probe=lambda _: {},
    )
    return {finding.id: str(finding.state) for finding in check_hub.check(machine)}


async def test_a_hub_that_settings_name(hub, tmp_path):
    _, endpoint = hub
    right = look(tmp_path, hub_url=endpoint["desk_url"], hub_token=endpoint["token"])
    assert right == {"hub": "ok", "hub.agent": "ok", "clock": "ok"}
    none = look(tmp_path, hub_url=endpoint["desk_url"])
    wrong = look(tmp_path, hub_url=endpoint["desk_url"], hub_token="not a token")
    assert none == wrong == {"hub": "ok", "hub.agent": "fail"}


async def test_an_embedded_hub_is_asked_while_it_runs(hub, tmp_path):
    peer, _ = hub
    assert look(tmp_path) == {"hub": "ok", "hub.agent": "ok", "clock": "ok"}
    peer.kill()
    assert look(tmp_path) == {"hub": "ok", "clock": "ok"}
