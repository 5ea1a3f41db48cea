"""Who gets which waiting session: the weighted capacity of one agent, and the order of those that wait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from client.domain.session_log import LogRefused, SessionFacts
from client.domain.words import Channel

DEFAULT_WEIGHT = 1


def load(sessions: Iterable[SessionFacts], owner: str, weights: Mapping[str, int]) -> int:
    """What `owner` holds, in units of the weights: open sessions alone count."""
    return sum(
        weights.get(facts.channel, DEFAULT_WEIGHT)
        for facts in sessions
        if facts.owner == owner and facts.closed is None
    )


def refuse_over_capacity(held: int, channel: Channel, weights: Mapping[str, int], capacity: int) -> None:
    """409 `full` where one more session of this channel is too much. An agent who holds nothing may take anything.

    A call is never refused: whoever answered it has it.
    """
    if channel.is_written and held and held + weights.get(channel, DEFAULT_WEIGHT) > capacity:
        raise LogRefused(409, "full", "you hold as much as you may; finish or hand over a session first")


def longest_waiting(
    waiting: Iterable[SessionFacts], channels: Sequence[Channel] = (), languages: Sequence[str] = ()
) -> SessionFacts | None:
    """Of the written sessions without an owner, of these channels and languages (none named: any), the one to take next."""
    fit = (
        facts
        for facts in waiting
        if facts.owner is None
        and facts.closed is None
        and facts.channel.is_written
        and (not channels or facts.channel in channels)
        and (not languages or facts.language in languages)
    )
    return min(fit, key=lambda facts: (facts.opened, facts.id), default=None)
