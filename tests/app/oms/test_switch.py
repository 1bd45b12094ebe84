"""Show that less is let through at once, more when it is on record, and a halt outlives an arming.

Method: the switch with a gate, and records that become durable when the test says so.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.records import TradingStateSet
from app.domain.enums import TradingState
from app.domain.events import TradingStateChanged
from app.hub import Hub
from app.oms.switch import TradingSwitch
from app.risk.gate import Gate
from tests.samples import IBM, MSFT

ACTIVE, REDUCING, HALTED = TradingState


class Desk:
    """A switch and what it stands on."""

    def __init__(self):
        self.hub, self.gate, self.records, self.said = Hub(), Gate([], {}), [], []
        self.hub.subscribe(TradingStateChanged, self.said.append)
        self.switch = TradingSwitch(self.gate, self.hub, self.records.append)

    def set(self, state, reason="r", symbol=None):
        self.switch.set(state, reason, actor="ada", symbol=symbol)

    def tighten(self, state, reason="t", symbol=None):
        self.switch.tighten(state, reason, actor="station", symbol=symbol)

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
