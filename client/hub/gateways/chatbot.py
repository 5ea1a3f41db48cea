"""A chatbot hands a citizen over: its conversation comes along, the agent's words go back through it, and so may the citizen.

    POST /v1/gateways/{name}/handover         signed as in `client.hub.gateways.webhook`, whose other webhooks exist here too
    {"id": "h-1", "thread": "user-77", "bot": "서울톡", "reason": "상담사 요청", "name": "", "number": "", "language": "ko",
     "history": [{"who": "bot", "text": "무엇을 도와드릴까요?", "at": "2026-11-26T09:00:00+09:00"}], "text": ""}

When the agent ends the session the callback hears `{"thread": "…", "end": true, "to": "bot"}`: the citizen talks to the bot again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from client.domain.event import BotHandedOver
from client.domain.ids import new_id
from client.domain.words import Channel, Party
from client.hub.gateways.gateway import Inbox, Line
from client.hub.gateways.text_messages import require
from client.hub.gateways.webhook import MAX_NAME, MAX_TEXT, Message, Webhook, inbound, moment, read

MAX_LINES = 1_000
WHO = {"bot": Party.BOT, "citizen": Party.CITIZEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    who: str
    text: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _HandOver:
    id: str
    thread: str
    bot: str = ""
    reason: str = ""
    name: str = ""
    number: str = ""
    language: str = ""
    at: str = ""
    text: str = ""
    history: tuple[_Said, ...] = ()


class Chatbot(Webhook):
    """One chatbot."""

    channel = Channel.CHATBOT

    def acts(self) -> Mapping[str, Callable[[Any, Inbox], Awaitable[None]]]:
        """The portal's webhooks, and the hand-over."""
        return {**super().acts(), "handover": self._hand_over}

    async def _hand_over(self, data: Any, inbox: Inbox) -> None:
        told = read(_HandOver, data)
        for name in ("bot", "reason"):
            require(len(getattr(told, name)) <= MAX_NAME, name, f"must be at most {MAX_NAME} characters")
        require(len(told.history) <= MAX_LINES, "history", f"must be at most {MAX_LINES}")
        history = tuple(_line(said, f"history.{n}") for n, said in enumerate(told.history))
        message = Message(
            id=told.id,
            thread=told.thread,
            text=told.text,
            name=told.name,
            number=told.number,
            language=told.language,
            at=told.at,
        )
        facts = (BotHandedOver(bot=told.bot, reason=told.reason, lines=len(history)),)
        await inbox.message(self.name, inbound(message, history=history, facts=facts))

    async def end(self, address: str, reason: str) -> None:
        """Give the citizen back to the bot."""
        told = {"thread": address, "end": True, "to": "bot", "reason": reason}
        await self.callback.tell(told, reference=new_id())


def _line(said: _Said, path: str) -> Line:
    require(said.who in WHO, f"{path}.who", "must be bot or citizen")
    require(len(said.text) <= MAX_TEXT, f"{path}.text", f"must be at most {MAX_TEXT} characters")
    return Line(party=WHO[said.who], text=said.text, at=moment(said.at, f"{path}.at"))
