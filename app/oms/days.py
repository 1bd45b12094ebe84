"""The day boundary: what the account was worth when the trading day began, kept on record.

The danger: the loss of the day is measured from the start of the program. A restart then forgets
it, and a loss limit with it.
How this prevents it: the first known worth of the account in a trading day is a record; a restart
finds it there. The day turns by the exchange's rule, not by the machine's midnight.
"""

from __future__ import annotations

from typing import Final

from app.audit.records import DayStarted
from app.calendar import Calendar
from app.clock import Clock
from app.domain.cash import DayStart
from app.domain.market import Bar, Quote, Trade
from app.domain.times import SECOND_NS
from app.hub import Hub
from app.oms.engine import OmsEngine

RETRY_NS: Final = SECOND_NS
"""Between two looks while the account cannot be valued."""


class Days:
    """Notices that a trading day has begun, as soon as the account can be valued in it."""

    def __init__(
        self,
        engine: OmsEngine,
        clock: Clock,
        hub: Hub,
        calendar: Calendar,
    ) -> None:
        """Take whose day it is.

        Args:
            engine: whose account it is.
            clock: of the session.
            hub: the market; with it time goes on, in a replay as well.
            calendar: the exchange's days.
        """
        self._engine: Final = engine
        self._clock: Final = clock
        self._calendar: Final = calendar
        self._look_at_ns = 0
        hub.subscribe(Quote, self._on_event)
        hub.subscribe(Trade, self._on_event)
        hub.subscribe(Bar, self._on_event)

    def look(self) -> None:
        """Begin the day that it is now, if it has not begun and the account can be valued."""
        now_ns = self._clock.now_ns()
        day = self._calendar.trading_day(now_ns)
        known = self._engine.ledger.view.day
        if known is None or known.trading_day < day:
            figures = self._engine.account()
            if figures.equity is None:
                self._look_at_ns = now_ns + RETRY_NS  # A mark is missing.
                return
            start = DayStart(
                trading_day=day, equity=figures.equity, cash=figures.cash, ts_ns=now_ns
            )
            self._engine.put(DayStarted(start=start))
        self._look_at_ns = self._calendar.day_start_ns(self._calendar.next_session(day).day)

    def _on_event(self, event: Quote | Trade | Bar) -> None:
        if event.ts_recv_ns >= self._look_at_ns:
            self.look()
