"""What the tests of the voice engine stand on: one Kamailio for all of a module, desks and citizens for each test."""

from __future__ import annotations

import pytest

from tests.peers.citizen import Citizen
from tests.peers.desk import DeskPhone
from tests.peers.kamailio import Kamailio
from tests.peers.sipp import Sipp
from tests.peers.sound import Listener


@pytest.fixture(scope="module")
def kamailio(tmp_path_factory):
    proxy = Kamailio(tmp_path_factory.mktemp("proxy")).start()
    yield proxy
    proxy.stop()


@pytest.fixture
async def desks(tmp_path, kamailio):
    """desks(user, **settings): a desk that is registered."""
    made: list[DeskPhone] = []

    async def make(user: str = "1001", settings: dict | None = None) -> DeskPhone:
        accounts = {"phone.accounts": [kamailio.account(user)]} if user else {}
        made.append(DeskPhone(tmp_path / f"desk{len(made)}", {**accounts, **(settings or {})}))
        return await made[-1].start()

    yield make
    for desk in made:
        await desk.close()


@pytest.fixture
def citizens(tmp_path, kamailio):
    """citizens(*options, to=…): a citizen who calls q120 through the proxy."""
    made: list[Citizen] = []

    def make(*options: str, to: str = "sip:q120@dasan.test") -> Citizen:
        route = ("--proxy", kamailio.address) if to.endswith("dasan.test") else ()
        made.append(Citizen(tmp_path, *route, *options, to=to, name=f"citizen{len(made)}"))
        return made[-1]

    yield make
    for citizen in made:
        citizen.peer.kill()


@pytest.fixture
def sipp(tmp_path, kamailio):
    """sipp(scenario, …): SIPp calls q120 through the proxy."""
    made: list[Sipp] = []

    def make(scenario: str, **options: int) -> Sipp:
        made.append(Sipp(tmp_path, kamailio.address, scenario, **options))
        return made[-1]

    yield make
    for run in made:
        run.peer.kill()


@pytest.fixture
async def listen():
    """listen(desk, leg): a subscriber of its PCM."""
    made: list[Listener] = []

    def make(desk: DeskPhone, leg: str, from_sample: int = 0) -> Listener:
        made.append(Listener(desk, leg, from_sample))
        return made[-1]

    yield make
    for listener in made:
        await listener.close()
