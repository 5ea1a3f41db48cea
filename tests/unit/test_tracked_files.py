"""What no tracked file may hold: hosts of package registries, paths of one machine, secrets, binaries."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_BYTES = 1_000_000
PICTURES = {".png"}


def joined(*parts: str) -> str:
    """A pattern written in pieces, so that this file does not hold what it looks for."""
    return "".join(parts)


FORBIDDEN = {
    "a package registry's host": joined(r"(py", r"pi|python", r"hosted)\.(org|io|com)|registry\.", r"npm"),
    "an index option": joined(r"--(extra-)?ind", r"ex-url|--find", r"-links[ =]|trusted", r"-host"),
    "a model hub's address": joined(r"(hugg", r"ingface|hf)\.co\b"),
    "a temporary path": joined(r"(?<![\w.~-])/t", r"mp/|/var/t", r"mp/"),
    "a home directory": joined(r"(?<![\w.])/(ho", r"me|Us", r"ers)/[a-z]+|/ro", r"ot/"),
    "a path of one machine": joined(r"(?<![\w.])/(wo", r"rk|worksp", r"ace|m", r"nt|o", r"pt/py", r"pi)/"),
    "a private key": joined(r"-----BEG", r"IN [A-Z ]*PRIV", r"ATE KEY"),
    "a token of a service": joined(r"gh", r"p_\w{20}|AK", r"IA[A-Z0-9]{12}|xo", r"xb-|sk-", r"\w{32}"),
    "a public STUN server": joined(r"st", r"un:[\w.]*(google|twilio|cloudflare)"),
    "a public font or script host": joined(r"fonts\.(goog", r"leapis|gst", r"atic)|cdn\.js", r"delivr|unp", r"kg\.com"),
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def complaints(name: str, data: bytes) -> list[str]:
    if Path(name).suffix in PICTURES:
        return []
    if b"\0" in data:
        return [f"{name} is binary"]
    text = data.decode("utf-8")
    return [
        f"{name}:{text[: found.start()].count(chr(10)) + 1} holds {what}"
        for what, pattern in FORBIDDEN.items()
        for found in re.finditer(pattern, text)
    ]


def test_no_tracked_file_holds_what_it_must_not():
    broken = [line for file in tracked() for line in complaints(str(file.relative_to(ROOT)), file.read_bytes())]
    assert broken == []


def test_no_tracked_file_is_large():
    assert [str(file.relative_to(ROOT)) for file in tracked() if file.stat().st_size > MAX_BYTES] == []


def test_there_is_no_top_level_folder_beyond_the_design():
    known = {".ci", "build", "client", "resources", "tests", "ui"}
    assert {file.relative_to(ROOT).parts[0] for file in tracked() if len(file.relative_to(ROOT).parts) > 1} <= known


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("see https://py" + "pi.org/x", "a package registry's host"),
        ("files.python" + "hosted.org", "a package registry's host"),
        ("--ind" + "ex-url=x", "an index option"),
        ("open('/t" + "mp/a')", "a temporary path"),
        ("cd /ho" + "me/kim", "a home directory"),
        ("cd /wo" + "rk/x", "a path of one machine"),
        ("-----BEG" + "IN RSA PRIV" + "ATE KEY-----", "a private key"),
        ("st" + "un:st" + "un.l.google.com", "a public STUN server"),
    ],
)
def test_what_is_forbidden_is_found(text, what):
    assert complaints("a.txt", b"one\n" + text.encode()) == [f"a.txt:2 holds {what}"]


def test_a_binary_is_found_and_a_picture_allowed():
    assert complaints("a.bin", b"a\0b") == ["a.bin is binary"]
    assert complaints("a.png", b"a\0b") == []
