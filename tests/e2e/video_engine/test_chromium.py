"""Picture, sound and text between a real browser and the video engine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import numpy as np
import pytest

from client.domain.video import IceServer
from client.domain.words import Party
from client.engine_protocol import FRAME_SAMPLES
from client.engines.pcm_client import read_leg
from client.engines.server import EngineServer
from client.hub.ice import ice_servers
from client.ports.video import VideoError
from client.settings import Settings
from tests.peers.coturn import SECRET, Coturn
from tests.waiting import until

CALL = "0190a7c4-0000-7000-8000-000000000001"
ENOUGH = """({kind, least}) => until(async () => {
  const found = (await inbound(1))[kind];
  return found && Object.entries(least).every(([name, value]) => (found[name] || 0) >= value) && found;
}, 20000)"""
QUIET = """() => { let before = -1; return until(async () => {
  const now = (await inbound(1)).audio.totalAudioEnergy, same = now === before;
  before = now;
  return same;
}, 10000); }"""
READABLE_FPS = 20  # EN 301 549, 6.5.3


async def talk(desk, citizen, generation: int = 1, ice: tuple[IceServer, ...] = (), **offer):
    sdp = await citizen.offer(generation, **offer)
    answer = await desk.video.answer(CALL, generation, sdp, ice, shown=True, languages=("kvk", "ko"))
    await citizen.accept(generation, answer)
    return await desk.until_call(CALL, 20, text=True, generation=generation)


async def inbound(citizen, kind: str, **least: float) -> dict:
    """What the browser receives, once every figure is at least so much."""
    return await citizen.page.evaluate(ENOUGH, {"kind": kind, "least": least})


@pytest.mark.parametrize(
    ("desk", "codec", "width"),
    [({"video.picture": "480p"}, "VP8", 640), ({"video.picture": "720p"}, "H264", 1280)],
    indirect=["desk"],
)
async def test_picture_and_text_go_both_ways(desk, chromium, codec, width):
    await talk(desk, chromium)
    told = await desk.until_call(CALL, sees=True)
    assert (told.codec, told.picture, told.sound, told.relayed) == (codec, True, True, False)
    seen = await inbound(chromium, "video", framesDecoded=60, framesPerSecond=READABLE_FPS)
    assert seen["frameWidth"] in (width, width * 3 // 4, width // 2)  # a busy machine sends smaller pictures, not fewer
    assert seen["frameWidth"] / seen["frameHeight"] == pytest.approx(4 / 3 if width == 640 else 16 / 9, rel=0.01)
    await until(lambda: [q for q in desk.quality(CALL) if q.readable and q.fps_out > READABLE_FPS], 15)
    quality = desk.quality(CALL)[-1]
    assert (quality.width, quality.height) == (640, 480)
    assert quality.kbps_in > 100
    assert quality.kbps_out > 100
    await until(lambda: 0 < abs(desk.quality(CALL)[-1].av_offset_ms) <= 100, 15, "EN 301 549, 6.5.4")
    await chromium.type(1, "안녕하세요")
    await until(lambda: desk.typed(CALL) == "안녕하세요", 5)
    assert await desk.video.write(CALL, "반갑\b습니다")
    await chromium.page.wait_for_function("(text) => peers[1].got === text", arg="반갑\b습니다")
    assert (await desk.video.snapshot(CALL)).startswith(b"\xff\xd8\xff")


async def test_the_citizens_picture_is_the_one_that_was_sent(desk, chromium):
    await talk(desk, chromium)
    seen = await until(lambda: desk.video.picture(CALL, Party.CITIZEN), 10)
    pixels = np.frombuffer(seen.pixels, np.uint8).reshape(seen.height, seen.width, 4)
    blue, green, red = (float(pixels[..., channel].mean()) for channel in range(3))
    assert green > 120  # Chromium's fake camera is green with a clock in it
    assert green > 1.5 * max(blue, red)


async def test_a_browser_with_vp9_alone_is_refused_in_a_word(desk, chromium):
    sdp = await chromium.offer(1, codecs=["video/VP9"])
    with pytest.raises(VideoError) as refused:
        await desk.video.answer(CALL, 1, sdp, (), shown=True, languages=("kvk",))
    assert refused.value.code == "no_codec"
    assert desk.newest(CALL) is None


async def test_the_citizens_sound_is_a_leg_that_counts_time(desk, chromium):
    await talk(desk, chromium, media=("audio",))
    frames: list[tuple[int, bytes]] = []
    loud = 0.0
    async with asyncio.timeout(20):
        async for sample, pcm in read_leg(*await desk.video.subscribe(), f"{CALL}/far"):
            frames.append((sample, pcm))
            loud = max(loud, float(np.abs(np.frombuffer(pcm, np.int16)).max()))
            if loud > 5_000 and len(frames) > 100:  # Chromium's fake microphone beeps once a second
                break
    assert [sample for sample, _ in frames] == [frames[0][0] + FRAME_SAMPLES * n for n in range(len(frames))]
    assert {len(pcm) for _, pcm in frames} == {FRAME_SAMPLES * 2}


class Bridge:
    """An engine that publishes a tone, as the voice engine's bridge publishes its mix."""

    async def request(self, op, args):
        raise NotImplementedError

    def snapshot(self):
        return ()

    async def stop(self) -> None:
        pass


