"""Pictures on the screen: every one of a real ring is painted, its aspect is kept, the own one is mirrored, light is judged."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QEvent, QObject, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from client.domain.video import Picture
from client.picture_ring import PictureReader, PictureWriter, ring_file
from tests.ui.scenes import signer
from ui.frame_guide import Light, light_of
from ui.picture_view import PictureView, fitted

FPS, COUNT = 30, 60
RED, BLUE = "#FF0000", "#0000FF"


class Paints(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched, event) -> bool:  # noqa: N802 — Qt names it
        self.count += event.type() == QEvent.Type.Paint
        return False


def from_ring(reader: PictureReader):
    def newest(after: int) -> Picture | None:
        there = reader.newest(after)
        if there is None:
            return None
        return Picture(
            number=there.number, width=there.width, height=there.height, at_ms=there.at_ms, pixels=there.pixels
        )

    return newest


def camera(writer: PictureWriter, drawn: list[Picture], done: threading.Event) -> None:
    """Thirty pictures a second, as an engine puts them: whether they are taken or not."""
    pace = threading.Event()
    for n in range(COUNT):
        picture = drawn[n % len(drawn)]
        writer.put(picture.width, picture.height, n * 1000 // FPS, picture.pixels)
        pace.wait(1 / FPS)
    done.set()


@pytest.mark.parametrize("size", [(640, 480), (1280, 720)])
def test_pictures_of_a_real_ring_are_painted_at_thirty_a_second(stage, tmp_path, size):
    @stage
    async def play(stage):
        writer = PictureWriter(ring_file(tmp_path, "call"), (1280, 720))
        reader = PictureReader(ring_file(tmp_path, "call"))
        view = PictureView(from_ring(reader))
        view.resize(1280, 800)
        view.show()
        drawn = [signer(*size, number) for number in range(4)]
        done = threading.Event()
        thread = threading.Thread(target=camera, args=(writer, drawn, done))
        thread.start()
        await stage.until(lambda: done.is_set() and view.number == COUNT, "the last one is there")
        await stage.until(lambda: not view._new, "and painted")
        thread.join()
        assert view.painted >= COUNT * 0.9, "this machine may stumble; a view that drops pictures does so all the time"
        view.hide()
        reader.close()
        writer.close()


def test_nothing_is_painted_again_without_a_new_picture_and_nobody_looks_while_it_is_hidden(stage):
    @stage
    async def play(stage):
        asked: list[int] = []

        def source(after: int) -> Picture | None:
            asked.append(after)
            return signer(64, 48, 1) if after < 1 else None

        view = PictureView(source)
        view.resize(320, 240)
        view.show()
        await stage.until(lambda: view.painted == 1)
        paints = Paints(view)
        before = len(asked)
        await stage.until(lambda: len(asked) > before + 20, "it goes on looking")
        assert paints.count == 0
        view.hide()
        assert not view._timer.isActive()
        view.show()
        assert view._timer.isActive()
        view.hide()


def halves(left: str, right: str) -> Picture:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor(left))
    painter = QPainter(image)
    painter.fillRect(32, 0, 32, 48, QColor(right))
    painter.end()
    return Picture(number=1, width=64, height=48, at_ms=0, pixels=bytes(image.constBits()))


@pytest.mark.parametrize(("mirrored", "left"), [(False, RED), (True, BLUE)])
def test_the_own_picture_is_a_mirror_and_the_citizens_is_not(stage, mirrored, left):
    @stage
    async def play(stage):
        view = PictureView(lambda after: halves(RED, BLUE) if after < 1 else None, mirrored=mirrored)
        view.resize(320, 240)
        view.show()
        await stage.until(lambda: view.painted == 1)
        assert view.grab().toImage().pixelColor(60, 120).name().upper() == left
        view.hide()


def test_what_was_last_seen_is_taken_down(stage):
    @stage
    async def play(stage):
        view = PictureView(lambda after: halves(RED, RED) if after < 1 else None)
        view.resize(320, 240)
        view.show()
        await stage.until(lambda: view.painted == 1)
        view._source = lambda _: None
        view.clear()
        assert not view.has_picture
        assert view.grab().toImage().pixelColor(160, 120) != QColor(RED)
        view.hide()


@pytest.mark.parametrize(
    ("size", "room", "place"),
    [
        ((640, 480), (0, 0, 800, 400), (133.3, 0, 533.3, 400)),
        ((480, 640), (0, 0, 800, 400), (250, 0, 300, 400)),
        ((1280, 720), (10, 20, 640, 640), (10, 160, 640, 360)),
        ((640, 480), (0, 0, 0, 400), (0, 0, 0, 0)),
        ((0, 0), (0, 0, 100, 100), (0, 0, 0, 0)),
    ],
)
def test_a_picture_is_as_large_as_it_fits_and_never_stretched(size, room, place):
    got = fitted(QSize(*size), QRectF(*room))
    assert (got.x(), got.y(), got.width(), got.height()) == pytest.approx(place, abs=0.1)


def scene(surround: str, middle: str) -> QImage:
    """A person's place in the middle, before something."""
    image = QImage(160, 120, QImage.Format.Format_RGB32)
    image.fill(QColor(surround))
    painter = QPainter(image)
    painter.fillRect(48, 24, 64, 96, QColor(middle))
    painter.end()
    return image


@pytest.mark.parametrize(
    ("surround", "middle", "light"),
    [
        ("#707070", "#B08868", Light.GOOD),
        ("#9A9A9A", "#8A6A50", Light.GOOD),
        ("#101010", "#181412", Light.DARK),
        ("#F4F4F4", "#3A2C24", Light.BACKLIT),
        ("#FFFFFF", "#FAF6F2", Light.BRIGHT),
        ("#202020", "#C09878", Light.GOOD),
    ],
)
def test_the_light_on_a_signer_is_judged(surround, middle, light):
    assert light_of(scene(surround, middle)) is light


def test_a_slope_of_light_is_no_window_behind(qapp):
    image = QImage(160, 120, QImage.Format.Format_RGB32)
    slope = QLinearGradient(0, 0, 160, 0)
    slope.setColorAt(0, QColor("#404040"))
    slope.setColorAt(1, QColor("#C0C0C0"))
    painter = QPainter(image)
    painter.fillRect(image.rect(), slope)
    painter.end()
    assert light_of(image) is Light.GOOD
