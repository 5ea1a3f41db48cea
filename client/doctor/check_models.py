"""Recognition models: there, and byte for byte the ones of the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from client import models
from client.doctor.finding import Finding, Machine, fail, ok, warn


def check(machine: Machine) -> Iterator[Finding]:
    """One finding a model. A missing one is no failure as long as another engine can caption, roughly."""
    under = models.directory(machine.settings.models_dir)
    found = {model.id: _look(model, under) for model in models.catalogue().values()}
    yield from found.values()
    if machine.settings.captions and not any(finding.state == "ok" for finding in found.values()):
        yield fail("models", "there will be no captions", "ieum models install")


def _look(model: models.Model, under: Path) -> Finding:
    id_ = f"models.{model.id}"
    place = models.find(model, under)
    if place is None:
        return warn(id_, f"{model.title} is not installed", f"ieum models install {model.id}")
    if wrong := models.problems(model, place):
        return fail(id_, f"{model.title} in {place}: {'; '.join(wrong)}", f"ieum models install --force {model.id}")
    return ok(id_, f"{model.title}: {model.engine}, {', '.join(model.languages)}; every SHA-256 is right")
