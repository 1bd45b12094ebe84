"""Show how much an order may come to: its entry's fills less what the other legs take.

Method: small families through the real fold and blotter, in tables of fills.
"""

from decimal import Decimal

import pytest

from app.domain.enums import AmendmentState, AmendmentWay, Origin, Side
from app.domain.terms import Links
from app.oms.family import Families, is_exit
from tests.held import Station, bracket, stop
from tests.samples import MSFT, new_order


def sell(qty=100, limit=105):
    return new_order(Side.SELL, qty, limit)


def allowed(station, name):
    return Families(station.blotter).allowed_qty(station.order(name))


def line(station, name):
    return Families(station.blotter).line(station.order(name))


def ids(orders):
    return [known.cl_ord_id for known in orders]


def lines(found):
    return [ids(one.orders) for one in found]


def pair(one_qty=100, other_qty=100):
    """Two legs that exclude each other, both at the broker, of no entry."""
    station = Station()
    station.send("A", sell(one_qty), Links(oco="G"))
    station.send("B", sell(other_qty, 95), Links(oco="G"))
    return station


class TestLines:
    def test_order_alone_is_a_line_without_kin(self):
        station = Station()
        station.send("A", sell())
        families, alone = Families(station.blotter), line(station, "A")
        assert ids(alone.orders) == ["A"]
        assert (families.parent(alone), families.siblings(alone)) == (None, ())
        assert families.children(alone) == ()
        assert ids(families.around(station.order("A"))) == ["A"]

    def test_line_is_the_same_from_each_of_its_orders(self):
        station = Station()
        station.send("A", sell())
        station.send("B", sell(), Links(replaces="A"))
        station.send("C", sell(), Links(replaces="B"))
        assert lines([line(station, name) for name in "ABC"]) == [["A", "B", "C"]] * 3

    def test_child_is_no_replacement_and_a_replacement_no_child(self):
        station = bracket()
        station.send("E2", new_order(limit=101), Links(replaces="E"))
        families = Families(station.blotter)
        assert ids(line(station, "E").orders) == ["E", "E2"]
        assert lines(families.children(line(station, "E2"))) == [["T"], ["S"]]
        assert lines([families.parent(line(station, "T"))]) == [["E", "E2"]]

    def test_replacement_belongs_where_the_first_belongs(self):
        station = bracket()
        station.send("T2", sell(), Links(replaces="T"))
        families = Families(station.blotter)
        assert lines(families.siblings(line(station, "S"))) == [["T", "T2"]]
        assert lines(families.siblings(line(station, "T2"))) == [["S"]]
        assert lines([families.parent(line(station, "T2"))]) == [["E"]]
        assert lines(families.children(line(station, "E"))) == [["T", "T2"], ["S"]]

    def test_group_with_replacements_in_it_counts_each_leg_once(self):
        station = pair()
        station.send("A2", sell(), Links(oco="G", replaces="A"))
        families = Families(station.blotter)
        assert lines(families.siblings(line(station, "B"))) == [["A", "A2"]]

    def test_change_bears_on_legs_and_children(self):
        station = bracket()
        families = Families(station.blotter)
        assert ids(families.around(station.order("E"))) == ["E", "T", "S"]
        assert ids(families.around(station.order("S"))) == ["S", "T"]

    def test_figures_of_a_line(self):
        station = Station()
        station.send("A", sell())
        first = line(station, "A")
        assert (first.cum_qty, first.live_qty, first.asked_qty) == (0, 100, 100)
        assert (first.first_fill_ns, first.is_working, ids(first.at_broker)) == (None, True, ["A"])
        station.now_ns += 5
        station.fill("A", 30)
        station.cancel("A")
        station.now_ns += 5
        station.send("B", sell(70), Links(replaces="A"))
        station.fill("B", 20)
        both = line(station, "B")
        assert (both.cum_qty, both.live_qty, both.asked_qty) == (50, 50, 100)
        assert both.first_fill_ns == station.now_ns - 5
        assert (both.is_working, ids(both.at_broker)) == (True, ["B"])
        station.cancel("B")
        ended = line(station, "B")
        assert (ended.live_qty, ended.is_working, ended.at_broker) == (0, False, ())

    def test_replaced_order_that_still_works_is_live_as_well(self):
        station = Station()
        station.send("A", sell())
        station.send("B", sell(70), Links(replaces="A"))
        assert line(station, "A").live_qty == 170

    def test_replacement_asks_for_more_than_what_was_executed_before_it(self):
        station = Station()
        station.send("A", sell())
        station.fill("A", 30)
        station.send("B", sell(90), Links(replaces="A"))
        assert line(station, "A").asked_qty == 120

    def test_what_waits_here_is_not_live(self):
        station = bracket()
        waiting = line(station, "T")
        assert (waiting.live_qty, waiting.is_working, waiting.at_broker) == (0, True, ())

    def test_replacement_on_record_is_not_counted_as_a_request_too(self):
        station = Station()
        station.send("A", sell())
        station.amend("A", AmendmentWay.CHAINED, limit_px=Decimal(104))
        station.cancel("A")
        assert line(station, "A").is_working
        assert line(station, "A").live_qty == 100
        station.send("A2", sell(), Links(replaces="A"))
        assert line(station, "A").live_qty == 100
        station.settle("A", AmendmentState.ACCEPTED)
        assert line(station, "A").live_qty == 100

    @pytest.mark.parametrize(
        ("way", "qty", "asked"),
        [
            (AmendmentWay.HERE, 60, 60),
            (AmendmentWay.HERE, 150, 150),
        ],
    )
    def test_change_here_is_what_is_asked_for(self, way, qty, asked):
        station = Station()
        station.hold("A", stop(95))
        station.amend("A", way, order_qty=Decimal(qty))
        assert line(station, "A").asked_qty == asked
        station.send("A", sell(40))
        assert line(station, "A").asked_qty == asked

    @pytest.mark.parametrize(("qty", "asked"), [(60, 100), (150, 150)])
    def test_change_at_the_broker_raises_what_is_asked_for_and_never_lowers_it(self, qty, asked):
        station = Station()
        station.send("A", sell())
        station.amend("A", AmendmentWay.NATIVE, order_qty=Decimal(qty))
        assert line(station, "A").asked_qty == 100
        station.accept_replace("A")
        assert line(station, "A").asked_qty == asked

    def test_what_was_cut_on_release_was_asked_for_in_full(self):
        station = Station()
        station.hold("A", stop(95))
        station.send("A", sell(40))
        assert (station.order("A").order_qty, line(station, "A").asked_qty) == (40, 100)


