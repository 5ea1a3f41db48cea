"""One agent's desk: all services on their ports, started and stopped together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from client.domain.codes import Code
from client.domain.quick_answers import QuickAnswer
from client.ports.hub import Hub
from client.ports.outbox import Outbox
from client.ports.speech import Speech
from client.ports.telephony import Telephony
from client.ports.video import Video
from client.services.alerts import AlertService
from client.services.attaching import AttachingService
from client.services.attendance import AttendanceService
from client.services.call_book import CallBook
from client.services.calls import CallService
from client.services.captions import CaptionService
from client.services.gateways import GatewayService
from client.services.health import HealthService
from client.services.log import AdjustableClock, EventLog
from client.services.openings import OpeningService
from client.services.policy import Policy
from client.services.presence import PresenceService
from client.services.publisher import Publisher
from client.services.reading import ReadingService
from client.services.relay import RelayService
from client.services.replies import ReplyService
from client.services.screens import Catalogue, ScreenService
from client.services.sending import SendingService
from client.services.sessions import SessionBook
from client.services.signals import SignalSender
from client.services.video import VideoService
from client.services.video_alerts import VideoAlerts
from client.services.video_views import VideoOfferView
from client.services.videomail import VideomailService
from client.services.wrapups import WrapUpService
from client.services.writing import WritingService

FINISH_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The outside as this desk reaches it."""

    telephony: Telephony
    video: Video
    speech: Speech
    hub: Hub
    outbox: Outbox
    clock: AdjustableClock


class Desk:
    """The services by name; see each for what it does. Everything runs on one thread, that of the event loop."""

    def __init__(
        self,
        ports: Ports,
        policy: Policy,
        catalogue: Catalogue,
        codes: Sequence[Code],
        answers: Sequence[QuickAnswer] = (),
    ) -> None:
        clock, outbox = ports.clock, ports.outbox
        self.policy = policy
        self.clock = clock
        self.publisher = publisher = Publisher()
        self.sessions = sessions = SessionBook(ports.hub, clock, publisher)
        self.log = log = EventLog(ports.hub, outbox, sessions, clock, publisher)
        self.presence = PresenceService(outbox, clock, publisher)
        book = CallBook(outbox)
        self.calls = CallService(ports.telephony, book, log, sessions, clock, publisher, policy, self._may_be_called)
        signals = SignalSender(ports.hub, log, clock)
        self.video = VideoService(
            ports.video, ports.telephony, ports.hub, book, log, sessions, signals, clock, publisher, policy
        )
        self.captions = CaptionService(
            ports.speech, ports.telephony, book, log, sessions, signals, clock, publisher, policy
        )
        self.relay = RelayService(
            ports.telephony, self.calls, log, sessions, publisher, policy, lambda: self.video.running
        )
        self.screens = ScreenService(catalogue, ports.hub, log, sessions, signals)
        self.wrapups = WrapUpService(codes, log, sessions, outbox, clock, publisher, policy)
        self.alerts = AlertService(ports.telephony, self.calls, self.wrapups, log, sessions, clock, publisher, policy)
        self.video_alerts = VideoAlerts(self.video, lambda: self.video_offers, self.alerts, clock, publisher)
        self.health = HealthService(
            ports.telephony, self.calls, self.captions, self.video, log, self.alerts, publisher, policy
        )
        self.gateways = GatewayService(ports.hub, log, clock, publisher)
        self.sending = SendingService(log, outbox, sessions, clock, publisher, policy.undo_s)
        self.attaching = AttachingService(ports.hub, log, outbox, publisher)
        self.writing = WritingService(
            ports.hub,
            log,
            outbox,
            sessions,
            self.sending,
            self.attaching,
            self.gateways,
            answers,
            policy.centre_name,
        )
        self.mail = VideomailService(ports.video, ports.hub, log, sessions, self.writing, publisher)
        self.replies = ReplyService(sessions, self.alerts, clock, publisher, policy.reply_s)
        self.attendance = AttendanceService(sessions, signals, clock, publisher)
        self.reading = ReadingService(ports.hub, log, sessions, publisher)
        self.openings = OpeningService(ports.hub, log, outbox, clock)
        self.presence.follow(lambda: self.talking_in is not None, lambda: bool(self.wrapups.pending()))

    @property
    def talking_in(self) -> str | None:
        """The session in whose call or video the agent talks, or talked last."""
        return self.video.running or self.calls.running

    @property
    def video_offers(self) -> tuple[VideoOfferView, ...]:
        """Citizens who wait for a video of ours, the longest waiting first; none while the agent may not be called."""
        free = self.presence.may_be_offered() and self.calls.running is None
        return self.video.offers if free else ()

    def _may_be_called(self) -> bool:
        """No call rings while the agent signs: hands and eyes are taken."""
        return self.presence.may_be_offered() and self.video.running is None

    def start(self) -> None:
        """Begin; the event loop must run."""
        self.log.start()
        self.wrapups.start()
        self.captions.start()
        self.alerts.start()
        self.calls.start()
        self.video.start()
        self.mail.start()
        self.relay.follow()
        self.video_alerts.start()
        self.health.start()
        self.sending.start()
        self.gateways.start()
        self.replies.start()
        self.reading.start()

    async def finish(self) -> None:
        """Before a wished end: what can still be undone is a draft again; the hub gets a moment to take what waits."""
        self.sending.cancel_all()
        await self.log.drained(FINISH_S)

    async def stop(self) -> None:
        """End; what is not sent waits in the outbox."""
        await self.mail.close()
        await self.log.stop()
