"""Show that held orders go when they may, for what they may, once, and that legs never both live.

Method: facts one at a time through the real records, fold and blotter; races in each order; the
same after a restart; and a law over drawn days.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    ExecType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
    TriggerMethod,
)
from app.domain.ids import ClOrdID
from app.domain.terms import Links, PriceCondition, TimeCondition
from app.oms.contingent import (
    CancelAtBroker,
    End,
    Move,
    Release,
    Resize,
    Trigger,
)
from tests.held import DAY_NS, SECOND_NS, Station, bracket, stop, trailing
from tests.samples import MSFT, NOW_NS, new_order

NO_FILL = "its entry ended without a fill; not sent"
OTHER_FILLED = "the other leg has filled; not sent"
TIME_ENDED = "its time has ended; not sent"


def sell(qty=100, limit=105, **changes):
    return new_order(Side.SELL, qty, limit, **changes)


def market(qty=100, side=Side.SELL):
    return new_order(side, qty)


def at_work(**options):
    """A bracket with a filled entry: the target works at the broker, the stop is armed here."""
    station = bracket(**options)
    assert station.do(*station.fill("E")) == []
    assert station.order("T").custody is Custody.UNSENT
    return station


class TestStopAlone:
    def test_stop_is_set_off_then_recorded_then_sent_as_a_market_order(self):
        station = Station()
        assert station.hold("S", stop(95)) == []
        assert station.print("95.01") == []
        assert station.print("94.9") == [Trigger("S", Decimal("94.9"))]
        assert station.do(Trigger("S", Decimal("94.9"))) == [Release("S", market())]
        assert station.do(Release("S", market())) == []
        assert station.print("94") == station.wait(DAY_NS) == []

    def test_stop_limit_goes_as_a_limit_order(self):
        station = Station()
        terms = stop(95, Side.BUY, ord_type=OrdType.STOP_LIMIT, limit_px=Decimal("95.5"))
        station.hold("S", terms)
        assert station.do(*station.print(96)) == [Release("S", new_order(limit="95.5"))]

    def test_limit_that_a_person_gave_is_not_rounded(self):
        station = Station()
        station.hold("S", stop(95, ord_type=OrdType.STOP_LIMIT, limit_px=Decimal("94.995")))
        assert station.do(*station.print(95)) == [Release("S", sell(limit="94.995"))]

    def test_quote_sets_off_too(self):
        station = Station()
        station.hold("S", stop(95, trigger=TriggerMethod.BID_ASK))
        assert station.quote("94.5", 96) == [Trigger("S", Decimal("94.5"))]

    def test_it_is_said_once_until_it_is_durable(self):
        station = Station()
        station.hold("S", stop(95))
        due = station.print(94)
        assert station.print(93) == station.quote(1, 2) == []
        release = station.do(*due)
        assert station.print(93) == station.wait(5 * SECOND_NS) == []
        station.do(*release)
        assert station.order("S").custody is Custody.UNSENT

    def test_change_of_an_order_that_is_being_released_does_not_release_it_again(self):
        station = Station()
        station.hold("S", stop(95))
        station.do(*station.print(94))
        assert station.amend("S", AmendmentWay.HERE, order_qty=Decimal(50)) == []

    def test_prices_of_other_symbols_cost_nothing(self):
        station = Station()
        station.hold("S", stop(95))
        assert station.print(1, symbol=MSFT) == station.quote(1, 2, symbol=MSFT) == []

    def test_other_terms_are_watched(self):
        station = Station()
        station.hold("S", stop(95))
        station.amend("S", AmendmentWay.HERE, stop_px=Decimal(90), order_qty=Decimal(40))
        assert station.print(94) == []
        assert station.do(*station.print(90)) == [Release("S", market(40))]

    def test_order_that_was_ended_is_watched_no_more(self):
        station = Station()
        station.hold("S", stop(95))
        station.do(End("S", "taken back"))
        assert station.print(94) == []
        assert station.contingent.next_time_ns is None

    def test_refused_at_its_release_it_has_ended(self):
        station = Station()
        station.hold("S", stop(95))
        station.do(*station.print(94))
        assert station.refuse("S") == []
        assert station.order("S").ord_status is OrdStatus.REJECTED
        assert station.restart() == []

    def test_ordinary_orders_are_left_alone(self):
        station = Station()
        assert station.send("A", new_order(limit=100)) == []
        assert station.fill("A", 40) == station.cancel("A") == station.restart() == []
        assert station.contingent.next_time_ns is None
        station.send("B", new_order(limit=100))
        station.restore()
        assert station.contingent.next_time_ns is None

    def test_clock_is_due_for_the_first_of_several(self):
        station = Station()
        for name, ns in (("A", 9), ("B", 5), ("C", 7)):
            terms = stop(95, time_in_force=TimeInForce.GTD, expire_ns=NOW_NS + ns)
            station.hold(name, terms)
        assert station.contingent.next_time_ns == NOW_NS + 5
        assert station.wait(8) == [End("B", TIME_ENDED), End("C", TIME_ENDED)]

    def test_staged_order_never_goes_by_itself(self):
        station = Station()
        assert station.hold("S", stop(95), is_staged=True) == []
        assert station.hold("M", new_order(), is_staged=True) == []
        assert station.print(1) == station.wait(9 * DAY_NS) == station.restart() == []
        assert station.contingent.next_time_ns is None


class TestConditions:
    ABOVE = PriceCondition(symbol=MSFT, is_above=True, px=Decimal(50))
    LATER = TimeCondition(at_ns=NOW_NS + 60 * SECOND_NS)

    def test_order_goes_when_its_price_condition_holds(self):
        station = Station()
        assert station.hold("A", sell(), conditions=(self.ABOVE,)) == []
        assert station.print(49, symbol=MSFT) == []
        assert station.print(51, symbol=MSFT) == [Trigger("A", Decimal(51))]
        assert station.do(Trigger("A", Decimal(51))) == [Release("A", sell())]

    def test_order_goes_when_its_time_has_come(self):
        station = Station()
        station.hold("A", market(), conditions=(self.LATER,))
        assert station.contingent.next_time_ns == self.LATER.at_ns
        assert station.wait(60 * SECOND_NS - 1) == []
        assert station.wait(1) == [Trigger("A", None)]
        assert station.contingent.next_time_ns == NOW_NS + DAY_NS
        assert station.do(Trigger("A", None)) == [Release("A", market())]

    def test_both_have_to_hold(self):
        station = Station()
        station.hold("A", market(), conditions=(self.ABOVE, self.LATER))
        assert station.print(51, symbol=MSFT) == []
        assert station.wait(60 * SECOND_NS) == [Trigger("A", Decimal(51))]

    def test_stop_is_armed_while_its_conditions_hold(self):
        station = Station()
        station.hold("S", stop(95), conditions=(self.LATER,))
        assert station.print(90) == station.wait(60 * SECOND_NS) == []
        assert station.print(90) == [Trigger("S", Decimal(90))]

    def test_trigger_on_record_outlives_its_condition_and_a_restart(self):
        station = Station()
        station.hold("A", sell(), conditions=(self.ABOVE,))
        station.do(*station.print(51, symbol=MSFT))
        assert station.restart() == [Release("A", sell())]


class TestTrails:
    def test_level_is_recorded_at_most_once_a_second(self):
        station = Station()
        station.hold("S", trailing(1, time_in_force=TimeInForce.GTC))
        assert station.contingent.next_time_ns is None
        assert station.print(100) == []
        assert station.contingent.next_time_ns <= NOW_NS
        assert station.wait(0) == [Move("S", Decimal(99))]
        station.do(Move("S", Decimal(99)))
        assert station.print(101) == station.print(102) == []
        assert station.contingent.next_time_ns == NOW_NS + SECOND_NS
        assert station.wait(SECOND_NS - 1) == []
        assert station.wait(1) == [Move("S", Decimal(101))]
        assert station.print(102) == []
        assert station.contingent.next_time_ns is None

    def test_another_fact_does_not_hurry_the_record(self):
        station = Station()
        station.hold("S", trailing(1))
        station.print(100)
        due = station.wait(0)
        station.print(105)
        assert station.do(*due) == []
        assert station.contingent.next_time_ns == NOW_NS + SECOND_NS

    def test_level_in_force_is_on_record_before_the_trigger(self):
        station = Station()
        station.hold("S", trailing(1))
        station.print(100)
        station.do(*station.wait(0))
        station.print(103)
        due = station.print("101.5")
        assert due == [Move("S", Decimal(102)), Trigger("S", Decimal("101.5"))]
        assert station.do(*due) == [Release("S", market())]

    @pytest.mark.parametrize(
        ("side", "prices", "level", "offset", "limit"),
        [
            (Side.SELL, (100, 99), 99, "0.5", "98.50"),
            (Side.BUY, (100, 101), 101, "0.5", "101.50"),
            (Side.SELL, (100, 99), 99, "0.255", "98.75"),
            (Side.BUY, (100, 101), 101, "0.255", "101.25"),
        ],
        ids=["sell", "buy", "sell to a tick", "buy to a tick"],
    )
    def test_trailing_stop_limit_goes_at_its_level(self, side, prices, level, offset, limit):
        station = Station()
        kind = OrdType.STOP_LIMIT
        station.hold("S", trailing(1, side, ord_type=kind, limit_offset=Decimal(offset)))
        due = [action for px in prices for action in station.print(px)]
        assert due == [Move("S", Decimal(level)), Trigger("S", Decimal(prices[-1]))]
        assert station.do(*due) == [Release("S", new_order(side, limit=limit))]

    def test_recorded_level_outlives_a_restart(self):
        station = Station()
        station.hold("S", trailing(1))
        station.print(100)
        station.do(*station.wait(0))
        assert station.restart() == []
        assert station.print("99.5") == station.wait(SECOND_NS) == []
        assert station.print(99) == [Trigger("S", Decimal(99))]

    def test_another_offset_takes_its_level_anew(self):
        station = Station()
        station.hold("S", trailing(1))
        station.print(100)
        station.do(*station.wait(0))
        station.amend("S", AmendmentWay.HERE, peg_offset=Decimal(5))
        assert station.print(98) == []
        assert station.wait(SECOND_NS) == [Move("S", Decimal(93))]

    def test_another_quantity_keeps_the_level(self):
        station = Station()
        station.hold("S", trailing(1))
        station.print(100)
        station.do(*station.wait(0))
        station.amend("S", AmendmentWay.HERE, order_qty=Decimal(40))
        assert station.do(*station.print(99)) == [Release("S", market(40))]


class TestEnds:
    @pytest.mark.parametrize(
        ("changes", "end_ns"),
        [
            ({}, NOW_NS + DAY_NS),
            ({"time_in_force": TimeInForce.IOC}, NOW_NS + DAY_NS),
            ({"time_in_force": TimeInForce.GTC}, None),
            ({"time_in_force": TimeInForce.GTD, "expire_ns": NOW_NS + 9}, NOW_NS + 9),
        ],
        ids=["day", "of the moment", "until canceled", "until a time"],
    )
    def test_held_order_ends_with_its_time(self, changes, end_ns):
        station = Station()
        station.hold("S", stop(95, **changes))
        assert station.contingent.next_time_ns == end_ns
        if end_ns is None:
            assert station.wait(400 * DAY_NS) == []
            return
        assert station.wait(end_ns - NOW_NS - 1) == []
        assert station.wait(1) == [End("S", TIME_ENDED)]
        assert station.wait(SECOND_NS) == station.print(90) == []
        assert station.do(End("S", TIME_ENDED)) == []

    def test_day_that_ended_while_the_station_was_off_ends_it(self):
        station = Station()
        station.hold("S", stop(95))
        station.now_ns += DAY_NS
        assert station.restart() == [End("S", TIME_ENDED)]

    def test_day_of_an_exit_is_that_of_its_entrys_first_fill(self):
        station = bracket(entry=new_order(limit=100, time_in_force=TimeInForce.GTC))
        assert station.wait(3 * DAY_NS + 5) == []
        station.fill("E", 40)
        assert station.contingent.next_time_ns == NOW_NS + 4 * DAY_NS
        assert station.wait(DAY_NS - 6) == []
        assert station.wait(1) == [End("T", TIME_ENDED), End("S", TIME_ENDED)]

    def test_triggered_order_that_could_not_go_ends_with_its_day(self):
        station = at_work()
        station.do(*station.do(*station.print(90)))
        assert station.wait(DAY_NS) == [End("S", TIME_ENDED)]

    @pytest.mark.parametrize(
        "end", [Station.cancel, lambda s, name: s.report(name, ExecType.REJECTED)]
    )
    def test_entry_that_ends_without_a_fill_ends_its_children(self, end):
        station = bracket()
        due = end(station, "E")
        assert due == [End("T", NO_FILL), End("S", NO_FILL)]
        assert station.do(*due) == []

    def test_staged_children_end_with_their_entry(self):
        station = Station()
        station.send("E", new_order())
        station.hold("S", stop(95), parent="E", is_staged=True)
        assert station.cancel("E") == [End("S", NO_FILL)]

    def test_replaced_entry_has_not_ended(self):
        station = bracket()
        station.amend("E", AmendmentWay.CHAINED, limit_px=Decimal(101))
        assert station.cancel("E") == []
        station.send("E2", new_order(limit=101), Links(replaces=ClOrdID("E")))
        assert station.settle("E", AmendmentState.ACCEPTED) == []
        assert station.fill("E2") == [Release("T", sell())]


class TestBracket:
    def test_target_goes_when_the_entry_has_filled_and_the_stop_is_armed(self):
        station = bracket()
        assert station.print(1) == []
        assert station.fill("E") == [Release("T", sell())]
        assert station.do(Release("T", sell())) == []
        assert station.contingent.unprotected_qty(station.order("E")) == 0
        assert station.print(95) == [Trigger("S", Decimal(95))]

    def test_target_goes_for_what_was_filled_when_the_entry_is_canceled(self):
        station = bracket()
        assert station.fill("E", 60) == []
        assert station.cancel("E") == [Release("T", sell(60))]

    def test_stop_follows_the_first_fill_of_the_entry(self):
        station = bracket()
        station.fill("E", 40)
        assert station.contingent.allowed_qty(station.order("S")) == 40
        assert station.contingent.unprotected_qty(station.order("E")) == 0
        assert station.print(95) == [Trigger("S", Decimal(95))]

    def test_stop_waits_for_the_entrys_end_where_parts_are_not_protected(self):
        station = bracket(protect_partial=False)
        station.fill("E", 40)
        assert station.print(90) == []
        assert station.contingent.unprotected_qty(station.order("E")) == 40
        station.do(*station.cancel("E"))
        assert station.contingent.unprotected_qty(station.order("E")) == 0
        assert station.print(90) == [Trigger("S", Decimal(90))]

    def test_target_that_fills_ends_the_stop(self):
        station = at_work()
        assert station.fill("T", 99) == []
        assert station.fill("T", 1) == [End("S", OTHER_FILLED)]
        assert station.do(End("S", OTHER_FILLED)) == station.print(90) == []

    def test_target_taken_back_leaves_the_stop(self):
        station = at_work()
        station.fill("T", 30)
        station.ask_cancel("T")
        assert station.cancel("T") == []
        assert station.contingent.unprotected_qty(station.order("E")) == 0
        assert station.do(*station.print(95)) == [Release("S", market(70))]

    def test_refused_target_leaves_the_stop(self):
        station = bracket()
        station.fill("E")
        assert station.refuse("T") == []
        assert station.do(*station.print(95)) == [Release("S", market())]

    def test_stop_that_is_refused_leaves_shares_unprotected(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        station.do(*station.cancel("T"))
        assert station.order("S").custody is Custody.UNSENT
        assert station.contingent.unprotected_qty(station.order("E")) == 0
        station.report("S", ExecType.REJECTED)
        assert station.contingent.unprotected_qty(station.order("E")) == 100

    def test_armed_stop_whose_conditions_do_not_hold_protects_nothing(self):
        station = Station()
        station.send("E", new_order())
        later = TimeCondition(at_ns=NOW_NS + SECOND_NS)
        station.hold("S", stop(95), parent="E", conditions=(later,))
        station.fill("E")
        assert station.contingent.unprotected_qty(station.order("E")) == 100
        station.wait(SECOND_NS)
        assert station.contingent.unprotected_qty(station.order("E")) == 0

    def test_target_that_waits_protects_nothing(self):
        station = bracket()
        station.do(End("S", "taken back"))
        station.fill("E")
        assert station.contingent.unprotected_qty(station.order("E")) == 100

    def test_sale_is_covered_by_buys(self):
        station = Station()
        station.send("E", sell(limit=100))
        station.hold("T", new_order(limit=95), parent="E", oco="G")
        station.hold("S", stop(105, Side.BUY), parent="E", oco="G")
        assert station.do(*station.fill("E")) == []
        due = station.do(*station.print(105))
        assert due == [CancelAtBroker("T")]
        station.do(*due)
        assert station.cancel("T") == [Release("S", market(side=Side.BUY))]


class TestRaces:
    def test_stop_is_set_off_while_the_target_works(self):
        station = at_work()
        assert station.do(*station.print(95)) == [CancelAtBroker("T")]
        assert station.do(CancelAtBroker("T")) == []
        assert station.wait(SECOND_NS) == station.wait(60 * SECOND_NS) == []
        assert station.cancel("T") == [Release("S", market())]

    def test_target_partly_filled_before_the_stop_is_set_off(self):
        station = at_work()
        station.fill("T", 30)
        station.do(*station.do(*station.print(95)))
        assert station.cancel("T") == [Release("S", market(70))]

    def test_target_fills_in_part_while_its_cancel_is_under_way(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        assert station.fill("T", 80) == []
        assert station.cancel("T") == [Release("S", market(20))]

    def test_target_fills_while_its_cancel_is_under_way(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        assert station.fill("T") == [End("S", OTHER_FILLED)]
        assert station.do(End("S", OTHER_FILLED)) == station.refuse_cancel("T") == []

    def test_cancel_of_the_target_that_is_refused_is_asked_for_again_a_second_later(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        assert station.refuse_cancel("T") == []
        assert station.contingent.next_time_ns == NOW_NS + SECOND_NS
        assert station.wait(SECOND_NS - 1) == []
        assert station.wait(1) == [CancelAtBroker("T")]

    def test_cancel_that_is_not_durable_yet_is_not_asked_for_on_every_fact(self):
        station = at_work()
        assert station.do(*station.print(95)) == [CancelAtBroker("T")]
        assert station.fill("T", 10) == station.print(94) == []
        assert station.wait(SECOND_NS) == [CancelAtBroker("T")]

    def test_cancel_that_was_lost_is_asked_for_again_a_second_later(self):
        station = at_work()
        assert station.do(*station.print(95)) == [CancelAtBroker("T")]
        assert station.wait(SECOND_NS - 1) == []
        assert station.wait(1) == [CancelAtBroker("T")]

    def test_target_in_doubt_is_waited_for(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        assert station.report("T", ExecType.PENDING_CANCEL) == []
        assert station.wait(3_600 * SECOND_NS) == []

    def test_late_fill_of_the_target_cuts_the_stop_that_is_at_the_broker(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        station.do(*station.cancel("T"))
        assert station.fill("T", 30) == [Resize("S", Decimal(70))]
        assert station.do(Resize("S", Decimal(70))) == station.wait(9 * SECOND_NS) == []
        assert station.accept_replace("S") == []
        assert station.do(*station.fill("T", 70)) == station.cancel("S") == []
        assert station.contingent._requested == {}  # Nothing is kept of what has ended.

    def test_cut_that_is_refused_is_asked_for_again_a_second_later(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        station.do(*station.cancel("T"))
        station.do(*station.fill("T", 30))
        assert station.settle("S", AmendmentState.REJECTED) == []
        assert station.wait(SECOND_NS - 1) == []
        assert station.wait(1) == [Resize("S", Decimal(70))]

    def test_cut_after_fills_of_its_own_is_of_the_total(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        station.do(*station.cancel("T"))
        station.fill("S", 50)
        assert station.fill("T", 30) == [Resize("S", Decimal(70))]
        assert station.fill("T", 20) == [CancelAtBroker("S")]

    def test_order_that_is_being_taken_back_is_not_cut(self):
        station = at_work()
        station.ask_cancel("T")
        assert station.bust("E") == []

    def test_bust_of_the_entry_cuts_the_target(self):
        station = bracket()
        station.fill("E", 60)
        station.do(*station.fill("E", 40))
        assert station.bust("E") == [Resize("T", Decimal(60))]

    def test_bust_of_all_of_the_entry_takes_the_target_back(self):
        station = at_work()
        assert station.bust("E") == [CancelAtBroker("T")]

    def test_bust_of_the_entry_disarms_the_stop_until_it_fills_again(self):
        station = bracket()
        station.fill("E", 40)
        station.bust("E")
        assert station.print(90) == []
        station.fill("E", 50)
        assert station.contingent.allowed_qty(station.order("S")) == 50
        assert station.print(90) == [Trigger("S", Decimal(90))]

    def test_bust_between_the_trigger_and_the_release(self):
        station = at_work()
        station.do(*station.do(*station.print(95)))
        assert station.do(*station.bust("E")) == []  # It works again, and is asked to end.
        assert station.order("E").cancel_requested
        assert station.cancel("T") == station.wait(2 * SECOND_NS) == []
        assert station.fill("E", 25) == [Release("S", market(25))]
        assert station.do(Release("S", market(25))) == station.cancel("E") == []


class TestEntryStillWorks:
    @staticmethod
    def set_off():
        station = bracket()
        station.fill("E", 40)
        return station, station.do(*station.print(95))

    def test_stop_has_the_entry_canceled_and_goes_at_its_end(self):
        station, due = self.set_off()
        assert due == [CancelAtBroker("E")]
        assert station.do(*due) == []
        assert station.wait(SECOND_NS) == []
        assert station.fill("E", 10) == []
        assert station.cancel("E") == [Release("S", market(50))]

    def test_stop_goes_two_seconds_later_where_the_end_is_not_confirmed(self):
        station, due = self.set_off()
        station.do(*due)
        assert station.wait(2 * SECOND_NS - 1) == []
        assert station.wait(1) == [Release("S", market(40))]
        station.do(Release("S", market(40)))
        station.fill("E", 20)
        assert station.contingent.unprotected_qty(station.order("E")) == 20

    def test_target_does_not_go_while_the_stop_is_on_its_way(self):
        station = bracket()
        station.fill("E", 40)
        trigger = station.print(95)
        assert station.cancel("E") == []
        assert station.do(*trigger) == [Release("S", market(40))]

    def test_target_goes_when_the_stop_that_was_set_off_is_refused(self):
        station, due = self.set_off()
        station.do(*due)
        station.cancel("E")
        assert station.refuse("S") == [Release("T", sell(40))]


class TestPair:
    """Two legs that exclude each other, of no entry."""

    @staticmethod
    def pair(one=None, other=None):
        station = Station()
        due = station.hold("A", one or sell(), oco="G")
        due += station.hold("B", other or stop(95), oco="G")
        return station, due

    def test_limit_leg_rests_at_the_broker_and_the_stop_waits(self):
        station, due = self.pair()
        assert due == [Release("A", sell())]
        assert station.do(*due) == []
        assert station.fill("A", 40) == []
        due = station.do(*station.print(95))
        assert due == [CancelAtBroker("A")]
        station.do(*due)
        assert station.cancel("A") == [Release("B", market(60))]

    def test_second_limit_leg_waits_for_its_price(self):
        station, due = self.pair(sell(), new_order(limit=90))
        assert due == [Release("A", sell())]
        assert station.print(80) == station.quote(89, "90.01") == []
        station.do(*due)
        assert station.quote("90.01", "90.02") == []
        touched = station.quote("89.9", 90)
        assert touched == [Trigger("B", Decimal(90))]
        due = station.do(*touched)
        assert due == [CancelAtBroker("A")]
        station.do(*due)
        station.fill("A", 25)
        assert station.cancel("A") == [Release("B", new_order(qty=75, limit=90))]

    def test_second_limit_leg_rests_once_the_first_has_ended(self):
        station, due = self.pair(sell(), new_order(limit=90))
        station.do(*due)
        station.fill("A", 40)
        assert station.cancel("A") == [Release("B", new_order(qty=60, limit=90))]

    def test_first_leg_that_is_refused_lets_the_second_go(self):
        station, _ = self.pair(sell(), new_order(limit=90))
        assert station.refuse("A") == [Release("B", new_order(limit=90))]

    def test_market_leg_that_has_to_wait_has_the_other_one_canceled(self):
        station, due = self.pair(sell(), market())
        assert due == [Release("A", sell()), Trigger("B", None)]
        station.do(due[0])
        assert station.do(due[1]) == [CancelAtBroker("A")]

    def test_both_stops_set_off_by_one_quote_go_one_after_the_other(self):
        method = TriggerMethod.BID_ASK
        station, due = self.pair(stop(95, trigger=method), stop(105, Side.BUY, trigger=method))
        assert due == []
        due = station.quote(95, 105)
        assert due == [Trigger("A", Decimal(95)), Trigger("B", Decimal(105))]
        [release] = station.do(*due)
        assert (release.cl_ord_id, release.order.order_qty) == ("A", 100)
        assert station.do(release) == station.wait(9 * SECOND_NS) == []
        assert station.fill("A", 30) == []
        [release] = station.cancel("A")
        assert (release.cl_ord_id, release.order.order_qty) == ("B", 70)

    def test_stop_that_rests_at_the_broker_gives_way_to_the_limit_leg(self):
        station = Station()
        station.send("A", stop(95), Links(oco="G"))
        assert station.hold("B", sell(), oco="G") == []
        assert station.do(*station.quote(105, 106)) == [CancelAtBroker("A")]

    def test_leg_that_a_person_sends_beside_another_gives_way(self):
        station, due = self.pair()
        station.do(*due)
        assert station.send("B", market(), station.order("B").links) == [CancelAtBroker("B")]

    def test_more_that_a_person_asks_for_is_let_be(self):
        station, due = self.pair()
        station.do(*due)
        station.amend("A", AmendmentWay.NATIVE, order_qty=Decimal(150))
        assert station.accept_replace("A") == []


class TestOneTriggersAnother:
    def test_child_goes_when_its_entry_has_ended_with_a_fill(self):
        station = Station()
        station.send("E", new_order(limit=100))
        assert station.hold("C", new_order(limit=90), parent="E") == []
        assert station.fill("E", 70) == station.quote(80, 81) == []
        assert station.cancel("E") == [Release("C", new_order(qty=70, limit=90))]

    def test_stop_that_is_no_exit_is_not_armed_by_a_partial_fill(self):
        station = Station()
        station.send("E", new_order(limit=100))
        station.hold("C", stop(105, Side.BUY), parent="E")
        station.fill("E", 70)
        assert station.print(106) == []
        station.cancel("E")
        assert station.print(106) == [Trigger("C", Decimal(106))]

    def test_child_of_an_entry_that_waits_here_waits_with_it(self):
        station = Station()
        station.hold("E", stop(105, Side.BUY))
        station.hold("S", stop(95), parent="E")
        assert station.print(90) == []
        station.do(*station.do(*station.print(105)))
        station.fill("E")
        assert station.print(95) == [Trigger("S", Decimal(95))]

    def test_child_of_a_child_follows_its_own_entry(self):
        station = Station()
        station.send("E", new_order())
        station.hold("C", market(), parent="E")
        station.hold("D", new_order(limit=90), parent="C")
        due = station.fill("E")
        assert due == [Release("C", market())]
        assert station.do(*due) == []
        assert station.fill("C") == [Release("D", new_order(limit=90))]


STATES = {
    "entry works": lambda s: None,
    "entry filled in part": lambda s: s.fill("E", 40),
    "stop set off while the entry works": lambda s: (s.fill("E", 40), s.do(*s.print(95))),
    "entry canceled": lambda s: (s.fill("E", 40), s.cancel("E")),
    "entry ended without a fill": lambda s: s.cancel("E"),
    "target to be sent": lambda s: s.fill("E"),
    "target sent": lambda s: s.do(*s.fill("E")),
    "target filled in part": lambda s: (s.do(*s.fill("E")), s.fill("T", 40)),
    "target filled": lambda s: (s.do(*s.fill("E")), s.fill("T")),
    "stop set off": lambda s: (s.do(*s.fill("E")), s.do(*s.print(95))),
    "cancel asked for": lambda s: (s.do(*s.fill("E")), s.do(*s.do(*s.print(95)))),
    "target canceled": lambda s: (
        s.do(*s.fill("E")),
        s.do(*s.do(*s.print(95))),
        s.cancel("T"),
    ),
    "entry busted": lambda s: (s.fill("E", 60), s.do(*s.fill("E", 40)), s.bust("E")),
    "stop cut": lambda s: (
        s.do(*s.fill("E")),
        s.do(*s.do(*s.print(95))),
        s.do(*s.cancel("T")),
        s.fill("T", 30),
    ),
}
DUE_AFTER_A_RESTART = {
    "stop set off while the entry works": [CancelAtBroker("E")],
    "entry canceled": [Release("T", sell(40))],
    "entry ended without a fill": [End("T", NO_FILL), End("S", NO_FILL)],
    "target to be sent": [Release("T", sell())],
    "target filled": [End("S", OTHER_FILLED)],
    "stop set off": [CancelAtBroker("T")],
    "target canceled": [Release("S", market())],
    "entry busted": [Resize("T", Decimal(60))],
    "stop cut": [Resize("S", Decimal(70))],
}


@pytest.mark.parametrize("state", STATES)
def test_restart_gives_again_what_is_not_durable_and_nothing_else(state):
    station = bracket()
    STATES[state](station)
    expected = DUE_AFTER_A_RESTART.get(state, [])
    assert station.restart() == expected
    assert station.contingent.on_time(station.now_ns) == []
    assert station.restart() == expected
    station.do(*expected)
    assert station.restart() == []


@pytest.mark.parametrize("state", ["entry filled in part", "target sent"])
def test_stop_is_armed_by_the_restart_itself(state):
    station = bracket()
    STATES[state](station)
    station.restart()
    assert station.print(95) == [Trigger("S", Decimal(95))]


def test_prices_between_restore_and_the_first_look_at_the_clock_count():
    station = at_work()
    station.restore()
    assert station.contingent.next_time_ns == 0
    assert station.print(95) == [Trigger("S", Decimal(95))]
