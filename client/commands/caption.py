"""`ieum caption FILE…`: captions of sound files, off line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from client import models, settings
from client.domain.caption_file import FORMATS
from client.domain.recognition import spoken_language
from client.engines.speech.offline import finals
from client.engines.speech.recognisers import Recognisers
from client.engines.speech.reference import UnreadableSound, decode_sound

HELP = "captions of sound files"
PRINTED_TOGETHER = "txt"  # the other formats hold one recording each
DONE, FAILED, WRONG_CALL, MISSING = 0, 1, 2, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="any sound or video file")
    parser.add_argument("--language", default="", help="BCP 47 tag (default: the setting captions.language)")
    parser.add_argument("--format", choices=tuple(FORMATS), default="vtt", help="default: vtt")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="write NAME.FORMAT there instead of printing; needed for several files, except as txt",
    )


def run(arguments: argparse.Namespace) -> int:
    """Caption every file; 2 if one is no sound, 3 if no model is installed."""
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a redirected stdout is still a TextIOWrapper
    if missing := [file for file in arguments.files if not file.is_file()]:
        return _refuse(f"there is no file {missing[0]}", WRONG_CALL)
    if len(arguments.files) > 1 and arguments.output is None and arguments.format != PRINTED_TOGETHER:
        return _refuse(f"several {arguments.format} files need --output DIR", WRONG_CALL)
    configured = settings.load()
    recognisers = Recognisers(models.directory(configured.models_dir))
    tag = arguments.language or configured.language
    language = spoken_language(tag)
    if refused := _unable(recognisers, language, tag):
        return refused
    if recognisers.whisper is not None:
        recognisers.whisper.vocabulary = configured.vocabulary
    code = DONE
    for file, target in zip(arguments.files, _targets(arguments), strict=True):
        try:
            text = FORMATS[arguments.format](list(finals(decode_sound(file), recognisers, language=language)))
        except UnreadableSound as error:
            code = _refuse(str(error), WRONG_CALL)
            continue
        code = max(code, _deliver(text, target))
    return code


def _unable(recognisers: Recognisers, language: str, tag: str) -> int:
    """The exit code if `language` cannot be recognised here, 0 if it can."""
    if not recognisers.languages:
        return _refuse(recognisers.detail, MISSING)
    rough = recognisers.whisper is None
    if rough:
        print(f"ieum caption: rough captions only: {recognisers.detail}", file=sys.stderr)
    if language in recognisers.languages:
        return DONE
    if rough:
        return _refuse(f"without whisper only {', '.join(recognisers.languages)} is recognised", MISSING)
    return _refuse(f"the language {tag} is not known", WRONG_CALL)


def _targets(arguments: argparse.Namespace) -> list[Path | None]:
    """Where each file's captions go, None for printing; files of one name get a number, so that none is lost."""
    targets: list[Path | None] = []
    taken: set[str] = set()
    for file in arguments.files:
        name, number = file.stem, 1
        while name.casefold() in taken:  # many file systems do not tell the case
            number += 1
            name = f"{file.stem}-{number}"
        taken.add(name.casefold())
        targets.append(None if arguments.output is None else arguments.output / f"{name}.{arguments.format}")
    return targets


def _deliver(text: str, target: Path | None) -> int:
    if target is None:
        sys.stdout.write(text)
        return DONE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        return _refuse(f"{target} cannot be written: {error}", FAILED)
    print(target)
    return DONE


def _refuse(text: str, code: int) -> int:
    print(f"ieum caption: {text}", file=sys.stderr)
    return code
