"""Setting up installs what is missing, starts no daemon, and leaves alone what was there before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN, TESTS = ROOT / "build/system-packages.txt", ROOT / "build/test-packages.txt"
PEERS = {"kamailio", "kamailio-tls-modules", "sip-tester", "baresip-core", "sox", "xvfb"}
TOOLS = {
    "dpkg-query": "printf 'ii sox\\nii xvfb\\nrc baresip-core\\n'",
    "id": "echo $FAKE_USER",
    "sudo": 'if [ "$1" = -n ]; then exit 1; fi',
    "apt-get": 'echo "$@" >> $LOG; ls $DESTDIR/usr/sbin/policy-rc.d $DESTDIR/etc/systemd/system 2>/dev/null >> $LOG; $THEN',
}


@pytest.fixture
def packages(tmp_path):
    """packages(user, then): (exit code, what apt-get was asked and saw, what was printed)."""
    for name, text in TOOLS.items():
        file = tmp_path / "bin" / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    (tmp_path / "list").write_text("kamailio\nsox\nbaresip-core\n")

    def run(user: int = 0, then: str = "true") -> tuple[int, str, str]:
        log = tmp_path / "log"
        environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "DESTDIR": str(tmp_path / "system")}
        done = subprocess.run(
            ["bash", str(ROOT / "build/packages.sh"), str(tmp_path / "list")],
            env={**environment, "FAKE_USER": str(user), "LOG": str(log), "THEN": then},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, log.read_text() if log.exists() else "", done.stdout + done.stderr

    return run


def test_only_what_is_missing_is_installed_and_no_daemon_starts(packages, tmp_path):
    code, asked, _ = packages()
    assert code == 0
    assert "install -y --no-install-recommends kamailio baresip-core\n" in asked
    assert "usr/sbin/policy-rc.d" in asked
    unit = tmp_path / "system/etc/systemd/system/kamailio.service"
    assert unit.readlink() == Path(os.devnull)
    assert not (tmp_path / "system/usr/sbin/policy-rc.d").exists()


def test_the_rule_against_daemons_goes_even_when_apt_fails(packages, tmp_path):
    assert packages(then="false")[0] != 0
    assert not (tmp_path / "system/usr/sbin/policy-rc.d").exists()


def test_a_rule_and_a_service_that_were_there_stay(packages, tmp_path):
    policy = tmp_path / "system/usr/sbin/policy-rc.d"
    unit = tmp_path / "system/etc/systemd/system/kamailio.service"
    for file in (policy, unit):
        file.parent.mkdir(parents=True)
        file.write_text("mine")
    assert packages()[0] == 0
    assert policy.read_text() == unit.read_text() == "mine"


def test_a_user_who_may_not_install_is_told_what_to_run(packages):
    code, asked, said = packages(user=1000)
    assert (code, asked) == (3, "")
    assert "kamailio baresip-core" in said
    assert "sudo bash build/packages.sh" in said


def test_a_run_installs_no_test_peer():
    run, tests = set(RUN.read_text().split()), set(TESTS.read_text().split())
    assert tests >= PEERS
    assert not run & tests
    makefile = (ROOT / "Makefile").read_text()
    assert "\nrun: setup\n" in makefile
    assert "\ntest: setup peers\n" in makefile
