"""The lock: every package pinned with its hashes, from nowhere in particular, for Windows too."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement

from tests.unit.test_layers import imports_of

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BROUGHT_ALONG = {"av", "ctranslate2", "starlette", "pydantic", "shiboken6"}  # by what they are one product with
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "python_full_version": "3.11.9"}


def locked() -> list[tuple[Requirement, str]]:
    """(requirement, the lines of its hashes); a name stands twice where it differs by the version of Python."""
    entries = [entry.partition("\n") for entry in re.split(r"\n(?=[a-z0-9])", LOCK)]
    return [(Requirement(first.rstrip(" \\")), rest) for first, _, rest in entries]


def asked() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    return [Requirement(text) for text in (*project["dependencies"], *extras)]


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_is_pinned_and_has_hashes():
    assert len(locked()) > 100
    for requirement, rest in locked():
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", rest), requirement
        assert requirement.url is None


def test_nothing_says_where_packages_come_from():
    assert not re.search(r"://|--(?!hash=)\w", LOCK)


def test_it_holds_what_the_project_asks_for():
    for wanted in asked():
        pins = [pin.version for each, _ in locked() if each.name == plain(wanted.name) for pin in each.specifier]
        assert pins, f"{wanted.name}: run `make lock`"
        assert all(wanted.specifier.contains(pin) for pin in pins), f"{wanted.name}: run `make lock`"


def test_it_was_made_for_windows_too():
    """Whether each has a wheel for Windows only a registry knows: `make lock` asks it."""
    have = {each.name for each, _ in locked() if each.marker is None or each.marker.evaluate(WINDOWS)}
    assert have >= {"colorama", "pywin32-ctypes", "pyside6-essentials", "av", "ctranslate2", "pjsua2-python", "vosk"}
    assert not have & {"secretstorage", "jeepney"}, "of Linux alone"


def test_what_is_imported_is_asked_for_by_name():
    names = {plain(requirement.name) for requirement in asked()} | BROUGHT_ALONG
    files = [file for folder in ("client", "ui", "tests") for file in (ROOT / folder).rglob("*.py")]
    imported = {name.partition(".")[0] for file in files for name in imports_of(file, ROOT)}
    homes = packages_distributions()
    foreign = {plain(home) for name in imported - sys.stdlib_module_names for home in homes.get(name, ())}
    assert foreign >= {"jiwer", "soundfile", "numpy", "httpx"}
    assert foreign - names - {"ieum"} == set()
