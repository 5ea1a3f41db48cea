"""Which browsers are on the citizens' pages: a link is one browser's at a time, and this tells whether it is still there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from client.hub.clock import Now
from client.hub.reader import Reader

AWAY_S = 20.0  # a page whose stream ended may come back within this and has not left


class Browsers:
    """Each is known by the hash of its cookie."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._streams: defaultdict[bytes, set[Reader]] = defaultdict(set)
        self._seen: dict[bytes, datetime] = {}

    def expect(self, cookies: Iterable[bytes]) -> None:
        """These were inside when the hub last ran, and have as long to come back as after any loss."""
        self._seen.update(dict.fromkeys(cookies, self._now()))

    def joined(self, cookie: bytes, reader: Reader) -> None:
        """A stream of this browser is open."""
        self._streams[cookie].add(reader)

    def left(self, cookie: bytes, reader: Reader) -> None:
        """A stream is over."""
        streams = self._streams.get(cookie)
        if streams is None:
            return
        streams.discard(reader)
        self._seen[cookie] = self._now()
        if not streams:
            del self._streams[cookie]

    def there(self, cookie: bytes) -> bool:
        """True while the browser is on the page, or may come back by itself."""
        seen = self._seen.get(cookie)
        return cookie in self._streams or (seen is not None and self._now() - seen <= timedelta(seconds=AWAY_S))

    def end(self, cookie: bytes) -> None:
        """The cookie opens nothing any more: neither do its streams."""
        self._seen.pop(cookie, None)
        for reader in self._streams.pop(cookie, set()):
            reader.end()
