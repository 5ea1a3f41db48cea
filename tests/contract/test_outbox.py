"""What every outbox does, in memory and on disk."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from client.adapters.outbox_sqlite import SqliteOutbox
from client.adapters.seal import new_key
from client.domain.event import MessageSent, NoteWritten, SessionOpened, new_event
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from client.fakes.outbox import Kept, MemoryOutbox
from client.ports.outbox import Opening, Outbox

SESSION = new_id()
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def note(text: str):
    return new_event(SESSION, NoteWritten(text=text), at=NOW)


class Memory:
    """Opens outboxes on one imagined disk."""

    def __init__(self, _tmp_path):
        self.kept = Kept()

    def open(self) -> Outbox:
        return MemoryOutbox(self.kept)


class Disk:
    """Opens outboxes on one file; opening again is the restarted desk."""

    def __init__(self, tmp_path):
        self.file = tmp_path / "outbox.db"
        self.key = new_key()
        self.last: SqliteOutbox | None = None

    def open(self) -> Outbox:
        if self.last:
            self.last.close()
        self.last = SqliteOutbox(self.file, [self.key])
        return self.last


@pytest.fixture(params=[Memory, Disk])
def disk(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    if isinstance(made, Disk) and made.last:
        made.last.close()


def test_what_is_put_waits_in_order(disk):
    outbox = disk.open()
    events = [note(f"note {n}") for n in range(5)]
    for event in events:
        outbox.put(event)
    assert [w.event for w in outbox.waiting()] == events
    positions = [w.position for w in outbox.waiting()]
    assert positions == sorted(set(positions))


def test_a_restarted_desk_finds_all_of_it(disk):
    opened = new_event(SESSION, SessionOpened(channel=Channel.PHONE, number="010-****-4567"), at=NOW)
    opening = Opening(keys=("sip:abc@host", "uui:0102"), number="01012344567")
    said = new_event(SESSION, MessageSent(party=Party.AGENT, text="안녕하세요"), at=NOW, leg="x/agent", media_ms=1200)
    first = disk.open()
    first.put(opened, opening)
    first.put(said)
    found = disk.open().waiting()
    assert [(w.event, w.opening) for w in found] == [(opened, opening), (said, None)]


def test_the_same_id_twice_is_one_event(disk):
    outbox = disk.open()
    event = note("once")
    outbox.put(event)
    outbox.put(event)
    assert len(outbox.waiting()) == 1
    assert len(disk.open().waiting()) == 1


def test_acknowledged_events_are_gone_for_good(disk):
    outbox = disk.open()
    first, second, third = note("1"), note("2"), note("3")
    for event in (first, second, third):
        outbox.put(event)
    outbox.acknowledged([first.id, third.id, new_id()])
    assert [w.event for w in outbox.waiting()] == [second]
    assert [w.event for w in disk.open().waiting()] == [second]


def test_positions_grow_even_after_a_restart(disk):
    outbox = disk.open()
    early = note("early")
    outbox.put(early)
    (before,) = outbox.waiting()
    outbox.acknowledged([early.id])
    again = disk.open()
    again.put(note("late"))
    (after,) = again.waiting()
    assert after.position > before.position


def test_a_refused_event_is_set_aside_with_its_reason(disk):
    outbox = disk.open()
    bad, good = note("bad"), note("good")
    outbox.put(bad)
    outbox.put(good)
    outbox.refused(bad.id, "the session is not yours")
    outbox.refused(new_id(), "unknown here")
    for each in (outbox, disk.open()):
        assert [w.event for w in each.waiting()] == [good]
        assert list(each.set_aside()) == [(bad, "the session is not yours")]


def test_a_refused_event_does_not_wait_again(disk):
    outbox = disk.open()
    bad = note("bad")
    outbox.put(bad)
    outbox.refused(bad.id, "no")
    outbox.put(bad)
    assert list(outbox.waiting()) == []


def test_what_was_set_aside_is_tried_again_in_the_order_it_was_said(disk):
    outbox = disk.open()
    opened = new_event(SESSION, SessionOpened(channel=Channel.PHONE), at=NOW)
    opening = Opening(keys=("sip:abc@host",), number="")
    first, second = note("1"), note("2")
    outbox.put(opened, opening)
    outbox.put(first)
    outbox.put(second)
    outbox.refused(opened.id, "no")
    outbox.refused(first.id, "no")
    outbox.try_again()
    for each in (outbox, disk.open()):
        assert [(w.event, w.opening) for w in each.waiting()] == [(opened, opening), (first, None), (second, None)]
        assert list(each.set_aside()) == []
    again = disk.open()
    again.acknowledged([opened.id, first.id, second.id])
    again.try_again()
    assert list(disk.open().waiting()) == []


def test_drafts_are_kept_by_session_and_field_until_emptied(disk):
    outbox = disk.open()
    other = new_id()
    outbox.save_draft(SESSION, "composer", "장기요양 신청은")
    outbox.save_draft(SESSION, "composer", "장기요양 신청은 먼저")
    outbox.save_draft(SESSION, "note", "차분한 분")
    outbox.save_draft(other, "composer", "다른 상담")
    again = disk.open()
    assert again.drafts(SESSION) == {"composer": "장기요양 신청은 먼저", "note": "차분한 분"}
    again.save_draft(SESSION, "note", "")
    assert disk.open().drafts(SESSION) == {"composer": "장기요양 신청은 먼저"}
    assert disk.open().drafts(other) == {"composer": "다른 상담"}
    assert disk.open().drafts(new_id()) == {}
