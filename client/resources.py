"""Where the data that ships with Ieum stands: pages, screens, translations, `models.toml`. The same from source and frozen."""

from __future__ import annotations

import sys
from pathlib import Path


def resource_path(name: str) -> Path:
    """The file or directory `name` under `resources/`; raises `FileNotFoundError` if the installation lacks it."""
    path = _root() / name
    if not path.exists():
        raise FileNotFoundError(f"this installation lacks its resource {name}")
    return path


def _root() -> Path:
    """Beside `client/` in a source tree, inside the bundle when frozen."""
    bundle = getattr(sys, "_MEIPASS", "")
    return Path(bundle or Path(__file__).resolve().parents[1]) / "resources"
