"""A browser's broken message must not end the connection: stock aiortc lets its reader die of what cannot be decoded."""

from __future__ import annotations

import logging
import struct

from aiortc.rtcsctptransport import RTCSctpTransport

log = logging.getLogger(__name__)


class GuardedSctp(RTCSctpTransport):
    """Drops what is no message: text that is not UTF-8, a channel opened twice, a head that is too short."""

    async def _data_channel_receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        try:
            await super()._data_channel_receive(stream_id, pp_id, data)
        except (UnicodeDecodeError, AssertionError, struct.error):
            log.warning("a data-channel message that cannot be read was dropped")
