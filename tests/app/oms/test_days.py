"""Show that the start of a trading day is recorded once, as soon as the account can be valued.

Method: the real order path on virtual time and a simulated disk; the clock is moved over the turn.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from app.audit.records import DayStarted
from app.domain.enums import Side
from app.domain.ids import Symbol
from app.domain.times import SECOND_NS
from tests.order_path import run, started
from tests.samples import IBM, bar, quote, report, trade, trade_report
from tests.sim.disk import SimDisk

GE = Symbol("GE")
HOUR_NS = 3_600_000_000_000
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def starts(path) -> list[tuple[date, Decimal, Decimal]]:
    return [(r.start.trading_day, r.start.equity, r.start.cash) for r in path.recorded(DayStarted)]


def tick(path, px="100", symbol=IBM) -> None:
    now_ns = path.clock.now_ns()
    path.hub.publish(quote(px, px, symbol=symbol, ts_exch_ns=now_ns, ts_recv_ns=now_ns))


def test_a_flat_account_starts_its_day_at_once_and_a_restart_finds_it():
    disk = SimDisk()

    async def story():
        async with started(disk, cash=50_000) as path:
            await path.engine.drained()
            assert starts(path) == [(MONDAY, Decimal(50_000), Decimal(50_000))]
            assert path.engine.ledger.view.day.trading_day == MONDAY

    run(story)
    run(story)


def test_the_day_turns_at_eight_in_the_evening_with_the_market():  # T15
    async def story():
        async with started(SimDisk(), cash=50_000) as path:
            path.clock.offset_ns = 10 * HOUR_NS  # 19:30
            tick(path)
            await path.engine.drained()
            assert len(starts(path)) == 1
            path.clock.offset_ns = 11 * HOUR_NS  # 20:30
            now_ns = path.clock.now_ns()
            path.hub.publish(trade("100", ts_ns=now_ns))
            tick(path)
            await path.engine.drained()
            assert [day for day, _, _ in starts(path)] == [MONDAY, TUESDAY]

    run(story)


def test_a_market_of_bars_alone_turns_the_day_too():
    async def story():
        async with started(SimDisk(), cash=50_000) as path:
            path.clock.offset_ns = 11 * HOUR_NS
            now_ns = path.clock.now_ns()
            path.hub.publish(bar(now_ns))
            await path.engine.drained()
            assert [day for day, _, _ in starts(path)] == [MONDAY, TUESDAY]

    run(story)


def test_the_day_starts_with_what_is_held_at_its_mark():
    async def story():
        async with started(SimDisk(), cash=50_000) as path:
            await path.engine.drained()
            bought = await path.order(Side.BUY, 100)
            await path.hear(bought, report(), trade_report("E1", 100, "100"))
            path.clock.offset_ns = 11 * HOUR_NS
            tick(path, "101")
            await path.engine.drained()
            assert starts(path)[-1] == (TUESDAY, Decimal(50_100), Decimal(40_000))

    run(story)


def test_without_a_mark_the_day_waits_for_one():
    async def story():
        async with started(SimDisk(), cash=50_000) as path:
            bought = await path.order(Side.BUY, 100, symbol=GE)
            await path.hear(bought, report(), trade_report("E1", 100, "100"))
            path.clock.offset_ns = 11 * HOUR_NS
            tick(path)
            await path.engine.drained()
            assert [day for day, _, _ in starts(path)] == [MONDAY]
            tick(path, "100", GE)
            await path.engine.drained()
            assert [day for day, _, _ in starts(path)] == [MONDAY]  # Valued once a second at most.
            path.clock.offset_ns += SECOND_NS
            tick(path)
            await path.engine.drained()
            assert starts(path)[1:] == [(TUESDAY, Decimal(50_000), Decimal(40_000))]

    run(story)
