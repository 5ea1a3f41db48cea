"""Sign-language video with a clock in the picture: our engine, another browser and stock aiortc against a real Chromium.

A browser calls; each peer in turn answers it, at 640 × 480 (VP8) and 1280 × 720 (H.264), plainly, with 2 and 5 % of the
packets lost and 40 ms of delay in both directions, and with the desk's process blocked 250 ms every 2 s. All media goes
through one relay (`udp_relay`), in all runs. In: citizen to desk; a figure without a direction is the worse of both.
Pictures at the desk are read from the ring as a window reads it; in a blocked desk a second figure, `desk_freeze_ms`,
is read in the blocked process itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from typing import TYPE_CHECKING

from client import platform
from client.bench.orders import Helper
from client.bench.udp_relay import host_candidate, own_address, through
from client.bench.video_figures import End, Summary, av_offsets, figures_of, sound_delays
from client.bench.video_page import VideoPage
from client.bench.video_peers import Answerer, answerer
from client.bench.video_runs import FIGURES, SIZES, Run, all_runs, chosen, ratios
from client.bench.waiting import BenchFailed
from client.demo.needs import CHROMIUM, need_browser
from client.ports.video import VideoError

if TYPE_CHECKING:
    from playwright.async_api import Playwright

SECONDS, SETTLE_S, MOST_SETTLE_S = (
    20.0,
    5.0,
    25.0,
)  # browsers find their rates, and with them the picture's size, meanwhile
ATTEMPTS = 3  # of a connection
Samples = dict[str, list[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the benchmark takes."""
    names = ", ".join(run.name for run in all_runs())
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"measured a run (default {SECONDS:.0f})")
    parser.add_argument(
        "--settle", type=float, default=SETTLE_S, help=f"before each, at least (default {SETTLE_S:.0f})"
    )
    parser.add_argument(
        "--settle-most", type=float, default=MOST_SETTLE_S, help="and at most, until the picture is full-size"
    )
    parser.add_argument("--only", type=chosen, default=all_runs(), metavar="RUNS", help=f"with commas: {names}")
    parser.add_argument("--seed", type=int, default=1, help="of what the network loses (default 1)")
    parser.add_argument("--chromium", default=CHROMIUM, help=f"the browser (default {CHROMIUM})")


def run(arguments: argparse.Namespace) -> tuple[Summary, Samples]:
    """Make the runs one after another, and tell each as it is done."""
    need_browser(arguments.chromium)
    with asyncio.Runner(loop_factory=platform.new_event_loop) as runner:
        return runner.run(_measure(arguments))


async def _measure(arguments: argparse.Namespace) -> tuple[Summary, Samples]:
    from playwright.async_api import async_playwright

    summary: Summary = {}
    samples: Samples = {}
    async with async_playwright() as playwright:
        for each in arguments.only:
            figures, raw = await _tried(each, playwright, arguments)
            summary |= {each.key(name): value for name, value in figures.items()}
            samples |= {each.key(name): values for name, values in raw.items()}
            print(f"{each.name}: {_line(figures)}", file=sys.stderr, flush=True)
    if all(summary[each.key("fps_in")] is None for each in arguments.only):
        raise BenchFailed("no call came about")
    return summary | ratios(arguments.only, summary), samples


async def _tried(each: Run, playwright: Playwright, arguments: argparse.Namespace) -> tuple[Summary, Samples]:
    """One run; a connection that does not come about on a bad network is told, counted and tried again with other dice; in
    the end it has no figures, and the other runs keep theirs."""
    from playwright.async_api import Error as BrowserFailed

    for attempt in range(ATTEMPTS):
        try:
            figures, raw = await _one(each, playwright, arguments, seed=arguments.seed + attempt)
        except (BenchFailed, BrowserFailed, VideoError) as error:
            print(f"{each.name}: {error}", file=sys.stderr, flush=True)
        else:
            return figures | {"connects_failed": attempt}, raw
    return dict.fromkeys(FIGURES) | {"connects_failed": ATTEMPTS}, {}


async def _one(each: Run, playwright: Playwright, arguments: argparse.Namespace, seed: int) -> tuple[Summary, Samples]:
    """One call from its offer to its end."""
    async with contextlib.AsyncExitStack() as stack:
        relay = Helper("client.bench.udp_relay")
        stack.push_async_callback(relay.end)
        citizen = VideoPage("calls")
        stack.push_async_callback(citizen.close)
        peer = answerer(each, playwright, arguments.chromium)
        stack.push_async_callback(peer.close)
        width, height, codec = SIZES[each.size]
        await citizen.open(playwright, arguments.chromium, codec=codec, width=width, height=height, calls=True)
        connect_ms = await _connect(each, relay, citizen, peer, seed)
        await peer.begin()
        await citizen.settles(width, arguments.settle, arguments.settle_most)
        await asyncio.gather(peer.begin(), citizen.do("begin"))
        await asyncio.sleep(arguments.seconds)
        ends = await asyncio.gather(citizen.finish(), peer.finish())
        more = {"connect_ms": connect_ms, **{name: round(value, 1) for name, value in peer.extra.items()}}
        return figures_of(*ends) | more, _raw(*ends)


async def _connect(each: Run, relay: Helper, citizen: VideoPage, peer: Answerer, seed: int) -> int:
    """Offer and answer, each with the relay in the place of who made it; ms from then until everything flows."""
    address = own_address()
    opened = await relay.ask("open", "opened", address=address, loss=each.loss / 100, delay_ms=each.delay_ms, seed=seed)
    for_offerer, for_answerer = opened["ports"]
    offer = await citizen.do("offer")
    await relay.ask("towards", "towards", offerer=host_candidate(offer))
    answer = await peer.answer(through(offer, (address, for_offerer)))
    await relay.ask("towards", "towards", answerer=host_candidate(answer))
    begun = time.monotonic()
    await citizen.do("accept", through(answer, (address, for_answerer)))
    await citizen.flows()
    return round((time.monotonic() - begun) * 1000)


def _line(figures: Summary) -> str:
    shown = (
        "fps_in",
        "fps_out",
        "delay_ms_p50",
        "delay_ms_p95",
        "longest_freeze_ms",
        "text_ms_p95",
        "engine_core_share",
    )
    return ", ".join(f"{name} {figures[name]}" for name in shown)


def _raw(citizen: End, desk: End) -> Samples:
    sounds = sound_delays(citizen.beeps, desk.heard)
    return {
        "delay_ms_in": desk.pictures.delays,
        "delay_ms_out": citizen.pictures.delays,
        "shown_ms_in": [at - desk.pictures.begun for at, _ in desk.pictures.new],
        "shown_ms_out": [at - citizen.pictures.begun for at, _ in citizen.pictures.new],
        "text_ms_in": desk.texts,
        "text_ms_out": citizen.texts,
        "av_offset_ms": av_offsets(desk.pictures, sounds),
        "sound_delay_ms": [delay for _, delay in sounds],
    }
