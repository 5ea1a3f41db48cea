"""Each SIP account, asked of its registrar over its own transport, changing nothing there."""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator

from client.doctor.finding import Finding, Machine, fail, ok
from client.doctor.sip_message import Asking, NotSip, Response, parse
from client.domain.call import Account

WAIT_S = 4.0
RESEND_S = 0.5  # timer T1 of RFC 3261
MAX_RESPONSE = 65_535
OK = 200
FINAL = 200
UNAUTHORIZED = (401, 407)
FORBIDDEN = 403
END = b"\r\n\r\n"
_URI = re.compile(r"(sips?):(?:[^@]*@)?(\[[^\]]+\]|[^:;?>]+)(?::(\d+))?(.*)", re.IGNORECASE)


def check(machine: Machine) -> Iterator[Finding]:
    """One finding an account."""
    if not machine.settings.accounts:
        yield ok("sip.accounts", "no SIP account: calls come to the local one, for practice")
    for account in machine.settings.accounts:
        yield _ask(account, machine.settings.tls_ca)


def _ask(account: Account, tls_ca: str) -> Finding:
    id_ = f"sip.{account.user}"
    name = f"{account.user}@{account.domain}"
    try:
        trust = _trust(tls_ca) if account.transport == "tls" else None
    except OSError as error:
        return fail(id_, f"{name}: phone.tls_ca {tls_ca} cannot be used: {error}", "name a PEM file with authorities")
    try:
        host, port = _where(account)
        with _connect(account.transport, host, port, trust) as peer:
            response = _register(account, peer)
    except (OSError, UnicodeError, NotSip) as error:
        why = "no answer" if isinstance(error, TimeoutError) else str(error)
        return fail(id_, f"{name}: the registrar does not answer over {account.transport}: {why}", _TODO_REACH)
    if response.code == OK:
        return ok(id_, f"{name} is known to its registrar")
    said = f"{name}: the registrar says {response.code} {response.reason}"
    if response.code in (*UNAUTHORIZED, FORBIDDEN):
        return fail(id_, said, "correct the user's name or password")
    return fail(id_, said, "is the domain the registrar's? Ask those who run the PBX")


_TODO_REACH = "check phone.accounts (proxy, registrar, transport) and the firewall"


def _where(account: Account) -> tuple[str, int]:
    found = _URI.match(account.proxy or account.registrar or f"sip:{account.domain}")
    if not found:
        raise OSError("its address is no SIP address")
    usual = 5061 if account.transport == "tls" else 5060
    return found[2].strip("[]"), int(found[3] or usual)


def _trust(tls_ca: str) -> ssl.SSLContext:
    """As the voice engine does TLS: version 1.2, the same authorities, the name checked."""
    context = ssl.create_default_context(cafile=tls_ca or None)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def _connect(transport: str, host: str, port: int, trust: ssl.SSLContext | None) -> socket.socket:
    if transport == "udp":
        (family, kind, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        peer = socket.socket(family, kind)
        peer.connect(address)
        return peer
    peer = socket.create_connection((host, port), timeout=WAIT_S)
    return trust.wrap_socket(peer, server_hostname=host) if trust else peer


def _register(account: Account, peer: socket.socket) -> Response:
    address, port, *_ = peer.getsockname()
    asking = Asking(account, account.transport, f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
    line = _Line(peer)
    response = line.ask(asking.register(), asking.answers)
    if response.code in UNAUTHORIZED and (authorization := asking.answer(response)):
        response = line.ask(asking.register(authorization), asking.answers)
    return response


class _Line:
    """Requests out, responses in, over datagrams (sent again until answered) or a stream."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._datagrams = peer.type == socket.SOCK_DGRAM
        self._rest = b""

    def ask(self, request: bytes, answered_by: Callable[[Response], bool]) -> Response:
        """The final response to this request; one to an earlier request that comes late is not it. Raises `TimeoutError`."""
        end = time.monotonic() + WAIT_S
        self._peer.sendall(request)
        while (left := end - time.monotonic()) > 0:
            self._peer.settimeout(min(left, RESEND_S) if self._datagrams else left)
            try:
                response = parse(self._message())
            except TimeoutError:
                self._peer.sendall(request)
                continue
            if response.code >= FINAL and answered_by(response):
                return response
        raise TimeoutError

    def _message(self) -> bytes:
        """One datagram, or the next head of the stream: answers to REGISTER carry no body."""
        while self._datagrams or END not in self._rest:
            data = self._peer.recv(MAX_RESPONSE)
            if self._datagrams:
                return data
            if not data or len(self._rest) > MAX_RESPONSE:
                raise OSError("it closed the connection")
            self._rest += data
        head, _, self._rest = self._rest.partition(END)
        return head