class TestAllowed:
    def test_order_alone_may_be_filled(self):
        station = Station()
        station.send("A", sell())
        assert allowed(station, "A") == 100

    @pytest.mark.parametrize(
        ("entry", "target", "stop_qty"),
        [((), 0, 0), ((60,), 60, 60), ((60, 40), 100, 100)],
        ids=["nothing", "some", "all"],
    )
    def test_exit_follows_its_entry(self, entry, target, stop_qty):
        station = bracket()
        for qty in entry:
            station.fill("E", qty)
        assert (allowed(station, "T"), allowed(station, "S")) == (target, stop_qty)

    def test_fills_of_the_replaced_entry_count(self):
        station = bracket()
        station.fill("E", 30)
        station.cancel("E")
        station.send("E2", new_order(qty=70, limit=101), Links(replaces="E"))
        station.fill("E2", 20)
        assert allowed(station, "S") == 50

    def test_what_works_or_was_filled_of_the_other_leg_is_taken_off(self):
        station = bracket()
        station.fill("E")
        station.send("T", sell(), Links(parent="E", oco="G"))
        assert allowed(station, "S") == 0
        station.fill("T", 30)
        assert (allowed(station, "T"), allowed(station, "S")) == (100, 0)
        station.cancel("T")
        assert allowed(station, "S") == 70

    def test_request_for_more_of_the_other_leg_is_taken_off(self):
        station = bracket(entry=new_order(qty=200, limit=100))
        station.fill("E", 150)
        station.send("T", sell(), Links(parent="E", oco="G"))
        assert allowed(station, "S") == 0
        station.fill("T", 100)
        assert allowed(station, "S") == 0
        assert allowed(station, "T") == 100

    def test_fills_before_a_replace_are_taken_off_the_replacement(self):
        station = bracket()
        station.fill("E", 60)
        station.send("T", sell(60), Links(parent="E", oco="G"))
        station.fill("T", 20)
        station.cancel("T")
        station.send("T2", sell(80), Links(parent="E", oco="G", replaces="T"))
        assert allowed(station, "T2") == 40
        assert allowed(station, "S") == 0

    def test_bust_of_the_entry_takes_off(self):
        station = bracket()
        station.fill("E", 60)
        station.fill("E", 40)
        station.bust("E")
        assert allowed(station, "S") == 60

    def test_exit_that_asks_for_less_stays_at_that(self):
        station = Station()
        station.send("E", new_order(limit=100))
        station.hold("S", stop(95, qty=30), parent="E")
        station.fill("E")
        assert allowed(station, "S") == 30

    def test_legs_of_no_entry_take_off_each_other(self):
        station = Station()
        station.send("A", sell(), Links(oco="G"))
        station.hold("S", stop(95), oco="G")
        station.fill("A", 40)
        station.cancel("A")
        assert allowed(station, "S") == 60

    def test_leg_that_waits_gives_way_to_a_later_one_at_the_broker(self):
        station = Station()
        station.hold("S", stop(95), oco="G")
        station.send("A", sell(70), Links(oco="G"))
        assert (allowed(station, "S"), allowed(station, "A")) == (30, 70)

    def test_of_two_at_the_broker_the_later_one_gives_way(self):
        station = pair()
        assert (allowed(station, "A"), allowed(station, "B")) == (100, 0)
        station.fill("B", 30)
        assert (allowed(station, "A"), allowed(station, "B")) == (70, 0)

    def test_cut_leg_is_not_cut_twice_for_the_same_fill(self):
        station = pair()
        station.fill("B", 30)
        station.amend("A", AmendmentWay.NATIVE, Origin.CONTINGENT, order_qty=Decimal(70))
        station.accept_replace("A")
        assert allowed(station, "A") == 70

    def test_never_below_nothing(self):
        station = pair()
        station.fill("A")
        station.fill("B")
        assert (allowed(station, "A"), allowed(station, "B")) == (0, 0)


