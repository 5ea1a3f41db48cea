"""Pictures are made anew: nothing but the pixels comes through, and no more of them than fit."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import ExifTags, Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from client.domain.codec import BadInput
from client.hub.attachments.pictures import carriers_jpeg
from tests.hub.attached_files import archive, checked, opened, picture, refusal

HIDDEN = b"37.5665N 126.9780E"


def with_exif(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = HIDDEN.decode()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (37.0, 33.0, 59.0)
    return exif


def halves(size: tuple[int, int] = (40, 20)) -> Image.Image:
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    return image


def repr_of(value: object) -> str:
    return repr(value)[2:8] if isinstance(value, bytes) else str(value)


def png_of(width: int, height: int, packed: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", packed or zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_where_a_photo_was_taken_is_gone():
    photo = picture(exif=with_exif(), comment=HIDDEN, icc_profile=HIDDEN, xmp=b"<x>" + HIDDEN + b"</x>")
    assert photo.count(HIDDEN) == 4
    assert opened(photo).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    kept = checked(photo, "현장.jpg")
    out = opened(kept.data)
    assert not out.getexif()
    assert not out.getexif().get_ifd(ExifTags.IFD.GPSInfo)
    assert set(out.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert HIDDEN not in kept.data
    assert b"Exif" not in kept.data


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_what_other_kinds_carry_is_gone_too(kind):
    notes = PngInfo()
    notes.add_text("Comment", HIDDEN.decode())
    carried = {"PNG": {"pnginfo": notes, "exif": with_exif()}, "GIF": {"comment": HIDDEN}}
    drawn = picture(kind, **carried.get(kind, {"exif": with_exif(), "xmp": HIDDEN}))
    assert HIDDEN in drawn
    kept = checked(drawn)
    assert HIDDEN not in kept.data
    assert not opened(kept.data).getexif()


@pytest.mark.parametrize(("orientation", "size", "red"), [(1, (40, 20), (2, 2)), (3, (40, 20), (38, 2)), (6, (20, 40), (2, 2)), (8, (20, 40), (2, 38))])  # fmt: skip
def test_it_stands_upright_without_being_told(orientation, size, red):
    out = io.BytesIO()
    halves().save(out, "JPEG", exif=with_exif(orientation), quality=95)
    kept = checked(out.getvalue())
    assert (kept.width, kept.height) == size
    pixel = opened(kept.data).getpixel(red)
    assert pixel[0] > 200
    assert pixel[2] < 60


@pytest.mark.parametrize(
    ("made", "media_type", "mode"),
    [
        (picture("JPEG"), "image/jpeg", "RGB"),
        (picture("JPEG", mode="L"), "image/jpeg", "RGB"),
        (picture("JPEG", mode="CMYK"), "image/jpeg", "RGB"),
        (picture("PNG"), "image/png", "RGB"),
        (picture("PNG", mode="RGBA"), "image/png", "RGBA"),
        (picture("WEBP"), "image/jpeg", "RGB"),
        (picture("WEBP", mode="RGBA"), "image/png", "RGBA"),
        (picture("GIF"), "image/png", "RGB"),
        (picture("GIF", mode="P", transparency=0), "image/png", "RGBA"),
    ],
    ids=repr_of,
)
def test_each_kind_becomes_one_that_everything_shows(made, media_type, mode):
    kept = checked(made, "무엇.exe", "application/x-msdownload")
    assert (kept.media_type, kept.width, kept.height) == (media_type, 40, 30)
    assert opened(kept.data).mode == mode
    assert kept.name == f"무엇.{kept.extension}"


def test_sixteen_bits_of_grey_keep_their_shade():
    made = io.BytesIO()
    Image.new("I;16", (4, 4), 0x8000).save(made, "PNG")
    assert opened(checked(made.getvalue()).data).getpixel((1, 1)) == (128, 128, 128)


def test_of_a_moving_picture_the_first_frame_is_kept():
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(
        out, "GIF", save_all=True, append_images=[Image.new("RGB", (8, 8), "blue")] * 50
    )
    kept = opened(checked(out.getvalue()).data)
    assert kept.getpixel((1, 1))[:3] == (255, 0, 0)
    assert getattr(kept, "n_frames", 1) == 1


def test_a_long_side_is_made_shorter():
    kept = checked(picture(size=(5000, 100)))
    assert (kept.width, kept.height) == (4096, 82)


@pytest.mark.parametrize(("mode", "kind", "becomes"), [("P", "GIF", "image/jpeg"), ("RGBA", "WEBP", "image/png")])
def test_what_grows_by_being_made_anew_is_made_to_fit(mode, kind, becomes):
    noise = Image.effect_noise((900, 900), 90)
    colours = Image.merge("RGBA", (noise, noise.rotate(90), noise.rotate(180), noise.rotate(270)))
    out = io.BytesIO()
    (colours.convert("RGB").quantize(200) if mode == "P" else colours).save(out, kind, quality=10)
    given = out.getvalue()
    assert len(checked(given).data) > len(given)
    kept = checked(given, size=len(given))
    assert len(kept.data) <= len(given)
    assert kept.media_type == becomes


@pytest.mark.parametrize(("width", "height"), [(9_000, 9_000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 1)])
def test_too_many_pixels_are_refused_before_one_is_decoded(width, height, monkeypatch):
    def loading(*_args: object) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr(ImageFile.ImageFile, "load", loading)
    assert refusal(png_of(width, height)) == "has too many pixels"


def test_see_through_pixels_count_twice():
    assert refusal(picture("PNG", (100, 100), "RGBA"), pixels=15_000) == "has too many pixels"
    assert checked(picture("PNG", (100, 100)), pixels=15_000)


def test_a_text_that_unpacks_to_anything_is_not_kept_in_memory():
    bomb = picture("PNG")
    packed = zlib.compress(bytes(200_000_000), 9)
    body = b"Comment\0\0" + packed
    text = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    assert refusal(bomb[:33] + text + bomb[33:]) == "is a damaged picture"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_what_hangs_behind_a_picture_is_gone(kind):
    jar = archive({"META-INF/MANIFEST.MF": b"Main-Class: Evil", "Evil.class": b"\xca\xfe\xba\xbe"})
    both = picture(kind) + jar
    assert zipfile.is_zipfile(io.BytesIO(both))
    kept = checked(both)
    assert not zipfile.is_zipfile(io.BytesIO(kept.data))
    assert b"Evil" not in kept.data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_picture_that_was_cut_off_is_refused(kind, share):
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, kind)
    assert refusal(out.getvalue()[: int(len(out.getvalue()) * share)]) == "is a damaged picture"


@pytest.mark.filterwarnings("ignore::UserWarning")  # as in a hub; the tests make Pillow's complaint an error
def test_a_damaged_orientation_does_not_cost_the_picture():
    out = io.BytesIO()
    halves().save(out, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\xff" + b"\xff" * 40)
    assert checked(out.getvalue()).width == 40


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_carrier_gets_a_small_jpeg(mode):
    noise = Image.effect_noise((3000, 2000), 90)
    image = Image.merge(mode, (noise,) * len(mode))
    out = io.BytesIO()
    image.save(out, "PNG")
    sent = carriers_jpeg(out.getvalue(), 300_000)
    assert len(sent) <= 300_000
    assert opened(sent).format == "JPEG"
    assert max(opened(sent).size) >= 320


def test_what_is_seen_through_is_white_on_a_phone():
    out = io.BytesIO()
    Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(carriers_jpeg(out.getvalue(), 300_000)).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", picture()[:100], png_of(60_000, 60_000)], ids=repr_of)
def test_what_is_no_picture_is_not_sent_as_one(data):
    with pytest.raises(BadInput):
        carriers_jpeg(data, 300_000)


def test_what_cannot_be_made_small_enough_is_said():
    with pytest.raises(BadInput, match="cannot be made smaller than 100 bytes"):
        carriers_jpeg(picture(), 100)
