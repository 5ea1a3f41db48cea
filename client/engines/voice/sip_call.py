"""One SIP call at PJSIP: its callbacks become facts. Nothing else may hold a reference once it is disconnected."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

import pjsua2 as pj

from client.engines.voice import sip_events as ev
from client.engines.voice.sip_headers import clean

DIALOGS = {
    pj.PJSIP_INV_STATE_CALLING: ev.Dialog.CALLING,
    pj.PJSIP_INV_STATE_INCOMING: ev.Dialog.INCOMING,
    pj.PJSIP_INV_STATE_EARLY: ev.Dialog.EARLY,
    pj.PJSIP_INV_STATE_CONNECTING: ev.Dialog.ANSWERED,  # 200 is on the wire, ACK to come
    pj.PJSIP_INV_STATE_CONFIRMED: ev.Dialog.ANSWERED,
    pj.PJSIP_INV_STATE_DISCONNECTED: ev.Dialog.ENDED,
}
FIRST_REFUSAL = 300
MERGED_MARK = "\u2032"  # added to a Call-ID that another living call has
SRTP_PROFILE = pj.PJMEDIA_TP_PROFILE_SRTP


class Nursery(Protocol):
    """Who keeps the calls alive and hears of them."""

    follows_transfers: bool

    def post(self, event: ev.SipEvent) -> None:
        """Hand a fact to the engine's loop, from any thread."""

    def keep(self, call: SipCall) -> None:
        """Hold the only lasting reference to a call; it is known by its `name` from its first callback on."""

    def forget(self, name: str) -> None:
        """Let go of a call that is over."""


Callback = Callable[[Any, Any], None]


def told_if_it_fails(method: Callback) -> Callback:
    """A callback whose exception is told: PJSIP would print it and go on as if nothing had been."""

    @functools.wraps(method)
    def guarded(self: Any, prm: Any) -> None:
        try:
            method(self, prm)
        except Exception as error:  # noqa: BLE001 — the last frame of ours on a foreign thread
            self.nursery.post(ev.CallbackFailed.of(method.__name__, error))

    return guarded


class SipCall(pj.Call):  # type: ignore[misc]  # the wheel has no types
    """Attributes: `name` — the SIP Call-ID; `account` — the name of the account that the call belongs to."""

    def __init__(self, nursery: Nursery, account: Any, number: int = pj.PJSUA_INVALID_ID, name: str = "") -> None:
        super().__init__(account, number)
        self.nursery = nursery
        self.account = account.name
        self.name = name
        self._account = account

    @told_if_it_fails
    def onCallState(self, _prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """Tell every change of the dialog."""
        info = self.getInfo()
        self._know_name(info)
        dialog = DIALOGS.get(info.state)
        if dialog is None:
            return
        self.nursery.post(
            ev.Moved(
                call=self.name,
                account=self.account,
                dialog=dialog,
                code=info.lastStatusCode,
                reason=clean(info.lastReason),
                outbound=info.role == pj.PJSIP_ROLE_UAC,
                remote=clean(info.remoteUri),
            )
        )
        if dialog is ev.Dialog.ENDED:
            self.nursery.forget(self.name)

    @told_if_it_fails
    def onCallMediaState(self, _prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """Tell what was negotiated."""
        info = self.getInfo()  # held in a variable: `media` of a temporary is freed memory
        self._know_name(info)
        self.nursery.post(self._media(info))

    @told_if_it_fails
    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """Tell a key."""
        self.nursery.post(ev.Pressed(call=self.name, digit=clean(prm.digit, 1)))

    @told_if_it_fails
    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """Tell a refused re-INVITE: the dialog lives on as it was."""
        tsx = prm.e.body.tsxState.tsx
        ended = tsx.state == pj.PJSIP_TSX_STATE_COMPLETED and tsx.statusCode >= FIRST_REFUSAL
        if ended and tsx.role == pj.PJSIP_ROLE_UAC and tsx.method == "INVITE":
            info = self.getInfo()
            if info.state == pj.PJSIP_INV_STATE_CONFIRMED:
                self.nursery.post(ev.ReofferFailed(call=self.name, code=tsx.statusCode))

    @told_if_it_fails
    def onCallTransferStatus(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """Tell how far the transfer is that we asked for."""
        final = bool(prm.finalNotify)
        prm.cont = not final
        self.nursery.post(ev.Transferring(call=self.name, code=prm.statusCode, reason=clean(prm.reason), final=final))

    @told_if_it_fails
    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """Follow the far end elsewhere where the settings allow it: otherwise anybody could dial at our cost."""
        followed = self.nursery.follows_transfers
        if followed:
            prm.newCall = newborn = SipCall(self.nursery, self._account)
            self.nursery.keep(newborn)
        else:
            prm.statusCode = pj.PJSIP_SC_FORBIDDEN
        self.nursery.post(ev.SentElsewhere(call=self.name, to=clean(prm.dstUri), followed=followed))

    @told_if_it_fails
    def onCallReplaced(self, prm: Any) -> None:  # noqa: N802 — PJSIP's name
        """The far end goes on as another call."""
        newcomer = SipCall(self.nursery, self._account, prm.newCallId)
        info = newcomer.getInfo()
        newcomer.name = clean(info.callIdString)
        prm.newCall = newcomer
        self.nursery.keep(newcomer)
        self.nursery.post(
            ev.TakenOver(call=self.name, by_call=newcomer.name, account=self.account, remote=clean(info.remoteUri))
        )

    def _know_name(self, info: Any) -> None:
        if not self.name:
            self.name = clean(info.callIdString)
            self.nursery.keep(self)

    def _media(self, info: Any) -> ev.Media:
        for media in info.media:
            if media.type != pj.PJMEDIA_TYPE_AUDIO:
                continue
            if media.status in (pj.PJSUA_CALL_MEDIA_NONE, pj.PJSUA_CALL_MEDIA_ERROR):
                continue
            stream = self.getStreamInfo(media.index)
            return ev.Media(
                call=self.name,
                stream=media.index,
                held_here=media.status == pj.PJSUA_CALL_MEDIA_LOCAL_HOLD,
                held_there=media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
                codec=clean(stream.codecName, 20),
                rate=stream.codecClockRate,
                srtp=bool(stream.proto & SRTP_PROFILE),
            )
        return ev.Media(call=self.name, stream=None)
