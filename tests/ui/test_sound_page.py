"""Sound devices are chosen in the window; one that is not here now stays chosen."""

from __future__ import annotations

from dataclasses import replace

from client.domain.call import Devices
from client.settings import Settings
from ui.sound_page import SoundPage


def test_devices_are_listed_and_only_changes_are_kept(stage):
    @stage
    async def play(stage):
        context = stage.context
        context.desk.health.take(
            Devices(
                inputs=("Jabra", "Webcam"), outputs=("Jabra", "Speaker"), microphone="Jabra", speaker="Jabra", ring=""
            )
        )
        page = SoundPage(
            replace(context, settings=Settings(microphone="Webcam", ring_device="Old bell", ring_volume=60))
        )
        assert [page.microphone.itemText(n) for n in range(1, page.microphone.count())] == ["Jabra", "Webcam"]
        assert (page.microphone.currentData(), page.ring.currentData()) == ("Webcam", "Old bell")
        assert page.changes() == {}
        page.microphone.setCurrentIndex(page.microphone.findData("Jabra"))
        page.volume.setValue(30)
        assert page.changes() == {"sound.microphone": "Jabra", "sound.ring_volume": 30}


def test_where_the_screen_reader_speaks_is_said_and_that_it_would_be_in_the_call(stage):
    @stage
    async def play(stage):
        context = stage.context
        context.desk.health.take(
            Devices(
                inputs=("Jabra",),
                outputs=("Jabra", "Speaker"),
                microphone="Jabra",
                speaker="Jabra",
                ring="",
                default_output="Speaker",
            )
        )
        page = SoundPage(replace(context, settings=Settings(speaker="Jabra")))
        assert page.reader.words.startswith("Speaker, 시스템")
        assert not page.form.isRowVisible(page.overlap)
        for data, same in (("Speaker", True), ("Jabra", False), ("", True)):
            page.speaker.setCurrentIndex(page.speaker.findData(data))
            assert page.form.isRowVisible(page.overlap) is same
            assert bool(page.speaker.accessibleDescription()) is same


def test_without_word_of_the_systems_device_only_its_own_choice_is_the_same(stage):
    @stage
    async def play(stage):
        page = SoundPage(replace(stage.context, settings=Settings(speaker="Jabra")))
        assert "시스템" in page.reader.words
        assert not page.form.isRowVisible(page.overlap)
        page.speaker.setCurrentIndex(0)
        assert page.form.isRowVisible(page.overlap)
