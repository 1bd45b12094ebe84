"""Goal: what a person sets as a limit holds, in the whole station and over restarts.

Method: the real session on Qt's own loop and the desk, as the window has it; each run after the
other on one record.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from PySide6.QtWidgets import QApplication

from app.desk import Desk
from app.domain.decision import ARM_WORDS
from app.domain.enums import OrdStatus, OrdType, Side, TradingState
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.terms import NewOrder
from app.paths import Paths
from app.session import Plan
from tests.e2e.session import Station, until


@pytest.fixture
def station(qapp: QApplication, paths: Paths) -> Station:
    return Station(qapp, paths)


def first_symbol(desk: Desk) -> Symbol:
    return desk.instruments[0].symbol


async def quoted(desk: Desk) -> Decimal:
    """Wait for the market, and return the ask of the first symbol."""
    symbol = first_symbol(desk)
    await until(lambda: desk.market.quote(symbol) and desk.market.quote(symbol).ask)
    ask = desk.market.quote(symbol).ask
    assert ask is not None
    return ask


def market(desk: Desk, qty: int, side: Side = Side.BUY) -> NewOrder:
    return NewOrder(
        symbol=first_symbol(desk), side=side, order_qty=Decimal(qty), ord_type=OrdType.MARKET
    )


async def status_of(desk: Desk, order: NewOrder, override: str = "") -> OrdStatus:
    cl_ord_id = desk.submit(order, override)

    def ended() -> bool:
        known = desk.orders.get(cl_ord_id)
        return known is not None and known.is_ended

    await until(ended)
    known = desk.orders.get(cl_ord_id)
    assert known is not None
    return known.ord_status


def test_limit_holds_at_once_is_locked_and_is_there_after_a_restart(station: Station) -> None:
    async def tighten_and_lock(desk: Desk) -> None:
        await quoted(desk)
        assert not desk.is_looser("order_qty", "qty_max", "50")
        desk.set_limit("order_qty", "qty_max", "50", "small today")
        assert "limit 50" in desk.preview(market(desk, 51)).refusal
        assert await status_of(desk, market(desk, 51)) is OrdStatus.REJECTED
        assert await status_of(desk, market(desk, 50)) is OrdStatus.FILLED
        desk.lock_limits()
        await until(lambda: desk.limits_locked_until)
        refuse_looser(desk)

    async def look(desk: Desk) -> None:
        await quoted(desk)
        assert desk.limits_locked_until
        refuse_looser(desk)
        assert await status_of(desk, market(desk, 51)) is OrdStatus.REJECTED
        (row,) = (r for r in desk.limits if (r.check, r.param) == ("order_qty", "qty_max"))
        assert (row.value, bool(row.changed_by), row.changed_ns > 0) == ("50", True, True)
        desk.set_limit("order_qty", "qty_max", "40", "smaller still")
        assert await status_of(desk, market(desk, 41)) is OrdStatus.REJECTED

    def refuse_looser(desk: Desk) -> None:
        assert desk.is_looser("order_qty", "qty_max", "60")
        with pytest.raises(BadInput, match="locked"):
            desk.set_limit("order_qty", "qty_max", "60", "one more")

    station.run(tighten_and_lock)
    station.run(look)


def test_what_a_fill_costs_is_told_before_and_is_in_the_books(station: Station) -> None:
    async def trade(desk: Desk) -> None:
        await quoted(desk)
        order = market(desk, 50)
        told = desk.preview(order).fees
        assert told == Decimal("0.15")
        cash = desk.account().cash
        assert await status_of(desk, order) is OrdStatus.FILLED
        (known,) = desk.orders.all()
        assert known.fees == told
        paid = sum((e.qty * e.px for e in known.executions), Decimal(0))
        assert desk.account().cash == cash - paid - told

    station.run(trade)


def test_question_is_answered_with_a_reason_that_is_kept(station: Station) -> None:
    def asking(desk: Desk, ask: Decimal) -> NewOrder:
        """A buy 80 % through the price collar: over its half the gate asks."""
        (row,) = (c for c in desk.preview(far(desk, ask)).checks if c.name == "price_collar")
        width = Decimal(row.limit.removesuffix(" %")) / 100
        return far(desk, ask * (1 + width * Decimal("0.8")))

    def far(desk: Desk, px: Decimal) -> NewOrder:
        return msgspec.structs.replace(
            market(desk, 10), ord_type=OrdType.LIMIT, limit_px=px.quantize(Decimal("0.01"))
        )

    async def answer(desk: Desk) -> None:
        order = asking(desk, await quoted(desk))
        assert "through the market" in " ".join(desk.preview(order).asked)
        assert await status_of(desk, order) is OrdStatus.REJECTED
        assert desk.breaches == ()
        assert await status_of(desk, order, "gap up, I want in") is OrdStatus.FILLED
        assert [b.reason for b in desk.breaches] == ["gap up, I want in"]

    async def look(desk: Desk) -> None:
        assert [(b.what, b.reason) for b in desk.breaches] == [
            ("price_collar", "gap up, I want in")
        ]

    plan = station.plan()
    checks = {**plan.config.risk.checks, "price_collar": {}}
    risk = msgspec.structs.replace(plan.config.risk, checks=checks)
    plan = msgspec.structs.replace(plan, config=msgspec.structs.replace(plan.config, risk=risk))
    station.run(answer, plan)
    station.run(look, plan)


class TestLatch:
    """A loss of the day: trading only reduces, and no click, halt or restart lifts that."""

    def plan(self, station: Station) -> Plan:
        """Let a spread that was paid be loss enough."""
        plan = station.plan()
        checks = {**plan.config.risk.checks, "daily_loss": {"loss_share_max": "0.00001"}}
        risk = msgspec.structs.replace(plan.config.risk, checks=checks)
        return msgspec.structs.replace(plan, config=msgspec.structs.replace(plan.config, risk=risk))

    def test_loss_of_the_day_lets_trading_only_reduce_until_the_next(
        self, station: Station
    ) -> None:
        async def lose(desk: Desk) -> None:
            await quoted(desk)
            while desk.trading_state is TradingState.ACTIVE:
                for side in (Side.BUY, Side.SELL):  # Pays the spread each time.
                    await status_of(desk, market(desk, 100, side))
            assert desk.trading_state is TradingState.REDUCING
            self.look_at(desk)
            desk.halt("on top")
            await until(lambda: desk.kill.done_ns)
            with pytest.raises(BadInput):
                desk.arm(ARM_WORDS)

        async def look(desk: Desk) -> None:
            await quoted(desk)
            assert desk.trading_state is not TradingState.ACTIVE
            self.look_at(desk)
            assert await status_of(desk, market(desk, 1)) is OrdStatus.REJECTED

        station.run(lose, self.plan(station))
        station.run(look, self.plan(station))
        assert TradingState.ACTIVE not in station.recorded()

    def look_at(self, desk: Desk) -> None:
        assert desk.latch is not None
        assert desk.latch.until > ""
        assert any(meter.name == "daily_loss" and meter.is_breached for meter in desk.meters())
        assert desk.breaches[0].what.startswith("the day's loss")
        with pytest.raises(BadInput, match=desk.latch.until):
            desk.arm(ARM_WORDS)
