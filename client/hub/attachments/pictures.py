"""Pictures made anew from their pixels: EXIF, places, colour profiles, comments and whatever was hidden in them are gone."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

from client.domain.codec import BadInput
from client.hub.attachments.clean import Clean, Limits, refused

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 85
ORIENTATION = 0x0112  # EXIF 2.32, 4.6.4
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# what decoders raise on damaged files; where warnings are errors, Pillow's too
DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    LookupError,
    TypeError,
    ArithmeticError,
    AssertionError,
    struct.error,
    zlib.error,
    Warning,
)

SIDE = 1440  # px of the longer side that carriers take at most
SMALLEST = 320
STEP = 0.8


def picture(data: bytes, kind: str, limits: Limits) -> Clean:
    """A picture of `kind` (one of `FORMATS`) as JPEG, or as PNG where it was drawn or is see-through.

    Of a moving one the first frame is kept. Its pixels are counted before they are decoded; those of a see-through one
    twice, since it is copied while it is made smaller. With the usual limits a picture needs at most 400 MB for a moment.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            if image.width * image.height * (2 if image.has_transparency_data else 1) > limits.pixels:
                raise refused("has too many pixels")
            return _anew(image, kind, limits)
    except BadInput:
        raise
    except TOO_LARGE as error:
        raise refused("has too many pixels") from error
    except (*DAMAGED, MemoryError) as error:
        raise refused("is a damaged picture") from error


def _anew(image: Image.Image, kind: str, limits: Limits) -> Clean:
    clear = image.has_transparency_data
    turn = TURNS.get(_orientation(image))
    pixels = _in_mode(image, "RGBA" if clear else "RGB")
    pixels.thumbnail((limits.longest, limits.longest))
    bare = Image.new(pixels.mode, pixels.size)  # a new one knows nothing of what was written beside the pixels
    bare.paste(pixels)
    bare = bare if turn is None else bare.transpose(turn)
    return _encoded(bare, "PNG" if clear or kind in ("PNG", "GIF") else "JPEG", limits.size)


def _orientation(image: Image.Image) -> int:
    image.load()  # a PNG may say it after its pixels
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except DAMAGED:
        return 1


def _in_mode(image: Image.Image, mode: str) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey: Pillow would cut them off at 255
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    return image if image.mode == mode else image.convert(mode)


def _encoded(bare: Image.Image, kind: str, most: int) -> Clean:
    """As PNG where that fits, else a JPEG; smaller until it fits: what is kept is no larger than what may be sent."""
    while (data := _saved(bare, kind, QUALITY)) and len(data) > most and max(bare.size) > SMALLEST:
        if kind == "PNG" and bare.mode == "RGB":
            kind = "JPEG"
        else:
            bare.thumbnail((int(max(bare.size) * STEP),) * 2)
    return Clean(
        data=data,
        media_type=f"image/{kind.lower()}",
        extension="jpg" if kind == "JPEG" else "png",
        width=bare.width,
        height=bare.height,
    )


def _saved(image: Image.Image, kind: str, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **({"quality": quality} if kind == "JPEG" else {}))
    return out.getvalue()


def carriers_jpeg(data: bytes, most: int) -> bytes:
    """The picture as a JPEG of at most `most` bytes, smaller until it fits (Korean MMS: 300 KB); `BadInput` if it is none."""
    flat = _flat(data)
    side = SIDE
    while side >= SMALLEST:
        flat.thumbnail((side, side))
        for quality in (QUALITY, 70, 55):
            if len(small := _saved(flat, "JPEG", quality)) <= most:
                return small
        side = int(side * STEP)
    raise refused(f"cannot be made smaller than {most} bytes")


def _flat(data: bytes) -> Image.Image:
    """On white: a JPEG is not see-through."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            image.load()
            shown = _in_mode(image, "RGBA")
            shown.thumbnail((SIDE, SIDE))
            flat = Image.new("RGB", shown.size, "white")
            flat.paste(shown, mask=shown.getchannel("A"))
            return flat
    except (*TOO_LARGE, *DAMAGED) as error:
        raise refused("is no picture") from error
