"""STUN and TURN: what the settings name and nothing else, with credentials as coturn's `use-auth-secret` checks them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from client import settings
from client.domain.codec import BadInput
from client.hub.ice import ice_servers
from client.settings import Settings

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def test_without_settings_nobody_is_asked():
    assert ice_servers(Settings(), "link", NOW) == ()


def test_a_credential_is_good_until_its_own_name_says():
    wanted = Settings(
        stun=("stun:turn.example:3478",), turn=("turn:turn.example:3478",), turn_secret="s", turn_minutes=60
    )
    stun, turn = ice_servers(wanted, "link-1", NOW)
    assert (stun.urls, stun.username) == (("stun:turn.example:3478",), "")
    assert turn.username == f"{int(NOW.timestamp()) + 3600}:link-1"
    signed = hmac.new(b"s", turn.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn.credential) == signed


@pytest.mark.parametrize("address", ["http://turn.example", "turn:", "turn:a b", "stun:host?x=1"])
def test_what_is_no_ice_address_is_refused(tmp_path, address):
    file = tmp_path / "user.toml"
    file.write_text(f'[video]\nturn = ["{address}"]\n', encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        settings.load(tmp_path / "none.toml", file)
    assert refused.value.path.endswith("video.turn.0")
