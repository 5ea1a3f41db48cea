"""The settings' page for video: a camera is tried before it is kept, in a mirror that only the agent sees."""

from __future__ import annotations

from dataclasses import replace

from client.domain.video import Cameras
from client.settings import Settings
from ui.settings_sheet import SettingsSheet
from ui.video_page import VideoPage


def plug(stage, *names: str) -> None:
    """These cameras are there now."""
    chosen = stage.fake.video._cameras.chosen
    told = Cameras(names=names, chosen=chosen if chosen in names else names[0] if names else "")
    stage.fake.video._cameras = told
    stage.fake.video._tell(told)


def sheet_of(stage) -> SettingsSheet:
    stage.context.actions.trigger("settings")
    sheet = stage.window.dialogs.sheet
    assert isinstance(sheet, SettingsSheet)
    sheet.tabs.setCurrentIndex(3)
    return sheet


def test_cameras_are_listed_and_one_that_is_not_here_stays_chosen(stage):
    @stage
    async def play(stage):
        plug(stage, "Webcam", "signer")
        page = VideoPage(replace(stage.context, settings=Settings(camera="Old camera")))
        names = [page.camera.itemData(row) for row in range(page.camera.count())]
        assert names == ["", "Webcam", "signer", "Old camera"]
        assert page.camera.currentData() == "Old camera"
        assert page.changes() == {}
        plug(stage, "Webcam", "Another")
        assert page.camera.findData("Another") > 0
        assert page.camera.currentData() == "Old camera"


def test_the_engine_is_woken_by_the_page_and_not_by_the_settings(stage):
    @stage
    async def play(stage):
        stage.context.actions.trigger("settings")
        await stage.until(stage.window.dialogs.sheet.isVisible)
        assert not stage.fake.video.awake
        stage.window.dialogs.sheet.tabs.setCurrentIndex(3)
        assert stage.fake.video.awake


def test_only_what_was_changed_is_kept(stage):
    @stage
    async def play(stage):
        page = VideoPage(stage.context)
        page.signs.setChecked(True)
        page.hears.setChecked(False)
        page.live_text.setCurrentIndex(page.live_text.findData("words"))
        assert page.changes() == {"video.signs": True, "video.hears": False, "desk.announce_live_text": "words"}


def test_a_chosen_camera_is_used_at_once_and_the_old_one_again_when_nothing_is_kept(stage):
    @stage
    async def play(stage):
        plug(stage, "Webcam", "Doccam")
        sheet = sheet_of(stage)
        sheet.video_page.camera.setCurrentIndex(sheet.video_page.camera.findData("Doccam"))
        await stage.until(lambda: stage.desk.video.cameras.chosen == "Doccam")
        sheet.reject()
        await stage.until(lambda: stage.desk.video.cameras.chosen == "Webcam", "the system's first again")


def test_a_kept_camera_stays(stage):
    @stage
    async def play(stage):
        plug(stage, "Webcam", "Doccam")
        sheet = sheet_of(stage)
        sheet.video_page.camera.setCurrentIndex(sheet.video_page.camera.findData("Doccam"))
        sheet._save()
        await stage.until(lambda: stage.window.context.settings.camera == "Doccam")
        await stage.until(lambda: stage.desk.video.cameras.chosen == "Doccam")


def test_the_mirror_runs_only_while_it_is_seen(stage):
    @stage
    async def play(stage):
        sheet = sheet_of(stage)
        page = sheet.video_page
        assert not stage.fake.video.previewing
        page.look.click()
        await stage.until(lambda: stage.fake.video.previewing)
        await stage.until(lambda: page.mirror.painted, "one sees oneself")
        assert page.mirror.mirrored
        assert "좌우 반전" in page.mirror.accessibleName()
        sheet.tabs.setCurrentIndex(0)
        await stage.until(lambda: not stage.fake.video.previewing)
        sheet.tabs.setCurrentIndex(3)
        page.look.click()
        await stage.until(lambda: stage.fake.video.previewing)
        sheet.reject()
        await stage.until(lambda: not stage.fake.video.previewing, "the camera is off with the sheet")


def test_a_camera_that_another_program_has_is_told_on_the_page(stage):
    @stage
    async def play(stage):
        stage.fake.video.lose_camera()
        sheet = sheet_of(stage)
        sheet.video_page.look.click()
        await stage.until(lambda: bool(sheet.video_page.trouble.words))
        assert "another program has the camera" in sheet.video_page.trouble.words
        assert "another program has the camera" in sheet.video_page.mirror.accessibleName()


def test_every_field_has_a_name_and_what_it_has_set_is_locked(on_stage):
    async def play(stage):
        sheet = SettingsSheet(stage.context, stage.window, lambda _: "", locked=("video.camera", "video.hears"))
        assert all(widget.accessibleName() for widget in sheet.video_page.fields.values())
        assert not sheet.video_page.camera.isEnabled()
        assert not sheet.video_page.hears.isEnabled()
        assert sheet.video_page.signs.isEnabled()

    on_stage(play)
