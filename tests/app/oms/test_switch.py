"""Show that less is let through at once, more when it is on record, and a halt outlives an arming.

Method: the switch with a gate, and records that become durable when the test says so.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.records import TradingStateSet
from app.domain.decision import Latch
from app.domain.enums import TradingState
from app.domain.errors import BadInput
from app.domain.events import TradingStateChanged
from app.hub import Hub
from app.oms.switch import TradingSwitch
from app.risk.gate import Gate
from tests.samples import IBM, MSFT

ACTIVE, REDUCING, HALTED = TradingState
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
BY_HAND = Latch(by="drawdown")
FOR_TODAY = Latch(by="daily_loss", until=TUESDAY)
FOR_LONGER = Latch(by="daily_loss", until=date(2026, 11, 25))


class Desk:
    """A switch and what it stands on."""

    def __init__(self):
        self.hub, self.gate, self.records, self.said = Hub(), Gate([], {}), [], []
        self.hub.subscribe(TradingStateChanged, self.said.append)
        self.today = MONDAY
        self.switch = TradingSwitch(self.gate, self.hub, self.records.append, lambda: self.today)

    def set(self, state, reason="r", symbol=None, latch=None):
        self.switch.set(state, reason, actor="ada", symbol=symbol, latch=latch)

    def tighten(self, state, reason="t", symbol=None, latch=None):
        self.switch.tighten(state, reason, actor="station", symbol=symbol, latch=latch)

    def write(self, count=99):
        """Let the oldest records become durable."""
        for _ in range(min(count, len(self.records))):
            self.switch.on_record(self.records.pop(0))

    def state(self, symbol=None):
        return self.gate.state if symbol is None else self.gate.state_of(symbol)


@pytest.mark.parametrize("symbol", [None, IBM], ids=["account", "symbol"])
class TestOneOfEach:
    def test_less_holds_at_once_and_more_with_its_record(self, symbol):
        desk = Desk()
        desk.set(HALTED, symbol=symbol)
        assert desk.state(symbol) is HALTED
        desk.write()
        desk.set(REDUCING, symbol=symbol)
        assert desk.state(symbol) is HALTED
        desk.write()
        assert desk.state(symbol) is REDUCING
        desk.set(ACTIVE, symbol=symbol)
        assert desk.state(symbol) is REDUCING
        desk.write()
        assert desk.state(symbol) is ACTIVE

    def test_halt_on_its_way_holds_against_an_arming_before_it(self, symbol):
        desk = Desk()
        desk.set(HALTED, "first", symbol)
        desk.write()
        desk.set(ACTIVE, "armed", symbol)
        desk.set(HALTED, "second", symbol)
        desk.write(1)
        assert desk.state(symbol) is HALTED
        reasons = desk.gate.symbol_reasons
        assert (reasons[symbol] if symbol else desk.gate.state_reason) == "second"
        desk.write()
        assert desk.state(symbol) is HALTED

    def test_record_says_who_what_and_why(self, symbol):
        desk = Desk()
        desk.set(REDUCING, "why", symbol)
        assert desk.records == [
            TradingStateSet(state=REDUCING, reason="why", actor="ada", symbol=symbol or "")
        ]

    def test_tightening_by_itself_leaves_what_is_as_tight_with_its_reason(self, symbol):
        desk = Desk()
        desk.set(HALTED, "by hand", symbol)
        for state in (ACTIVE, REDUCING, HALTED):
            desk.tighten(state, symbol=symbol)
        assert len(desk.records) == 1
        desk = Desk()
        desk.tighten(ACTIVE, symbol=symbol)
        assert desk.records == []
        desk.tighten(REDUCING, symbol=symbol)
        assert desk.state(symbol) is REDUCING
        assert desk.records[0].actor == "station"

    def test_alarm_is_not_undone_by_an_arming_on_its_way(self, symbol):
        desk = Desk()
        desk.set(REDUCING, "first", symbol)
        desk.write()
        desk.set(ACTIVE, "armed", symbol)
        desk.tighten(REDUCING, "alarm", symbol)
        desk.tighten(REDUCING, "alarm again", symbol)
        desk.write()
        assert desk.state(symbol) is REDUCING
        reasons = desk.gate.symbol_reasons
        assert (reasons[symbol] if symbol else desk.gate.state_reason) == "alarm"


def test_symbol_is_let_through_as_little_as_the_tighter_of_both():
    desk = Desk()
    desk.set(REDUCING, symbol=IBM)
    desk.write()
    assert (desk.state(), desk.state(IBM), desk.state(MSFT)) == (ACTIVE, REDUCING, ACTIVE)
    desk.set(HALTED)
    assert (desk.state(), desk.state(IBM), desk.state(MSFT)) == (HALTED, HALTED, HALTED)
    desk.write()
    desk.set(ACTIVE)
    desk.write()
    assert (desk.state(), desk.state(IBM)) == (ACTIVE, REDUCING)


def test_waiting_halt_of_one_symbol_is_none_of_the_account():
    desk = Desk()
    desk.set(HALTED)
    desk.write()
    desk.set(ACTIVE)
    desk.set(HALTED, symbol=IBM)
    desk.write(1)
    assert (desk.state(), desk.state(IBM)) == (ACTIVE, HALTED)


def test_hub_hears_what_the_gate_is_in_with_each_record():
    desk = Desk()
    desk.set(HALTED, "kill switch")
    assert desk.said == []
    desk.write()
    desk.set(REDUCING, symbol=IBM)
    desk.write()
    assert desk.said == [TradingStateChanged(state=HALTED, reason="kill switch")] * 2


def test_record_of_an_earlier_run_is_put_into_force_as_it_is():
    desk = Desk()
    desk.switch.on_record(TradingStateSet(state=HALTED, reason="r", actor="ada"))
    assert (desk.gate.state, desk.gate.state_actor) == (HALTED, "ada")


def test_equal_changes_are_counted_each():
    desk = Desk()
    for state in (HALTED, ACTIVE, HALTED):
        desk.set(state)
    desk.write(2)
    assert desk.state() is HALTED
    desk.write()
    desk.set(ACTIVE)
    desk.write()
    assert desk.state() is ACTIVE


@given(st.lists(st.one_of(st.sampled_from(TradingState), st.none()), max_size=12))
def test_last_word_holds_in_the_end_and_no_unwritten_halt_is_ever_undone(drawn):
    """I16; None: one more record becomes durable."""
    desk, last = Desk(), ACTIVE
    for state in drawn:
        if state is None:
            desk.write(1)
        else:
            desk.set(state)
            last = state
        if any(record.state is HALTED for record in desk.records):
            assert desk.state() is HALTED
    desk.write()
    assert desk.state() is last


class TestLatch:
    """A loss of the day is not armed away: by no click, no halt in between, no restart."""

    def test_nobody_arms_before_its_day(self):
        desk = Desk()
        desk.tighten(REDUCING, "lost 2 %", latch=FOR_TODAY)
        desk.write()
        with pytest.raises(BadInput, match="trading stays REDUCING until 2026-11-24: lost 2 %"):
            desk.set(ACTIVE)
        assert (desk.state(), desk.gate.latch, desk.records) == (REDUCING, FOR_TODAY, [])
        desk.today = TUESDAY
        desk.set(ACTIVE)
        desk.write()
        assert (desk.state(), desk.gate.latch) == (ACTIVE, None)

    def test_one_by_hand_is_armed_at_any_time(self):
        desk = Desk()
        desk.tighten(REDUCING, latch=BY_HAND)
        desk.write()
        desk.set(ACTIVE)
        desk.write()
        assert (desk.state(), desk.gate.latch) == (ACTIVE, None)

    def test_it_outlasts_a_halt_in_between(self):
        desk = Desk()
        desk.tighten(REDUCING, latch=FOR_TODAY)
        desk.set(HALTED, "kill switch")
        desk.write()
        assert (desk.state(), desk.gate.latch) == (HALTED, FOR_TODAY)
        with pytest.raises(BadInput, match="trading stays HALTED until 2026-11-24: kill switch"):
            desk.set(ACTIVE)
        desk.set(REDUCING)
        desk.write()
        assert (desk.state(), desk.gate.latch) == (REDUCING, FOR_TODAY)

    @pytest.mark.parametrize("state", [REDUCING, HALTED])
    def test_it_is_put_on_what_is_tight_already(self, state):
        desk = Desk()
        desk.set(state, "by hand")
        desk.write()
        desk.tighten(REDUCING, "lost 2 %", latch=FOR_TODAY)
        assert desk.gate.latch == FOR_TODAY
        desk.write()
        assert (desk.state(), desk.gate.state_reason) == (state, "by hand")
        assert desk.gate.latch == FOR_TODAY

    @pytest.mark.parametrize(
        ("one", "other", "kept"),
        [
            (BY_HAND, FOR_TODAY, FOR_TODAY),
            (FOR_TODAY, BY_HAND, FOR_TODAY),
            (FOR_TODAY, FOR_LONGER, FOR_LONGER),
            (FOR_LONGER, FOR_TODAY, FOR_LONGER),
            (BY_HAND, BY_HAND, BY_HAND),
        ],
    )
    def test_the_one_that_holds_longer_stays(self, one, other, kept):
        desk = Desk()
        desk.tighten(REDUCING, latch=one)
        desk.tighten(REDUCING, latch=other)
        desk.write()
        assert desk.gate.latch == kept

    def test_symbols_have_none(self):
        desk = Desk()
        desk.tighten(REDUCING, latch=FOR_TODAY)
        desk.tighten(REDUCING, symbol=IBM)
        desk.write()
        desk.set(ACTIVE, symbol=IBM)
        desk.write()
        assert desk.gate.symbol_states == {}
        assert desk.gate.latch == FOR_TODAY

    def test_records_carry_it(self):
        desk = Desk()
        desk.tighten(REDUCING, latch=FOR_TODAY)
        desk.set(HALTED)
        assert [record.latch for record in desk.records] == [FOR_TODAY, FOR_TODAY]

    def test_lift_that_is_on_its_way_is_undone_by_a_new_loss(self):
        desk = Desk()
        desk.tighten(REDUCING, latch=BY_HAND)
        desk.write()
        desk.set(ACTIVE)
        desk.tighten(REDUCING, "again", latch=FOR_TODAY)
        desk.write(1)
        assert (desk.state(), desk.gate.latch) == (REDUCING, FOR_TODAY)
        desk.write()
        assert (desk.state(), desk.gate.latch) == (REDUCING, FOR_TODAY)
