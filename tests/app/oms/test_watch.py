"""Show that the account itself is held against the limits, once a breach, and its peak kept.

Method: the real order path on virtual time, with checks whose meter the test sets.
"""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal

import pytest

from app.audit.records import EquityPeaked, LimitBreached, TradingStateSet
from app.domain.decision import Latch
from app.domain.enums import Side, TradingState
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.times import SECOND_NS
from app.oms.watch import EVERY_S, IDLE_EVERY_NS
from app.risk.checks.base import CheckParams, CheckSpec, Finding, OnBreach
from tests.order_path import run, started
from tests.samples import IBM, MSFT, quote, report, trade_report
from tests.sim.disk import InstantDisk

HOUR_NS = 3_600_000_000_000
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


class Rule:
    """A check whose meter finds what the test says."""

    def __init__(self, name="sample", on_breach=OnBreach.ALERT):
        self.is_over, self.seen = False, []
        self.spec = CheckSpec(name, "Sample", _Params, _passes, "", self.meter, on_breach)

    def meter(self, given, params):
        self.seen.append(given)
        text = "" if not self.is_over else "the sample is 7, limit 5"
        return Finding(passed=not self.is_over, value="7", limit="5", text=text)


class _Params(CheckParams, frozen=True):
    pass


def _passes(given, params):
    return Finding(passed=True, value="", limit="")


def watched(story, *rules, disk=None):
    """Run a story on a started path whose gate has these rules."""

    def prepare(path):
        path.gate.__init__([rule.spec for rule in rules], {})
        for rule in rules:
            rule.seen.clear()

    async def whole():
        async with started(disk or InstantDisk(), prepare, cash=50_000) as path:
            await asyncio.sleep(0.01)  # The first look.
            await path.engine.drained()
            await story(path)

    run(whole)


async def a_second(path):
    await asyncio.sleep(EVERY_S)
    await path.engine.drained()


def test_it_is_looked_at_once_a_second_and_after_every_fill():
    rule = Rule()

    async def story(path):
        rule.seen.clear()
        await asyncio.sleep(3 * EVERY_S + 0.01)
        assert len(rule.seen) == 3
        rule.seen.clear()
        bought = await path.order(Side.BUY, 100)
        await path.hear(bought, report(), trade_report("E1", 100, "100"))
        assert len(rule.seen) == 1
        assert rule.seen[0].picture.position_qty == 100

    watched(story, rule)


def test_where_time_comes_with_the_feed_it_says_when_it_wants_to_look():
    async def story(path):
        watch = path.path.watch
        watch.look()
        now_ns = path.clock.now_ns()
        assert watch.due_ns == now_ns + IDLE_EVERY_NS
        bought = await path.order(Side.BUY, 100)
        await path.hear(bought, report())
        assert watch.due_ns == now_ns + SECOND_NS, "an order works"
        await path.hear(bought, trade_report("E1", 100, "100"))
        looked_ns = path.clock.now_ns()
        assert watch.due_ns == looked_ns + SECOND_NS, "a position is held"

    watched(story, Rule())


def test_what_is_looked_at_is_the_account_with_its_largest_symbol():
    rule = Rule()

    async def story(path):
        assert rule.seen[-1].order.symbol == Symbol("")
        for symbol, qty in ((IBM, 10), (MSFT, 50)):
            bought = await path.order(Side.BUY, qty, symbol=symbol)
            await path.hear(bought, report(), trade_report(f"E{qty}", qty, "100"))
        await a_second(path)
        seen = rule.seen[-1]
        assert (seen.order.symbol, seen.picture.position_qty) == (MSFT, 50)
        assert (seen.picture.symbol_exposure, seen.picture.gross_exposure) == (5_000, 6_000)
        assert seen.instrument.symbol == MSFT

    watched(story, rule)


@pytest.mark.parametrize(
    ("on_breach", "state", "latch", "outcome"),
    [
        (OnBreach.ALERT, TradingState.ACTIVE, None, "alert"),
        (
            OnBreach.REDUCE,
            TradingState.REDUCING,
            Latch(by="sample"),
            "trading only reduces until it is armed by hand",
        ),
        (
            OnBreach.LATCH,
            TradingState.REDUCING,
            Latch(by="sample", until=TUESDAY),
            "trading only reduces until 2026-11-24",
        ),
    ],
)
def test_breach_is_recorded_said_and_reduces_by_policy(on_breach, state, latch, outcome):
    rule = Rule(on_breach=on_breach)

    async def story(path):
        rule.is_over = True
        await a_second(path)
        assert (path.gate.state, path.gate.latch) == (state, latch)
        (breach,) = path.recorded(LimitBreached)
        assert (breach.check, breach.value, breach.limit) == ("sample", "7", "5")
        assert (breach.text, breach.outcome) == ("the sample is 7, limit 5", outcome)
        assert path.texts()[-1] == f"the sample is 7, limit 5; {outcome}"
        assert path.notices[-1].is_warning
        if latch is not None:
            assert path.gate.state_reason == "the sample is 7, limit 5"

    watched(story, rule)


