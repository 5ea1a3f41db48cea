"""Whether each account is registered, and a REGISTER that nobody answers: the network or the registrar is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from client.domain.call import Registration
from client.engines.voice import sip_events as ev

ANSWER_S = 3.0  # a registrar answers in milliseconds; PJSIP itself would wait for 32 s (RFC 3261, timer F)
REFUSED_S = 300.0  # a registrar that refuses us is left alone: repeating a wrong password locks accounts
REFUSALS = frozenset({401, 403, 404, 407})
REQUEST_TIMEOUT = 408


class Registrations:
    """Keeps the newest `Registration` of each account and tells each change.

    `register` sends a REGISTER; that is done at half of `lifetime_s`, so that a registrar that forgot us is found soon.
    """

    def __init__(
        self, tell: Callable[[Registration], None], register: Callable[[str], None], lifetime_s: float
    ) -> None:
        self._tell = tell
        self._register = register
        self._refresh_s = lifetime_s / 2
        self._now: dict[str, Registration] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def snapshot(self) -> Iterable[Registration]:
        """Every account as it is now."""
        return list(self._now.values())

    def local(self, account: str) -> None:
        """An account without a registrar: always there."""
        self._set(Registration(account=account, code=0, registered=True, reason="listens without a registrar"))

    def started(self, event: ev.RegistrationStarted) -> None:
        """A REGISTER left: wait for its answer."""
        self._wait(event.account, ANSWER_S, self._no_answer)

    def answered(self, event: ev.Registered) -> None:
        """The registrar said something, or PJSIP gave up."""
        again_s = REFUSED_S if event.code in REFUSALS else self._refresh_s
        self._wait(event.account, again_s, self._register)
        registered = event.code // 100 == 2 and event.expires > 0  # noqa: PLR2004 — SIP's success class
        self._set(Registration(account=event.account, code=event.code, registered=registered, reason=event.reason))

    def forget(self, account: str) -> None:
        """The account is gone."""
        self._stop_waiting(account)
        self._now.pop(account, None)

    def stop(self) -> None:
        """Wait for nothing any more."""
        for account in list(self._waiting):
            self._stop_waiting(account)

    def _no_answer(self, account: str) -> None:
        self._wait(account, ANSWER_S, self._try_again)
        reason = "the registrar does not answer; trying again"
        self._set(Registration(account=account, code=REQUEST_TIMEOUT, registered=False, reason=reason))

    def _try_again(self, account: str) -> None:
        self._wait(account, ANSWER_S, self._try_again)
        self._register(account)

    def _wait(self, account: str, seconds: float, then: Callable[[str], None]) -> None:
        self._stop_waiting(account)
        self._waiting[account] = asyncio.get_running_loop().call_later(seconds, then, account)

    def _stop_waiting(self, account: str) -> None:
        if timer := self._waiting.pop(account, None):
            timer.cancel()

    def _set(self, registration: Registration) -> None:
        if self._now.get(registration.account) != registration:
            self._now[registration.account] = registration
            self._tell(registration)
