from __future__ import annotations

import sys

import pytest

from client.resources import resource_path


def test_a_resource_is_found_in_the_source_tree():
    assert (resource_path("citizen") / "consent.json").is_file()


def test_a_missing_resource_is_named():
    with pytest.raises(FileNotFoundError, match=r"no-such-thing\.toml"):
        resource_path("no-such-thing.toml")


def test_a_frozen_program_looks_into_its_bundle(tmp_path, monkeypatch):
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "models.toml").write_text("")
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("models.toml") == tmp_path / "resources" / "models.toml"
