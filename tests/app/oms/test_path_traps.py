"""Show that the order path does not fall for what naive stations fall for.

Method: one test for each trap, by its number in the list of traps, on the real order path with the
real checks, virtual time and a simulated disk.
"""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from types import SimpleNamespace

import pytest

from app import plugins
from app.audit.records import DayStarted, OrderDecided
from app.brokers.base import BrokerPosition
from app.domain.enums import ExecType, OrderClass, OrdStatus, OrdType, Side, Venue
from app.session import venue_fault
from tests.order_path import CONFIG, run, started
from tests.samples import IBM, new_order, quote, report, trade, trade_report
from tests.sim.disk import InstantDisk
from tests.station import MAN, play

BUY, SELL = Side.BUY, Side.SELL
CHECKS = plugins.load("tradedeck.checks").specs
HOUR_NS = 3_600_000_000_000


def live(story, disk=None, held=0):
    """Run a story on a started path with every check, and 50,000 USD or what the disk holds."""

    def prepare(path):
        path.gate.__init__(CHECKS, CONFIG.risk.checks)
        path.lists_of(positions={IBM: BrokerPosition(qty=Decimal(held))} if held else {})

    async def whole():
        async with started(disk or InstantDisk(), prepare, cash=50_000) as path:
            await path.engine.drained()
            await story(path)

    run(whole)


def tick(path, px):
    now_ns = path.clock.now_ns()
    path.hub.publish(quote(px, px, ts_exch_ns=now_ns, ts_recv_ns=now_ns))


async def bought(path, px, qty=100):
    """Hold shares bought at a price."""
    known = await path.order(BUY, qty, "100")
    return await path.hear(known, report(), trade_report("E1", qty, px))


async def judged(path, name, *terms):
    """Submit, and return what a check found."""
    await path.order(*terms)
    decided = path.recorded(OrderDecided)[-1]
    [found] = [check for check in decided.checks if check.name == name]
    return found


class TestLossOfTheDay:
    def test_open_loss_counts(self):  # T14
        async def story(path):
            await bought(path, 100)
            tick(path, "90.01")
            assert (await judged(path, "daily_loss", BUY, 1, "90")).passed
            tick(path, "90")
            found = await judged(path, "daily_loss", BUY, 1, "90")
            assert (found.passed, found.value) == (False, "2 %")
            assert (await judged(path, "daily_loss", SELL, 100, "90")).passed

        live(story)

    def test_restart_does_not_take_what_is_left_for_the_start(self):  # T14
        disk = InstantDisk()

        async def loses_one_percent(path):
            await bought(path, 105)
            assert (await judged(path, "daily_loss", BUY, 1, "100")).value == "1 %"

        async def loses_another(path):
            tick(path, "94.9")
            found = await judged(path, "daily_loss", BUY, 1, "94.90")
            assert (found.passed, found.value) == (False, "2.02 %")

        live(loses_one_percent, disk)
        live(loses_another, disk, held=100)

    @pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Tokyo"])
    @pytest.mark.parametrize(
        ("hours", "days"),
        [
            pytest.param(5, 1, id="14:30, midnight in Tokyo is over"),
            pytest.param(10, 1, id="19:30, midnight in UTC is over"),
            pytest.param(11, 2, id="20:30"),
            pytest.param(15, 2, id="00:30"),
        ],
    )
    def test_day_turns_with_the_exchange_wherever_the_machine_is(  # T15
        self, hours, days, zone, monkeypatch
    ):
        async def story(path):
            path.clock.offset_ns = hours * HOUR_NS
            path.hub.publish(trade("100", ts_ns=path.clock.now_ns()))
            tick(path, "100")
            await path.engine.drained()
            assert len(path.recorded(DayStarted)) == days

        set_zone = getattr(time, "tzset", lambda: None)
        with monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            set_zone()
            live(story)
        set_zone()


class TestConcurrency:
    def test_twenty_at_once_never_use_more_room_than_there_is(self):  # T20
        async def story(station):
            async def slow(_):
                await asyncio.sleep(1)

            async def trader(number):
                for turn in range(3):
                    await asyncio.sleep((number + turn) / 1_000)
                    station.submit(BUY, 150, "100")

            station.broker.on_submit = slow
            await asyncio.gather(*[trader(number) for number in range(20)])
            await station.engine.settle()
            # 2 x 100,000 USD of equity at 100 USD a share.
            assert sum(sent.order.order_qty for sent in station.broker.submitted) == 1_950
            refused = [o for o in station.orders.all() if o.ord_status is OrdStatus.REJECTED]
            assert len(refused) == 60 - 13

        play(story)


class TestPaperAndLive:
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_nothing_goes_while_they_do_not_agree(self, side):  # T48
        async def story(path):
            await bought(path, 100)
            sent = len(path.broker.submitted)
            path.path.health.venue = "the window says paper, the broker is live"
            denied = await path.order(side, 100, "100")
            assert denied.ord_status is OrdStatus.REJECTED
            assert "the window says paper, the broker is live" in denied.text
            assert len(path.broker.submitted) == sent

        live(story)

    @pytest.mark.parametrize("window", Venue)
    @pytest.mark.parametrize("broker", [Venue.PAPER, Venue.LIVE])
    def test_real_money_is_real_on_both_sides_or_on_none(self, window, broker):  # T48
        plan = SimpleNamespace(venue=window, broker=SimpleNamespace(venue=broker))
        agrees = (window is Venue.LIVE) is (broker is Venue.LIVE)
        assert (venue_fault(plan) == "") is agrees


class TestExits:
    def test_leg_of_a_pair_sells_only_what_the_other_has_left(self):  # T59
        async def story(path):
            await bought(path, 100)
            stop = new_order(SELL, 100, ord_type=OrdType.STOP, stop_px=Decimal(95))
            pair = (new_order(SELL, 100, "110"), stop)
            target_id, stop_id = path.engine.submit_list(pair, OrderClass.OCO, **MAN)
            await path.engine.settle()
            target = await path.hear(path.get(target_id), report(), trade_report("E2", 40, "110"))
            path.hub.publish(trade("94", ts_ns=path.clock.now_ns()))
            await path.engine.drained()
            assert path.broker.canceled == [target_id]
            await path.hear(target, report(ExecType.CANCELED))
            await path.engine.settle()
            [exit_] = [o for o in path.broker.submitted if o.cl_ord_id == stop_id]
            assert exit_.order.order_qty == 60
            await path.hear(path.get(stop_id), report(), trade_report("E3", 60, "94"))
            assert path.qty() == 0

        live(story)
