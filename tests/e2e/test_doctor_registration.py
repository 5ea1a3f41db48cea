"""The doctor asks a real registrar: Kamailio, over each transport, with right and wrong passwords."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import re
import socket
import threading

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from client.adapters.key_store import FileKeyStore
from client.doctor import check_registration
from client.doctor.finding import Machine, State
from client.doctor.sip_message import Asking, NotSip, Response, parse
from client.domain.call import Account
from client.settings import Settings
from tests.peers.certificates import make_certificates
from tests.peers.kamailio import DOMAIN, Kamailio


def certificate(directory):
    """(key, certificate) as PEM files for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (directory / "key.pem").write_bytes(private)
    (directory / "certificate.pem").write_bytes(made.public_bytes(pem))
    return directory / "key.pem", directory / "certificate.pem"


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory):
    directory = tmp_path_factory.mktemp("doctor")
    registrar = Kamailio(directory, *certificate(directory))
    registrar.start()
    yield registrar
    registrar.stop()


@pytest.fixture
def ask(tmp_path):
    def ask_(tls_ca="", **fields):
        account = Account(**fields)
        machine = Machine(
            settings=Settings(accounts=(account,), tls_ca=str(tls_ca)),
            data_dir=tmp_path,
            key_store=FileKeyStore(tmp_path / "keys.json"),
            probe=lambda _: {},
        )
        (finding,) = check_registration.check(machine)
        return finding

    return ask_


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_known_account(kamailio, ask, transport):
    finding = ask(**kamailio.account("1001", transport=transport))
    assert (finding.id, finding.state) == ("sip.1001", State.OK)


def test_a_known_account_over_tls(kamailio, ask, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(kamailio.directory.parent / "certificate.pem"))
    assert ask(**kamailio.account("1001", transport="tls")).state is State.OK


def test_the_authority_that_settings_name_is_trusted_and_no_other(kamailio, ask, tmp_path):
    account = kamailio.account("1001", transport="tls")
    assert ask(tls_ca=kamailio.directory.parent / "certificate.pem", **account).state is State.OK
    finding = ask(tls_ca=make_certificates(tmp_path / "other").ca, **account)
    assert finding.state is State.FAIL
    assert "certificate" in finding.what
    for content in (None, "no certificate"):
        file = tmp_path / "authority.pem"
        if content:
            file.write_text(content)
        finding = ask(tls_ca=file, **account)
        assert finding.state is State.FAIL
        assert f"phone.tls_ca {file}" in finding.what


def test_a_certificate_that_is_not_trusted_is_told(kamailio, ask):
    finding = ask(**kamailio.account("1001", transport="tls"))
    assert finding.state is State.FAIL
    assert "certificate" in finding.what


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_wrong_password_is_told_without_it(kamailio, ask, transport):
    finding = ask(**{**kamailio.account("1001", transport=transport), "password": "hush"})
    assert finding.state is State.FAIL
    assert "401" in finding.what
    assert "password" in finding.todo
    assert "hush" not in finding.what + finding.todo


def test_nobody_there(ask):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for transport in ("udp", "tcp", "tls"):
        finding = ask(user="1001", domain=DOMAIN, proxy=f"sip:127.0.0.1:{port}", transport=transport)
        assert finding.state is State.FAIL
        assert "firewall" in finding.todo


@pytest.mark.parametrize("domain", ["no.such.host.invalid", "a..b", f"{'x' * 80}.invalid"])
def test_a_domain_that_is_none(ask, domain):
    assert ask(user="1001", domain=domain).state is State.FAIL


