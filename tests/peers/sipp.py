"""SIPp scenarios against the proxy: G.711 with an ARS code and a key; calls that only ring; calls given up."""

from __future__ import annotations

from pathlib import Path

from tests.peers.ports import free_port
from tests.peers.process import Peer

PCAPS = Path("/usr/share/sip-tester")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n'
VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
FROM = "From: <sip:01012345678@dasan.test>;tag=[pid]T[call_number]"
INVITE = f"""<send retrans="500"><![CDATA[
INVITE sip:q120@dasan.test SIP/2.0
{VIA}
{FROM}
To: <sip:q120@dasan.test>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:sipp@[local_ip]:[local_port]>
Max-Forwards: 70
X-ARS-Menu: 2-4
Content-Type: application/sdp
Content-Length: [len]

v=0
o=u 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=ptime:20
]]></send>
<recv response="100" optional="true"/>
"""


def _request(method: str, target: str, cseq: str, routes: bool = True, to: str = "[last_To:]") -> str:
    route = "[routes]\n" if routes else ""
    via = VIA if method != "CANCEL" and cseq != "1 ACK same" else "[last_Via:]"
    return f"""<send><![CDATA[
{method} {target} SIP/2.0
{via}
{route}{FROM}
{to}
Call-ID: [call_id]
CSeq: {cseq.removesuffix(" same")}
Max-Forwards: 70
Content-Length: 0

]]></send>
"""


ANSWERED = '<recv response="180" optional="true"/>\n<recv response="200" rrs="true"/>\n' + _request(
    "ACK", "[next_url]", "1 ACK"
)
SPEECH = f"""<nop><action><exec play_pcap_audio="{PCAPS}/g711a.pcap"/></action></nop>
<pause milliseconds="1200"/>
<nop><action><exec play_pcap_audio="{PCAPS}/dtmf_2833_7.pcap"/></action></nop>
<recv request="BYE"/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
"""
RINGS = '<recv response="180"/>\n'
REFUSED_ACK = _request("ACK", "sip:q120@dasan.test", "1 ACK same", routes=False)
CANCEL = (
    RINGS
    + """<send><![CDATA[
CANCEL sip:q120@dasan.test SIP/2.0
[last_Via:]
"""
    + FROM
    + """
To: <sip:q120@dasan.test>
Call-ID: [call_id]
CSeq: 1 CANCEL
Max-Forwards: 70
Content-Length: 0

]]></send>
<recv response="200" optional="true"/>
<recv response="487"/>
"""
    + REFUSED_ACK
)
SCENARIOS = {
    "refused": INVITE + '<recv response="180" optional="true"/>\n<recv response="486"/>\n' + REFUSED_ACK,
    "speak": INVITE + ANSWERED + SPEECH,
    "speak_late": INVITE + ANSWERED + '<pause milliseconds="3500"/>\n' + SPEECH,
    "cancel": INVITE + CANCEL,
}


class Sipp:
    """One run of a scenario. Its exit code is 0 when every call went as written."""

    def __init__(self, directory: Path, proxy: str, scenario: str, *, calls: int = 1, at_once: int = 1) -> None:
        file = directory / f"{scenario}.xml"
        file.write_text(HEAD.format(name=scenario) + SCENARIOS[scenario] + "</scenario>\n")
        port = free_port()
        command = ["sipp", "-sf", str(file), "-i", "127.0.0.1", "-p", str(port), "-mp", str(free_port()), proxy]
        command += ["-m", str(calls), "-l", str(at_once), "-r", "40", "-timeout", "30s", "-timeout_error", "-nostdin"]
        command += ["-trace_err", "-error_file", str(directory / f"{scenario}.errors")]
        self.peer = Peer(command, directory / f"{scenario}.log", cwd=directory)

    async def ended(self) -> int:
        return await self.peer.ended(30)
