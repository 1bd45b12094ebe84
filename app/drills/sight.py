"""Everything that a station showed, and when: what a drill judges by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from app.clock import Clock
from app.domain.enums import OrderState
from app.domain.events import Notice, OrderChanged
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.hub import Hub


class Shown(msgspec.Struct, frozen=True):
    """Something that was shown."""

    ts_ns: int
    """By the machine's monotonic clock."""
    what: Order | str
    """An order that changed, or a sentence for the status line."""


class Sight:
    """Orders and sentences in the order in which they were shown; of several stations, too."""

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._shown: Final[list[Shown]] = []

    def watch(self, hub: Hub) -> None:
        """Keep what a station shows from now on."""
        hub.subscribe(OrderChanged, lambda changed: self._keep(changed.order))
        hub.subscribe(Notice, lambda notice: self._keep(notice.text))

    def first_s(self, is_it: Callable[[Order | str], bool], *, since_ns: int) -> float | None:
        """Return how many seconds after a moment something was first shown; None: it was not."""
        for shown in self._shown:
            if shown.ts_ns >= since_ns and is_it(shown.what):
                return (shown.ts_ns - since_ns) / 1e9
        return None

    def doubted_s(self, cl_ord_id: ClOrdID, *, since_ns: int) -> float | None:
        """Return how many seconds after a moment an order was in doubt; None: it was not."""

        def is_it(what: Order | str) -> bool:
            return isinstance(what, Order) and what.cl_ord_id == cl_ord_id and what.is_in_doubt

        return self.first_s(is_it, since_ns=since_ns)

    def said_s(self, words: str, *, since_ns: int) -> float | None:
        """Return how many seconds after a moment some words were said; None: they were not."""
        return self.first_s(lambda what: isinstance(what, str) and words in what, since_ns=since_ns)

    def orders(self, cl_ord_id: ClOrdID) -> Iterator[Order]:
        """Yield an order as it was shown, each time that it changed."""
        for shown in self._shown:
            if isinstance(shown.what, Order) and shown.what.cl_ord_id == cl_ord_id:
                yield shown.what

    def states(self, cl_ord_id: ClOrdID) -> tuple[OrderState, ...]:
        """Return the states that an order was shown in, each once where it stayed."""
        states: list[OrderState] = []
        for order in self.orders(cl_ord_id):
            if not states or states[-1] is not order.state:
                states.append(order.state)
        return tuple(states)

    def _keep(self, what: Order | str) -> None:
        self._shown.append(Shown(self._clock.mono_ns(), what))
