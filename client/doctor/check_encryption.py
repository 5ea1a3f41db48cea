"""What TLS and SRTP really work here, and whether the accounts ask for more than that."""

from __future__ import annotations

from collections.abc import Iterator

from client.doctor.finding import Finding, Machine, fail, ok, warn


def check(machine: Machine) -> Iterator[Finding]:
    """What a real handshake and a real encrypted call of the SIP library to itself gave."""
    found = machine.probe("sip")
    if why := found.get("died"):
        yield fail("sip.library", f"the SIP library does not start: {why}", "reinstall; then send IT this line")
        return
    yield ok("sip.library", f"PJSIP {found['library']}, bundled OpenSSL {found['openssl'] or 'none'}")
    accounts = machine.settings.accounts
    wants_tls = any(account.transport == "tls" for account in accounts)
    wants_srtp = any(account.srtp != "off" for account in accounts)
    if found["tls"]:
        yield ok("sip.tls", f"SIP over TLS works here: {found['tls']}, and an unknown certificate is refused")
    else:
        say = fail if wants_tls else warn
        yield say("sip.tls", f"SIP over TLS does not work here: {found['tls_problem']}", "use udp or tcp inside a VPN")
    if found["srtp"]:
        yield ok("sip.srtp", f"SRTP works here (SDES): sound came through {found['srtp']}")
    else:
        say = fail if wants_srtp else warn
        yield say("sip.srtp", f"SRTP does not work here: {found['srtp_problem']}", 'set srtp = "off" inside a VPN')
    for account in accounts:
        if account.srtp != "off" and account.transport != "tls":
            yield warn(
                f"sip.{account.user}.keys",
                f"{account.user}: SRTP keys travel readable over {account.transport}",
                'set transport = "tls" for this account',
            )