def test_one_breach_is_said_once_until_it_has_ended():
    rule = Rule()

    async def story(path):
        for is_over in (True, True, True, False, True):
            rule.is_over = is_over
            await a_second(path)
        assert len(path.recorded(LimitBreached)) == 2

    watched(story, rule)


def test_one_rule_does_not_hide_another():
    one, other = Rule("one"), Rule("other")

    async def story(path):
        one.is_over = True
        await a_second(path)
        other.is_over = True
        await a_second(path)
        assert [breach.check for breach in path.recorded(LimitBreached)] == ["one", "other"]
        assert [spec.name for spec, _ in path.path.watch.meters()] == ["one", "other"]
        assert [found.passed for _, found in path.path.watch.meters()] == [False, False]

    watched(story, one, other)


def test_rule_without_a_meter_is_left_out():
    plain = CheckSpec("plain", "Plain", _Params, _passes)

    async def story(path):
        assert path.path.watch.meters() == ()
        path.path.watch.look()

    class Plain:
        spec, seen = plain, []

    watched(story, Plain())


def test_latch_holds_over_a_restart():  # T24
    disk, rule = InstantDisk(), Rule(on_breach=OnBreach.LATCH)

    async def story(path):
        rule.is_over = True
        await a_second(path)
        with pytest.raises(BadInput, match="trading stays REDUCING until 2026-11-24"):
            path.engine.set_state(TradingState.ACTIVE, "armed", actor="ada")

    watched(story, rule, disk=disk)
    last = [r for r in disk.records() if isinstance(r, TradingStateSet)][-1]
    assert last.latch == Latch(by="sample", until=TUESDAY)


def test_without_a_mark_nothing_is_judged():
    rule = Rule()

    async def story(path):
        bought = await path.order(Side.BUY, 100, symbol=Symbol("GE"))
        await path.hear(bought, report(), trade_report("E1", 100, "100"))
        rule.is_over = True
        await a_second(path)
        assert path.recorded(LimitBreached) == []

    watched(story, rule)


class TestPeak:
    """A drawdown is measured from the week's highest worth, whatever was started anew since."""

    def test_first_worth_of_a_week_is_its_peak(self):
        async def story(path):
            (peak,) = path.recorded(EquityPeaked)
            assert (peak.equity, peak.week) == (50_000, MONDAY)
            assert path.engine.peak(MONDAY) == 50_000
            assert path.engine.peak(date(2026, 11, 16)) is None

        watched(story)

    @pytest.mark.parametrize(
        ("px", "peaks"), [("100.25", [50_000]), ("100.26", [50_000, 50_026]), ("99", [50_000])]
    )
    def test_higher_by_a_step_is_recorded(self, px, peaks):
        async def story(path):
            bought = await path.order(Side.BUY, 100)
            await path.hear(bought, report(), trade_report("E1", 100, "100"))
            path.hub.publish(quote(px, px))
            await a_second(path)
            assert [peak.equity for peak in path.recorded(EquityPeaked)] == peaks

        watched(story)

    def test_record_that_is_on_its_way_is_not_given_again(self):
        async def story(path):
            bought = await path.order(Side.BUY, 100)
            await path.hear(bought, report(), trade_report("E1", 100, "100"))
            path.hub.publish(quote("110", "110"))
            path.path.watch.look()
            path.path.watch.look()
            await path.engine.drained()
            assert len(path.recorded(EquityPeaked)) == 2

        watched(story)

    def test_new_week_begins_anew(self):
        async def story(path):
            path.clock.offset_ns = 6 * 24 * HOUR_NS
            await a_second(path)
            peaks = path.recorded(EquityPeaked)
            assert [peak.week for peak in peaks] == [MONDAY, date(2026, 11, 30)]

        watched(story)

    def test_restart_finds_it(self):
        disk = InstantDisk()

        async def story(path):
            assert path.engine.peak(MONDAY) == Decimal(50_000)

        watched(story, disk=disk)
        watched(story, disk=disk)
        assert sum(isinstance(r, EquityPeaked) for r in disk.records()) == 1