async def test_the_bridges_sound_is_heard_by_the_citizen_until_mute(desk, chromium, tmp_path):
    await talk(desk, chromium, media=("audio",))
    server = EngineServer(tmp_path / "bridge.json", Bridge())
    serving = asyncio.ensure_future(server.serve())
    await until(lambda: server.port, 5)

    async def hum() -> None:
        tone = (np.sin(np.arange(FRAME_SAMPLES) * 2 * np.pi * 500 / 16_000) * 12_000).astype(np.int16).tobytes()
        number, due = 0, asyncio.get_running_loop().time()
        while True:
            server.publish_pcm("web:x/mix", number * FRAME_SAMPLES, tone)
            number, due = number + 1, due + 0.02
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))

    humming = asyncio.ensure_future(hum())
    await desk.video.sound(CALL, (server.port, server.grant()), "web:x/mix")
    heard = await inbound(chromium, "audio", totalAudioEnergy=0.05)
    assert heard["concealmentEvents"] < 20  # steady enough that the browser need not invent much
    await desk.video.mute(CALL, True)
    await chromium.page.evaluate(QUIET)
    humming.cancel()
    server._quit.set()
    await asyncio.gather(humming, serving, return_exceptions=True)


async def test_a_relay_with_a_credential_for_some_hours_carries_everything(desk, chromium, tmp_path):
    coturn = await Coturn(tmp_path).start()
    try:
        settings = Settings(turn=(coturn.url,), turn_secret=SECRET)
        ice = ice_servers(settings, "desk-1", datetime.now(UTC))
        browser = [{"urls": list(s.urls), "username": s.username, "credential": s.credential} for s in ice]
        await talk(desk, chromium, ice=ice, ice_servers=browser, relay=True)
        told = await desk.until_call(CALL, 20, sees=True)
        assert told.relayed
        assert coturn.allocations >= 2
        await inbound(chromium, "video", framesDecoded=10)
    finally:
        coturn.close()


async def test_a_turn_server_that_knows_us_not_keeps_nobody_waiting(desk, chromium, tmp_path):
    coturn = await Coturn(tmp_path).start()
    try:
        wrong = IceServer(urls=(coturn.url,), username="1:desk", credential="not the secret")
        await talk(desk, chromium, ice=(wrong, IceServer(urls=("stun:127.0.0.1:9",))))
        assert not (await desk.until_call(CALL, sees=True)).relayed
    finally:
        coturn.close()


async def test_a_page_without_camera_rights_hides_its_addresses_and_is_reached_all_the_same(desk, chromium):
    await chromium.page.context.clear_permissions()
    told = await talk(desk, chromium, media=())
    assert (told.picture, told.sound) == (False, False)
    await chromium.type(1, "글만")
    await until(lambda: desk.typed(CALL) == "글만", 5)
