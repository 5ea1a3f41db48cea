"""The outbox on a real disk: killed, full, damaged, under another key, and read by a stranger."""

from __future__ import annotations

import contextlib
import resource
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from client.adapters.outbox_file import OutboxBusy
from client.adapters.outbox_sqlite import SqliteOutbox
from client.adapters.seal import Seal, Unreadable, new_key
from client.domain.event import MessageSent, NoteWritten, new_event
from client.domain.ids import new_id
from client.domain.words import Party
from client.fakes.outbox import Kept, MemoryOutbox
from client.ports.outbox import Opening, OutboxFull
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[2]
SESSION = new_id()
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SECRET = "주민번호는 구공일이삼사 다시 일"


def note(text: str = SECRET):
    return new_event(SESSION, NoteWritten(text=text), at=NOW)


@pytest.fixture
def open_outbox(tmp_path):
    opened = []

    def open_(*keys: bytes) -> SqliteOutbox:
        while opened:
            opened.pop().close()
        opened.append(SqliteOutbox(tmp_path / "outbox.db", keys))
        return opened[-1]

    yield open_
    while opened:
        opened.pop().close()


def raw(directory: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(directory.iterdir()))


WRITER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from client.adapters.outbox_sqlite import SqliteOutbox
from client.domain.event import NoteWritten, new_event
from client.domain.ids import new_id
outbox = SqliteOutbox(Path(sys.argv[1]), [bytes.fromhex(sys.argv[2])])
session = new_id()
while True:
    event = new_event(session, NoteWritten(text="a word"), at=datetime.now(UTC))
    outbox.put(event)
    print(event.id, flush=True)
"""


@pytest.mark.parametrize("after", [1, 7, 60])
def test_everything_reported_as_put_survives_a_kill(tmp_path, open_outbox, after):
    key = new_key()
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path / "outbox.db"), key.hex()], cwd=ROOT, stdout=subprocess.PIPE
    )
    with writer:
        told = [writer.stdout.readline().decode().strip() for _ in range(after)]
        writer.send_signal(signal.SIGKILL)
        told += writer.stdout.read().decode().splitlines()
    kept = [w.event.id for w in open_outbox(key).waiting()]
    assert kept[: len(told)] == told
    assert len(kept) - len(told) <= 1  # put, but killed before it could say so


def test_no_citizen_text_is_readable_in_the_files(tmp_path, open_outbox):
    key = new_key()
    outbox = open_outbox(key)
    said = new_event(SESSION, MessageSent(party=Party.CITIZEN, text=SECRET), at=NOW)
    outbox.put(said, Opening(keys=("sip:id-of-call@pbx",), number="01012344567"))
    outbox.put(note("bad"))
    outbox.refused(outbox.waiting()[1].event.id, SECRET)
    outbox.save_draft(SESSION, "composer", SECRET)
    for _ in range(2):
        found = raw(tmp_path)
        assert len(found) > 500
        for text in (SECRET, "01012344567", "id-of-call", "message.sent"):
            assert text.encode() not in found
            assert text.encode("utf-16-le") not in found
        outbox = open_outbox(key)


async def test_an_acknowledged_entry_leaves_nothing_behind(tmp_path, open_outbox):
    outbox = open_outbox(new_key())
    events = [note() for _ in range(30)]
    for event in events:
        outbox.put(event)
    sealed = [bytes(blob) for (blob,) in outbox._connection.execute("SELECT sealed FROM events")]
    assert all(blob[:40] in raw(tmp_path) for blob in sealed)
    outbox.acknowledged([event.id for event in events])
    await until(lambda: (tmp_path / "outbox.db-wal").stat().st_size == 0, 10, "the sweep")
    left = raw(tmp_path)
    assert not any(blob[:40] in left for blob in sealed)


def test_closing_sweeps_at_once(tmp_path):
    outbox = SqliteOutbox(tmp_path / "outbox.db", [new_key()])
    event = note()
    outbox.put(event)
    (sealed,) = outbox._connection.execute("SELECT sealed FROM events").fetchone()
    outbox.acknowledged([event.id])
    outbox.close()
    assert bytes(sealed)[:40] not in raw(tmp_path)


@contextlib.contextmanager
def no_more_space(limit: int):
    """No file grows beyond `limit` bytes, for as long as the block lasts: pytest's own output may be a file too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_refuses_whole_entries_and_recovers(tmp_path, open_outbox):
    key = new_key()
    outbox = open_outbox(key)
    kept = [note("kept 1"), note("kept 2")]
    for event in kept:
        outbox.put(event)
    lost = note("x" * 5000)
    with no_more_space((tmp_path / "outbox.db-wal").stat().st_size + 100):
        with pytest.raises(OutboxFull, match=r"outbox\.db"):
            outbox.put(lost)
        with pytest.raises(OutboxFull):
            outbox.save_draft(SESSION, "composer", "y" * 5000)
        outbox.acknowledged([kept[0].id])  # cannot be written down now: not asked again, and not an error
        assert [w.event for w in outbox.waiting()] == kept[1:]
    late = note("after")
    outbox.put(late)
    outbox.acknowledged([])
    assert [w.event for w in open_outbox(key).waiting()] == [kept[1], late]


