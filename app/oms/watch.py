"""The account itself against the limits, on a schedule and after fills, without an order.

The danger: a position that was within every limit when it was opened runs away; the loss of the day
grows and nobody looks; the station is started anew and has forgotten it.
How this prevents it: rules that can be read off the account are looked at once a second and after
every fill. What lies over a limit is recorded once, said, and, by policy, lets trading only reduce;
after a day's loss until the next session. The peak that a drawdown is measured from is on record.
Not guaranteed: anything while a mark is missing. Then the gate lets nothing be opened.
"""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from app.audit.records import EquityPeaked, LimitBreached
from app.calendar import Calendar
from app.clock import Clock
from app.domain.decision import Latch
from app.domain.enums import TradingState
from app.domain.events import Filled, Notice
from app.domain.terms import ZERO
from app.domain.times import MINUTE_NS, SECOND_NS
from app.hub import Hub
from app.oms.engine import STATION, OmsEngine
from app.risk.checks.base import CheckParams, CheckSpec, Finding, OnBreach
from app.risk.exposure import RiskInput
from app.risk.gate import Gate

EVERY_S: Final = 1.0
IDLE_EVERY_NS: Final = 15 * MINUTE_NS
"""Where time comes with the feed: without a position and an order only the week can turn."""
PEAK_STEP: Final = Decimal("1.0005")
"""A peak is recorded once it is higher by that factor: a rising day is no flood of records."""


class Watch:
    """Looks at the account as the gate looks at orders."""

    def __init__(
        self, *, engine: OmsEngine, gate: Gate, clock: Clock, hub: Hub, calendar: Calendar
    ) -> None:
        self._engine: Final = engine
        self._gate: Final = gate
        self._clock: Final = clock
        self._hub: Final = hub
        self._calendar: Final = calendar
        self._over: set[str] = set()
        """Checks whose limit the account lies over."""
        self._peak: tuple[date, Decimal] | None = None
        """The newest that was given to be recorded."""
        self._looked_ns = 0
        hub.subscribe(Filled, lambda _: self.look())

    @property
    def due_ns(self) -> int:
        """When the account is to be looked at again, by the session's clock."""
        engine = self._engine
        is_exposed = engine.blotter.working() or any(p.qty for p in engine.ledger.view.all())
        return self._looked_ns + (round(EVERY_S * SECOND_NS) if is_exposed else IDLE_EVERY_NS)

    async def run(self) -> None:
        """Look once a second, for ever."""
        while True:
            self.look()
            await asyncio.sleep(EVERY_S)

    def meters(self) -> tuple[tuple[CheckSpec, Finding], ...]:
        """Return what each rule about the account finds now."""
        given = self._engine.account_input()
        return tuple(
            (spec, spec.meter(given, params))
            for spec, params in self._gate.checks
            if spec.meter is not None
        )

    def look(self) -> None:
        """Compare the account with the limits and do what a new breach calls for."""
        self._looked_ns = self._clock.now_ns()
        given = self._engine.account_input()
        equity = given.picture.equity
        if equity is None:
            return
        self._keep_peak(equity)
        for spec, params in self._gate.checks:
            if spec.meter is not None:
                self._judge(spec, params, given)

    def _judge(self, spec: CheckSpec, params: CheckParams, given: RiskInput) -> None:
        assert spec.meter is not None
        found = spec.meter(given, params)
        if found.passed:
            self._over.discard(spec.name)
        elif spec.name not in self._over:
            self._over.add(spec.name)
            self._act(spec, found)

    def _act(self, spec: CheckSpec, found: Finding) -> None:
        now_ns = self._clock.now_ns()
        outcome = "alert"
        if spec.on_breach is not OnBreach.ALERT:
            latch = Latch(by=spec.name)
            outcome = "trading only reduces until it is armed by hand"
            if spec.on_breach is OnBreach.LATCH:
                day = self._calendar.trading_day(now_ns)
                until = self._calendar.next_session(day).day
                latch = Latch(by=spec.name, until=until)
                outcome = f"trading only reduces until {until}"
            self._engine.tighten(TradingState.REDUCING, found.text, actor=STATION, latch=latch)
        self._engine.put(
            LimitBreached(
                check=spec.name,
                value=found.value,
                limit=found.limit,
                text=found.text,
                outcome=outcome,
                ts_ns=now_ns,
            )
        )
        self._hub.publish(Notice(text=f"{found.text}; {outcome}", is_warning=True))

    def _keep_peak(self, equity: Decimal) -> None:
        """Have the highest worth of the week recorded; deposits since are in it."""
        now_ns = self._clock.now_ns()
        day = self._calendar.trading_day(now_ns)
        week = day - timedelta(days=day.weekday())
        known = self._engine.peak(week)
        given = self._peak
        if given is not None and given[0] == week:
            known = max(given[1], known or ZERO)
        if known is None or equity > known * PEAK_STEP:
            self._peak = week, equity
            self._engine.put(EquityPeaked(equity=equity, week=week, ts_ns=now_ns))
