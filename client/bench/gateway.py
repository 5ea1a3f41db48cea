"""Messages a second through our SMPP gateway, beside those of its library alone, to the same SMSC with the same window.

The SMSC is another process, a message that it took is answered and told in a receipt; both sides read those too.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from client.bench.smpp_rig import Smsc, need_programs
from client.bench.waiting import BenchFailed, until
from client.domain.gateway_account import SmppAccount
from client.domain.ids import new_id
from client.hub.gateways.gateway import Inbound, Outgoing, Receipt
from client.hub.gateways.smpp import Smpp

TEXT = "접수하신 민원이 처리되었습니다."
CITIZEN = "01012345678"
UNBOUND = 1_000_000  # a second: the pace is not what is measured


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    parser.add_argument("--messages", type=int, default=5_000, help="in each round (default 5000)")
    parser.add_argument("--window", type=int, default=10, help="without an answer at once (default 10)")
    parser.add_argument("--rounds", type=int, default=3, help="of each, in turn; the middle one counts (default 3)")


def run(arguments: argparse.Namespace) -> tuple[dict[str, float | int | str | None], dict[str, list[float]]]:
    """Measure."""
    need_programs(phones=False)
    with tempfile.TemporaryDirectory(prefix="ieum-bench-") as directory:
        ours, library = asyncio.run(_rounds(Path(directory), arguments))
    messages, alone = statistics.median(ours), statistics.median(library)
    summary: dict[str, float | int | str | None] = {
        "messages_per_s": round(messages),
        "library_messages_per_s": round(alone),
        "ratio": round(messages / alone, 2),
        "messages": arguments.messages,
        "window": arguments.window,
    }
    return summary, {"messages_per_s": ours, "library_messages_per_s": library}


async def _rounds(directory: Path, arguments: argparse.Namespace) -> tuple[list[float], list[float]]:
    ours, library = [], []
    for _ in range(arguments.rounds):
        smsc = await Smsc(directory, phones=False).start()
        try:
            account = smsc.account(per_second=UNBOUND, window=arguments.window)
            ours.append(await _gateway(account, arguments.messages))
            library.append(await asyncio.to_thread(_library, account, arguments.messages))
        finally:
            smsc.stop()
    return ours, library


class _Inbox:
    """Counts receipts: storing is measured by `ieum bench log`."""

    receipts = 0

    async def message(self, gateway: str, message: Inbound) -> str:  # noqa: ARG002
        """Nobody writes here."""
        return ""

    async def receipt(self, gateway: str, receipt: Receipt) -> None:  # noqa: ARG002
        """One more."""
        self.receipts += 1

    async def typing(self, gateway: str, address: str, *, on: bool) -> None:
        """Not over SMPP."""

    async def ended(self, gateway: str, address: str, reason: str) -> None:
        """Not over SMPP."""

    async def fresh(self, gateway: str, nonce: str, good_s: float) -> bool:  # noqa: ARG002
        """Always."""
        return True


async def _gateway(account: SmppAccount, count: int) -> float:
    gateway, inbox = Smpp(account), _Inbox()
    await gateway.start(inbox)
    await until(lambda: gateway.health().state == "good", "the gateway is bound")
    waiting = iter(range(count))

    async def send_all() -> None:
        for _ in waiting:
            await gateway.send(Outgoing(message=new_id(), address=CITIZEN, text=TEXT))

    begun = time.perf_counter()
    await asyncio.gather(*(send_all() for _ in range(account.window)))
    await until(lambda: inbox.receipts >= count, "every message has its receipt")
    seconds = time.perf_counter() - begun
    await gateway.stop()
    return count / seconds


def _library(account: SmppAccount, count: int) -> float:
    """smpplib's own client, as its documentation uses it."""
    from smpplib.client import Client

    client = Client(account.host, account.port, allow_unknown_opt_params=True)
    told: dict[str, int] = {"answers": 0, "receipts": 0}
    client.set_message_sent_handler(lambda pdu: told.update(answers=told["answers"] + (pdu.status == 0)))
    client.set_message_received_handler(lambda pdu: told.update(receipts=told["receipts"] + 1))  # noqa: ARG005
    client.connect()
    client.bind_transceiver(system_id=account.system_id, password=account.password)
    begun = time.perf_counter()
    for sent in range(1, count + 1):
        client.send_message(
            source_addr_npi=1,
            source_addr=account.senders[0],
            dest_addr_npi=1,
            destination_addr=CITIZEN,
            registered_delivery=1,
            data_coding=8,
            short_message=TEXT.encode("utf-16-be"),
        )
        while sent - told["answers"] >= account.window:
            client.read_once()
    while min(told.values()) < count:
        client.read_once()
    seconds = time.perf_counter() - begun
    client.unbind()
    client.disconnect()
    if told["answers"] != count:
        raise BenchFailed("the SMSC did not take every message of the library")
    return count / seconds
