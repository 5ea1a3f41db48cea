"""The surroundings of the call benchmark: Kamailio as registrar and proxy, baresip as the telephone to compare with."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import socket
import subprocess
import wave
from pathlib import Path

from client.bench.waiting import until
from client.demo.needs import Missing
from client.domain.call import Account

DOMAIN = "bench.test"
PASSWORD = "pw"  # noqa: S105 — of a registrar that lives for this run, on loopback
PLACES = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
SOUND_S = 120

KAMAILIO = """#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=2
auto_aliases=no
alias="{domain}"
listen=udp:127.0.0.1:{port}
disable_tcp=yes
mpath="{modules}/"
{load}
modparam("usrloc", "db_mode", 0)
request_route {{
  if (has_totag()) {{
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    sl_send_reply("404", "Not here"); exit;
  }}
  if (is_method("INVITE")) record_route();
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("{domain}", "{password}", "0")) {{ www_challenge("{domain}", "0"); exit; }}
    save("location"); exit;
  }}
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_relay();
}}
"""
MODULES = ("tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "usrloc", "registrar", "auth")
BARESIP = """sip_listen 127.0.0.1:{port}
sip_trans_def udp
call_max_calls 8
audio_source aufile,{sound}
audio_player aubridge,null1
audio_alert aufile,/dev/null
rtp_ports {rtp}-{rtp_end}
module_path {modules}
module g711.so
module aufile.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
net_interface 127.0.0.1
"""


def need_programs(*, peer: bool) -> None:
    """Refuse to begin without Kamailio, and baresip for a `peer`."""
    _program("kamailio", "kamailio")
    if peer:
        _program("baresip", "baresip-core")


def _program(name: str, package: str) -> tuple[str, Path]:
    """(program, directory of its modules)."""
    program = shutil.which(name, path=PLACES)
    modules = next(iter(sorted(Path("/usr/lib").glob(f"**/{name}/modules"))), None)
    if program is None or modules is None:
        raise Missing(f"{name} is not installed: apt-get install {package}")
    return program, modules


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Kamailio:
    """Attributes: `port` — where it listens on loopback."""

    def __init__(self, directory: Path) -> None:
        program, modules = _program("kamailio", "kamailio")
        directory.mkdir(parents=True)
        self.port = free_port()
        load = "\n".join(f'loadmodule "{name}.so"' for name in MODULES)
        text = KAMAILIO.format(domain=DOMAIN, port=self.port, modules=modules, load=load, password=PASSWORD)
        (directory / "kamailio.cfg").write_text(text)
        command = [program, "-f", str(directory / "kamailio.cfg"), "-DD", "-E", "-m", "64", "-M", "8"]
        command += ["-Y", str(directory), "-P", str(directory / "pid"), "-w", str(directory)]
        self._log = (directory / "log").open("wb")
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def account(self, user: str) -> Account:
        """An account here."""
        return Account(user=user, domain=DOMAIN, password=PASSWORD, proxy=f"sip:127.0.0.1:{self.port}")

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
        self._log.close()


class Baresip:
    """A registered baresip that lets a call ring until `accept`. Attributes: `pid`."""

    def __init__(self, directory: Path, proxy: Kamailio, user: str) -> None:
        program, modules = _program("baresip", "baresip-core")
        directory.mkdir(parents=True)
        self._control, rtp = free_port(), free_port()
        route = f'outbound="sip:127.0.0.1:{proxy.port}"'
        account = f"<sip:{user}@{DOMAIN}>;auth_pass={PASSWORD};{route};regint=600;audio_codecs=pcma\n"
        (directory / "accounts").write_text(account)
        sound = _noise(directory / "says.wav")
        text = BARESIP.format(
            sound=sound, port=free_port(), rtp=rtp, rtp_end=rtp + 50, modules=modules, control=self._control
        )
        (directory / "config").write_text(text)
        self._file = directory / "log"
        self._log = self._file.open("wb")
        self._process = subprocess.Popen(
            [program, "-f", str(directory)], stdin=subprocess.PIPE, stdout=self._log, stderr=self._log
        )
        self._writer: asyncio.StreamWriter | None = None

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def ready(self) -> None:
        """Registered, and its control port open."""
        await until(lambda: b"200 OK" in self._file.read_bytes(), "baresip registers")
        _, self._writer = await asyncio.open_connection("127.0.0.1", self._control)

    async def ringing(self) -> None:
        """It has said 180, so it knows."""

    async def listen(self) -> None:
        """It plays into nothing by itself."""

    async def after_call(self) -> None:
        """It takes the next call at once."""

    async def answer(self) -> None:
        """Answer the call that rings."""
        assert self._writer is not None
        order = json.dumps({"command": "accept"})
        self._writer.write(f"{len(order)}:{order},".encode())  # a netstring

    def stop(self) -> None:
        """End it."""
        if self._writer is not None:
            self._writer.close()
        self._process.terminate()
        self._process.wait(10)
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._log.close()


def _noise(file: Path) -> Path:
    """Two minutes of 8 kHz noise: baresip ends a call with its WAV."""
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8_000)
        out.writeframes(random.Random(1).randbytes(2 * 8_000 * SOUND_S))  # noqa: S311 — sound, no secret
    return file
