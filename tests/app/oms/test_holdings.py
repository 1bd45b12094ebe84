"""Show that holdings are brought to the broker's when nothing else explains them, and only then.

Method: the real order path on virtual time against a broker whose positions and cash are told by
the test; each condition that holds an adjustment back; prices checked in the real ledger.
"""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from app.audit.records import CashPosted, PositionAdjusted
from app.brokers.base import BrokerPosition
from app.domain.cash import CashKind
from app.domain.enums import ExecType, TradingState
from app.domain.position import PositionAdjustment
from app.oms.holdings import (
    Holdings,
    PositionDifference,
    adjusting_px,
    cash_alarm_limit,
    position_differences,
)
from app.portfolio.ledger import Ledger
from tests.order_path import opened, run, snapshot
from tests.samples import IBM, MSFT, fill, report, trade_report
from tests.sim.disk import InstantDisk

D = Decimal
S = 1_000_000_000


class Bench:
    """Holdings of a path, compared by hand; seconds are of virtual time."""

    def __init__(self, path):
        self.path = path
        self.holdings = Holdings(engine=path.engine, clock=path.clock, hub=path.hub)
        path.engine.follow(self.holdings.on_order)

    async def compare(self, cash=None, *, unsettled=(), at_once=False, asked_ns=None, **positions):
        held = {
            symbol: BrokerPosition(qty=D(one[0]), avg_px=D(one[1]))
            if isinstance(one, tuple)
            else BrokerPosition(qty=D(one))
            for symbol, one in positions.items()
        }
        self.holdings.compare(
            snapshot(positions=held, cash=None if cash is None else D(cash)),
            asked_ns=self.path.clock.mono_ns() if asked_ns is None else asked_ns,
            unsettled=set(unsettled),
            at_once=at_once,
        )
        await self.path.engine.drained()

    async def fill(self, qty=100, px=100, **more):
        known = await self.path.order(qty=qty)
        return await self.path.hear(known, trade_report(f"E{known.cl_ord_id}", qty, px, **more))

    def adjusted(self):
        return [record.adjustment for record in self.path.recorded(PositionAdjusted)]

    def posted(self):
        return [record.posting for record in self.path.recorded(CashPosted)]


def story(steps, cash=10_000_000):
    """Run steps with a bench."""

    async def play():
        async with opened(InstantDisk(), cash=cash) as path:
            await steps(Bench(path))

    run(play)


