"""Recognition models: which there are, where they stand, whether their bytes are the right ones.

`resources/models.toml` is the catalogue. A model is taken from installed packages, from a directory or archive on this
machine, or from an address that IT's settings name; it is used only if every file has the SHA-256 of the catalogue.
Hashing takes half a second, so what was found is stamped beside the model: as long as no file's size, time of change
or inode is another, its bytes are not read again. `ieum models verify` and the doctor always read them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from client import platform
from client.domain.codec import BadInput, decode
from client.resources import resource_path

BLOCK = 1 << 20  # bytes
Progress = Callable[[int, int], None]
"""(bytes done, bytes in all)"""


class ModelRefused(Exception):
    """A model is not what the catalogue says, or cannot be had; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """One file. `parts` — where installed packages hold it, in the order in which they are joined."""

    name: str
    size: int
    sha256: str
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model. `in_place` — a directory of an installed package from which it can be read without a copy."""

    id: str
    title: str
    engine: str
    languages: tuple[str, ...]
    licence: str
    packages: tuple[str, ...]
    files: tuple[ModelFile, ...]
    in_place: str = ""

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(file.size for file in self.files)


def catalogue(file: Path | None = None) -> dict[str, Model]:
    """Every model by its id; raises `BadInput` for a broken catalogue."""
    path = file or resource_path("models.toml")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(str(path), f"is not TOML: {error}") from error
    models = [_model(table) for table in tables.get("model", ())]
    return {model.id: model for model in models}


def _model(table: Mapping[str, Any]) -> Model:
    files = [{("parts" if key == "from" else key): value for key, value in file.items()} for file in table["file"]]
    rest = {key: value for key, value in table.items() if key != "file"}
    model = decode(Model, {**rest, "files": files}, table.get("id", "model"))
    for file in model.files:
        if Path(file.name).is_absolute() or ".." in Path(file.name).parts:
            raise BadInput(f"{model.id}.{file.name}", "must stay inside the model's directory")
    return model


def directory(configured: str = "") -> Path:
    """Where models stand: `IEUM_MODELS`, the setting `paths.models`, or the user's place for data."""
    named = os.environ.get("IEUM_MODELS") or configured
    return Path(named) if named else platform.models_dir()


def find(model: Model, under: Path) -> Path | None:
    """Where the model stands, None if it is not (wholly) here. Only sizes are looked at: to load it, ask `proven`."""
    for place in (under / model.id, _package_path(model.in_place)):
        if place is not None and all(_size(place / file.name) == file.size for file in model.files):
            return place
    return None


def proven(model: Model, under: Path) -> Path | None:
    """The directory from which the model can be loaded, None if it is not here; raises `ModelRefused` for wrong bytes."""
    place = find(model, under)
    if place is None or _read_stamp(model, under) == [str(place), *(seen := _looks(model, place))]:
        return place
    if wrong := problems(model, place):
        raise ModelRefused(f"{model.id} is damaged: {'; '.join(wrong)}. Run `ieum models install --force {model.id}`")
    _write_stamp(model, under, place, seen)
    return place


def problems(model: Model, place: Path, progress: Progress | None = None) -> list[str]:
    """What is wrong with the model's files in `place`, in words; every byte is read."""
    found = []
    done = 0
    for file in model.files:
        path = place / file.name
        if not path.is_file():
            found.append(f"{file.name} is missing")
            continue
        digest = hashlib.sha256()
        for block in _blocks(path):
            digest.update(block)
            done += len(block)
            if progress:
                progress(done, model.size)
        if digest.hexdigest() != file.sha256:
            found.append(
                f"{file.name} has the wrong SHA-256 ({digest.hexdigest()[:12]}… instead of {file.sha256[:12]}…)"
            )
    return found


