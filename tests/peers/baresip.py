"""Baresip as a citizen's telephone: plays a WAV, keeps what it hears."""

from __future__ import annotations

from pathlib import Path

from tests.peers.kamailio import DOMAIN, Kamailio
from tests.peers.ports import free_port
from tests.peers.process import Peer
from tests.peers.sound import tones_in
from tests.waiting import until

CONFIG = """sip_listen 127.0.0.1:{port}
sip_trans_def udp
call_max_calls 8
audio_source {source}
audio_player aubridge,null1
audio_alert aufile,/dev/null
audio_txmode thread
snd_path {dumps}
rtp_ports {rtp}-{rtp_end}
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
net_interface 127.0.0.1
"""


class Baresip:
    """`dial` calls a user of the proxy; `answer` takes every call."""

    def __init__(
        self, directory: Path, proxy: Kamailio, wav: Path, *, dial: str = "", user: str = "2001", answer: bool = False
    ) -> None:
        self.directory = directory / f"baresip-{user}"
        self.dumps = self.directory / "heard"
        self.dumps.mkdir(parents=True)
        rtp, self.control = free_port(), free_port()
        modules = next(Path("/usr/lib").glob("**/baresip/modules"))
        mode = ";answermode=auto" if answer else ""
        (self.directory / "accounts").write_text(
            f'<sip:{user}@{DOMAIN}>;auth_pass=pw-{user};outbound="sip:{proxy.address}";regint=120;audio_codecs=pcma{mode}\n'
        )
        (self.directory / "config").write_text(
            CONFIG.format(
                port=free_port(),
                source=f"aufile,{wav}",
                dumps=self.dumps,
                rtp=rtp,
                rtp_end=rtp + 100,
                modules=modules,
                control=self.control,
            )
        )
        order = ["-e", f"/dial sip:{dial}@{DOMAIN}"] if dial else []
        self.peer = Peer(["baresip", "-f", str(self.directory), *order], self.directory / "log")

    async def until(self, text: str, seconds: float = 10) -> None:
        await until(lambda: text in self.peer.text(), seconds, f"{text} in {self.peer.text()[-800:]}")

    async def until_heard(self, hz: int, seconds: float = 10) -> None:
        """It hears a tone."""
        await until(lambda: {hz} in self._heard(), seconds, f"{hz} Hz; heard {self._heard()[-5:]}")

    def _heard(self) -> list[set[int]]:
        found = []
        for file in self.dumps.glob("*dec*.wav"):
            data = file.read_bytes()[44:]
            found += [tones_in(data[at : at + 8_000], 8_000) for at in range(0, len(data) - 8_000, 1_600)]
        return found

    def close(self) -> None:
        self.peer.kill()