class TestSpent:
    @staticmethod
    def is_spent(station, name):
        return Families(station.blotter).is_spent(station.order(name))

    def test_leg_is_spent_when_the_other_has_filled_what_there_was(self):
        station = bracket()
        station.fill("E", 60)
        station.cancel("E")
        station.send("T", sell(60), Links(parent="E", oco="G"))
        assert not self.is_spent(station, "S")
        station.fill("T", 59)
        assert not self.is_spent(station, "S")
        station.fill("T", 1)
        assert self.is_spent(station, "S")

    def test_leg_is_not_spent_while_its_entry_may_fill_more(self):
        station = bracket()
        assert not self.is_spent(station, "S")
        station.fill("E", 60)
        station.send("T", sell(60), Links(parent="E", oco="G"))
        station.fill("T", 60)
        assert not self.is_spent(station, "S")
        station.fill("E", 40)
        assert not self.is_spent(station, "S")

    def test_order_alone_is_never_spent(self):
        station = Station()
        station.hold("S", stop(95))
        assert not self.is_spent(station, "S")


class TestUnprotected:
    @staticmethod
    def unprotected(station, *armed):
        def is_armed(known):
            return known.cl_ord_id in armed

        return Families(station.blotter).unprotected_qty(station.order("E"), is_armed)

    def test_order_without_exits_is_no_entry(self):
        station = Station()
        station.send("E", new_order())
        station.hold("C", new_order(), parent="E")  # Buys more; protects nothing.
        station.fill("E")
        assert self.unprotected(station) == 0

    def test_stop_covers_once_it_is_armed(self):
        station = bracket()
        station.fill("E", 60)
        assert self.unprotected(station) == 60
        assert self.unprotected(station, "S") == 0

    def test_legs_that_exclude_each_other_cover_the_same_shares(self):
        station = bracket()
        station.fill("E")
        station.send("T", sell(60), Links(parent="E", oco="G"))
        assert self.unprotected(station) == 40
        assert self.unprotected(station, "S") == 0
        station.fill("T", 60)
        assert self.unprotected(station) == 40
        assert self.unprotected(station, "S") == 0

    def test_exits_that_do_not_exclude_each_other_add_up(self):
        station = Station()
        station.send("E", new_order())
        station.hold("A", stop(95, qty=30), parent="E")
        station.hold("B", stop(94, qty=50), parent="E")
        station.fill("E")
        assert self.unprotected(station, "A", "B") == 20

    def test_exit_at_the_broker_covers_what_it_may_still_fill(self):
        station = bracket()
        station.fill("E")
        station.send("T", sell(), Links(parent="E", oco="G"))
        assert self.unprotected(station) == 0
        station.fill("T", 70)
        station.cancel("T")
        assert self.unprotected(station) == 30

    def test_nothing_is_owed_where_more_was_sold_than_bought(self):
        station = bracket()
        station.fill("E", 60)
        station.send("T", sell(), Links(parent="E", oco="G"))
        station.fill("T", 100)
        assert self.unprotected(station) == 0


@pytest.mark.parametrize(
    ("child", "expected"),
    [
        (sell(), True),
        (new_order(), False),
        (new_order(Side.SELL, symbol=MSFT), False),
    ],
    ids=["other side", "same side", "other symbol"],
)
def test_exit_takes_back_what_was_bought(child, expected):
    station = Station()
    station.send("E", new_order())
    station.send("C", child, Links(parent="E"))
    assert is_exit(station.order("C"), station.order("E")) is expected
