"""The kept files: one id is one file, what is told kept is on the disk, what is gone is gone, full is said."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from client import platform
from client.domain.codec import BadInput
from client.domain.ids import new_id
from client.domain.session_log import LogRefused
from client.hub.attachments import files
from client.hub.attachments.clean import Limits
from client.hub.attachments.files import Attachments, Room
from client.hub.attachments.serving import download
from client.hub.database import Database, StoreFull
from tests.hub.attached_files import office, opened, pdf, picture
from tests.hub.saying import claim, open_session, problem_of
from tests.waiting import until

SESSION, OTHER = new_id(), new_id()
CLAIM = {"Content-Type": "text/html"}
HOSTILE = (
    (b"<svg onload='alert(1)'/>", "그림.png"),
    (b"<html><script>1</script>", "사진.jpg"),
    (b"MZ\x90\0", "사진.jpg"),
    (picture()[:100], "사진.jpg"),
    (office(parts={"x": bytes(30_000_000)}), "표.docx"),
    (office(parts={"word/vbaProject.bin": b"x"}), "표.docx"),
    (b"", "빈.txt"),
)


@pytest.fixture
def database(tmp_path):
    made = Database(tmp_path / "hub.db")
    yield made
    made.close()


def made(database: Database, tmp_path: Path, **room: int) -> Attachments:
    return Attachments(tmp_path, database, lambda: datetime.now(UTC), Limits(), Room(**room))


@pytest.fixture
def store(database, tmp_path):
    return made(database, tmp_path)


def on_disk(tmp_path: Path) -> set[str]:
    place = tmp_path / "attachments"
    return {path.name for path in place.iterdir()} if place.exists() else set()


async def test_what_was_kept_is_read_again_by_another_hub(store, database, tmp_path):
    kept = await store.add(SESSION, picture(), "현장.png", "image/png", by="p")
    assert (kept.name, kept.media_type, kept.width, kept.height) == ("현장.jpg", "image/jpeg", 40, 30)
    again, path = await made(database, tmp_path).read(SESSION, kept.id)
    assert again == kept
    assert path.stat().st_size == kept.size
    assert platform.WINDOWS or path.stat().st_mode & 0o777 == 0o600
    assert on_disk(tmp_path) == {kept.id}


async def test_the_same_id_with_the_same_bytes_is_one(store, tmp_path):
    id_ = new_id()
    first, second = await asyncio.gather(*(store.add(SESSION, picture(), "a.jpg", "", by="p", id_=id_) for _ in "ab"))
    assert first == second == await store.add(SESSION, picture(), "b.jpg", "", by="q", id_=id_)
    assert on_disk(tmp_path) == {id_}


async def test_an_id_is_not_used_again(store, tmp_path):
    """Whichever of two comes first, its own bytes are what stands under its row."""
    id_ = new_id()
    texts = [f"민원 {n}".encode() for n in range(8)]
    tries = await asyncio.gather(*(store.add(SESSION, text, "a", "", by="p", id_=id_) for text in texts), return_exceptions=True)  # fmt: skip
    refused = [error for error in tries if isinstance(error, LogRefused)]
    assert [(error.status, error.code) for error in refused] == [(409, "id-reused")] * 7
    kept, path = await store.read(SESSION, id_)
    assert path.read_bytes() == texts[tries.index(kept)]
    with pytest.raises(LogRefused, match="another attachment"):
        await store.add(OTHER, texts[tries.index(kept)], "a", "", by="p", id_=id_)


@pytest.mark.parametrize("id_", ["../../evil", "..", "a/b", "\0", "x" * 36, new_id().upper(), "C:\\x"])
async def test_an_id_leads_nowhere_else(store, tmp_path, id_):
    with pytest.raises(BadInput):
        await store.add(SESSION, b"text", "a", "", by="p", id_=id_)
    with pytest.raises(LogRefused):
        await store.read(SESSION, id_)
    await store.erase(SESSION, [id_])
    assert on_disk(tmp_path) == set()


async def test_what_is_refused_leaves_nothing(store, tmp_path):
    with pytest.raises(BadInput):
        await store.add(SESSION, b"<svg/>", "a.png", "image/png", by="p")
    assert on_disk(tmp_path) == set()
    assert await store.of(SESSION) == []


async def test_another_session_reads_and_erases_nothing(store, tmp_path):
    kept = await store.add(SESSION, b"text", "a", "", by="p")
    with pytest.raises(LogRefused) as told:
        await store.read(OTHER, kept.id)
    assert (told.value.status, told.value.code) == (404, "unknown-attachment")
    assert await store.erase(OTHER, [kept.id]) == 0
    assert await store.erase(OTHER) == 0
    assert (await store.read(SESSION, kept.id))[1].read_bytes() == b"text"


async def test_erased_is_gone_from_the_table_and_the_disk(store, tmp_path):
    first, second, third = [await store.add(SESSION, b"%d" % n, "a", "", by="p") for n in range(3)]
    other = await store.add(OTHER, b"other", "a", "", by="p")
    assert await store.erase(SESSION, [first.id, first.id, new_id()]) == 1
    assert on_disk(tmp_path) == {second.id, third.id, other.id}
    assert await store.erase(SESSION) == 2
    assert on_disk(tmp_path) == {other.id}
    with pytest.raises(LogRefused):
        await store.read(SESSION, second.id)


async def test_a_session_holds_only_so_many(database, tmp_path):
    store = made(database, tmp_path, files=3)
    tries = await asyncio.gather(*(store.add(SESSION, b"%d" % n, "a", "", by="p") for n in range(9)), return_exceptions=True)  # fmt: skip
    refused = [error for error in tries if isinstance(error, LogRefused)]
    assert {(error.status, error.code) for error in refused} == {(409, "too-many")}
    assert len(refused) == 6
    assert on_disk(tmp_path) == {id_ for id_, _ in await store.of(SESSION)}
    assert await store.add(OTHER, b"x", "a", "", by="p")


async def test_a_session_holds_only_so_much(database, tmp_path):
    store = made(database, tmp_path, total_bytes=1000)
    await store.add(SESSION, b"x" * 600, "a", "", by="p")
    with pytest.raises(LogRefused, match="as many"):
        await store.add(SESSION, b"x" * 401, "a", "", by="p")
    await store.add(SESSION, b"x" * 400, "a", "", by="p")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
async def test_a_full_disk_is_said_and_leaves_nothing(store, tmp_path):
    id_ = new_id()
    (tmp_path / "attachments").mkdir()
    scratch = tmp_path / "attachments" / f".{id_}.{os.getpid()}"
    scratch.symlink_to("/dev/full")  # the kernel's own ENOSPC
    with pytest.raises(StoreFull):
        await store.add(SESSION, b"text", "a", "", by="p", id_=id_)
    assert on_disk(tmp_path) == set()
    assert (await store.add(SESSION, b"text", "a", "", by="p", id_=id_)).id == id_, "there is room again"


async def test_a_full_table_gives_the_disk_its_room_back(store, database, tmp_path, monkeypatch):
    async def full(*_args: object) -> None:
        raise StoreFull("full")

    monkeypatch.setattr(database, "write", full)
    with pytest.raises(StoreFull):
        await store.add(SESSION, b"text", "a", "", by="p")
    assert on_disk(tmp_path) == set()


async def test_another_trouble_of_the_disk_is_not_called_full(store, tmp_path):
    (tmp_path / "attachments").write_text("in the way")
    with pytest.raises(OSError, match="attachments"):
        await store.add(SESSION, b"text", "a", "", by="p")


async def test_what_an_upload_that_died_left_is_swept(store, tmp_path):
    kept = await store.add(SESSION, b"text", "a", "", by="p")
    for name in (new_id(), f".{new_id()}.99"):
        (tmp_path / "attachments" / name).write_bytes(b"half")
    assert await store.orphans() == 2
    assert on_disk(tmp_path) == {kept.id}
    assert await store.orphans() == 0


async def test_what_is_being_written_is_not_swept(store, tmp_path, monkeypatch):
    written, go_on = threading.Event(), threading.Event()
    write = platform.write_private

    def slow(path: Path, data: bytes) -> None:
        write(path, data)
        written.set()
        assert go_on.wait(10)

    monkeypatch.setattr(files.platform, "write_private", slow)
    adding = asyncio.create_task(store.add(SESSION, b"text", "a", "", by="p"))
    await until(written.is_set)
    assert len(on_disk(tmp_path)) == 1
    assert await store.orphans() == 0
    go_on.set()
    assert (await store.read(SESSION, (await adding).id))[1].read_bytes() == b"text"


async def test_a_file_that_the_disk_lost_is_told_in_the_log(store, tmp_path, caplog):
    kept = await store.add(SESSION, b"text", "비밀.txt", "", by="p")
    (tmp_path / "attachments" / kept.id).unlink()
    with caplog.at_level(logging.ERROR):
        with pytest.raises(LogRefused) as told:
            await store.read(SESSION, kept.id)
        await store.orphans()
    assert told.value.status == 404
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert "1 attachments are named" in caplog.text
    assert "비밀" not in caplog.text


# ── serving ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_picture_is_shown_and_a_document_is_downloaded(store):
    for data, how in ((picture(), "inline"), (pdf(), "attachment"), (b"text", "attachment")):
        headers = download(
            *await store.read(SESSION, (await store.add(SESSION, data, '현장 "1".x', "", by="p")).id)
        ).headers
        assert headers["content-disposition"].startswith(f'{how}; filename="')
        assert "filename*=UTF-8''%ED%98%84%EC%9E%A5%20_1_." in headers["content-disposition"]
        assert headers["content-disposition"].isascii()
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert headers["x-content-type-options"] == "nosniff"


async def test_over_http_a_hostile_file_is_a_problem_and_a_good_one_comes_back(served):
    desk = await served.desk()
    session = await open_session(desk)
    await claim(desk, session)
    address = f"/v1/sessions/{session}/attachments"
    for data, name in HOSTILE:
        refused = await desk.post(address, params={"id": new_id(), "name": name}, content=data)
        assert problem_of(refused) == (422, "bad-input", "file")
    id_ = new_id()
    for _ in "ab":
        kept = await desk.post(address, params={"id": id_, "name": "\u202e현장.exe"}, content=picture(), headers=CLAIM)
        assert (kept.status_code, kept.json()["name"]) == (201, "현장.jpg")
    reused = await desk.post(address, params={"id": id_, "name": "b"}, content=b"other")
    assert problem_of(reused)[:2] == (409, "id-reused")
    got = await desk.get(f"{address}/{id_}")
    assert (got.headers["content-type"], opened(got.content).size) == ("image/jpeg", (40, 30))
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert got.headers["content-disposition"].startswith("inline; filename=")
