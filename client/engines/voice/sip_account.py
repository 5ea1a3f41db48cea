"""One SIP account at PJSIP: where calls come in and whether it is registered."""

from __future__ import annotations

from typing import Any

import pjsua2 as pj

from client.domain.call import Account
from client.engines.voice import sip_events as ev
from client.engines.voice.sip_call import Nursery, SipCall, told_if_it_fails
from client.engines.voice.sip_headers import clean

SRTP = {
    "off": pj.PJMEDIA_SRTP_DISABLED,
    "optional": pj.PJMEDIA_SRTP_OPTIONAL,
    "required": pj.PJMEDIA_SRTP_MANDATORY,
}
RETRY_S = 2  # after a REGISTER that failed
LONGEST_REFRESH_LEAD_S = 5


def account_name(account: Account) -> str:
    """The account as people write it: user@domain."""
    return f"{account.user}@{account.domain}"


class SipAccount(pj.Account):  # type: ignore[misc]  # the wheel has no types
    """Attributes: `name` — user@domain; `settings` — what it was made of; `registered` — the registrar's last word."""

    def __init__(self, nursery: Nursery, settings: Account) -> None:
        super().__init__()
        self.nursery = nursery
        self.settings = settings
        self.name = account_name(settings)
        self.registered = False

    @told_if_it_fails
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """A new call: kept at once, told with its whole INVITE."""
        call = SipCall(self.nursery, self, prm.callId)
        info = call.getInfo()
        call.name = clean(info.callIdString)
        self.nursery.keep(call)
        self.nursery.post(
            ev.Incoming(call=call.name, account=self.name, message=prm.rdata.wholeMsg, remote=clean(info.remoteUri))
        )

    @told_if_it_fails
    def onRegStarted(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """A REGISTER leaves; without an answer within seconds the network is gone."""
        if prm.renew:
            self.nursery.post(ev.RegistrationStarted(account=self.name))

    @told_if_it_fails
    def onRegState(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """The registrar's answer."""
        self.registered = prm.code // 100 == 2 and prm.expiration > 0  # noqa: PLR2004 — SIP's success class
        self.nursery.post(
            ev.Registered(account=self.name, code=prm.code, reason=clean(prm.reason), expires=prm.expiration)
        )


def account_config(account: Account, bind: str, register_s: int) -> Any:
    """PJSIP's configuration of an account: registration every `register_s` seconds, digest, SRTP, its route."""
    config = pj.AccountConfig()
    config.idUri = f"sip:{account.user}@{account.domain}"
    config.regConfig.registrarUri = (account.registrar or f"sip:{account.domain}") + _over(account)
    config.regConfig.timeoutSec = register_s
    config.regConfig.delayBeforeRefreshSec = min(LONGEST_REFRESH_LEAD_S, register_s // 2)
    config.regConfig.retryIntervalSec = config.regConfig.firstRetryIntervalSec = RETRY_S
    config.regConfig.randomRetryIntervalSec = 1
    for route in routes(account):
        config.sipConfig.proxies.append(route)
    config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", account.user, 0, account.password))
    _media(config, account, bind)
    return config


def routes(account: Account) -> list[str]:
    """The account's outbound proxy as a loose route."""
    return [f"{account.proxy}{_over(account)};lr"] if account.proxy else []


def _over(account: Account) -> str:
    return "" if account.transport == "udp" else f";transport={account.transport}"


def local_config(account: Account, bind: str) -> Any:
    """An account without a registrar: it listens at `account.domain` (address:port)."""
    config = pj.AccountConfig()
    config.idUri = f"sip:{account.user}@{account.domain}"
    _media(config, account, bind)
    return config


def _media(config: Any, account: Account, bind: str) -> None:
    config.mediaConfig.transportConfig.boundAddress = bind
    config.mediaConfig.transportConfig.port = 0  # the system's choice: several engines share a machine
    config.mediaConfig.srtpUse = SRTP[account.srtp]
    # SDES keys travel in the SDP: a proxy over TLS keeps them secret; without TLS `required` still asks for SRTP.
    config.mediaConfig.srtpSecureSignaling = int(account.transport == "tls")
    config.videoConfig.autoTransmitOutgoing = config.videoConfig.autoShowIncoming = False
