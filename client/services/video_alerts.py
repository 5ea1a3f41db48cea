"""What of video calls for the agent: a citizen who waits, and signing that can no longer be read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from client.ports.clock import Clock, Timer
from client.services.alerts import AlertService
from client.services.notices import Alarm, CallsChanged, PresenceChanged, QualityChanged, VideoChanged, WrapUpChanged
from client.services.publisher import Publisher
from client.services.video import VideoService
from client.services.video_views import VideoOfferView

UNREADABLE_S = 3.0  # a picture that stumbles once is no alarm


class VideoAlerts:
    """Raises and calms the alerts of video. `offers` — who waits for this agent now."""

    def __init__(
        self,
        video: VideoService,
        offers: Callable[[], Sequence[VideoOfferView]],
        alerts: AlertService,
        clock: Clock,
        publisher: Publisher,
    ) -> None:
        self._video = video
        self._offers = offers
        self._alerts = alerts
        self._clock = clock
        self._publisher = publisher
        self._waiting: dict[str, Timer] = {}

    def start(self) -> None:
        """Follow what changes who waits, and how well the citizen is seen."""
        for kind in (VideoChanged, CallsChanged, PresenceChanged, WrapUpChanged):
            self._publisher.subscribe(kind, lambda _: self._alerts.follow_videos(self._offers()))
        self._publisher.subscribe(QualityChanged, lambda notice: self._look(notice.session))
        self._publisher.subscribe(VideoChanged, lambda notice: self._look(notice.session))

    def _look(self, session: str) -> None:
        view = self._video.view(session)
        if view is None or view.readable or view.interrupted:
            timer = self._waiting.pop(session, None)
            if timer is not None:
                timer.cancel()
                self._alerts.calm(Alarm.VIDEO_UNREADABLE, session)
        elif session not in self._waiting:
            self._waiting[session] = self._clock.later(UNREADABLE_S, lambda: self._raise(session))

    def _raise(self, session: str) -> None:
        if session in self._waiting:
            self._alerts.raise_(Alarm.VIDEO_UNREADABLE, session)
