"""Accounts at a real registrar: digest, UDP, TCP, TLS, SRTP, and what happens when the registrar or the engine goes."""

from __future__ import annotations

import os
import signal

import pytest

from client.adapters.engine_link import LinkState
from client.domain.call import Account, CallState
from client.platform import process_alive
from client.ports.telephony import TelephonyError
from tests.peers.certificates import make_certificates
from tests.peers.desk import DeskPhone
from tests.peers.kamailio import DOMAIN, Kamailio
from tests.waiting import until


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return make_certificates(tmp_path_factory.mktemp("tls"), "dasan.test")


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory, certificates):
    proxy = Kamailio(tmp_path_factory.mktemp("proxy"), certificates.key, certificates.certificate).start()
    yield proxy
    proxy.stop()


async def test_several_accounts_register_and_calls_say_to_which_they_came(desks, citizens, kamailio):
    accounts = [kamailio.account("1001"), kamailio.account("1002", transport="tcp")]
    desk = await desks("", {"phone.accounts": accounts})
    for name in ("1001@dasan.test", "1002@dasan.test"):
        told = await desk.until_told("registration", account=name, registered=True)
        assert told.code == 200
    citizens(to="sip:1002@dasan.test")
    assert (await desk.until_call(state=CallState.OFFERED)).account == "1002@dasan.test"
    citizens(to="sip:1001@dasan.test")
    await desk.until_call(state=CallState.OFFERED, account="1001@dasan.test")


async def test_a_wrong_password_is_told_with_the_registrar_s_code(tmp_path, kamailio):
    account = {**kamailio.account("1001"), "password": "wrong"}
    desk = DeskPhone(tmp_path, {"phone.accounts": [account]})
    desk.phone.start()
    told = await desk.until_told("registration", registered=False)
    assert told.code in (401, 403)
    await desk.close()
    assert "wrong" not in desk.engine_log


async def test_tls_with_srtp_required_carries_a_call(desks, citizens, kamailio, certificates):
    account = kamailio.account("1001", transport="tls", srtp="required")
    desk = await desks("", {"phone.accounts": [account], "phone.tls_ca": str(certificates.ca)})
    secure = ("--transport=tls", "--srtp=required", f"--ca={certificates.ca}", f"--proxy=127.0.0.1:{kamailio.tls_port}")
    citizen = citizens(*secure)
    call = await desk.answered()
    await desk.until_call(call=call.call, srtp=True, wide_band=True)
    assert (await citizen.until("sound"))["srtp"]
    await desk.phone.hang_up(call.call)
    assert await citizen.peer.ended() == 0


async def test_srtp_required_takes_no_call_without_it(desks, citizens, kamailio):
    desk = await desks("", {"phone.accounts": [kamailio.account("1001", srtp="required")]})
    plain = citizens()
    assert (await plain.until("ended"))["code"] in (406, 488)
    secure = citizens("--srtp=required")
    call = await desk.answered()
    await desk.until_call(call=call.call, srtp=True)
    assert (await secure.until("sound"))["srtp"]


async def test_srtp_optional_takes_both(desks, citizens, kamailio):
    desk = await desks("", {"phone.accounts": [kamailio.account("1001", srtp="optional")]})
    secure = citizens("--srtp=required")
    first = await desk.answered()
    await desk.until_call(call=first.call, srtp=True)
    await desk.phone.hang_up(first.call)
    await secure.peer.ended()
    citizens()
    second = await desk.answered()
    assert not second.srtp


async def test_a_server_with_a_stranger_s_certificate_is_not_trusted(tmp_path, kamailio):
    other = make_certificates(tmp_path / "other")
    settings = {"phone.accounts": [kamailio.account("1001", transport="tls")], "phone.tls_ca": str(other.ca)}
    desk = DeskPhone(tmp_path / "desk", settings)
    desk.phone.start()
    await desk.until_told("registration", 15, registered=False)
    assert not desk.registered()
    await desk.close()


