"""The citizen's side of a video call for tests: Debian's Chromium on a blank page, or a stock aiortc peer in this process."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError, VideoStreamTrack
from playwright.async_api import Browser, Page, Playwright

from tests.citizen_browser import FLAGS
from tests.waiting import until

FAKE_MEDIA = [
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream=fps=30",
    "--autoplay-policy=no-user-gesture-required",
]

# What a page does, as short as it can be: its connection under `peers[generation]`.
SCRIPT = """
window.peers = {};
window.begin = async ({generation, media, ice_servers, codecs, relay}) => {
  const pc = new RTCPeerConnection({iceServers: ice_servers || [], bundlePolicy: "max-bundle", iceTransportPolicy: relay ? "relay" : "all"});
  const peer = peers[generation] = {pc, got: "", states: []};
  pc.onconnectionstatechange = () => peer.states.push(pc.connectionState);
  peer.channel = pc.createDataChannel("t140", {protocol: "t140", ordered: true});
  peer.channel.onmessage = (event) => peer.got += event.data;
  const stream = media.length ? await navigator.mediaDevices.getUserMedia({
    video: media.includes("video") && {width: 640, height: 480, frameRate: 30}, audio: media.includes("audio")}) : null;
  for (const track of stream ? stream.getTracks() : []) {
    const transceiver = pc.addTransceiver(track, {streams: [stream], direction: "sendrecv"});
    if (codecs && track.kind === "video") transceiver.setCodecPreferences(
      RTCRtpReceiver.getCapabilities("video").codecs.filter((c) => codecs.includes(c.mimeType)));
  }
  pc.ontrack = ({track}) => {
    const element = peer[track.kind] = document.createElement(track.kind);
    element.autoplay = true; element.muted = track.kind === "video"; element.srcObject = new MediaStream([track]);
    document.body.append(element);
  };
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== "complete") await new Promise((done) => pc.addEventListener("icegatheringstatechange",
    () => pc.iceGatheringState === "complete" && done()));
  return pc.localDescription.sdp;
};
window.until = async (ask, ms) => {  // the first true answer
  for (const end = Date.now() + ms; ; await new Promise((next) => setTimeout(next, 200))) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`did not happen: ${ask} ${JSON.stringify(await inbound(1))}`);
  }
};
window.accept = ({generation, sdp}) => peers[generation].pc.setRemoteDescription({type: "answer", sdp});
window.inbound = async (generation) => {
  const found = {};
  for (const report of (await peers[generation].pc.getStats()).values())
    if (report.type === "inbound-rtp") found[report.kind] = report;
  return found;
};
"""


async def launch(playwright: Playwright, *flags: str) -> Browser:
    return await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, *FAKE_MEDIA, *flags])


class ChromiumCitizen:
    """A blank page with the script; use `open`."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def open(cls, browser: Browser) -> ChromiumCitizen:
        context = await browser.new_context(permissions=["camera", "microphone"])
        page = await context.new_page()
        await page.route(
            "**/*", lambda route: route.fulfill(body="<!doctype html><title>citizen</title>", content_type="text/html")
        )
        await page.goto("http://localhost/")
        await page.evaluate("() => {" + SCRIPT + "}")
        return cls(page)

    async def offer(self, generation: int, media: tuple[str, ...] = ("audio", "video"), **more: Any) -> str:
        return await self.page.evaluate("begin", {"generation": generation, "media": list(media), **more})

    async def accept(self, generation: int, sdp: str) -> None:
        await self.page.evaluate("accept", {"generation": generation, "sdp": sdp})

    async def type(self, generation: int, text: str) -> None:
        await self.page.evaluate("([g, text]) => peers[g].channel.send(text)", [generation, text])

    async def got(self, generation: int) -> str:
        return await self.page.evaluate("(g) => peers[g].got", generation)

    async def inbound(self, generation: int, kind: str = "video") -> dict:
        return (await self.page.evaluate("inbound", generation)).get(kind, {})

    async def hang_up(self, generation: int) -> None:
        await self.page.evaluate("(g) => peers[g].pc.close()", generation)


class StockCitizen:
    """A stock aiortc peer. `pictures`, `sounds` — frames that came, by generation; `got` — text that came."""

    def __init__(self) -> None:
        self.peers: dict[int, RTCPeerConnection] = {}
        self.channels: dict[int, Any] = {}
        self.pictures: dict[int, list] = {}
        self.sounds: dict[int, list] = {}
        self.texts: dict[int, str] = {}
        self._made: list[RTCPeerConnection] = []
        self._tasks: list[asyncio.Task] = []

    async def offer(
        self, generation: int, media: tuple[str, ...] = ("audio", "video"), tracks: dict | None = None, **_: Any
    ) -> str:
        pc = self.peers[generation] = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._made.append(pc)
        made = {"audio": AudioStreamTrack, "video": VideoStreamTrack, **(tracks or {})}
        for kind in media:
            pc.addTrack(made[kind]())
        self.texts[generation], self.pictures[generation], self.sounds[generation] = "", [], []
        self.channels[generation] = pc.createDataChannel("t140", protocol="t140")
        self.channels[generation].on("message", lambda text: self._heard(generation, text))
        pc.on("track", lambda track: self._tasks.append(asyncio.ensure_future(self._watch(generation, track))))
        await pc.setLocalDescription(await pc.createOffer())
        return pc.localDescription.sdp

    async def accept(self, generation: int, sdp: str) -> None:
        await self.peers[generation].setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def type(self, generation: int, text: str) -> None:
        channel = self.channels[generation]
        await until(lambda: channel.readyState == "open")  # its own end opens a moment after the desk's
        channel.send(text)

    async def got(self, generation: int) -> str:
        return self.texts[generation]

    async def hang_up(self, generation: int) -> None:
        await self.peers[generation].close()

    async def close(self) -> None:
        for peer in self._made:
            await peer.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _heard(self, generation: int, text: str) -> None:
        self.texts[generation] += text

    async def _watch(self, generation: int, track: Any) -> None:
        kept = self.pictures if track.kind == "video" else self.sounds
        with contextlib.suppress(MediaStreamError):
            while True:
                kept[generation].append(await track.recv())
                del kept[generation][:-200]
