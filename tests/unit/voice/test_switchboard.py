"""What the switchboard makes of transfers, without a SIP stack."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from client.domain.call import Call, CallState
from client.engines.voice import sip_events as ev
from client.engines.voice.pacer import Pacer
from client.engines.voice.switchboard import Switchboard


class BridgeDouble:
    def __init__(self) -> None:
        self.clock = SimpleNamespace(heard=None)
        self.speaker = SimpleNamespace(heard=None)

    def port(self, call):
        return SimpleNamespace(heard=None, said=None)

    def renew(self, call, stream) -> None:
        pass

    def far_port(self, call):
        return SimpleNamespace(heard=None, said=None)

    def set_links(self, wanted, levels=None) -> None:
        self.links, self.levels = wanted, levels

    def forget(self, call) -> None:
        pass


class StackDouble:
    """Attributes: `asked` — (request, call) in order; `codes` — of hang-ups."""

    def __init__(self) -> None:
        self.bridge = BridgeDouble()
        self.accounts = {"1001@dasan.test": None}
        self.asked: list[tuple[str, str]] = []
        self.codes: dict[str, int] = {}  # of the last hang-up of each call; 0: as the dialog's state asks

    def is_uri(self, text) -> bool:
        return True

    def dial(self, account, uri, headers, call) -> None:
        self.asked.append(("dial", call))

    def hold(self, call) -> None:
        self.asked.append(("hold", call))

    def hang_up(self, call, code=0) -> None:
        self.asked.append(("hang_up", call))
        self.codes[call] = code

    def transfer_attended(self, call, with_call) -> None:
        self.asked.append(("transfer_attended", call))


class Board:
    def __init__(self) -> None:
        self.told: list = []
        pacer = Pacer(lambda: b"", lambda _: None, lambda *_: None, lambda _: None, lambda: None)
        self.stack = StackDouble()
        self.board = Switchboard(self.told.append, pacer, "", ())
        self.board.attach(self.stack)

    def talking(self) -> str:
        call = self.board.dial("", "1002", {})
        self.moved(call, ev.Dialog.ANSWERED, 200)
        self.board.heard(ev.Media(call=call, stream=0, codec="G722", rate=16_000))
        return call

    def moved(self, call: str, dialog: ev.Dialog, code: int) -> None:
        self.board.heard(
            ev.Moved(call=call, account="a", dialog=dialog, code=code, reason="", outbound=True, remote="sip:x")
        )

    def notified(self, call: str, code: int) -> None:
        self.board.heard(ev.Transferring(call=call, code=code, reason="", final=True))

    def last(self, call: str) -> Call:
        return [told for told in self.told if isinstance(told, Call) and told.call == call][-1]


@pytest.fixture
async def board():
    made = Board()
    yield made
    made.board.detach()


async def test_an_answered_call_is_ended_with_200_even_before_its_ack_came(board):
    ringing, talking = board.board.dial("", "1003", {}), board.talking()
    for call in (ringing, talking):
        board.board.hang_up(call)
    assert board.stack.codes == {ringing: 0, talking: 200}


async def connecting(board) -> tuple[str, str]:
    first, second = board.talking(), board.talking()
    board.board.transfer_attended(first, second)
    return first, second


async def test_a_telephone_that_ignores_replaces_is_hung_up_once_the_two_are_connected(board):
    first, second = await connecting(board)
    assert ("hang_up", second) not in board.stack.asked
    board.notified(first, 200)
    assert [call for what, call in board.stack.asked if what == "hang_up"] == [first, second]
    for call in (first, second):
        board.moved(call, ev.Dialog.ENDED, 200)
        assert board.last(call).by == "agent"


async def test_the_one_who_is_taken_along_before_the_last_word_was_ended_by_the_agent(board):
    first, second = await connecting(board)
    board.moved(second, ev.Dialog.ENDED, 200)
    assert board.last(second).by == "agent"
    board.notified(first, 200)
    assert ("hang_up", first) in board.stack.asked


@pytest.mark.parametrize(("code", "by"), [(200, "citizen"), (408, "failure")])
async def test_after_a_transfer_that_failed_the_end_of_either_call_is_what_it_is(board, code, by):
    first, second = await connecting(board)
    board.notified(first, 404)
    assert not [call for what, call in board.stack.asked if what == "hang_up"]
    assert {board.board.records[call].state for call in (first, second)} <= {CallState.ACTIVE, CallState.HELD}
    for call in (first, second):
        board.moved(call, ev.Dialog.ENDED, code)
        assert board.last(call).by == by


async def test_a_failure_while_two_are_being_connected_is_no_act_of_the_agent(board):
    _, second = await connecting(board)
    board.moved(second, ev.Dialog.ENDED, 408)
    assert board.last(second).by == "failure"
