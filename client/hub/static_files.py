"""The files of the citizen's page. Under their version they may be kept for a year, otherwise they are asked for again.

The version stands in the path (`/c/static/<version>/js/main.js`), so that modules which import each other relatively carry
it on; `?v=` does the same for a single file. An older version gets the present file, not to be kept.
"""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from client.hub import pages

TYPES = {  # not the machine's: a Windows registry may say that a script is plain text
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


_VERSION = re.compile(r"[0-9a-f]{16}")


class PageFiles(StaticFiles):
    """`resources/citizen` under `/c/static/`."""

    def get_path(self, scope: Scope) -> str:
        """The file's path below the directory, without a version."""
        path = super().get_path(scope)
        version, _, rest = path.partition(os.sep)
        if not _VERSION.fullmatch(version):
            return path
        scope["kept"] = version == pages.version()
        return rest

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """A file with its own type and how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        kept = scope.get("kept") or bool(parse_qs(scope["query_string"].decode("latin-1")).get("v"))
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        known = TYPES.get(os.path.splitext(full_path)[1])  # noqa: PTH122 — starlette gives a string
        if known and response.status_code == status_code:
            response.headers["content-type"] = known
        return response
