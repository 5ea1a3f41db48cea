"""Choosing sound devices: microphone, headset, and a separate one that rings, at its own volume. In force at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFormLayout, QWidget

from ui.choice import Choice
from ui.context import Context
from ui.label import Label
from ui.language import tr
from ui.number import Number
from ui.trouble_text import device_text

FULL = 100


class SoundPage(QWidget):
    """Lists what is plugged in; a chosen device that is not here now stays chosen."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._actions = context.actions
        now, devices = context.settings, context.desk.health.devices
        inputs = devices.inputs if devices else ()
        outputs = devices.outputs if devices else ()
        self.form = QFormLayout(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setVerticalSpacing(context.look.px(10))
        self.form.setHorizontalSpacing(context.look.px(18))
        self.microphone = self._devices(tr("Microphone"), inputs, now.microphone, tr("the system's"))
        self.speaker = self._devices(tr("Headset or speaker"), outputs, now.speaker, tr("the system's"))
        self.ring = self._devices(tr("Ring device"), outputs, now.ring_device, tr("same as the headset"))
        self.volume = Number(context.look, 0, FULL, unit=" %")
        self.volume.setValue(now.ring_volume)
        self._row(tr("Ring volume"), self.volume)
        self._default = devices.default_output if devices else ""
        self.reader = Label(self._reader_text(), wrap=True)
        self.overlap = Label(tr("It speaks into the call's headset, over the citizen's voice."), "careful", wrap=True)
        self.form.addRow(Label(tr("Screen reader's speech"), "second"), self.reader)
        self.form.addRow("", self.overlap)
        self.speaker.currentIndexChanged.connect(self._warn)
        self._warn()
        if devices is not None and devices.problem:
            self.form.addRow("", Label(device_text(devices.problem), "careful", wrap=True))
        self.fields: dict[str, QWidget] = {
            "sound.microphone": self.microphone,
            "sound.speaker": self.speaker,
            "sound.ring_device": self.ring,
            "sound.ring_volume": self.volume,
        }
        self._before = self._values()

    def _reader_text(self) -> str:
        """The screen reader is another program and speaks where the system plays, unless it is told otherwise."""
        if not self._default:
            return tr("on the system's own device, unless the screen reader is set to another")
        return tr("{device}, the system's own, unless the screen reader is set to another", device=self._default)

    def _warn(self) -> None:
        same = self.speaker.currentData() in ("", self._default)
        self.form.setRowVisible(self.overlap, same)
        self.speaker.setAccessibleDescription(self.overlap.words if same else "")

    def _devices(self, label: str, names: Sequence[str], chosen: str, default: str) -> Choice:
        box = Choice(self._actions)
        box.addItem(default, "")
        for name in dict.fromkeys([*names, *([chosen] if chosen else [])]):
            box.addItem(name, name)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        self._row(label, box)
        return box

    def _row(self, label: str, widget: QWidget) -> None:
        widget.setAccessibleName(label)
        self.form.addRow(Label(label, "second"), widget)

    def _values(self) -> dict[str, object]:
        return {
            "sound.microphone": self.microphone.currentData(),
            "sound.speaker": self.speaker.currentData(),
            "sound.ring_device": self.ring.currentData(),
            "sound.ring_volume": self.volume.value(),
        }

    def changes(self) -> dict[str, object]:
        """What differs from what is in force."""
        return {key: value for key, value in self._values().items() if value != self._before[key]}
