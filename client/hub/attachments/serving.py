"""A kept file on its way to a browser or a desk: nothing in it can run, and only re-encoded pictures are shown in place."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from client.domain.attachment import Attachment


def download(attachment: Attachment, file: Path) -> Response:
    """The answer that carries it (RFC 6266, RFC 8187)."""
    kind = "inline" if attachment.is_picture else "attachment"
    plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in attachment.name.rpartition(".")[0]) or "file"
    suffix = "".join(c for c in attachment.name.rpartition(".")[2] if c.isascii() and c.isalnum())
    return FileResponse(
        file,
        media_type=attachment.media_type,
        headers={
            "content-disposition": f"{kind}; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(attachment.name, safe='')}",
            "content-security-policy": "sandbox; default-src 'none'",
            "x-content-type-options": "nosniff",
            "cache-control": "private, max-age=3600",
        },
    )
