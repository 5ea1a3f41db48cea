"""Kamailio as registrar and proxy of `dasan.test` on a free port; every user's password is `pw-<user>`."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from tests.peers.ports import free_port
from tests.peers.process import Peer

DOMAIN = "dasan.test"
MODULES = ("tm", "sl", "rr", "pv", "maxfwd", "textops", "siputils", "usrloc", "registrar", "auth", "textopsx")
UP_S = 10

CONFIG = """#!KAMAILIO
debug=0
log_stderror=yes
fork=yes
children=2
tcp_children=2
auto_aliases=no
alias="{domain}"
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
{tls}
mpath="{modules}"
{load}
modparam("usrloc", "db_mode", 0)
modparam("registrar", "min_expires", 1)
{tls_params}
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (is_method("OPTIONS") && uri==myself) {{ sl_send_reply("200", "OK"); exit; }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (has_totag()) {{
    if (loose_route()) {{ t_relay(); exit; }}
    if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
    sl_send_reply("404", "Not here"); exit;
  }}
  if (is_method("INVITE|REFER")) record_route();
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("{domain}", "pw-$tU", "0")) {{ www_challenge("{domain}", "0"); exit; }}
    save("location"); exit;
  }}
  if (is_method("INVITE")) {{
    if ($hdr(X-ARS-Menu)==$null) append_hf("X-ARS-Menu: 3-1-2\\r\\n");
    append_hf("X-Queue: dasan-foreign\\r\\n");
  }}
  if ($rU=="q120") $rU="1001";
  if (!lookup("location")) {{ sl_send_reply("404", "Not Found"); exit; }}
  t_relay();
}}
"""
TLS_CONFIG = """[server:default]
method = TLSv1.2+
private_key = {key}
certificate = {certificate}
[client:default]
method = TLSv1.2+
verify_certificate = no
"""


class Kamailio:
    """`key` and `certificate` (PEM files) add TLS at `tls_port`."""

    def __init__(self, directory: Path, key: Path | None = None, certificate: Path | None = None) -> None:
        self.directory = directory / "kamailio"
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.tls_port = free_port() if key else 0
        modules = next(Path("/usr/lib").glob("*/kamailio/modules"))
        tls_file = self.directory / "tls.cfg"
        if key:
            tls_file.write_text(TLS_CONFIG.format(key=key, certificate=certificate))
        wanted = (*MODULES, "tls") if key else MODULES
        (self.directory / "kamailio.cfg").write_text(
            CONFIG.format(
                domain=DOMAIN,
                port=self.port,
                modules=f"{modules}/",
                load="\n".join(f'loadmodule "{name}.so"' for name in wanted),
                tls=f"enable_tls=yes\nlisten=tls:127.0.0.1:{self.tls_port}" if key else "",
                tls_params=f'modparam("tls", "config", "{tls_file}")' if key else "",
            )
        )
        self._peer: Peer | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def account(self, user: str, *, transport: str = "udp", srtp: str = "off") -> dict:
        """Settings of an account here."""
        port = self.tls_port if transport == "tls" else self.port
        return {
            "user": user,
            "domain": DOMAIN,
            "password": f"pw-{user}",
            "proxy": f"sip:127.0.0.1:{port}",
            "transport": transport,
            "srtp": srtp,
        }

    def start(self) -> Kamailio:
        run = self.directory
        command = [shutil.which("kamailio") or "/usr/sbin/kamailio", "-f", str(run / "kamailio.cfg"), "-DD", "-E"]
        command += ["-m", "64", "-M", "8", "-Y", str(run), "-P", str(run / "kamailio.pid"), "-w", str(run)]
        self._peer = Peer(command, run / "kamailio.log")
        deadline = time.monotonic() + UP_S
        while not self._answers():
            if time.monotonic() > deadline or self._peer.process.poll() is not None:
                raise AssertionError(f"Kamailio does not come up: {self._peer.text()[-1000:]}")
        return self

    def stop(self) -> None:
        if self._peer is not None:
            self._peer.kill(politely=True)
            self._peer = None

    def _answers(self) -> bool:
        """It answers OPTIONS over UDP."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            probe.settimeout(0.1)
            here = f"127.0.0.1:{probe.getsockname()[1]}"
            message = (
                f"OPTIONS sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/UDP {here};branch=z9hG4bKup\r\nFrom: <sip:up@{here}>;tag=1\r\n"
                f"To: <sip:{DOMAIN}>\r\nCall-ID: up@{here}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n"
            )
            try:
                probe.sendto(message.encode(), ("127.0.0.1", self.port))
                return probe.recv(2_000).startswith(b"SIP/2.0 200")
            except OSError:
                return False
