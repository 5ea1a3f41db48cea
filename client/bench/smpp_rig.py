"""The surroundings of the SMPP gateway, for its tests and its benchmark: an SMSC, and Kannel as the citizens' phones.

The SMSC is `smsc.pl` on Net::SMPP. Kannel has none that fits: its drive_smpp knows no transceiver, gives no ids and ends
with the first client; its boxes are clients themselves. So Kannel is on the other side, bound to the same SMSC: it cuts,
joins and converts what the phones write and read, by its own code.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import subprocess
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote_to_bytes, urlencode, urlsplit
from urllib.request import urlopen

from client.bench.sip_rig import PLACES
from client.bench.waiting import BenchFailed, until
from client.demo.needs import Missing
from client.domain.gateway_account import SmppAccount

SCRIPT = Path(__file__).with_name("smsc.pl")
PASSWORD = "pw"  # noqa: S105 — of an SMSC that lives for this run, on loopback
CENTRE = "120"
PORTS = range(
    20_000, 32_000
)  # below the ports that systems give to clients, whose closed connections hold them for a minute

BEARERBOX = """group = core
admin-port = {admin}
admin-password = {password}
smsbox-port = {boxes}
box-allow-ip = "127.0.0.1"

group = smsc
smsc = smpp
smsc-id = smsc
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = phones
smsc-password = {password}
system-type = ""
reconnect-delay = 1
enquire-link-interval = 30
"""
SMSBOX = """
group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {send}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = phones
password = {password}
max-messages = 10
concatenation = true

group = sms-service
keyword = default
get-url = "http://127.0.0.1:{phone}/?sender=%p&number=%P&coding=%c&charset=%C&text=%b"
max-messages = 0
omit-empty = true
"""


def need_programs(*, phones: bool) -> None:
    """Refuse to begin without Perl's Net::SMPP, and Kannel for `phones`."""
    perl = shutil.which("perl", path=PLACES)
    found = perl and subprocess.run([perl, "-MNet::SMPP", "-e1"], capture_output=True, check=False).returncode == 0
    if not found:
        raise Missing("Net::SMPP is not installed: apt-get install libnet-smpp-perl")
    if phones and not (shutil.which("bearerbox", path=PLACES) and shutil.which("smsbox", path=PLACES)):
        raise Missing("Kannel is not installed: apt-get install kannel")


def free_tcp_port() -> int:
    """A port that a server can listen on, on every address; Kannel does not reuse one that a connection still holds."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
            return port


class Smsc:
    """Attributes: `port`, the same after a restart; `phones` — whether Kannel is awaited (else every phone has all at once)."""

    def __init__(self, directory: Path, *, phones: bool = True) -> None:
        need_programs(phones=phones)
        self.port = free_tcp_port()
        self.phones = phones
        self._log = directory / "smsc.log"
        self._process: subprocess.Popen[bytes] | None = None

    def account(self, **changes: object) -> SmppAccount:
        """Settings of the centre's account here."""
        known = {"host": "127.0.0.1", "port": self.port, "system_id": "ieum", "password": PASSWORD}
        return SmppAccount(**{**known, "senders": (CENTRE,), **changes})  # type: ignore[arg-type]

    async def start(self) -> Smsc:
        """Listen."""
        accounts = [f"ieum={PASSWORD}", *([f"phones={PASSWORD}"] if self.phones else [])]
        command = [shutil.which("perl", path=PLACES) or "perl", str(SCRIPT), str(self.port), *accounts]
        self._process = process = _started(command, self._log)
        await until(lambda: _says(self._log, b"listening", process), "the SMSC listens")
        return self

    def kill(self) -> None:
        """End at once, as a crash does; what it kept is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    stop = kill


@dataclass(frozen=True, slots=True)
class Got:
    """What a phone got, whole."""

    sender: str
    number: str
    text: str


class Phones:
    """Kannel's bearerbox and smsbox. Attributes: `got` — what the phones got, in order."""

    def __init__(self, directory: Path, smsc: Smsc) -> None:
        self.got: list[Got] = []
        self._directory = directory
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.got))
        self._send = free_tcp_port()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._processes: list[subprocess.Popen[bytes]] = []
        ports = {"smsc": smsc.port, "admin": free_tcp_port(), "boxes": free_tcp_port(), "send": self._send}
        values = {**ports, "phone": self._server.server_port, "password": PASSWORD}
        (directory / "kannel.conf").write_text((BEARERBOX + SMSBOX).format(**values))

    async def start(self) -> Phones:
        """Bind at the SMSC."""
        self._thread.start()
        for name, ready in (("bearerbox", b"Started"), ("smsbox", b"HTTP")):
            await self._box(name, ready)
        await until(self._can_send, "Kannel takes messages")
        return self

    async def _box(self, name: str, ready: bytes) -> None:
        log = self._directory / f"{name}.log"
        program = shutil.which(name, path=PLACES) or name
        process = _started([program, "-v", "0", str(self._directory / "kannel.conf")], log)
        self._processes.append(process)
        await until(lambda: _says(log, ready, process), f"{name} is up")

    def _can_send(self) -> bool:
        try:
            urlopen(f"http://127.0.0.1:{self._send}/", timeout=5).close()
        except OSError as error:
            return getattr(error, "code", 0) > 0  # it answers
        return True

    async def write(self, number: str, text: str, *, coding: int = 2, to: str = CENTRE) -> None:
        """A citizen writes; Kannel cuts what is long. `coding` 0: GSM 7, 2: UCS-2."""
        fields = {
            "username": "phones",
            "password": PASSWORD,
            "from": number,
            "to": to,
            "text": text,
            "charset": "UTF-8",
        }
        query = urlencode({**fields, "coding": coding})
        await asyncio.to_thread(lambda: urlopen(f"http://127.0.0.1:{self._send}/cgi-bin/sendsms?{query}").close())

    def stop(self) -> None:
        """End both boxes and the phones."""
        for process in reversed(self._processes):
            process.kill()  # a polite end waits for messages on their way
            process.wait()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(got: list[Got]) -> type[BaseHTTPRequestHandler]:
    class Phone(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = urlsplit(self.path).query
            values = {name: value[0] for name, value in parse_qs(query, encoding="latin-1").items()}
            raw = unquote_to_bytes(query.rpartition("&text=")[2].replace("+", " "))
            got.append(Got(values.get("sender", ""), values.get("number", ""), _read(raw, values["coding"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
            """Say nothing."""

    return Phone


def _read(raw: bytes, coding: str) -> str:
    """Kannel makes UTF-8 of every alphabet but UCS-2 and KS C 5601, which it leaves as they are."""
    if coding == "2":
        return raw.decode("utf-16-be", "replace")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp949", "replace")


def _started(command: list[str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=log.parent)


def _says(log: Path, word: bytes, process: subprocess.Popen[bytes]) -> bool:
    """Whether `word` is in its log; raises `BenchFailed` where it has ended."""
    if process.poll() is not None:
        lines = log.read_text(errors="replace").splitlines()
        why = [line for line in lines if "PANIC" in line or "ERROR" in line] or lines
        raise BenchFailed(f"{process.args!s:.60} ended with {process.returncode}: {' / '.join(why[:4])}")
    return word in log.read_bytes()
