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