class TestPositions:
    def test_what_agrees_is_left_alone(self):
        async def steps(bench):
            await bench.fill()
            await asyncio.sleep(60)
            for _ in range(3):
                await bench.compare(IBM="100.00", MSFT=0)
                await asyncio.sleep(10)
            assert bench.adjusted() == []
            assert bench.holdings.texts == ()
            assert not bench.holdings.is_open

        story(steps)

    @pytest.mark.parametrize(("after_s", "count"), [(4.999999, 0), (5, 1), (30, 1)])
    def test_a_difference_counts_when_it_is_seen_again_five_seconds_later(self, after_s, count):
        async def steps(bench):
            await bench.compare(IBM=7)
            assert bench.adjusted() == []
            assert bench.holdings.is_open
            assert bench.holdings.texts == ("IBM: the record holds 0, the broker 7",)
            await asyncio.sleep(after_s)
            await bench.compare(IBM=7)
            assert len(bench.adjusted()) == count
            assert bench.path.qty() == 7 * count

        story(steps)

    def test_the_adjustment_is_recorded_said_and_reduces_the_symbol_only(self):
        async def steps(bench):
            await bench.compare(at_once=True, IBM=(7, 90))
            [adjustment] = bench.adjusted()
            assert adjustment == PositionAdjustment(
                adjustment_id="A-IBM-0-7-0",
                symbol=IBM,
                qty=D(7),
                px=D(90),
                ts_ns=bench.path.clock.now_ns(),
                text="no execution explains it",
            )
            text = (
                "IBM: the record holds 0, the broker 7; adjusted. IBM only reduces until "
                "acknowledged"
            )
            [notice] = bench.path.notices
            assert (notice.text, notice.is_warning) == (text, True)
            gate = bench.path.gate
            assert gate.symbol_states == {IBM: TradingState.REDUCING}
            assert gate.symbol_reasons[IBM] == text
            assert gate.state is TradingState.ACTIVE
            await bench.compare(at_once=True, IBM=(7, 90))
            assert len(bench.adjusted()) == 1
            assert bench.holdings.texts == ()

        story(steps)

    def test_it_loosens_nothing(self):
        async def steps(bench):
            bench.path.engine.set_state(TradingState.HALTED, "by hand", actor="ada", symbol=IBM)
            await bench.compare(at_once=True, IBM=7)
            assert bench.path.qty() == 7
            assert bench.path.gate.symbol_states == {IBM: TradingState.HALTED}
            assert bench.path.gate.symbol_reasons == {IBM: "by hand"}

        story(steps)

    @pytest.mark.parametrize("second", [{"IBM": 8}, {}], ids=["another one", "gone and back"])
    def test_a_difference_that_changes_begins_anew(self, second):
        async def steps(bench):
            await bench.compare(IBM=7)
            await asyncio.sleep(3)
            await bench.compare(**second)
            await asyncio.sleep(3)
            await bench.compare(IBM=7)
            assert bench.adjusted() == []

        story(steps)

    def test_a_broker_that_changes_its_mind_of_the_average_does_not_stall_it(self):
        async def steps(bench):
            await bench.compare(IBM=(7, 90))
            await asyncio.sleep(5)
            await bench.compare(IBM=(7, 91))
            assert [a.px for a in bench.adjusted()] == [91]

        story(steps)

    def test_a_symbol_of_which_executions_may_be_missing_waits_and_begins_anew(self):
        async def steps(bench):
            await bench.compare(IBM=7, MSFT=3)
            await asyncio.sleep(5)
            await bench.compare(unsettled=[IBM], IBM=7, MSFT=3)
            assert [a.symbol for a in bench.adjusted()] == [MSFT]
            await asyncio.sleep(5)
            await bench.compare(IBM=7, MSFT=3)
            assert len(bench.adjusted()) == 1
            await bench.compare(unsettled=[IBM], at_once=True, IBM=7, MSFT=3)
            assert len(bench.adjusted()) == 1

        story(steps)

    @pytest.mark.parametrize(("after_s", "count"), [(4.999999, 0), (5, 1)])
    def test_a_young_fill_holds_its_symbol_back_even_at_once(self, after_s, count):
        async def steps(bench):
            await bench.fill()
            await asyncio.sleep(after_s)
            await bench.compare(at_once=True, IBM=7)
            assert len(bench.adjusted()) == count

        story(steps)

    def test_a_fill_after_the_question_holds_its_symbol_back(self):
        async def steps(bench):
            asked_ns = bench.path.clock.mono_ns()
            await asyncio.sleep(20)
            await bench.fill()
            await bench.compare(at_once=True, asked_ns=asked_ns, MSFT=3)
            assert [a.symbol for a in bench.adjusted()] == [MSFT]

        story(steps)

    def test_reports_that_are_no_fills_hold_nothing_back(self):
        async def steps(bench):
            known = await bench.path.order()
            await bench.path.hear(known, report())
            await bench.compare(at_once=True, IBM=7)
            assert len(bench.adjusted()) == 1

        story(steps)

    def test_a_fill_that_the_comparison_brought_holds_nothing_back(self):
        async def steps(bench):
            known = await bench.path.order()
            bench.holdings.announce(["E1"])
            await bench.path.hear(known, trade_report())
            await bench.compare(at_once=True, IBM=107)
            assert [a.qty for a in bench.adjusted()] == [7]

        story(steps)

    def test_a_fill_that_is_broken_holds_its_symbol_back(self):
        async def steps(bench):
            known = await bench.fill()
            await asyncio.sleep(60)
            exec_id = known.executions[0].exec_id
            bench.holdings.announce(["X"])
            await bench.path.hear(
                known, report(ExecType.TRADE_CANCEL, exec_id="X", exec_ref_id=exec_id)
            )
            await bench.compare(at_once=True, IBM=7)
            assert bench.adjusted() == []

        story(steps)

    @pytest.mark.parametrize("jump_s", [3600, -3600])
    def test_the_wall_clock_neither_hastens_nor_stalls_it(self, jump_s):
        async def steps(bench):
            await bench.fill()
            bench.path.clock.offset_ns = jump_s * S
            await bench.compare(at_once=True, IBM=7)
            assert bench.adjusted() == []
            await asyncio.sleep(5)
            await bench.compare(IBM=7)
            assert bench.adjusted() == []
            await asyncio.sleep(5)
            await bench.compare(IBM=7)
            assert len(bench.adjusted()) == 1

        story(steps)

    def test_the_same_difference_later_is_another_adjustment(self):
        async def steps(bench):
            for qty in (7, 0, 7):
                await bench.compare(at_once=True, IBM=qty)
                assert bench.path.qty() == qty
            assert len({a.adjustment_id for a in bench.adjusted()}) == 3

        story(steps)

    def test_found_twice_before_it_is_booked_it_counts_once(self):
        async def steps(bench):
            said = snapshot(positions={IBM: BrokerPosition(qty=D(7))})
            for _ in range(2):
                bench.holdings.compare(said, asked_ns=0, unsettled=set(), at_once=True)
            await bench.path.engine.drained()
            first, again = bench.adjusted()
            assert first.adjustment_id == again.adjustment_id
            assert bench.path.qty() == 7

        story(steps)

    def test_the_price_is_the_mark_then_our_average_where_the_broker_names_none(self):
        async def steps(bench):
            await bench.compare(at_once=True, IBM=7)
            assert bench.adjusted()[-1].px == 100

        story(steps)

    def test_without_a_mark_the_price_is_our_average_then_nothing(self):
        async def steps(bench):
            unseen = {"UNSEEN": (4, 30)}
            await bench.compare(at_once=True, **unseen)
            await bench.compare(at_once=True, UNSEEN=1)
            await bench.compare(at_once=True, UNSEEN=1, OTHER=1)
            assert [a.px for a in bench.adjusted()] == [30, 30, 0]

        story(steps)


