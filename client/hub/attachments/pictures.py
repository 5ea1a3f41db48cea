"""A picture as a carrier takes it: a JPEG of few bytes."""

from __future__ import annotations

import io

from PIL import Image

from client.domain.codec import BadInput

SIDE = 1440  # px of the longer side that carriers take at most
SMALLEST = 320
STEP = 0.8


def carriers_jpeg(data: bytes, most: int) -> bytes:
    """The picture as a JPEG of at most `most` bytes, made smaller until it fits; raises `BadInput` where it is no picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            flat = Image.new("RGB", image.size, "white")
            shown = image.convert("RGBA")
            flat.paste(shown, mask=shown.getchannel("A"))
    except (OSError, ValueError, SyntaxError) as error:
        raise BadInput("file", "is no picture") from error
    side = SIDE
    while side >= SMALLEST:
        flat.thumbnail((side, side))
        for quality in (85, 70, 55):
            out = io.BytesIO()
            flat.save(out, "JPEG", quality=quality)
            if out.tell() <= most:
                return out.getvalue()
        side = int(side * STEP)
    raise BadInput("file", f"cannot be made smaller than {most} bytes")
