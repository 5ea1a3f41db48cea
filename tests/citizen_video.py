"""A video session for tests: the citizen's page in Chromium, and a counselor at the hub's desk interface, without media."""

from __future__ import annotations

from playwright.async_api import Page, expect

from client.domain import event as e
from client.domain.signal import Signal, SignalBody, signal_to_json
from client.hub.limits import RateLimit
from client.hub.server import HubServer
from tests.citizen_chat import Agent


class Counselor(Agent):
    """Takes the newest who waits by video or web call."""

    async def take(self) -> str:
        waiting = [facts for facts in self._server.hub.rooms.waiting() if facts.channel.is_web]
        self.session = max(waiting, key=lambda facts: facts.id).id
        assert (await self.http.post(f"/v1/sessions/{self.session}/claim")).status_code == 200
        await self.say(e.CallAnswered())
        return self.session

    async def signal(self, key: str, body: SignalBody) -> None:
        signal = signal_to_json(Signal(session=self.session, key=key, body=body))
        answer = await self.http.post(f"/v1/sessions/{self.session}/signals", json={"signals": [signal]})
        assert answer.status_code == 204, answer.text

    def told(self, kind: str) -> SignalBody | None:
        """The newest signal of this kind that the hub holds."""
        held = self._server.hub.signals.of(self.session)
        return next((signal.body for signal in reversed(held) if signal.body.kind == kind), None)


async def begin(page: Page, server: HubServer, kind: str = "sign", *, media: bool = True, language: str = "ko") -> Page:
    """From the first page into the room. How many may begin from one address is another test's."""
    server.hub.chats_begun = RateLimit(burst=1_000, per_second=1)
    await page.goto(f"{server.public_url}/c/{kind}?lang={language}")
    await page.click("button.primary" if media else "button[name=media]")
    await expect(page.locator("body[data-state=waiting]")).to_be_attached()
    return page


async def type_line(page: Page, text: str) -> None:
    await page.locator("#line").press_sequentially(text)
    await page.keyboard.press("Enter")
