"""Models: the catalogue, installation whole or not at all, and the refusal of wrong bytes."""

from __future__ import annotations

import argparse
import hashlib
import http.server
import json
import tarfile
import threading
import zipfile
from pathlib import Path

import pytest

from client import models
from client.commands import models as command
from client.domain.codec import BadInput
from client.models import Model, ModelFile, ModelRefused

FILES = {"model.bin": b"weights" * 1000, "conf/model.conf": b"--beam=10\n"}


def model(**changes) -> Model:
    files = tuple(
        ModelFile(name=name, size=len(data), sha256=hashlib.sha256(data).hexdigest()) for name, data in FILES.items()
    )
    values = {
        "id": "tiny",
        "title": "a tiny model",
        "engine": "whisper",
        "languages": ("ko",),
        "licence": "MIT",
        "packages": ("tiny-model==1",),
        "files": files,
    }
    return Model(**{**values, **changes})


@pytest.fixture
def source(tmp_path) -> Path:
    for name, data in FILES.items():
        file = tmp_path / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return tmp_path / "source"


def zipped(source: Path) -> Path:
    with zipfile.ZipFile(source.parent / "m.zip", "w") as packed:
        for name in FILES:
            packed.write(source / name, f"tiny-1.0/{name}")
        packed.writestr("../../escaped", "x")
    return source.parent / "m.zip"


def tarred(source: Path) -> Path:
    with tarfile.open(source.parent / "m.tar.gz", "w:gz") as packed:
        packed.add(source, "tiny-1.0")
    return source.parent / "m.tar.gz"


def test_the_catalogue_names_language_engine_licence_size_and_hash_of_everything():
    known = models.catalogue()
    assert set(known) == {"whisper-base", "vosk-ko"}
    for each in known.values():
        assert "ko" in each.languages
        assert each.licence
        assert each.packages
        assert all(len(file.sha256) == 64 and file.size > 0 and file.parts for file in each.files)
    assert known["whisper-base"].files[0].sha256 == "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"


@pytest.mark.parametrize("pack", [lambda s: s, zipped, tarred], ids=["directory", "zip", "tar"])
def test_a_model_comes_in_whole_from(pack, source, tmp_path):
    under = tmp_path / "models"
    seen: list[tuple[int, int]] = []
    assert models.find(model(), under) is None
    place = models.install(model(), under, pack(source), lambda done, whole: seen.append((done, whole)))
    assert models.find(model(), under) == place
    assert models.problems(model(), place) == []
    assert seen[-1] == (model().size, model().size)
    assert [path.name for path in under.iterdir()] == ["tiny"]


def test_a_wrong_byte_is_refused_and_nothing_is_left(source, tmp_path):
    (source / "model.bin").write_bytes(b"weightz" * 1000)
    with pytest.raises(ModelRefused, match=r"tiny is refused: model\.bin has the wrong SHA-256"):
        models.install(model(), tmp_path / "models", source)
    assert list((tmp_path / "models").iterdir()) == []


def test_a_missing_file_is_refused_and_the_installed_model_stays(source, tmp_path):
    place = models.install(model(), tmp_path / "models", source)
    (source / "conf/model.conf").unlink()
    with pytest.raises(ModelRefused, match=r"model\.conf is missing"):
        models.install(model(), tmp_path / "models", source)
    assert models.problems(model(), place) == []


def test_a_torn_archive_is_refused(source, tmp_path):
    whole = zipped(source).read_bytes()
    torn = tmp_path / "torn.zip"
    torn.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelRefused, match="neither a directory nor an archive"):
        models.install(model(), tmp_path / "models", torn)


def test_a_package_that_is_not_installed_is_named(tmp_path):
    with pytest.raises(ModelRefused, match="tiny-model==1"):
        models.install(model(), tmp_path / "models")


def test_a_file_that_leaves_the_directory_is_refused(tmp_path):
    file = tmp_path / "models.toml"
    file.write_text(
        '[[model]]\nid="x"\ntitle="x"\nengine="vosk"\nlanguages=["ko"]\nlicence="MIT"\npackages=[]\n'
        '[[model.file]]\nname="../x"\nsize=1\nsha256="0"\n'
    )
    with pytest.raises(BadInput, match="must stay inside"):
        models.catalogue(file)


def test_a_file_of_another_size_is_not_found_installed(source, tmp_path):
    place = models.install(model(), tmp_path / "models", source)
    file = place / "model.bin"
    file.unlink()  # it may be a link to the source
    file.write_bytes(b"short")
    assert models.find(model(), tmp_path / "models") is None


# ── the command ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def ieum_models(tmp_path, monkeypatch):
    """ieum_models(*words): exit code of `ieum models …` on a catalogue with one tiny model."""
    monkeypatch.setenv("IEUM_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("IEUM_MACHINE_SETTINGS", str(tmp_path / "machine.toml"))
    monkeypatch.setenv("IEUM_USER_SETTINGS", str(tmp_path / "user.toml"))
    monkeypatch.setattr(models, "catalogue", lambda: {"tiny": model()})

    def run(*words: str) -> int:
        parser = argparse.ArgumentParser()
        command.add_arguments(parser)
        return command.run(parser.parse_args(words))

    return run


def test_list_says_what_is_installed(ieum_models, source, capsys):
    assert ieum_models("list", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)["models"]
    assert (row["id"], row["licence"], row["installed"]) == ("tiny", "MIT", None)
    assert ieum_models("install", "--from", str(source)) == 0
    capsys.readouterr()
    assert ieum_models("list") == 0
    assert "tiny" in capsys.readouterr().out


def test_verify_refuses_what_has_changed(ieum_models, source, tmp_path, capsys):
    assert ieum_models("verify") == 3
    assert ieum_models("install", "--from", str(source), "--quiet") == 0
    assert ieum_models("verify") == 0
    file = tmp_path / "models/tiny/model.bin"
    file.unlink()
    file.write_bytes(b"weightz" * 1000)
    capsys.readouterr()
    assert ieum_models("verify", "--json") == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["ok"] is False
    assert "wrong SHA-256" in told.err
    assert ieum_models("install", "--from", str(source)) == 0
    assert ieum_models("verify") == 0


def test_an_unknown_model_and_a_wrong_source_are_told_apart(ieum_models, tmp_path, capsys):
    assert ieum_models("install", "nothing") == 2
    assert ieum_models("install", "--from", str(tmp_path / "nowhere.zip")) == 1
    assert "nowhere.zip" in capsys.readouterr().err


def test_a_model_comes_from_the_address_that_it_named(ieum_models, source, tmp_path):
    archive = zipped(source).read_bytes()

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/m.zip" else 404)
            self.send_header("Content-Length", str(len(archive) if self.path == "/m.zip" else 0))
            self.end_headers()
            if self.path == "/m.zip":
                self.wfile.write(archive)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        for path, code in (("missing.zip", 1), ("m.zip", 0)):
            (tmp_path / "machine.toml").write_text(f'[models.sources]\ntiny = "{address}/{path}"\n')
            assert ieum_models("install") == code
        server.shutdown()
    assert ieum_models("verify") == 0
