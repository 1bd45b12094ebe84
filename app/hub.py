"""Facts to whoever wants them: synchronous publish by event type.

No queue and no thread: `publish` returns when every handler has run, in order of subscription. A
handler that raises is reported as `HandlerFailed` and counted; the others are served all the same.
Steps whose order matters (journal, blotter, ledger) do not go through here: they are direct calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from app.domain.errors import JournalFailed
from app.domain.events import HandlerFailed

E = TypeVar("E")
Handlers = tuple[Callable[[Any], None], ...]


class Hub:
    """Deliver each event to the handlers of its type, at once and in order of subscription.

    A codec may decode straight into a subclass of an event that carries a venue's field names; it
    is delivered as the nearest type that anybody subscribed to.
    """

    def __init__(self) -> None:
        self._handlers: dict[type, Handlers] = {}
        self._routes: dict[type, Handlers] = {}
        """Type of event -> who gets it: found once, forgotten when a subscription changes."""
        self.failures = 0
        """Handlers that raised since the start."""

    def subscribe(self, event_type: type[E], handler: Callable[[E], None]) -> None:
        """Call `handler` with every event of this type from now on."""
        self._handlers[event_type] = (*self._handlers.get(event_type, ()), handler)
        self._routes.clear()

    def unsubscribe(self, event_type: type[E], handler: Callable[[E], None]) -> None:
        """Stop calling `handler`; unknown handlers are ignored."""
        kept = tuple(h for h in self._handlers.get(event_type, ()) if h != handler)
        self._handlers[event_type] = kept
        self._routes.clear()

    def publish(self, event: object) -> None:
        """Hand an event to its handlers now."""
        handlers = self._routes.get(type(event))
        if handlers is None:
            handlers = self._find_route(type(event))
        for handler in handlers:
            try:
                handler(event)
            except (AssertionError, JournalFailed):
                raise  # A broken invariant stops the session.
            except Exception as error:  # noqa: BLE001  One bad listener must not stop the others.
                self.failures += 1
                if type(event) is not HandlerFailed:  # No recursion.
                    name = getattr(handler, "__qualname__", repr(handler))
                    self.publish(HandlerFailed(handler=name, error=repr(error)))

    def _find_route(self, event_type: type) -> Handlers:
        near = next((base for base in event_type.__mro__ if base in self._handlers), None)
        handlers = self._routes[event_type] = self._handlers[near] if near is not None else ()
        return handlers