def install(model: Model, under: Path, source: Path | None = None, progress: Progress | None = None) -> Path:
    """Bring the model in, whole or not at all, and return where it stands; raises `ModelRefused`.

    `source` is a directory or an archive (zip, tar) with its files; without one, installed packages are used.
    """
    if source is None and (package := _package_path(model.in_place)) is not None:
        seen = _looks(model, package)
        _refuse_wrong(model, package, progress)
        _write_stamp(model, under, package, seen)
        return package
    scratch = under / f".{model.id}.{os.getpid()}"
    try:
        scratch.mkdir(parents=True)
        if source is None:
            _join_parts(model, scratch)
        else:
            _copy_files(model, source, scratch)
        seen = _looks(model, scratch)
        _refuse_wrong(model, scratch, progress)
        target = under / model.id
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)
        _write_stamp(model, under, target, seen)
    except OSError as error:
        raise ModelRefused(f"{model.id} cannot be installed: {error}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def _refuse_wrong(model: Model, place: Path, progress: Progress | None) -> None:
    if wrong := problems(model, place, progress):
        raise ModelRefused(f"{model.id} is refused: {'; '.join(wrong)}. Take it from another source.")


def _join_parts(model: Model, scratch: Path) -> None:
    for file in model.files:
        parts = [path for part in file.parts if (path := _package_path(part)) is not None]
        if not parts or len(parts) < len(file.parts):
            packages = ", ".join(model.packages)
            raise ModelRefused(
                f"{model.id} needs the packages {packages}, which are not installed, or a source in `models.sources`"
            )
        target = scratch / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        if len(parts) == 1:
            shutil.copyfile(parts[0], target)
            continue
        with target.open("wb") as joined:
            for part in parts:
                for block in _blocks(part):
                    joined.write(block)


def _copy_files(model: Model, source: Path, scratch: Path) -> None:
    if source.is_dir():
        for file in model.files:
            target = scratch / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if (source / file.name).is_file():
                shutil.copyfile(source / file.name, target)  # a link would change with its source
        return
    try:
        _unpack(source, {file.name: file.size for file in model.files}, scratch)
    except (tarfile.TarError, zipfile.BadZipFile, FileNotFoundError) as error:
        raise ModelRefused(f"{source} is neither a directory nor an archive with {model.id}: {error}") from error


def _unpack(archive: Path, wanted: Mapping[str, int], scratch: Path) -> None:
    """Files named in the catalogue and nothing else, wherever in the archive they stand."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as packed:
            for name in packed.namelist():
                if file := _wanted(name, wanted):
                    with packed.open(name) as content:
                        _write(content, scratch / file, wanted[file])
        return
    with tarfile.open(archive) as packed_tar:
        for member in packed_tar:
            stream = packed_tar.extractfile(member) if member.isfile() else None
            if stream is not None and (file := _wanted(member.name, wanted)):
                _write(stream, scratch / file, wanted[file])


def _wanted(name: str, wanted: Mapping[str, int]) -> str | None:
    return next((file for file in wanted if name == file or name.endswith("/" + file)), None)


def _write(content: Any, target: Path, size: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        left = size + 1  # one byte too many is enough to be refused
        while left > 0 and (block := content.read(min(BLOCK, left))):
            file.write(block)
            left -= len(block)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _package_path(inside: str) -> Path | None:
    """A file or directory of an installed package, found without importing it."""
    package, _, rest = inside.partition("/")
    spec = importlib.util.find_spec(package) if package else None
    for root in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(root) / rest).exists():
            return path
    return None


def _looks(model: Model, place: Path) -> list[list[Any]]:
    """What tells a changed file, and the hash it must have: taken before its bytes are read, so that a later change shows."""
    stats = [(file, (place / file.name).stat()) for file in model.files if (place / file.name).is_file()]
    return [[f.name, s.st_size, s.st_mtime_ns, s.st_ino, f.sha256] for f, s in stats]


def _read_stamp(model: Model, under: Path) -> Any:
    try:
        return json.loads((under / f"{model.id}.proven").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent or torn: the bytes are read again
        return None


def _write_stamp(model: Model, under: Path, place: Path, looks: list[list[Any]]) -> None:
    """Where that is not allowed, the bytes are read at every start."""
    file = under / f"{model.id}.proven"
    scratch = under / f".{model.id}.proven.{os.getpid()}"
    with contextlib.suppress(OSError):
        under.mkdir(parents=True, exist_ok=True)
        scratch.write_text(json.dumps([str(place), *looks]), encoding="utf-8")
        scratch.replace(file)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1
