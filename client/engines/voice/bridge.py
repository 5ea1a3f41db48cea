"""Who hears whom: PJSIP's mixing bridge, told as a set of links and brought there step by step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pjsua2 as pj

from client.engines.voice.frame_bytes import FrameBytes
from client.engines.voice.pcm_port import PcmPort

log = logging.getLogger(__name__)

SPEAKER = "speaker"  # what the agent hears
PORT = "port:"  # + Call-ID: our own port beside a call, both its legs
FULL = 1.0  # a link's level: as loud as it came

Link = tuple[str, str]  # (who speaks, who hears): a Call-ID, `PORT` + Call-ID, or `SPEAKER`


class Bridge:
    """Attributes: `clock` — a port that nobody speaks to: its empty frames come every 20 ms for as long as we live.

    `speaker` — the port with the mix for the agent's ears.
    """

    def __init__(self, endpoint: Any, media: Callable[[str, int], Any], failed: Callable[[Exception], None]) -> None:
        self.frames = FrameBytes()
        self._endpoint = endpoint
        self._media_of = media
        self._failed = failed
        self._media: dict[str, Any] = {}
        self._ports: dict[str, PcmPort] = {}
        self._idle: list[PcmPort] = []
        self._far_ports: dict[str, PcmPort] = {}
        self._links: set[Link] = set()
        self._levels: dict[Link, float] = {}
        self.clock = self._new_port("clock")
        self.speaker = self._new_port(SPEAKER)

    def port(self, call: str) -> PcmPort:
        """The port beside a call: lent to it until `forget`."""
        if call not in self._ports:
            self._ports[call] = self._idle.pop() if self._idle else self._new_port("leg")
        return self._ports[call]

    def far_port(self, call: str) -> PcmPort:
        """The port in the place of a far end that is no SIP call: lent to it until `forget`."""
        if call not in self._far_ports:
            port = self._idle.pop() if self._idle else self._new_port("far")
            self._far_ports[call] = self._media[call] = port
        return self._far_ports[call]

    def renew(self, call: str, stream: int | None) -> None:
        """A media event: the call has another place in the bridge, and all its links are gone."""
        self._links = {link for link in self._links if call not in link}
        self._media.pop(call, None)
        if stream is not None:
            self._media[call] = self._media_of(call, stream)

    def set_links(self, wanted: set[Link], levels: Mapping[Link, float] | None = None) -> None:
        """Let exactly these hear each other; links whose call has no sound yet are left out.

        `levels` — how loud, where not as it came: 2.0 is twice the amplitude.
        """
        levels = levels or {}
        possible = {link for link in wanted if all(self._place(end) is not None for end in link)}
        changed = {link for link in self._links if self._levels.get(link, FULL) != levels.get(link, FULL)}
        self._levels = dict(levels)
        for link in (self._links - possible) | changed:  # a link has the level with which it was made
            self._switch(link, on=False)
        self._links = (self._links & possible) - changed
        self._links |= {link for link in possible - self._links if self._switch(link, on=True)}

    def _switch(self, link: Link, *, on: bool) -> bool:
        source, sink = (self._place(end) for end in link)
        if source is None or sink is None:
            return False
        try:
            if on:
                source.startTransmit2(sink, self._level_of(link))
            else:
                source.stopTransmit(sink)
        except (
            pj.Error
        ) as error:  # the call ended at this moment; a link that failed is tried again with the next change
            log.info("the bridge refused a link: %s", error.reason)
            return False
        return True

    def _level_of(self, link: Link) -> Any:
        parameter = pj.AudioMediaTransmitParam()
        parameter.level = self._levels.get(link, FULL)
        return parameter

    def forget(self, call: str) -> None:
        """The call is over; its ports wait for another."""
        if call in self._far_ports:  # a SIP call's links go with it, a port of ours stays in the bridge
            self.set_links({link for link in self._links if not _touches(link, call)}, self._levels)
        self._links = {link for link in self._links if not _touches(link, call)}
        self._media.pop(call, None)
        for port in (self._ports.pop(call, None), self._far_ports.pop(call, None)):
            if port is not None:
                port.heard = port.said = None
                self._idle.append(port)

    def destroy(self) -> None:
        """Drop every port; the clock must have stopped."""
        self._media.clear()
        self._ports.clear()
        self._far_ports.clear()
        self._idle.clear()
        del self.clock, self.speaker

    def _new_port(self, name: str) -> PcmPort:
        return PcmPort(name, self.frames, self._failed)

    def _place(self, end: str) -> Any:
        if end == SPEAKER:
            return self.speaker
        if end.startswith(PORT):
            return self._ports.get(end[len(PORT) :])
        return self._media.get(end)


def _touches(link: Link, call: str) -> bool:
    return call in link or PORT + call in link
