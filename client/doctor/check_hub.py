"""The shared hub: does it answer, does it know this agent, and do the clocks agree."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from client import platform
from client.doctor.finding import Finding, Machine, fail, ok, warn
from client.domain.codec import BadInput
from client.domain.event import parse_timestamp

WAIT_S = 5.0
LARGE_OFFSET_S = 60.0


def check(machine: Machine) -> Iterator[Finding]:
    """Health, then who we are there, then the offset of the clocks."""
    url, token = machine.settings.hub_url, machine.settings.hub_token
    if not url:
        url, token = _embedded(machine.data_dir / "run" / "hub.json")
    if not url:
        yield ok("hub", "embedded: the desk starts it")
        yield ok("clock", "the embedded hub has this machine's clock")
        return
    if url.startswith("http://") and not _local(url):
        yield warn("hub.encryption", "hub.url is not https: everything travels readable", "use https")
    with httpx.Client(base_url=url, timeout=WAIT_S, verify=ssl.create_default_context(), trust_env=False) as client:
        try:
            health = client.get("/v1/health")
            me = client.get("/v1/me", headers={"Authorization": f"Bearer {token}"}) if token else None
        except httpx.HTTPError as error:
            yield fail("hub", f"{url} does not answer ({type(error).__name__})", _what_to_do(error))
            return
    yield from _health(health, url)
    if me is None:
        yield fail("hub.agent", "there is no token of this agent", "ieum doctor --keep hub.token")
    else:
        yield from _identity(me)


def _embedded(file: Path) -> tuple[str, str]:
    """Address and token of an embedded hub that runs now, as it wrote them; empty if there is none."""
    try:
        endpoint = json.loads(file.read_text(encoding="utf-8"))
        running = platform.process_alive(int(endpoint["pid"]))
        return (str(endpoint["desk_url"]), str(endpoint["token"])) if running else ("", "")
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def _local(url: str) -> bool:
    return httpx.URL(url).host in ("127.0.0.1", "::1", "localhost")


def _what_to_do(error: httpx.HTTPError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted here: install the authority's, or renew the hub's"
    return "is it running, and may this machine reach it? Work goes on meanwhile and is sent later"


def _health(answer: httpx.Response, url: str) -> Iterator[Finding]:
    if answer.is_success:
        yield ok("hub", f"{url} is well")
    else:
        yield fail("hub", f"{url} answers {answer.status_code}", "look at the hub's log; is the address the hub's?")


def _identity(answer: httpx.Response) -> Iterator[Finding]:
    if answer.status_code in (401, 403):
        yield fail(
            "hub.agent", "the hub does not know this agent's token", "get a new one: ieum doctor --keep hub.token"
        )
        return
    if not answer.is_success:
        yield fail("hub.agent", f"the hub answers {answer.status_code} to who we are", "look at the hub's log")
        return
    said = _object(answer)
    yield ok("hub.agent", f"known there as {said.get('role', '?')}")
    yield _clock(str(said.get("time", "")))


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _clock(time: str) -> Finding:
    try:
        offset_s = (parse_timestamp(time) - datetime.now(UTC)).total_seconds()
    except BadInput:
        return warn("clock", "the hub does not tell its time", "is the hub of this version?")
    said = f"the hub's clock is {offset_s:+.1f} s from ours"
    if abs(offset_s) > LARGE_OFFSET_S:
        return warn("clock", said, "set this machine's clock by NTP; meanwhile times are corrected")
    return ok("clock", said)
