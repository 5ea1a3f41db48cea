"""What a file really is, by its bytes: pictures are made anew, documents looked into, everything else refused."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from client.domain.codec import BadInput

PIXELS = 50_000_000  # of a picture that is decoded at all
LONGEST = 4096  # px kept of its longer side
UNPACKED = 200_000_000  # bytes of a document's parts together
ENTRIES = 5_000
CHUNK = 1 << 16
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_NAME = 120  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`size` in bytes of one file."""

    size: int = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """A file as it may be kept."""

    data: bytes
    media_type: str
    name: str
    width: int = 0
    height: int = 0


def check(data: bytes, name: str, claimed: str, limits: Limits) -> Clean:  # noqa: ARG001 — what is claimed is not believed
    """The file made harmless; `BadInput` on `file` says in words why it is refused."""
    if not data:
        raise BadInput("file", "is empty")
    if len(data) > limits.size:
        raise BadInput("file", f"must be at most {limits.size // 1_000_000} MB")
    picture = _picture(data, name)
    return picture if picture is not None else _document(data, name)


def _picture(data: bytes, name: str) -> Clean | None:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > PIXELS:
                raise BadInput("file", "has too many pixels")
            return _encoded(image, name)
    except UnidentifiedImageError:
        return None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadInput("file", "is a damaged picture") from error


def _encoded(image: Image.Image, name: str) -> Clean:
    """Decoded and encoded anew: what stood beside the pixels (EXIF, places, other files) is gone."""
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    kind = "PNG" if clear or image.format in ("PNG", "GIF") else "JPEG"
    upright = ImageOps.exif_transpose(image).convert("RGBA" if clear else "RGB")
    upright.thumbnail((LONGEST, LONGEST))
    bare = Image.new(upright.mode, upright.size)
    bare.paste(upright)
    out = io.BytesIO()
    bare.save(out, kind, **({"quality": 85} if kind == "JPEG" else {}))
    suffix = kind.lower().replace("jpeg", "jpg")
    return Clean(
        data=out.getvalue(),
        media_type=f"image/{kind.lower()}",
        name=safe_name(name, suffix),
        width=bare.width,
        height=bare.height,
    )


def _document(data: bytes, name: str) -> Clean:
    if data.startswith(b"%PDF-"):
        if re.search(rb"/(JavaScript|JS|Launch|EmbeddedFile)\b", data):
            raise BadInput("file", "is a PDF with active content")
        return Clean(data=data, media_type="application/pdf", name=safe_name(name, "pdf"))
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data, name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") and b"H\0w\0p\0" in data:
        return Clean(data=data, media_type="application/x-hwp", name=safe_name(name, "hwp"))
    return _text(data, name)


OFFICE = {
    "word/document.xml": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "xl/workbook.xml": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "ppt/presentation.xml": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"),
    "Contents/content.hpf": ("application/hwp+zip", "hwpx"),
}


def _zipped(data: bytes, name: str) -> Clean:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            kind = next((kind for part, kind in OFFICE.items() if part in names), None)
            if kind is None:
                raise BadInput("file", "is an archive; send its files one by one")
            if len(entries) > ENTRIES or any(re.search(r"vbaProject|\.\.|^/|\.(zip|exe|js)$", n) for n in names):
                raise BadInput("file", "is a document with active content")
            _inflate(archive, entries)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise BadInput("file", "is a damaged or locked document") from error
    return Clean(data=data, media_type=kind[0], name=safe_name(name, kind[1]))


def _inflate(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Its headers may lie: count what really comes out."""
    left = UNPACKED
    for entry in entries:
        with archive.open(entry) as part:
            while chunk := part.read(CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise BadInput("file", "unpacks to more than a document does")


def _text(data: bytes, name: str) -> Clean:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[\x00-\x08\x0e-\x1f]", text) or text.lstrip()[:1] == "<":
            break
        return Clean(data=text.encode(), media_type="text/plain", name=safe_name(name, "txt"))
    raise BadInput("file", "is of a kind that is not taken: pictures, PDF, HWP, office documents and plain text are")


def safe_name(name: str, suffix: str) -> str:
    """A name that says what it was called and nothing else: no path, no control or direction characters."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", name))[-1]
    stem = last.rpartition(".")[0] or last
    stem = "".join(c for c in stem if unicodedata.category(c)[0] != "C").strip(" .")
    stem = re.sub(r'[<>:"|?*]', "_", stem)[:MAX_NAME]
    return f"{stem or 'file'}.{suffix}"
