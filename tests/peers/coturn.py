"""coturn as a TURN server of this machine, with time-limited credentials."""

from __future__ import annotations

from pathlib import Path

from client.bench.udp_relay import own_address
from tests.peers.ports import free_port
from tests.peers.process import Peer
from tests.waiting import until

SECRET = "a secret of the tests"


class Coturn:
    """Attributes: `url` — as settings name it."""

    def __init__(self, directory: Path) -> None:
        port, address = free_port(), own_address()
        self.url = f"turn:{address}:{port}"
        options = {
            "static-auth-secret": SECRET,
            "realm": "centre.test",
            "listening-port": port,
            "listening-ip": address,
            "relay-ip": address,
            "log-file": "stdout",
            "pidfile": directory / "turn.pid",
            "userdb": directory / "turn.db",
        }
        switches = ("-n", "--use-auth-secret", "--no-tls", "--no-dtls", "--no-cli", "--verbose")
        self.peer = Peer(
            ["turnserver", *switches, *(f"--{name}={value}" for name, value in options.items())],
            directory / "turn.log",
            cwd=directory,
        )

    async def start(self) -> Coturn:
        await until(lambda: "UDP listener opened" in self.peer.text(), 10, f"coturn: {self.peer.text()[-800:]}")
        return self

    @property
    def allocations(self) -> int:
        return self.peer.text().count("ALLOCATE processed, success")

    def close(self) -> None:
        self.peer.kill(politely=True)
