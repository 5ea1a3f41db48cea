"""The voice engine in its own process, through Kamailio, with real far ends."""

from __future__ import annotations

import pytest

from client.domain.call import CallState
from tests.peers.citizen import Citizen
from tests.peers.desk import DeskPhone
from tests.peers.kamailio import Kamailio


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory):
    proxy = Kamailio(tmp_path_factory.mktemp("proxy")).start()
    yield proxy
    proxy.stop()


@pytest.fixture
async def desk(tmp_path, kamailio):
    phone = await DeskPhone(tmp_path / "desk", {"phone.accounts": [kamailio.account("1001")]}).start()
    yield phone
    await phone.close()


@pytest.fixture
def citizens(tmp_path, kamailio):
    made: list[Citizen] = []

    def make(*options: str, to: str = "sip:q120@dasan.test") -> Citizen:
        made.append(Citizen(tmp_path, "--proxy", kamailio.address, *options, to=to, name=f"citizen{len(made)}"))
        return made[-1]

    yield make
    for citizen in made:
        citizen.peer.kill()


async def test_a_call_with_what_the_ars_knows_is_offered_answered_and_ended(desk, citizens):
    citizen = citizens("--header", "X-ARS-Menu=2-4", "--header", "P-Asserted-Identity=<sip:0212345678@dasan.test>")
    offered = await desk.until_call(state=CallState.OFFERED)
    assert offered.headers["X-ARS-Menu"] == "2-4"
    assert offered.headers["X-Queue"] == "dasan-foreign"
    assert offered.number == "0212345678"
    call = await desk.answered()
    assert call.wide_band and call.codec == "G722" and call.hears_agent
    await citizen.until("answered")
    await desk.phone.hang_up(call.call)
    ended = await desk.until_call(call=call.call, state=CallState.ENDED)
    assert (ended.by, ended.code) == ("agent", 200)
    assert await citizen.peer.ended() == 0
