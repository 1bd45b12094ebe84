"""Show that orders in wait on this machine go out through record and gate, and come back.

Method: the real order path on virtual time and a simulated disk; prices and time set orders off;
the broker does as a test tells it.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.audit.records import HoldEnded, HoldMoved, HoldTriggered, OrderDecided, OrderHeld
from app.domain.corporate import Split
from app.domain.enums import (
    ExecType,
    OrderClass,
    OrderState,
    OrdStatus,
    OrdType,
    Origin,
    Side,
    TimeInForce,
    TriggerMethod,
)
from app.domain.market import Trade
from app.domain.terms import Hold, NewOrder, PriceCondition, TimeCondition
from app.oms.contingent import Resize
from tests.order_path import opened, replacing, run, started
from tests.samples import IBM, MSFT, NOW_NS, new_order, quote, report, trade, trade_report
from tests.sim.disk import SimDisk

SECOND_NS = 1_000_000_000
MAN = {"origin": Origin.MANUAL, "actor": "ada"}


def stop(px="95", **changes) -> NewOrder:
    return new_order(Side.SELL, ord_type=OrdType.STOP, stop_px=Decimal(px), **changes)


def trail(offset="2") -> NewOrder:
    return new_order(Side.SELL, ord_type=OrdType.STOP, peg_offset=Decimal(offset))


async def hold(path, order, held=None):
    cl_ord_id = path.engine.submit(order, hold=held, **MAN)
    await path.engine.drained()
    return path.get(cl_ord_id)


def prints(path, px, symbol=IBM) -> None:
    now_ns = path.clock.now_ns()
    path.hub.publish(trade(px, ts_ns=now_ns, symbol=symbol))


def test_a_stop_waits_here_and_goes_out_as_a_market_order_when_its_price_is_printed():
    steps = (OrderHeld, HoldTriggered, OrderDecided)

    async def story():
        async with started(SimDisk()) as path:
            held = await hold(path, stop("95"))
            assert (held.state, path.broker.submitted) == (OrderState.HELD_HERE, [])
            prints(path, "95.01")
            await path.engine.drained()
            assert path.broker.submitted == []
            prints(path, "95")
            await path.engine.settle()
            [approved] = path.broker.submitted
            assert approved.cl_ord_id == held.cl_ord_id
            assert approved.order == new_order(Side.SELL)
            kinds = [type(r) for r in path.recorded(object) if type(r) in steps]
            assert kinds == [OrderHeld, HoldTriggered, OrderDecided]
            [sent] = path.recorded(OrderDecided)
            assert (sent.command.origin, sent.command.actor) == (Origin.CONTINGENT, "station")

    run(story)


def test_a_quote_sets_off_a_condition_on_another_symbol():
    async def story():
        async with started(SimDisk()) as path:
            condition = PriceCondition(symbol=MSFT, is_above=True, px=Decimal(110))
            held = await hold(path, new_order(), Hold(conditions=(condition,)))
            prints(path, "109.99", MSFT)
            await path.engine.drained()
            assert path.get(held.cl_ord_id).is_here
            prints(path, "110", MSFT)
            await path.engine.settle()
            assert [one.cl_ord_id for one in path.broker.submitted] == [held.cl_ord_id]

    run(story)


def test_a_quote_sets_off_what_looks_at_the_bid():
    async def story():
        async with started(SimDisk()) as path:
            held = await hold(path, stop("95", trigger=TriggerMethod.BID_ASK))
            prints(path, "90")
            path.hub.publish(quote("95.01", "95.03"))
            await path.engine.drained()
            assert path.get(held.cl_ord_id).is_here
            path.hub.publish(quote("95", "95.02"))
            await path.engine.settle()
            assert [one.cl_ord_id for one in path.broker.submitted] == [held.cl_ord_id]

    run(story)


def test_time_sets_an_order_off_without_any_price():
    async def story():
        async with started(SimDisk()) as path:
            at = TimeCondition(at_ns=NOW_NS + 30 * SECOND_NS)
            held = await hold(path, new_order(), Hold(conditions=(at,)))
            await path.engine.until(lambda: bool(path.broker.submitted), deadline_s=29.5)
            assert path.broker.submitted == []
            assert await path.engine.until(lambda: bool(path.broker.submitted), deadline_s=5)
            assert path.broker.submitted[0].cl_ord_id == held.cl_ord_id
            assert path.now_s == pytest.approx(30, abs=0.1)

    run(story)


def test_a_wall_clock_that_is_set_forward_is_seen_within_a_second():
    async def story():
        async with started(SimDisk()) as path:
            at = TimeCondition(at_ns=NOW_NS + 3600 * SECOND_NS)
            await hold(path, new_order(), Hold(conditions=(at,)))
            path.clock.offset_ns = 3600 * SECOND_NS
            assert await path.engine.until(lambda: bool(path.broker.submitted), deadline_s=1.1)

    run(story)


def test_a_day_order_that_waits_ends_with_its_day():
    async def story():
        async with started(SimDisk()) as path:
            held = await hold(path, stop("95"))
            lasting = await hold(path, stop("95", time_in_force=TimeInForce.GTC))
            path.clock.offset_ns = 24 * 3600 * SECOND_NS
            prints(path, "100")  # In a replay time comes with the market.
            await path.engine.drained()
            ended = path.get(held.cl_ord_id)
            assert (ended.ord_status, ended.text) == (
                OrdStatus.CANCELED,
                "its time has ended; not sent",
            )
            assert len(path.recorded(HoldEnded)) == 1
            assert path.get(lasting.cl_ord_id).is_here

    run(story)


def test_a_trail_is_recorded_as_it_moves_and_a_restart_goes_on_from_there():
    disk = SimDisk()

    async def first():
        async with started(disk) as path:
            held = await hold(path, trail("2"))
            for px in ("100", "104", "103"):
                prints(path, px)
            await path.engine.until(lambda: False, deadline_s=2.5)
            assert path.recorded(HoldMoved)[-1].watch_px == Decimal(102)
            assert path.get(held.cl_ord_id).is_here

    async def second():
        async with started(disk) as path:
            prints(path, "102.5")
            await path.engine.drained()
            assert path.broker.submitted == []
            prints(path, "102")
            await path.engine.settle()
            assert [one.order.ord_type for one in path.broker.submitted] == [OrdType.MARKET]

    run(first)
    run(second)


def test_a_target_that_has_become_too_large_shrinks():
    async def story():
        async with started(SimDisk(), replacing) as path:
            entry = new_order(qty=100, limit="100")
            out = new_order(Side.SELL, 100, "110")
            ids = path.engine.submit_list((entry, out, stop("95")), OrderClass.BRACKET, **MAN)
            await path.engine.settle()
            bought = await path.hear(
                path.get(ids[0]),
                report(),
                trade_report("E1", 60, "100"),
                trade_report("E2", 40, "100"),
            )
            assert bought.ord_status is OrdStatus.FILLED
            await path.engine.settle()
            target = await path.hear(path.get(ids[1]), report())
            assert target.leaves_qty == 100
            busted = report(
                ExecType.TRADE_CANCEL, exec_id="E3", exec_ref_id="E2", ts_exch_ns=NOW_NS + 9
            )
            await path.hear(path.get(ids[0]), busted)
            await path.engine.drained()
            [request] = path.broker.replaced
            assert (request.orig_cl_ord_id, request.order.order_qty) == (ids[1], 60)

    run(story)


def test_what_cannot_shrink_is_said():
    async def story():
        async with opened(SimDisk()) as path:
            sent = await path.order(Side.SELL, 100, "110")
            held_orders = path.path._held
            held_orders._resize(sent.cl_ord_id, Resize(sent.cl_ord_id, Decimal(40)))
            [text] = path.texts()
            assert text.startswith(f"{sent.cl_ord_id} should shrink to 40: order")
            assert "not acknowledged yet" in text
            held_orders._resize("nobody", Resize("nobody", Decimal(1)))
            assert len(path.texts()) == 1

    run(story)


def test_a_leg_that_another_has_made_needless_ends():
    async def story():
        async with started(SimDisk()) as path:
            pair = (new_order(Side.SELL, 100, "110"), stop("95"))
            ids = path.engine.submit_list(pair, OrderClass.OCO, **MAN)
            await path.engine.settle()
            await path.hear(path.get(ids[0]), report(), trade_report("E1", 100, "110"))
            await path.engine.drained()
            leg = path.get(ids[1])
            assert (leg.ord_status, leg.text) == (
                OrdStatus.CANCELED,
                "the other leg has filled; not sent",
            )

    run(story)


def test_a_leg_that_is_set_off_takes_the_other_back_first():
    async def story():
        async with started(SimDisk()) as path:
            pair = (new_order(Side.SELL, 100, "110"), stop("95"))
            ids = path.engine.submit_list(pair, OrderClass.OCO, **MAN)
            await path.engine.settle()
            await path.hear(path.get(ids[0]), report())
            prints(path, "94")
            await path.engine.drained()
            assert path.broker.canceled == [ids[0]]
            assert [one.cl_ord_id for one in path.broker.submitted] == [ids[0]]
            await path.hear(path.get(ids[0]), report(ExecType.CANCELED))
            await path.engine.settle()
            assert [one.cl_ord_id for one in path.broker.submitted] == list(ids)

    run(story)


def test_prices_of_symbols_that_nobody_waits_for_cost_nothing():
    async def story():
        async with started(SimDisk()) as path:
            before = path.engine.blotter.version
            path.hub.publish(quote("1", "2", symbol=MSFT))
            assert isinstance(trade(), Trade)
            prints(path, "1", MSFT)
            await path.engine.drained()
            assert path.engine.blotter.version == before

    run(story)


SPLIT = Split(symbol=IBM, ex_date=date(2026, 11, 24), new=2, old=1)


def test_what_waits_for_a_price_of_old_shares_ends_with_the_split_and_never_goes():
    async def story():
        async with started(SimDisk()) as path:
            held = await hold(path, stop("95"))
            other = await hold(path, stop("95", symbol=MSFT))
            path.broker.say(SPLIT)
            prints(path, "50")  # In new shares nothing has happened: 50 is what 100 was.
            await path.engine.drained()
            ended = path.get(held.cl_ord_id)
            assert ended.is_ended
            assert not ended.ts_sent_ns
            assert path.get(other.cl_ord_id).is_here
            assert path.broker.submitted == []
            again = await hold(path, stop("45"))
            prints(path, "44")
            await path.engine.drained()
            assert [sent.cl_ord_id for sent in path.broker.submitted] == [again.cl_ord_id]

    run(story)
