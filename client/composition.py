"""The composition root of the core: which adapter stands behind each port. No Qt: the window comes on top, or nothing."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from client import platform
from client.adapters.clock import LoopClock
from client.adapters.engine_link import LinkState
from client.adapters.hub_http import HttpHub
from client.adapters.hub_process import HubEndpoint, HubProcess
from client.adapters.key_store import keys_of, open_key_store
from client.adapters.outbox_sqlite import SqliteOutbox
from client.adapters.speech import SpeechEngine
from client.adapters.video import VideoThroughEngine
from client.adapters.voice import VoiceTelephony
from client.domain.catalogue import Catalogue, read_catalogue, read_codes
from client.domain.codec import BadInput
from client.domain.codes import Code
from client.domain.quick_answers import QuickAnswer, read_quick_answers
from client.domain.recognition import RecognitionReady
from client.ports.hub import HubAway
from client.resources import resource_path
from client.services.desk import Desk, Ports
from client.services.notices import Severity, Trouble, TroubleTold
from client.services.policy import Policy
from client.settings import Settings

log = logging.getLogger(__name__)


class Core:
    """One desk on its real ports. Make it on the running loop; `start` returns at once, everything connects by itself.

    Attributes: `desk` — the services; `hub` — the hub's address once known; `telephony`, `speech` — the engines' faces.
    """

    def __init__(self, settings: Settings, directory: Path | None = None) -> None:
        self.settings = settings
        self.directory = directory or (Path(settings.data_dir) if settings.data_dir else platform.data_dir())
        run = self.directory / "run"
        platform.private_dir(run)
        environment = {"IEUM_DATA": str(self.directory)}
        keys = open_key_store(self.directory)
        self.outbox = SqliteOutbox(self.directory / "outbox.db", keys_of(keys, "outbox"))
        self.telephony = VoiceTelephony(run, on_state=self._on_voice, environment=environment)
        self.speech = SpeechEngine(
            run, self.telephony.subscribe, self._on_speech, environment, vocabulary=settings.vocabulary
        )
        self.video = VideoThroughEngine(run, on_state=self._on_video, environment=environment)
        self.http = HttpHub()
        self.hub: HubEndpoint | None = None
        self._hub_process = None if settings.hub_url else HubProcess(run, self._on_hub, environment)
        if settings.hub_url:
            self.http.aim(settings.hub_url, settings.hub_token or keys.get("hub.token") or "")
        self.ports = Ports(
            telephony=self.telephony,
            video=self.video,
            speech=self.speech,
            hub=self.http,
            outbox=self.outbox,
            clock=LoopClock(),
        )
        self.desk = Desk(self.ports, policy_of(settings), load_catalogue(), load_codes(), load_answers(self.directory))
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: services, engines, hub."""
        self.desk.start()
        self.telephony.start()
        if self.settings.signs:  # else with the first who waits: an engine that nobody needs costs 86 MB
            self.video.wake()
        else:
            self.video.adopt()
        if self.settings.captions:
            self.speech.start()
        if self._hub_process is not None:
            self._starting = asyncio.ensure_future(self._start_hub(self._hub_process))
        for notice in self.outbox.notices:
            self.desk.publisher.publish(TroubleTold(Trouble.STORE_BROKEN, Severity.BAD, str(notice)))

    async def close(self, *, end_engines: bool = True) -> None:
        """End; without `end_engines` calls and pages live on for 30 s for another desk."""
        if self._starting is not None:
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._starting
        if end_engines:
            await self.desk.finish()
        await self.desk.stop()
        await self.telephony.close(end_engine=end_engines)
        await self.video.stop(end_engine=end_engines)
        await self.speech.close(end_engine=end_engines)
        if self._hub_process is not None:
            await self._hub_process.close()
        await self.http.disconnect()
        self.outbox.close()

    async def _start_hub(self, process: HubProcess) -> None:
        try:
            await process.start()
        except HubAway as error:
            log.error("%s", error)  # noqa: TRY400 — said for a person
            self.desk.publisher.publish(TroubleTold(Trouble.HUB_AWAY, Severity.BAD, str(error)))

    def _on_hub(self, endpoint: HubEndpoint) -> None:
        self.hub = endpoint
        self.http.aim(endpoint.desk_url, endpoint.token)

    def _on_voice(self, state: LinkState) -> None:
        there = state in (LinkState.ADOPTED, LinkState.STARTED)
        self.desk.health.phone_there(there=there)

    def _on_video(self, state: LinkState) -> None:
        self.desk.video.engine_there(there=state in (LinkState.ADOPTED, LinkState.STARTED))

    def _on_speech(self, state: LinkState) -> None:
        if state is LinkState.AWAY:
            self.desk.captions.take(RecognitionReady(engines=()))


def policy_of(settings: Settings) -> Policy:
    """What of the settings the services need."""
    return Policy(
        offer_s=settings.offer_s,
        second_call=settings.second_call,
        wrapup_s=settings.wrapup_s,
        wrapup_required=settings.wrapup_required,
        capacity=settings.capacity,
        weights=settings.weights,
        undo_s=settings.undo_s,
        reply_s=settings.reply_s,
        confirm_citizen=settings.confirm_citizen,
        centre_name=settings.centre_name,
        language=settings.language,
        captions=settings.captions,
        signs=settings.signs,
        web_calls=settings.web_calls,
        hears=settings.hears,
        emergency=settings.emergency,
        relay_numbers=settings.relay_numbers,
        ars_header=settings.ars_header,
        queue_header=settings.queue_header,
        language_header=settings.language_header,
        session_key_header=settings.session_key_header,
    )


def load_catalogue() -> Catalogue:
    """The centre's screens."""
    files = sorted(resource_path("screens").glob("*.toml"))
    return read_catalogue((file.name, file.read_text(encoding="utf-8")) for file in files)


def load_codes() -> tuple[Code, ...]:
    """The centre's wrap-up codes."""
    file = resource_path("wrapup_codes.toml")
    return read_codes(file.name, file.read_text(encoding="utf-8"))


def load_answers(directory: Path) -> tuple[QuickAnswer, ...]:
    """The quick answers: the centre's own file in the data directory, else those that are shipped."""
    own = directory / "quick_answers.toml"
    file = own if own.exists() else resource_path("quick_answers.toml")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(str(file), "must be UTF-8") from error
    return read_quick_answers(str(file), text)