class TestCash:
    def test_a_broker_that_does_not_say_is_left_alone(self):
        async def steps(bench):
            for _ in range(2):
                await bench.compare()
                await asyncio.sleep(6)
            assert bench.posted() == []

        story(steps)

    @pytest.mark.parametrize(("after_s", "count"), [(4.999999, 0), (5, 1)])
    def test_a_difference_is_posted_when_it_is_seen_again_five_seconds_later(self, after_s, count):
        async def steps(bench):
            for pause in (after_s, 0):
                # A position may be settled at once; cash never.
                await bench.compare("9000012.50", at_once=True)
                assert bench.holdings.is_open
                await asyncio.sleep(pause)
            assert len(bench.posted()) == count
            assert bench.path.engine.ledger.cash == (D("9000012.50") if count else 9_000_000)

        story(steps, cash=9_000_000)

    def test_the_posting_is_typed_and_says_both_figures(self):
        async def steps(bench):
            await bench.compare("99988.00")
            version = bench.path.engine.ledger.version
            for _ in range(2):
                await bench.compare("99988.00")
                assert bench.holdings.texts == (
                    "cash: the record holds 100,000.00, the broker 99,988.00",
                )
                await asyncio.sleep(5)
            [posting] = bench.posted()
            assert posting.kind is CashKind.UNEXPLAINED
            assert posting.amount == D("-12.00")
            assert posting.posting_id == f"C-100000-99988.00-{version}"
            assert posting.text == "cash: the record holds 100,000.00, the broker 99,988.00"
            assert posting.ts_ns == bench.path.clock.now_ns() - 5 * S
            [notice] = bench.path.notices
            assert notice.text == f"{posting.text}; -12.00 posted as unexplained"
            await bench.compare("99988.00")
            assert bench.holdings.texts == ()
            assert len(bench.posted()) == 1

        story(steps, cash=100_000)

    @pytest.mark.parametrize(
        ("cash", "amount", "warns"),
        [
            pytest.param(1_000, "1.00", False, id="at one dollar"),
            pytest.param(1_000, "1.01", True, id="above one dollar"),
            pytest.param(1_000, "-1.01", True, id="below minus one dollar"),
            pytest.param(100_000, "10.00", False, id="at a ten-thousandth"),
            pytest.param(100_000, "10.01", True, id="above a ten-thousandth"),
        ],
    )
    def test_the_alarm(self, cash, amount, warns):
        async def steps(bench):
            for _ in range(2):
                await bench.compare(cash + D(amount))
                await asyncio.sleep(5)
            [notice] = bench.path.notices
            assert notice.is_warning is warns

        story(steps, cash=cash)

    @pytest.mark.parametrize(("cents", "count"), [("0.009999", 0), ("0.01", 1), ("-0.01", 1)])
    def test_less_than_a_cent_is_rounding(self, cents, count):
        async def steps(bench):
            for _ in range(2):
                await bench.compare(1_000 + D(cents))
                await asyncio.sleep(5)
            assert len(bench.posted()) == count

        story(steps, cash=1_000)

    def test_it_waits_while_anything_moves_and_begins_anew(self):
        async def steps(bench):
            await bench.compare("999")
            await asyncio.sleep(5)
            await bench.compare("999", unsettled=[MSFT])
            await bench.compare("999")
            assert bench.posted() == []
            assert bench.holdings.texts != ()

        story(steps, cash=1_000)

    def test_another_amount_begins_anew(self):
        async def steps(bench):
            for cash in ("999", "998", "999"):
                await bench.compare(cash)
                await asyncio.sleep(5)
            assert bench.posted() == []

        story(steps, cash=1_000)

    def test_limit(self):
        assert cash_alarm_limit(None) == 1
        assert cash_alarm_limit(D(-5)) == 1
        assert cash_alarm_limit(D(10_000)) == 1
        assert cash_alarm_limit(D(10_001)) == D("1.0001")