async def test_a_registrar_that_goes_and_comes_back_is_found_again(tmp_path):
    proxy = Kamailio(tmp_path).start()
    desk = DeskPhone(tmp_path / "desk", {"phone.accounts": [proxy.account("1001")], "phone.register_s": 2})
    await desk.start()
    proxy.stop()
    lost = await desk.until_told("registration", 15, registered=False)
    assert (lost.code, "does not answer" in lost.reason) == (408, True)
    proxy.start()
    await until(desk.registered, 20, "registration again")
    await desk.close()
    proxy.stop()


async def test_a_registrar_over_tls_that_comes_back_is_found_and_trusted_again(tmp_path, certificates):
    proxy = Kamailio(tmp_path, certificates.key, certificates.certificate).start()
    account = proxy.account("1001", transport="tls")
    settings = {"phone.accounts": [account], "phone.register_s": 2, "phone.tls_ca": str(certificates.ca)}
    desk = DeskPhone(tmp_path / "desk", settings)
    await desk.start()
    proxy.stop()
    await desk.until_told("registration", 15, registered=False)
    proxy.start()
    await until(desk.registered, 20, "registration again")
    await desk.close()
    proxy.stop()


async def test_an_engine_whose_registrar_is_dead_still_ends(tmp_path):
    proxy = Kamailio(tmp_path).start()
    desk = DeskPhone(tmp_path / "desk", {"phone.accounts": [proxy.account("1001")], "phone.register_s": 2})
    await desk.start()
    proxy.stop()
    await desk.until_told("registration", 15, registered=False)  # the next REGISTER is under way
    pid = desk.phone.link.pid
    await desk.close()
    await until(lambda: not process_alive(pid), 15, "the end of the engine")
    assert "Traceback" not in desk.engine_log


async def test_accounts_change_while_running_but_not_in_a_call(desks, citizens, kamailio):
    desk = await desks("")
    assert desk.address.startswith("sip:desk@127.0.0.1:")
    strange = Account(**{**kamailio.account("1002"), "transport": "sctp"})
    await desk.phone.configure(accounts=[strange, Account(**kamailio.account("1001"))])
    assert "sctp" in (await desk.until_told("registration", account=f"1002@{DOMAIN}", registered=False)).reason
    await desk.until_told("registration", account="1001@dasan.test", registered=True)
    citizens()
    call = await desk.answered()
    with pytest.raises(TelephonyError, match="during a call"):
        await desk.phone.configure(accounts=[])
    assert desk.calls()[call.call].state is CallState.ACTIVE


async def test_a_killed_engine_ends_its_calls_aloud_and_is_back_registered(desks, citizens):
    desk = await desks()
    citizens("--at-end=loop")
    call = await desk.answered()
    os.kill(desk.phone.link.pid, signal.SIGKILL)
    ended = await desk.until_call(call=call.call, state=CallState.ENDED)
    assert (ended.by, ended.hears_agent) == ("failure", False)
    await until(lambda: desk.states.count(LinkState.STARTED) == 2 and desk.registered(), 8, "a fresh engine")
    citizens()
    again = await desk.answered()
    assert again.call != call.call


async def test_an_engine_told_to_end_says_bye_and_leaves_the_registrar(desks, citizens, kamailio):
    desk = await desks()
    citizen = citizens("--at-end=loop")
    await desk.answered()
    pid = desk.phone.link.pid
    os.kill(pid, signal.SIGTERM)
    await citizen.until("ended", code=200)
    await until(lambda: desk.states.count(LinkState.STARTED) == 2, 15, "a fresh engine")
    log = desk.engine_log
    assert "Traceback" not in log
    assert "assert" not in log.lower()


async def test_a_desk_that_dies_and_comes_back_finds_its_call(desks, citizens, listen):
    desk = await desks()
    citizen = citizens("--at-end=loop")
    call = await desk.answered()
    await listen(desk, f"{call.call}/citizen").more(0.2)
    await desk.phone.close(end_engine=False)
    again = DeskPhone(desk.directory, {})
    again.phone.start()
    leg = f"{call.call}/citizen"
    await until(
        lambda: any(t.name == "call" and t.samples and t.samples[leg] > 0 for t in again.told), 10, "the call, now"
    )
    assert again.calls()[call.call].state is CallState.ACTIVE
    assert again.states[0] is LinkState.ADOPTED
    assert not citizen.all("ended")
    await again.phone.hang_up(call.call)
    await citizen.peer.ended()
    await again.close()
