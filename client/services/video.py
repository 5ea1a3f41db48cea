"""Video sessions of this desk: who waits, who is talked with, and what the agent may ask.

The citizen's page offers, the desk answers (`client.domain.signal`); one more generation is one more connection. What
lasts is said as events; the engine's own state is told by it and never guessed.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from client.domain import event as e
from client.domain.call import Telling, mix_leg
from client.domain.event import Event, timestamp
from client.domain.session import SessionView, Stage
from client.domain.signal import LiveText, MediaState, Signal, VideoAnswer, VideoOffer, VideoWish
from client.domain.video import Cameras, Picture, TextReceived, VideoCall, VideoLink, VideoQuality
from client.domain.words import Channel, Party
from client.ports.clock import Clock
from client.ports.hub import Hub, HubAway, HubRefused
from client.ports.telephony import Telephony, TelephonyError
from client.ports.video import Video, VideoError
from client.services.asking import ask_hub
from client.services.call_book import CallBook, Part
from client.services.call_views import CallFinished
from client.services.errors import NotPossible
from client.services.live_text import LiveTextBook
from client.services.log import EventLog
from client.services.notices import (
    CamerasChanged,
    HealthChanged,
    QualityChanged,
    SessionChanged,
    Severity,
    Trouble,
    TroubleTold,
    VideoChanged,
    WrapUpChanged,
)
from client.services.policy import Policy
from client.services.publisher import Publisher
from client.services.sessions import SessionBook
from client.services.signals import SignalSender
from client.services.video_views import VideoOfferView, VideoView
from client.services.watch import EventSeen, SignalSeen

T = TypeVar("T")
AGAIN_S = 4.0  # an offer that did not come is wished for again
RUNNING = (Stage.TALKING, Stage.HELD)


class VideoService:
    """Attributes: `cameras` — as the engine told them; `text` — the real-time text of every session; `there` — the engine
    answers."""

    def __init__(
        self,
        video: Video,
        telephony: Telephony,
        hub: Hub,
        book: CallBook,
        log: EventLog,
        sessions: SessionBook,
        signals: SignalSender,
        clock: Clock,
        publisher: Publisher,
        policy: Policy,
    ) -> None:
        self.cameras: Cameras | None = None
        self.there = False
        self.text = LiveTextBook(video.write, log, signals, publisher)
        self._video = video
        self._telephony = telephony
        self._hub = hub
        self._book = book
        self._log = log
        self._sessions = sessions
        self._clock = clock
        self._publisher = publisher
        self._policy = policy
        self._calls: dict[str, VideoCall] = {}
        self._quality: dict[str, VideoQuality] = {}
        self._above: dict[str, int] = {}
        self._silenced: set[str] = set()
        self._ending: set[str] = set()
        self._interrupted: dict[str, str] = {}
        self._voiced: dict[str, int] = {}
        self._wished: set[str] = set()
        self._away = False

    def start(self) -> None:
        """Listen to the engine, the hub and the log."""
        self._video.listen(self._take)
        self._publisher.subscribe(SignalSeen, lambda seen: self._take_signal(seen.signal))
        self._publisher.subscribe(EventSeen, lambda seen: self._take_event(seen.event))
        self._publisher.subscribe(SessionChanged, lambda notice: self._follow(notice.session))
        self._publisher.subscribe(CallFinished, self._voice_lost)
        self._log.on_rename.append(self._rename)

    def wake(self) -> None:
        """Start the engine, for whoever looks at cameras before anybody calls."""
        self._video.wake()

    def engine_there(self, *, there: bool) -> None:
        """The engine answers, or does not: said once each way while a session needs it."""
        if there != self.there:
            self.there = there
            self._publisher.publish(HealthChanged())
        if not there and self.running and not self._away:
            self._away = True
            self._publisher.publish(TroubleTold(Trouble.VIDEO_AWAY, Severity.BAD, session=self.running))
        elif there and self._away:
            self._away = False
            self._publisher.publish(TroubleTold(Trouble.VIDEO_BACK))

    # ── how it stands ────────────────────────────────────────────────────────────────────────────

    @property
    def away(self) -> bool:
        """True while a running session has no engine."""
        return self._away

    @property
    def offers(self) -> tuple[VideoOfferView, ...]:
        """Citizens who wait and whom this agent may take, the longest waiting first; none while one is talked with."""
        if self.running:
            return ()
        waiting = [view for view in self._sessions.waiting() if self._is_for_us(view)]
        waiting.sort(key=lambda view: (view.opened_at, view.id))
        waiting = [*(view for view in self._sessions.mine() if self._is_handed(view)), *waiting]
        return tuple(
            VideoOfferView(
                session=view.id,
                channel=view.channel,
                name=view.name,
                language=view.language,
                since=view.since if view.handed_waits else view.opened_at,
                ahead=ahead,
                silenced=view.id in self._silenced,
                handed_by=view.handed_by if view.handed_waits else "",
                note=view.handed_note if view.handed_waits else "",
            )
            for ahead, view in enumerate(waiting)
        )

    def _is_for_us(self, view: SessionView) -> bool:
        wanted = {Channel.SIGN_VIDEO: self._policy.signs, Channel.WEB_CALL: self._policy.web_calls}
        return wanted.get(view.channel, False) and not view.mail

    def _is_handed(self, view: SessionView) -> bool:
        """True for a running session that a colleague handed to us and that we have not taken up yet."""
        return view.handed_waits and view.owner == self._sessions.me and view.stage in RUNNING

    @property
    def running(self) -> str | None:
        """The video session of this agent that is talked in, or held."""
        return next((view.id for view in self._sessions.mine() if self._runs(view)), None)

    def _runs(self, view: SessionView) -> bool:
        live = view.channel.is_web and not view.mail and not view.handed_waits
        return live and view.stage in RUNNING and view.id not in self._ending

    def view(self, session: str) -> VideoView | None:
        """A running session as the stage shows it."""
        if session not in self._sessions:
            return None
        view = self._sessions.get(session)
        if not self._runs(view):
            return None
        citizen = self._sessions.signal(session, f"{MediaState.kind}:{Party.CITIZEN}")
        call, quality = self._calls.get(session), self._quality.get(session)
        return VideoView(
            session=session,
            channel=view.channel,
            call=call,
            citizen=citizen if isinstance(citizen, MediaState) else None,
            quality=quality,
            readable=quality is None or not (call and call.sees) or quality.readable,
            on_hold=view.stage is Stage.HELD,
            muted=view.muted,
            shown=self._shows(session),
            since=view.talking_since,
            interrupted=self._interrupted.get(session, ""),
        )

    def picture(self, session: str, party: Party, after: int = 0) -> Picture | None:
        """The newest picture of the citizen, or of the own camera, if it is newer than number `after`."""
        return self._video.picture("" if party is Party.AGENT else session, party, after)

    # ── what the agent asks ──────────────────────────────────────────────────────────────────────

    async def answer(self, session: str = "", *, shown: bool = True) -> str:
        """Take a waiting citizen (the longest waiting if none is named); the session's id. Only now a camera is sent.

        Raises `NotPossible`: `no_offer`, `owned` with the name of who was first, `hub_away`.
        """
        wanted = session or next((offer.session for offer in self.offers), "")
        if not wanted or self.running:
            raise NotPossible("no_offer" if not wanted else "already_in_video")
        self._wished.add(wanted)
        try:
            await self._sessions.claim(wanted)
        except NotPossible:
            self._wished.discard(wanted)
            raise
        view = self._sessions.get(wanted)
        self._log.say(wanted, e.CallAnswered())
        if view.stage is Stage.HELD:  # a colleague handed it over
            self._log.say(wanted, e.CallResumed())
        if view.channel is Channel.SIGN_VIDEO:
            self._log.say(wanted, e.PictureShown(party=Party.AGENT, on=shown))
        await self._wish(wanted)
        self._changed(wanted)
        return wanted

    def silence(self, session: str) -> None:
        """Stop light and sound here; the citizen goes on waiting, others may take them."""
        self._silenced.add(session)
        self._changed(session)

    async def preview(self, on: bool) -> None:
        """Run the camera for the agent's own eyes, or stop; nothing leaves by it."""
        await self._ask(self._video.preview(on))

    async def choose_camera(self, name: str) -> None:
        """Use this camera."""
        await self._ask(self._video.choose_camera(name))

    async def toggle_picture(self, session: str = "") -> None:
        """Show the own picture to the citizen, or the privacy card in its place."""
        session = self._need(session)
        on = not self._sessions.get(session).picture_shown
        if session in self._calls:
            await self._ask(self._video.show(session, on))
        self._log.say(session, e.PictureShown(party=Party.AGENT, on=on))
        self._changed(session)

    async def toggle_mute(self, session: str = "") -> None:
        """Stop or resume sending sound."""
        session = self._need(session)
        on = not self._sessions.get(session).muted
        voice = self._book.of_session(session)
        if voice is not None:
            await self._ask_phone(self._telephony.mute(voice.call, on))
        elif session in self._calls:
            await self._ask(self._video.mute(session, on))
        self._log.say(session, e.CallMuted() if on else e.CallUnmuted())
        self._changed(session)

    async def toggle_hold(self, session: str = "", reason: str = "hold") -> None:
        """Let the citizen wait: they see a card that says who left, why and since when. Text goes on."""
        session = self._need(session)
        on = self._sessions.get(session).stage is not Stage.HELD
        if session in self._calls:
            await self._ask(self._video.hold(session, on))
        voice = self._book.of_session(session)
        if voice is not None and voice.on_hold != on:
            await self._ask_phone(self._telephony.hold(voice.call) if on else self._telephony.resume(voice.call))
        self._log.say(session, e.CallHeld(reason=reason) if on else e.CallResumed())
        self._changed(session)

    async def hang_up(self, session: str = "") -> None:
        """End the talk; what was typed is kept, the wrap-up begins."""
        session = self._need(session)
        self.text.end(session)
        self._log.say(session, e.CallEnded(by="agent"))
        await self._over(session)

    async def hand_over(self, session: str, colleague: str, note: str) -> None:
        """Give the running session to a colleague, who sees the note first; the citizen is told that another goes on.

        Nothing of the colleague is seen before they take it up.
        """
        session = self._need(session)
        self.text.end(session)
        self._log.say(session, e.CallHeld(reason="hand_over"))
        await self._log.settled(session)
        await self._sessions.transfer(session, colleague, note)
        voice = self._book.of_session(session)
        if voice is not None:
            await self._ask_phone(self._telephony.hang_up(voice.call))

    def mark(self, session: str = "", text: str = "") -> None:
        """Date this moment for the wrap-up's note."""
        self._log.say(self._need(session), e.MarkSet(text=text.strip()[:200]))

    async def snapshot(self, session: str = "") -> bytes:
        """A still picture of the citizen (JPEG), who agreed to that on their page. Raises `NotPossible` `no_consent`."""
        session = self._need(session)
        if not self._sessions.get(session).consents.get("snapshot", False):
            raise NotPossible("no_consent")
        return await self._ask(self._video.snapshot(session))

    def begin_again(self, session: str = "") -> None:
        """Ask the page for a new connection, for whoever does not want to wait for it."""
        session = self._need(session)
        self._log.in_background(self._wish(session))

    def _need(self, session: str) -> str:
        session = session or self.running or ""
        if session not in self._sessions or not self._runs(self._sessions.get(session)):
            raise NotPossible("no_call")
        return session

    # ── offer and answer ─────────────────────────────────────────────────────────────────────────

    async def _wish(self, session: str) -> None:
        """Ask the page for an offer newer than any we know; again until one comes."""
        self._wished.add(session)
        self._video.wake()
        call = self._calls.get(session)
        above = max(self._above.get(session, 0), self._offered(session), call.generation if call else 0)
        self._above[session] = above
        await self._tell_page(session, VideoWish.kind, VideoWish(generation=above))
        self._clock.later(AGAIN_S, lambda: self._still_none(session, above))

    async def _take_up_again(self, session: str) -> None:
        """This desk was started again in the middle: an engine that outlived it still has the connection."""
        with suppress(VideoError):  # it comes back by itself, and the page is asked meanwhile
            await self._video.ready()
        if session not in self._calls and self._is_ours(session):
            await self._wish(session)

    def _offered(self, session: str) -> int:
        """The generation of the page's newest offer."""
        offer = self._sessions.signal(session, VideoOffer.kind)
        return offer.generation if isinstance(offer, VideoOffer) else 0

    def _still_none(self, session: str, above: int) -> None:
        if self._is_ours(session) and self._above.get(session) == above and self._offered(session) <= above:
            self._log.in_background(self._wish(session))

    async def _tell_page(self, session: str, key: str, body: VideoWish | VideoAnswer) -> None:
        try:
            await self._hub.signal([Signal(session=session, key=key, body=body)])
        except (HubAway, HubRefused):  # the wish is repeated, the answer is asked for again by its offer
            return

    async def _answer(self, session: str, offer: VideoOffer) -> None:
        language = self._sessions.get(session).language
        try:
            ice = await ask_hub(self._hub.ice())
            sdp = await self._video.answer(
                session,
                offer.generation,
                offer.sdp,
                ice,
                shown=self._shows(session),
                languages=tuple(dict.fromkeys((language, self._policy.language))),
            )
            answer = VideoAnswer(generation=offer.generation, sdp=sdp)
        except NotPossible:
            return
        except VideoError as error:
            answer = VideoAnswer(generation=offer.generation, refused=error.code)
            detail = str(error) if error.code != "engine_away" else ""
            self._publisher.publish(TroubleTold(Trouble.VIDEO_FAILED, Severity.CAREFUL, detail, session))
        await self._tell_page(session, VideoAnswer.kind, answer)
        if self._sessions.get(session).muted and answer.sdp:
            await self._ask(self._video.mute(session, True))

    def _take_signal(self, signal: Signal) -> None:
        body, session = signal.body, signal.session
        if not self._is_ours(session):
            return
        if isinstance(body, VideoOffer):
            if body.generation > self._above.get(session, 0):  # again, where the page has not got our answer
                self._log.in_background(self._answer(session, body))
        elif isinstance(body, LiveText):
            self.text.take_signal(session, body)
        elif isinstance(body, MediaState):
            self._changed(session)

    def _shows(self, session: str) -> bool:
        """What was decided last stands in the log: a desk that was started again shows nobody who had hidden."""
        view = self._sessions.get(session)
        return view.picture_shown and view.channel is Channel.SIGN_VIDEO

    def _is_ours(self, session: str) -> bool:
        if session not in self._sessions:
            return False
        view = self._sessions.get(session)
        return self._runs(view) and view.owner in (None, self._sessions.me)

    # ── what the engine tells ────────────────────────────────────────────────────────────────────

    def _take(self, telling: Telling) -> None:
        if isinstance(telling, VideoCall):
            self._take_call(telling)
        elif isinstance(telling, VideoQuality):
            self._quality[telling.call] = telling
            self._publisher.publish(QualityChanged(telling.call))
        elif isinstance(telling, TextReceived):
            if telling.fresh:
                self.text.opened(telling.call)
            self.text.take(telling)
        elif isinstance(telling, Cameras):
            self._take_cameras(telling)

    def _take_cameras(self, told: Cameras) -> None:
        before, self.cameras = self.cameras, told
        if told.problem and self._policy.signs and not (before and before.problem):
            self._publisher.publish(TroubleTold(Trouble.CAMERA_LOST, Severity.CAREFUL, told.problem))
        self._publisher.publish(CamerasChanged())

    def _take_call(self, told: VideoCall) -> None:
        session, before = told.call, self._calls.get(told.call)
        if self._is_ours(session):
            self.text.carried(session, on=told.text and told.link is not VideoLink.ENDED)
        if told.link is VideoLink.ENDED:
            self._calls.pop(session, None)
            self._quality.pop(session, None)
            if self._is_ours(session):
                self._broke(session, "engine" if told.problem else "page")
                self._log.in_background(self._wish(session))
        else:
            self._calls[session] = told
            self._wished.add(session)
            if told.link is VideoLink.INTERRUPTED:
                self._broke(session, "network")
            elif told.link is VideoLink.CONNECTED:
                self._stands(session, told, before)
        self._changed(session)

    def _broke(self, session: str, reason: str) -> None:
        if self._is_ours(session) and session not in self._interrupted:
            self._interrupted[session] = timestamp(self._clock.now())
            self._log.say(session, e.VideoInterrupted(reason=reason))

    def _stands(self, session: str, told: VideoCall, before: VideoCall | None) -> None:
        if self._interrupted.pop(session, None) is not None:
            self._log.say(session, e.VideoRestored())
        if told.sound and self._voiced.get(session) != told.generation:
            self._voiced[session] = told.generation
            self._log.in_background(self._give_voice(session, told))
        if before is None:
            held = self._sessions.get(session).stage is Stage.HELD if session in self._sessions else False
            if held != told.on_hold:
                self._log.in_background(self._ask(self._video.hold(session, held)))

    def _voice_lost(self, notice: CallFinished) -> None:
        """The voice engine died: the citizen's sound goes to the one in its place."""
        told = self._calls.get(notice.session)
        if notice.part is Part.WEB and notice.by == "failure" and told is not None and told.sound:
            self._log.in_background(self._give_voice(notice.session, told))

    async def _give_voice(self, session: str, told: VideoCall) -> None:
        """Bring the citizen's sound into the bridge and the agent's out of it."""
        try:
            call = await self._telephony.web(session, await self._video.subscribe(), told.leg)
            await self._video.sound(session, await self._telephony.subscribe(), mix_leg(call))
            if self._sessions.get(session).muted:
                await self._telephony.mute(call, True)
        except (VideoError, TelephonyError) as error:
            self._voiced.pop(session, None)
            self._publisher.publish(TroubleTold(Trouble.VIDEO_FAILED, Severity.CAREFUL, str(error), session))

    # ── what the log tells ───────────────────────────────────────────────────────────────────────

    def _take_event(self, event: Event) -> None:
        session, body = event.session, event.body
        if isinstance(body, e.MessageSent) and body.party is Party.CITIZEN:
            self.text.arrived(session, body.text)
        elif isinstance(body, e.CallEnded) and self._is_web(session) and session not in self._ending:
            self.text.end(session)
            self._log.in_background(self._over(session))

    def _is_web(self, session: str) -> bool:
        return session in self._sessions and self._sessions.get(session).channel.is_web

    def _follow(self, session: str) -> None:
        """A session that is another's now, or over, is let go of; a new one that waits is told."""
        view = self._sessions.get(session) if session in self._sessions else None
        if view is None or not view.channel.is_web:
            return
        ours = view.owner in (None, self._sessions.me)
        if session in self._calls and not (ours and view.stage in RUNNING):
            self._log.in_background(self._ask(self._video.close(session)))
        if view.owner == self._sessions.me and self._runs(view) and session not in self._wished:
            self._wished.add(session)
            self._log.in_background(self._take_up_again(session))
        if any(offer.session == session for offer in self.offers):
            self._video.wake()  # so that it stands before the agent answers
        self._publisher.publish(VideoChanged(session))

    async def _over(self, session: str) -> None:
        """The talk is over; the wrap-up begins."""
        self._ending.add(session)
        try:
            view = self._sessions.get(session)
            if not view.codes and view.owner in (None, self._sessions.me):
                self._log.say(session, e.WrapUpStarted(limit_s=self._policy.wrapup_s))
                self._publisher.publish(WrapUpChanged(session))
            voice = self._book.of_session(session)
            if voice is not None:
                await self._ask_phone(self._telephony.hang_up(voice.call))
            await self._ask(self._video.close(session))
        except NotPossible:  # an engine that is away has let go already
            return
        finally:
            self._ending.discard(session)
            for held in (self._calls, self._quality, self._interrupted, self._voiced, self._above):
                held.pop(session, None)
            self._wished.discard(session)
            self._changed(session)

    def _rename(self, old: str, new: str) -> None:
        self._silenced = {new if session == old else session for session in self._silenced}

    def _changed(self, session: str) -> None:
        self._publisher.publish(VideoChanged(session))

    @staticmethod
    async def _ask(request: Awaitable[T]) -> T:
        try:
            return await request
        except VideoError as error:
            raise NotPossible("video", str(error)) from error

    @staticmethod
    async def _ask_phone(request: Awaitable[None]) -> None:
        try:
            await request
        except TelephonyError as error:
            raise NotPossible("phone", str(error)) from error