class TestDifferences:
    def test_they_come_by_symbol_with_both_figures(self):
        ledger = Ledger(D(0))
        ledger.book(fill(qty=100))
        ledger.book(msgspec.structs.replace(fill(qty=5), symbol=MSFT, exec_id="E2"))
        held = {"AA": BrokerPosition(qty=D(-5), avg_px=D(3)), MSFT: BrokerPosition(qty=D("5.0"))}
        found = position_differences(ledger.view.all(), snapshot(positions=held))
        assert found == (
            PositionDifference(symbol="AA", ours=D(0), theirs=D(-5), avg_px=D(3)),
            PositionDifference(symbol=IBM, ours=D(100), theirs=D(0)),
        )
        assert [d.text for d in found] == [
            "AA: the record holds 0, the broker -5",
            "IBM: the record holds 100, the broker 0",
        ]

    @pytest.mark.parametrize(
        ("ours", "px", "theirs", "avg", "avg_after"),
        [
            pytest.param(0, 1, 50, 12, 12, id="from flat"),
            pytest.param(0, 1, -50, 12, 12, id="short from flat"),
            pytest.param(100, 10, 150, "12.5", "12.5", id="more"),
            pytest.param(-100, 10, -150, "12.5", "12.5", id="more short"),
            pytest.param(100, 10, -50, 12, 12, id="other side"),
            pytest.param(-100, 10, 50, 12, 12, id="other side from short"),
            pytest.param(100, 10, 30, 10, 10, id="less"),
            pytest.param(3, 10, 7, "11.11111111", "11.11111111", id="thirds"),
        ],
    )
    def test_the_price_reproduces_the_brokers_average(self, ours, px, theirs, avg, avg_after):
        ledger = Ledger(D(0))
        if ours:
            ledger.adjust(_adjustment("before", ours, D(px)))
        difference = PositionDifference(symbol=IBM, ours=D(ours), theirs=D(theirs), avg_px=D(avg))
        found = adjusting_px(difference, ledger.view.get(IBM).cost, fallback=D(999))
        ledger.adjust(_adjustment("after", theirs - ours, found))
        after = ledger.view.get(IBM)
        assert after.qty == theirs
        assert abs(after.avg_px - D(avg_after)) <= D(avg_after) / 10_000
        if avg == px:
            assert after.realised_pnl == 0

    def test_what_the_broker_holds_nothing_of_is_closed_without_a_gain(self):
        difference = PositionDifference(symbol=IBM, ours=D(100), theirs=D(0), avg_px=D(12))
        assert adjusting_px(difference, D(1000), fallback=D(999)) == 10

    @pytest.mark.parametrize(
        ("theirs", "avg"),
        [
            pytest.param(150, None, id="none named"),
            pytest.param(150, 5, id="none above 0 leads to it"),
            pytest.param(-50, 0, id="none above 0 on the other side"),
        ],
    )
    def test_otherwise_it_is_the_fallback(self, theirs, avg):
        difference = PositionDifference(
            symbol=IBM, ours=D(100), theirs=D(theirs), avg_px=None if avg is None else D(avg)
        )
        assert adjusting_px(difference, D(1000), fallback=D(999)) == 999


def _adjustment(adjustment_id, qty, px):
    return PositionAdjustment(adjustment_id=adjustment_id, symbol=IBM, qty=D(qty), px=px, ts_ns=0)
