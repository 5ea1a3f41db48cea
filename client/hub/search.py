"""Finding words in the sessions that a principal may see. A scan today: FTS is worth its disk when years have gathered."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta

from client.domain.access import Permission
from client.domain.event import timestamp
from client.hub.desk import Desk
from client.wire import SearchHit

MAX_HITS = 50
AROUND = 40  # characters shown on each side

_FIND = """
SELECT event.session, event.seq, event.id, event.recorded, event.type,
       coalesce(json_extract(text, '$.body.text'), json_extract(text, '$.body.summary'), '') AS words
FROM event JOIN session ON session.id = event.session
WHERE type IN ('caption.said', 'caption.corrected', 'message.sent', 'note.written', 'wrapup.saved')
  AND instr(lower(words), lower(:words)) > 0
  AND (:all OR owner = :me OR (owner IS NULL AND closed IS NULL)
       OR coalesce(json_extract(former, '$."' || :me || '"'), '') >= :grace)
ORDER BY event.n DESC LIMIT :limit
"""


async def search(desk: Desk, words: str) -> Sequence[SearchHit]:
    """The newest hits. What only supervisors may read is found by them alone."""
    hub = desk.hub
    oversees = desk.person.may(Permission.SEE_ALL)
    values = {
        "words": words,
        "all": oversees,
        "me": desk.person.id,
        "grace": timestamp(hub.now() - timedelta(seconds=hub.settings.link_grace_s)),
        "limit": MAX_HITS,
    }
    query = (
        _FIND if oversees else _FIND.replace("WHERE ", "WHERE json_extract(text, '$.audience') <> 'supervisors' AND ")
    )

    def work(connection: sqlite3.Connection) -> list[SearchHit]:
        return [
            SearchHit(session=session, seq=seq, id=id_, at=at, type=type_, excerpt=_excerpt(text, words))
            for session, seq, id_, at, type_, text in connection.execute(query, values)
        ]

    return await hub.database.read(work)


def _excerpt(text: str, words: str) -> str:
    at = max(text.lower().find(words.lower()), 0)
    start, end = max(at - AROUND, 0), at + len(words) + AROUND
    return ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