def test_silence_ends(ask, monkeypatch):
    monkeypatch.setattr(check_registration, "WAIT_S", 0.3)
    monkeypatch.setattr(check_registration, "RESEND_S", 0.1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        finding = ask(user="1001", domain=DOMAIN, proxy=f"sip:127.0.0.1:{mute.getsockname()[1]}")
        mute.setblocking(False)
        first, second = mute.recv(4_000), mute.recv(4_000)
    assert first == second, "a datagram is sent again as it was"
    assert "no answer" in finding.what


class StaleRegistrar:
    """A registrar over UDP behind a slow network: its challenge comes again after the second question."""

    def __init__(self, peer):
        self.peer = peer

    def __call__(self):
        first, desk = self.peer.recvfrom(4_000)
        challenge = self.response(first, "401 Unauthorized", 'WWW-Authenticate: Digest realm="r", nonce="n"')
        self.peer.sendto(challenge, desk)
        second, desk = self.peer.recvfrom(4_000)
        self.peer.sendto(challenge, desk)
        self.peer.sendto(self.response(second, "200 OK").replace(b"Call-ID: ", b"Call-ID: another."), desk)
        self.peer.sendto(self.response(second, "200 OK"), desk)

    def response(self, request, status, *more):
        kept = [
            line for line in request.decode().split("\r\n") if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))
        ]
        return "\r\n".join([f"SIP/2.0 {status}", *kept, *more, "Content-Length: 0", "", ""]).encode()


def test_a_challenge_that_comes_twice_is_no_wrong_password(ask):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(10)
        registrar = threading.Thread(target=StaleRegistrar(peer))
        registrar.start()
        finding = ask(user="1001", domain=DOMAIN, password="pw", proxy=f"sip:127.0.0.1:{peer.getsockname()[1]}")
        registrar.join()
    assert finding.state is State.OK


def test_asking_leaves_a_registered_desk_registered(kamailio, ask):
    fields = kamailio.account("1077")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk:
        desk.connect(("127.0.0.1", kamailio.port))
        desk.settimeout(5)
        asking = Asking(Account(**fields), "udp", f"127.0.0.1:{desk.getsockname()[1]}")

        def exchange(extra: str) -> Response:
            desk.send(asking.register())
            authorization = asking.answer(parse(desk.recv(4_000)))
            desk.send(asking.register(authorization + extra))
            return parse(desk.recv(4_000))

        contact = f"<sip:1077@127.0.0.1:{desk.getsockname()[1]}>"
        assert exchange(f"\r\nContact: {contact};expires=60").code == 200
        assert ask(**fields).state is State.OK
        (bound,) = exchange("").headers["contact"]
    assert bound.startswith(contact)


CHALLENGE = 'Digest realm="r", nonce="n", algorithm={algorithm}, qop="auth,auth-int", opaque="o"'


@pytest.mark.parametrize(
    ("code", "asked", "answered"),
    [(401, "www-authenticate", "Authorization"), (407, "proxy-authenticate", "Proxy-Authorization")],
)
@pytest.mark.parametrize(("algorithm", "hash_"), [("MD5", "md5"), ("SHA-256", "sha256")])
def test_a_digest_with_qop(code, asked, answered, algorithm, hash_):
    asking = Asking(Account(user="u", domain="d", password="p"), "udp", "127.0.0.1:1")
    header = asking.answer(Response(code=code, reason="", headers={asked: [CHALLENGE.format(algorithm=algorithm)]}))
    name, _, value = header.partition(": ")
    fields = {key: quoted or bare for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', value)}

    def hashed(text):
        return hashlib.new(hash_, text.encode()).hexdigest()

    expected = hashed(f"{hashed('u:r:p')}:n:00000001:{fields['cnonce']}:auth:{hashed('REGISTER:sip:d')}")
    assert name == answered
    assert fields["response"] == expected
    assert (fields["qop"], fields["nc"], fields["opaque"], fields["uri"]) == ("auth", "00000001", "o", "sip:d")


@pytest.mark.parametrize("offered", ["Basic realm=x", 'Digest realm="r", nonce="n", algorithm=MD4', "Digest"])
def test_an_unknown_scheme_is_not_answered(offered):
    asking = Asking(Account(user="u", domain="d"), "udp", "127.0.0.1:1")
    assert asking.answer(Response(code=401, reason="", headers={"www-authenticate": [offered]})) == ""


@pytest.mark.parametrize(
    "data", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"SIP/2.0 20 OK", b"\xff\xfe", b"REGISTER sip:x SIP/2.0"]
)
def test_what_is_no_response_is_refused(data):
    with pytest.raises(NotSip):
        parse(data)
