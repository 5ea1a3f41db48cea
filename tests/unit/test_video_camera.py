"""The camera: wanted or not, taken, pulled out, back again; and what is sent in its place."""

from __future__ import annotations

import asyncio
import errno
import queue

import av
import numpy as np
import pytest

from client import platform
from client.adapters.video import VideoThroughEngine
from client.domain.video import Cameras
from client.domain.words import Party
from client.engines.video import camera_device, clock_code
from client.engines.video.camera import Camera
from client.engines.video.camera_device import GONE, NONE, SIGNER, TAKEN, CameraDevice, CameraTrouble, list_cameras
from client.engines.video.far_picture import jpeg
from client.engines.video.outgoing import OutgoingPicture
from client.engines.video.pixels import show
from client.engines.video.signer import CLOCK, Signer, signing
from client.picture_ring import PictureReader, PictureWriter, ring_file
from tests.waiting import until

DESK, DOOR = CameraDevice("Desk camera", "/dev/video7"), CameraDevice("Door camera", "/dev/video8")


def picture(width: int = 640, height: int = 480, luma: int = 200) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(frame.planes, (luma, 128, 128), strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    return frame


class Cupboard:
    """Cameras that a test plugs in, takes away and lets fail. `opened` — by name, in order."""

    def __init__(self, *devices: CameraDevice) -> None:
        self.devices = devices
        self.trouble = ""
        self.opened: list[str] = []
        self.closed: list[str] = []
        self.sizes: list[tuple[int, int]] = []
        self.frames: queue.Queue = queue.Queue()

    def find(self) -> tuple[CameraDevice, ...]:
        return self.devices

    def open(self, device: CameraDevice, size: tuple[int, int]):
        if self.trouble:
            raise CameraTrouble(self.trouble)
        self.opened.append(device.name)
        self.sizes.append(size)
        try:
            while True:
                frame = self.frames.get(timeout=5) if not self.frames.empty() else picture()
                if isinstance(frame, str):
                    raise CameraTrouble(frame)
                yield frame
        finally:
            self.closed.append(device.name)


class Rig:
    def __init__(self, directory, *devices: CameraDevice, chosen: str = "") -> None:
        self.cupboard = Cupboard(*devices)
        self.told: list[Cameras] = []
        self.directory = directory
        find, opens = self.cupboard.find, self.cupboard.open
        self.camera = Camera(
            directory, chosen, (640, 480), self.told.append, find=find, open_device=opens, again_s=0.02, look_s=0.02
        )

    @property
    def now(self) -> Cameras:
        return self.told[-1]


@pytest.fixture
async def rigs(tmp_path):
    made: list[Rig] = []

    async def make(*devices: CameraDevice, chosen: str = "") -> Rig:
        made.append(Rig(tmp_path, *devices, chosen=chosen))
        await made[-1].camera.start()
        return made[-1]

    yield make
    for rig in made:
        await rig.camera.stop()


async def test_no_camera_is_opened_before_it_is_wanted_and_it_is_let_go_of_after(rigs):
    rig = await rigs(DESK, DOOR)
    assert rig.now == Cameras(names=(DESK.name, DOOR.name), chosen=DESK.name)
    assert rig.cupboard.opened == []
    await rig.camera.want("a", on=True)
    await rig.camera.want("b", on=True)
    await until(lambda: rig.camera.newest is not None)
    assert rig.now.on
    await rig.camera.want("a", on=False)
    assert rig.now.on
    await rig.camera.want("b", on=False)
    assert not rig.now.on
    assert (rig.cupboard.opened, rig.cupboard.closed) == ([DESK.name], [DESK.name])
    assert rig.camera.newest is None
    assert rig.cupboard.sizes == [(640, 480)]


async def test_another_camera_is_chosen_while_one_runs(rigs):
    rig = await rigs(DESK, DOOR)
    await rig.camera.want("a", on=True)
    await until(lambda: rig.camera.newest is not None)
    assert rig.camera.may_choose(DOOR.name)
    assert not rig.camera.may_choose("Garden camera")
    await rig.camera.choose(DOOR.name)
    await until(lambda: rig.camera.newest is not None)
    assert rig.cupboard.opened == [DESK.name, DOOR.name]
    assert rig.now.chosen == DOOR.name


async def test_a_camera_that_another_program_has_is_told_and_comes_back_by_itself(rigs):
    rig = await rigs(DESK)
    rig.cupboard.trouble = TAKEN
    await rig.camera.want("a", on=True)
    await until(lambda: rig.now.problem == TAKEN)
    assert (rig.now.on, rig.camera.newest) == (False, None)
    rig.cupboard.trouble = ""
    await until(lambda: rig.now.on and not rig.now.problem)
    await until(lambda: rig.camera.newest is not None)


async def test_a_camera_pulled_out_in_a_call_is_told_and_used_again_when_it_is_back(rigs):
    rig = await rigs(DESK)
    await rig.camera.want("a", on=True)
    await until(lambda: rig.camera.newest is not None)
    rig.cupboard.devices = ()
    rig.cupboard.frames.put(GONE)
    await until(lambda: rig.now.problem and rig.now.names == ())
    assert rig.now.problem == NONE
    rig.cupboard.devices = (DESK,)
    await until(lambda: rig.now.on and rig.camera.newest is not None)
    assert rig.now.chosen == DESK.name


async def test_a_machine_without_a_camera_says_so_and_the_signer_needs_none(rigs):
    rig = await rigs()
    assert rig.now.problem == NONE
    await rig.camera.choose(SIGNER)
    assert (rig.now.chosen, rig.now.names, rig.now.problem) == (SIGNER, (SIGNER,), "")


async def test_pictures_are_fitted_without_being_stretched_and_shown_unmirrored(rigs):
    rig = await rigs(DESK)
    wide = picture(1920, 1080)
    left = np.frombuffer(wide.planes[0], np.uint8).reshape(1080, -1)
    left[:, :960] = 16
    for _ in range(400):
        rig.cupboard.frames.put(wide)
    await rig.camera.want("a", on=True)
    await until(lambda: rig.camera.newest is not None)
    assert (rig.camera.newest.width, rig.camera.newest.height, rig.camera.newest.format.name) == (640, 360, "yuv420p")
    await until(lambda: platform.memory_file(ring_file(rig.directory, "")).exists())
    reader = PictureReader(ring_file(rig.directory, ""))
    seen = await until(reader.newest)
    pixels = np.frombuffer(seen.pixels, np.uint8).reshape(seen.height, seen.width, 4)
    assert pixels[180, 100, 1] < 40
    assert pixels[180, 540, 1] > 150
    reader.close()


# ── what leaves ──────────────────────────────────────────────────────────────────────────────────


async def test_the_card_is_sent_until_the_camera_is_shown_and_whenever_it_has_no_picture(rigs):
    rig = await rigs(DESK)
    track = OutgoingPicture(rig.camera, shown=False)
    await rig.camera.want("a", on=True)
    await until(lambda: rig.camera.newest is not None)
    assert luma(await track.recv()) < 120  # the card, though the camera runs
    track.shown = True
    assert luma(await track.recv()) == 200
    await rig.camera.want("a", on=False)
    assert luma(await track.recv()) < 120  # shown, but there is no camera: a card, not a standing picture
    times = [(await track.recv()).pts for _ in range(3)]
    assert times == sorted(set(times))
    track.stop()


async def test_taking_the_picture_away_is_not_held_up_by_a_camera_that_hangs(rigs):
    rig = await rigs(DESK)
    track = OutgoingPicture(rig.camera, shown=True)
    waiting = asyncio.ensure_future(track.recv())
    await asyncio.sleep(0)
    track.shown = False
    assert luma(await asyncio.wait_for(waiting, 2)) < 120
    track.stop()


def luma(frame: av.VideoFrame) -> int:
    return int(np.frombuffer(frame.planes[0], np.uint8)[:640].mean())


def test_the_card_is_not_black_and_has_a_sign_in_it():
    from client.engines.video.card import draw_card

    plane = draw_card(640, 480).planes[0]
    assert plane.min() > 40
    assert plane[280, 260] > 180


def test_the_signer_never_rests_and_is_within_the_picture():
    signer = Signer(640, 480)
    first, later = (signer.draw(seconds).planes[0] for seconds in (0.0, 0.5))
    moved = np.abs(first.astype(int) - later).sum(axis=0).nonzero()[0]
    assert 0 < moved.min() < moved.max() < 639
    assert (first[: 480 // 4] == later[: 480 // 4]).all()  # hands stay out of the clock


def test_a_clock_is_drawn_into_the_signer_where_a_benchmark_asks(monkeypatch):
    import time

    monkeypatch.setenv(CLOCK, "1")
    frames = signing(640, 480)
    seen = next(frames).reformat(format="bgra").to_ndarray()
    frames.close()
    stamp = clock_code.decode(seen)
    assert stamp is not None
    assert 0 <= clock_code.age_ms(time.time_ns() // 1_000_000, stamp) < 1_000


# ── devices and pixels ───────────────────────────────────────────────────────────────────────────


class Listed:
    def __init__(self, name: str, description: str, kinds: tuple[str, ...] = ("video",)) -> None:
        self.name, self.description, self.media_types = name, description, list(kinds)


def test_cameras_have_names_that_can_be_told_apart(monkeypatch):
    listed = [Listed("/dev/video0", "Cam"), Listed("/dev/video2", "Cam"), Listed("mic", "Mic", ("audio",))]
    listed.append(Listed("/dev/video4", "", ()))
    monkeypatch.setattr(camera_device.av.device, "enumerate_input_devices", lambda kind: listed)
    monkeypatch.setattr(camera_device.platform, "gives_pictures", lambda name: True)
    assert [device.name for device in list_cameras()] == ["Cam (1)", "Cam (2)", "/dev/video4"]
    monkeypatch.setattr(camera_device.av.device, "enumerate_input_devices", refusing(ValueError("no such thing")))
    assert list_cameras() == ()


def refusing(error: Exception):
    def refuse(*_: object, **__: object):
        raise error

    return refuse


@pytest.mark.parametrize(
    ("number", "why"),
    [(errno.EBUSY, TAKEN), (errno.ENODEV, GONE), (errno.EIO, camera_device.MUTE), (errno.EACCES, TAKEN)],
)
def test_what_the_system_says_becomes_a_word_for_a_person(monkeypatch, number, why):
    monkeypatch.setattr(camera_device.av, "open", refusing(OSError(number, "as the driver says")))
    with pytest.raises(CameraTrouble, match=why):
        next(camera_device.open_camera(DESK, (640, 480)))


def test_a_camera_that_knows_not_our_size_gives_what_it_has(monkeypatch):
    asked = []

    class Container:
        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def decode(self, video: int):
            yield picture()

    def opened(address: str, format: str, options: dict | None = None):  # noqa: A002 — PyAV's name
        asked.append(options)
        if options:
            raise ValueError("Invalid argument")
        return Container()

    monkeypatch.setattr(camera_device.av, "open", opened)
    assert next(camera_device.open_camera(DESK, (640, 480))).width == 640
    assert asked == [{"video_size": "640x480", "framerate": "30"}, None]


@pytest.mark.parametrize("size", [(640, 480), (322, 242), (270, 480), (480, 640), (2560, 1440)])
def test_pictures_of_any_size_are_shown_whole(tmp_path, size):
    ring = PictureWriter(ring_file(tmp_path, "x"))
    show(picture(*size), ring)
    reader = PictureReader(ring_file(tmp_path, "x"))
    seen = reader.newest()
    assert seen.width * seen.height <= 1280 * 720
    assert abs(seen.width / seen.height - size[0] / size[1]) < 0.01
    assert set(seen.pixels[::4]) <= set(range(205, 225))
    reader.close()
    ring.close()


def test_a_snapshot_is_a_jpeg_of_the_same_picture():
    data = jpeg(picture(320, 240))
    assert data.startswith(b"\xff\xd8\xff")
    codec = av.CodecContext.create("mjpeg", "r")
    (frame,) = codec.decode(av.Packet(data))
    assert (frame.width, frame.height) == (320, 240)


def test_pictures_go_on_counting_where_a_source_gets_a_new_ring(tmp_path):
    desk = VideoThroughEngine(tmp_path)
    assert desk.picture("", Party.AGENT) is None
    for ring_number in range(2):  # another camera was chosen: its ring begins at 1 again
        ring = PictureWriter(ring_file(tmp_path, ""))
        for _ in range(3):
            show(picture(64, 48), ring)
        seen = desk.picture("", Party.AGENT, after=ring_number * 3)
        assert seen.number == ring_number * 3 + 3
        assert desk.picture("", Party.AGENT, after=seen.number) is None
        desk._take(Cameras(names=()))
        ring.close()


async def test_wishes_at_the_same_time_open_a_camera_once(rigs):
    rig = await rigs(DESK, DOOR)
    await asyncio.gather(*(rig.camera.want(str(number), on=True) for number in range(5)), rig.camera.choose(DOOR.name))
    await until(lambda: rig.camera.newest is not None and rig.now.chosen == DOOR.name)
    await asyncio.gather(*(rig.camera.want(str(number), on=number == 0) for number in range(5)))
    assert rig.cupboard.opened.count(DOOR.name) == 1
    assert rig.cupboard.closed == [name for name in rig.cupboard.opened if name != DOOR.name]
