"""`ieum caption FILE…`: captions of sound files, off line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from client import models, settings
from client.domain.caption_file import FORMATS

HELP = "captions of sound files"
DONE, FAILED, WRONG_CALL, MISSING = 0, 1, 2, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="any sound or video file")
    parser.add_argument("--language", default="", help="BCP 47 tag (default: the setting captions.language)")
    parser.add_argument("--format", choices=tuple(FORMATS), default="vtt", help="default: vtt")
    parser.add_argument("--output", type=Path, metavar="DIR", help="write NAME.FORMAT there instead of printing")


def run(arguments: argparse.Namespace) -> int:
    """Caption every file; 2 if one is no sound, 3 if no model is installed."""
    from client.engines.speech.offline import finals
    from client.engines.speech.recognisers import Recognisers
    from client.engines.speech.reference import UnreadableSound, decode_sound

    if missing := [file for file in arguments.files if not file.is_file()]:
        return _refuse(f"there is no file {missing[0]}", WRONG_CALL)
    configured = settings.load()
    language = (arguments.language or configured.language).split("-")[0].lower()
    recognisers = Recognisers(models.directory(configured.models_dir))
    if recognisers.whisper is None and recognisers.vosk is None:
        return _refuse(recognisers.detail, MISSING)
    if recognisers.whisper is None:
        print(f"ieum caption: rough captions only: {recognisers.detail}", file=sys.stderr)
        if language not in recognisers.rough_languages:
            return _refuse(f"without whisper only {', '.join(recognisers.rough_languages)} is recognised", MISSING)
    elif language not in recognisers.whisper.languages:
        return _refuse(f"the language {language} is not known", WRONG_CALL)
    else:
        recognisers.whisper.vocabulary = configured.vocabulary
    code = DONE
    for file in arguments.files:
        try:
            text = FORMATS[arguments.format](list(finals(decode_sound(file), recognisers, language=language)))
        except UnreadableSound as error:
            code = _refuse(str(error), WRONG_CALL)
            continue
        code = max(code, _deliver(text, file, arguments))
    return code


def _deliver(text: str, file: Path, arguments: argparse.Namespace) -> int:
    if arguments.output is None:
        sys.stdout.write(text)
        return DONE
    target = arguments.output / f"{file.stem}.{arguments.format}"
    try:
        arguments.output.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        return _refuse(f"{target} cannot be written: {error}", FAILED)
    print(target)
    return DONE


def _refuse(text: str, code: int) -> int:
    print(f"ieum caption: {text}", file=sys.stderr)
    return code
