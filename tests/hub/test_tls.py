"""A hub with a certificate speaks HTTPS on both faces, to desks and browsers that trust its authority and no other."""

from __future__ import annotations

import ssl

import httpx
import pytest

from client.adapters.hub_http import HttpHub
from client.adapters.key_store import FileKeyStore
from client.doctor import check_hub
from client.doctor.finding import Machine
from client.domain.codec import BadInput
from client.hub.server import HubServer
from client.ports.hub import HubAway
from client.settings import Settings
from tests.hub.hub_process import hub_process
from tests.peers.certificates import make_certificates
from tests.waiting import until


@pytest.fixture
def certificates(tmp_path):
    return make_certificates(tmp_path / "certificates")


@pytest.fixture
async def hub(tmp_path, certificates):
    """A hub alone, with a certificate. Its administrator's token is `token`."""
    settings = f"[hub]\ntls_certificate = '{certificates.certificate}'\ntls_key = '{certificates.key}'\n"
    async with hub_process(tmp_path / "hub", settings=settings) as made:
        file = tmp_path / "hub" / "data" / "hub" / "administrator.token"
        await until(file.exists, 10, "the administrator's token")
        made.token = file.read_text().strip()
        yield made


async def test_both_faces_speak_https_and_nothing_else(hub, certificates):
    trust = ssl.create_default_context(cafile=str(certificates.ca))
    for name in ("desk_url", "citizen_url"):
        url = hub.endpoint[name]
        assert url.startswith("https://127.0.0.1:")
        async with httpx.AsyncClient(verify=trust, trust_env=False) as client:
            answer = await client.get(f"{url}/")
            assert answer.headers["x-content-type-options"] == "nosniff"
            with pytest.raises(httpx.TransportError):
                await client.get(url.replace("https:", "http:") + "/")
        if name == "citizen_url":
            assert "strict-transport-security" in answer.headers


async def test_a_desk_trusts_what_the_system_trusts(hub, certificates, monkeypatch):
    stranger = HttpHub(hub.endpoint["desk_url"], hub.token)
    with pytest.raises(HubAway):
        await stranger.sessions()
    await stranger.disconnect()
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca))  # as an authority that IT installed
    desk = HttpHub(hub.endpoint["desk_url"], hub.token)
    assert list(await desk.sessions()) == []
    await desk.disconnect()


async def test_the_doctor_trusts_it_likewise(hub, certificates, monkeypatch, tmp_path):
    settings = Settings(hub_url=hub.endpoint["desk_url"], hub_token=hub.token)
    keys = FileKeyStore(tmp_path / "keys.json")
    machine = Machine(settings=settings, data_dir=tmp_path, key_store=keys, probe=lambda _: {})
    (away,) = check_hub.check(machine)
    assert "certificate is not trusted" in away.todo
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.ca))
    assert {finding.id: str(finding.state) for finding in check_hub.check(machine)}["hub.agent"] == "ok"


async def test_an_embedded_hub_stays_on_loopback_without_it(tmp_path, certificates):
    settings = f"[hub]\ntls_certificate = '{certificates.certificate}'\ntls_key = '{certificates.key}'\n"
    async with hub_process(tmp_path / "hub", "--embedded", settings=settings) as hub:
        assert hub.endpoint["desk_url"].startswith("http://127.0.0.1:")
        client = hub.client()
        assert list(await client.sessions()) == []
        await client.disconnect()


@pytest.mark.parametrize("bad", ["absent", "nonsense", "another key", "no certificate"])
def test_a_certificate_that_cannot_be_used_is_refused_at_the_start(tmp_path, certificates, bad):
    chosen = {"tls_certificate": str(certificates.certificate), "tls_key": str(certificates.key)}
    if bad == "absent":
        chosen["tls_certificate"] = str(tmp_path / "none.pem")
    elif bad == "nonsense":
        certificates.key.write_text("no key")
    elif bad == "another key":
        chosen["tls_key"] = str(make_certificates(tmp_path / "other").key)
    else:
        chosen["tls_certificate"] = ""
    with pytest.raises(BadInput, match=r"hub\.tls_"):
        HubServer(Settings(**chosen), tmp_path / "hub")
