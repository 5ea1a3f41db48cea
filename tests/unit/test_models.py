"""Models: the catalogue, installation whole or not at all, and the refusal of wrong bytes."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import http.server
import json
import os
import shutil
import tarfile
import threading
import zipfile
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from client import models
from client.commands import models as command
from client.domain.codec import BadInput
from client.engines.speech import recognisers
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
    assert sorted(path.name for path in under.iterdir()) == ["tiny", "tiny.proven"]


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
    (place / "model.bin").write_bytes(b"short")
    assert models.find(model(), tmp_path / "models") is None
    assert models.proven(model(), tmp_path / "models") is None


def test_an_installed_model_does_not_change_with_its_source(source, tmp_path):
    place = models.install(model(), tmp_path / "models", source)
    with (source / "model.bin").open("r+b") as file:
        file.write(b"W")
    assert models.problems(model(), place) == []


@pytest.fixture
def read(monkeypatch):
    """Every file that is hashed, in order."""
    hashed: list[str] = []
    blocks = models._blocks

    def listening(path):
        hashed.append(path.name)
        return blocks(path)

    monkeypatch.setattr(models, "_blocks", listening)
    return hashed


def test_a_proven_model_is_not_read_again_until_something_changed(source, tmp_path, read):
    under = tmp_path / "models"
    place = models.install(model(), under, source)
    read.clear()
    assert models.proven(model(), under) == place
    assert read == []
    os.utime(place / "model.bin", ns=(1, 1))
    assert models.proven(model(), under) == place
    assert read == ["model.bin", "model.conf"]
    read.clear()
    assert models.proven(model(), under) == place
    assert read == []
    (under / "tiny.proven").write_text("torn")
    assert models.proven(model(), under) == place
    assert read == ["model.bin", "model.conf"]


@pytest.mark.parametrize("how", ["written", "replaced"])
def test_a_file_of_the_same_size_and_other_bytes_is_never_loaded(source, tmp_path, how):
    under = tmp_path / "models"
    file = models.install(model(), under, source) / "model.bin"
    before = file.stat()
    other = file.with_name("other")
    other.write_bytes(b"weightz" * 1000)
    if how == "replaced":
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(file)
    else:
        file.write_bytes(other.read_bytes())
    assert file.stat().st_size == before.st_size
    for _ in range(2):
        with pytest.raises(ModelRefused, match=r"tiny is damaged: model\.bin has the wrong SHA-256"):
            models.proven(model(), under)


def test_another_hash_in_the_catalogue_makes_a_stamp_void(source, tmp_path):
    models.install(model(), tmp_path / "models", source)
    other = dataclasses.replace(model().files[0], sha256="0" * 64)
    with pytest.raises(ModelRefused):
        models.proven(model(files=(other, model().files[1])), tmp_path / "models")


def test_a_model_of_a_package_is_proven_where_it_stands(source, tmp_path, monkeypatch):
    package = tmp_path / "tiny_package"
    shutil.copytree(source, package / "model")
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    under = tmp_path / "models"
    ours = model(in_place="tiny_package/model")
    assert models.install(ours, under) == models.proven(ours, under) == package / "model"
    (package / "model" / "model.bin").write_bytes(b"weightz" * 1000)
    with pytest.raises(ModelRefused):
        models.proven(ours, under)


def test_a_place_that_cannot_be_written_only_costs_time(source, tmp_path, monkeypatch, read):
    place = models.install(model(), tmp_path / "models", source)
    (tmp_path / "models" / "tiny.proven").unlink()
    (tmp_path / "models" / f".tiny.proven.{os.getpid()}").mkdir()  # even root cannot write a file there
    read.clear()
    for _ in range(2):
        assert models.proven(model(), tmp_path / "models") == place
    assert len(read) == 4


def test_a_damaged_model_is_said_and_not_loaded(source, tmp_path, monkeypatch):
    under = tmp_path / "models"
    known = {
        name: model(id=name, files=model().files[1:], packages=()) for name in (recognisers.WHISPER, recognisers.VOSK)
    }
    monkeypatch.setattr(models, "catalogue", lambda: known)
    place = models.install(known[recognisers.WHISPER], under, source)
    (place / "conf/model.conf").write_bytes(b"--beam=99\n")
    loaded = recognisers.Recognisers(under)
    assert (loaded.whisper, loaded.vosk) == (None, None)
    assert "whisper-base is damaged" in loaded.detail
    assert "vosk-ko is not installed" in loaded.detail


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
    (tmp_path / "models/tiny/model.bin").write_bytes(b"weightz" * 1000)
    capsys.readouterr()
    assert ieum_models("verify", "--json") == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["ok"] is False
    assert "wrong SHA-256" in told.err
    assert ieum_models("install", "--from", str(source)) == 0
    assert ieum_models("verify") == 0


def test_installing_what_is_there_leaves_it_stamped(ieum_models, source, tmp_path):
    assert ieum_models("install", "--from", str(source)) == 0
    (tmp_path / "models/tiny.proven").unlink()
    assert ieum_models("install") == 0
    assert (tmp_path / "models/tiny.proven").exists()


def test_an_unknown_model_and_a_wrong_source_are_told_apart(ieum_models, tmp_path, capsys):
    assert ieum_models("install", "nothing") == 2
    assert ieum_models("install", "--from", str(tmp_path / "nowhere.zip")) == 1
    assert "nowhere.zip" in capsys.readouterr().err


@pytest.fixture
def served(source, monkeypatch):
    """served(answers): the address of a server; `answers` — by path, bytes, or where it sends."""

    @contextmanager
    def serve(answers: dict[str, bytes | str]):
        class Server(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer = answers.get(self.path)
                body = answer if isinstance(answer, bytes) else b""
                self.send_response(404 if answer is None else 200 if isinstance(answer, bytes) else 302)
                if isinstance(answer, str):
                    self.send_header("Location", answer)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with suppress(ConnectionError):  # the client may have had enough
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    return serve


@pytest.fixture
def from_address(ieum_models, tmp_path):
    """from_address(address): exit code of an install from there."""

    def install(address: str) -> int:
        (tmp_path / "machine.toml").write_text(f'[models.sources]\ntiny = "{address}"\n')
        return ieum_models("install")

    return install


def test_a_model_comes_from_the_address_that_it_named(ieum_models, from_address, served, source):
    with served({"/m.zip": zipped(source).read_bytes(), "/moved.zip": "/m.zip"}) as address:
        assert from_address(f"{address}/missing.zip") == 1
        assert from_address(f"{address}/moved.zip") == 0
    assert ieum_models("verify") == 0


def test_what_settings_do_not_name_is_not_asked(from_address, served, source, capsys):
    with served({"/m.zip": "http://localhost:9/m.zip", "/nonsense.zip": "http://["}) as address:
        assert from_address(f"{address}/m.zip") == 1
        assert "sends to http://localhost, which settings do not name" in capsys.readouterr().err
        assert from_address(f"{address}/nonsense.zip") == 1


def test_https_is_not_left_for_http():
    look = command._only_at("https://models.centre.example/m.zip")
    look(httpx.Request("GET", "https://models.centre.example/there.zip"))
    with pytest.raises(ModelRefused, match="sends to http://"):
        look(httpx.Request("GET", "http://models.centre.example/m.zip"))


def test_no_more_is_taken_than_a_model_can_be(from_address, served, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(command, "SLACK", 100_000)
    with served({"/m.zip": bytes(5_000_000)}) as address:
        assert from_address(f"{address}/m.zip") == 1
    assert "far larger" in capsys.readouterr().err
    assert not (tmp_path / "models" / "tiny").exists()