def test_a_full_disk_at_the_start_is_said(tmp_path):
    with no_more_space(100), pytest.raises(OutboxFull):
        SqliteOutbox(tmp_path / "outbox.db", [new_key()])


def test_a_store_under_another_key_is_kept_and_read_again_when_its_key_is_back(tmp_path, open_outbox):
    first_key, second_key = new_key(), new_key()
    outbox = open_outbox(first_key)
    mine = note("mine")
    outbox.put(mine)
    outbox.save_draft(SESSION, "composer", "half a sen")
    stranger = open_outbox(second_key)
    assert list(stranger.waiting()) == []
    assert [n.kind for n in stranger.notices] == ["foreign"]
    assert Path(stranger.notices[0].file).exists()
    assert "key" in str(stranger.notices[0])
    later = note("later")
    stranger.put(later)
    both = open_outbox(first_key, second_key)
    assert {w.event.id for w in both.waiting()} == {mine.id, later.id}
    assert both.drafts(SESSION) == {"composer": "half a sen"}
    assert [n.kind for n in both.notices] == ["recovered"]
    assert open_outbox(first_key, second_key).notices == ()


def test_a_file_that_is_no_store_is_moved_aside(tmp_path, open_outbox):
    (tmp_path / "outbox.db").write_bytes(b"not a database " * 400)
    outbox = open_outbox(new_key())
    (notice,) = outbox.notices
    assert notice.kind == "damaged"
    assert Path(notice.file).read_bytes().startswith(b"not a database")
    outbox.put(note())
    assert len(outbox.waiting()) == 1


def test_what_is_readable_of_a_damaged_store_is_carried_over(tmp_path, open_outbox):
    key = new_key()
    outbox = open_outbox(key)
    events = [note("x" * 600) for _ in range(60)]
    for event in events:
        outbox.put(event)
    outbox.close()
    file = tmp_path / "outbox.db"
    data = bytearray(file.read_bytes())
    pages = len(data) // 4096
    data[(pages - 3) * 4096 : (pages - 2) * 4096] = b"\xff" * 4096
    file.write_bytes(data)
    again = open_outbox(key)
    assert [n.kind for n in again.notices] == ["damaged"]
    carried = [w.event.id for w in again.waiting()]
    assert 0 < len(carried) < len(events)
    assert set(carried) < {event.id for event in events}
    assert Path(again.notices[0].file).exists()
    assert [w.event.id for w in open_outbox(key).waiting()] == carried


def test_one_spoilt_entry_does_not_hide_the_others(open_outbox):
    key = new_key()
    outbox = open_outbox(key)
    events = [note("1"), note("2"), note("3")]
    for event in events:
        outbox.put(event)
    outbox.save_draft(SESSION, "composer", "draft")
    outbox._connection.execute("UPDATE events SET sealed = zeroblob(64) WHERE id = ?", (events[1].id,))
    outbox._connection.execute("UPDATE drafts SET sealed = zeroblob(64)")
    again = open_outbox(key)
    assert [w.event for w in again.waiting()] == [events[0], events[2]]
    assert again.drafts(SESSION) == {}
    assert [(n.kind, n.entries) for n in again.notices] == [("unreadable", 2)]


def test_a_second_desk_on_the_same_store_is_refused(tmp_path, open_outbox):
    key = new_key()
    open_outbox(key)
    with pytest.raises(OutboxBusy):
        SqliteOutbox(tmp_path / "outbox.db", [key])


def test_a_sealed_row_cannot_stand_for_another():
    seal = Seal(new_key())
    sealed = seal.close("words", "event:1")
    assert seal.open(sealed, "event:1") == "words"
    for broken in (sealed[:-1], sealed[:8], b"", sealed[:-1] + bytes([sealed[-1] ^ 1])):
        with pytest.raises(Unreadable):
            seal.open(broken, "event:1")
    with pytest.raises(Unreadable):
        seal.open(sealed, "event:2")
    with pytest.raises(Unreadable):
        Seal(new_key()).open(sealed, "event:1")
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(b"short")


def test_the_memory_outbox_can_be_full_too():
    outbox = MemoryOutbox(Kept(full=True))
    with pytest.raises(OutboxFull):
        outbox.put(note())
    with pytest.raises(OutboxFull):
        outbox.save_draft(SESSION, "composer", "x")
