"""Typed publishing inside the desk: an event is an object, its class is its address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Publisher:
    """Calls every handler of an object's class, in the order of subscription, on the caller's thread."""

    def __init__(self) -> None:
        self._handlers: defaultdict[type[Any], list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[T], handler: Callable[[T], None]) -> Callable[[], None]:
        """Call `handler` with every published `kind`; the returned function ends it."""
        handlers = self._handlers[kind]
        handlers.append(handler)
        return lambda: handlers.remove(handler) if handler in handlers else None

    def publish(self, thing: object) -> None:
        """Hand `thing` to the handlers of its class."""
        for handler in tuple(self._handlers[type(thing)]):
            handler(thing)
