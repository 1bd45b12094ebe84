"""The day boundary: what the account was worth when the trading day began, kept on record.

The danger: the loss of the day is measured from the start of the program. A restart then forgets
it, and a loss limit with it.
How this prevents it: the first known worth of the account in a trading day is a record; a restart
finds it there. The day turns by the exchange's rule, not by the machine's midnight.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from app.audit.records import DayStarted
from app.clock import Clock
from app.domain.cash import DayStart
from app.domain.market import Quote, Trade
from app.hub import Hub
from app.oms.engine import OmsEngine


class Days:
    """Notices that a trading day has begun, as soon as the account can be valued in it."""

    def __init__(
        self,
        engine: OmsEngine,
        clock: Clock,
        hub: Hub,
        *,
        trading_day: Callable[[int], date],
        next_turn_ns: Callable[[int], int],
    ) -> None:
        """Take what a day is.

        Args:
            engine: whose account it is.
            clock: of the session.
            hub: the market; with it time goes on, in a replay as well.
            trading_day: the day that a moment belongs to.
            next_turn_ns: the next moment after one at which the day may be another.
        """
        self._engine: Final = engine
        self._clock: Final = clock
        self._trading_day: Final = trading_day
        self._next_turn_ns: Final = next_turn_ns
        self._look_at_ns = 0
        hub.subscribe(Quote, self._on_event)
        hub.subscribe(Trade, self._on_event)

    def look(self) -> None:
        """Begin the day that it is now, if it has not begun and the account can be valued."""
        now_ns = self._clock.now_ns()
        day = self._trading_day(now_ns)
        known = self._engine.ledger.view.day
        if known is None or known.trading_day < day:
            figures = self._engine.account()
            if figures.equity is None:
                return  # A mark is missing: at the next event.
            start = DayStart(
                trading_day=day, equity=figures.equity, cash=figures.cash, ts_ns=now_ns
            )
            self._engine.put(DayStarted(start=start))
        self._look_at_ns = self._next_turn_ns(now_ns)

    def _on_event(self, event: Quote | Trade) -> None:
        if event.ts_recv_ns >= self._look_at_ns:
            self.look()
