"""Show which prices set off a level, a trail and a condition, and that no fault of a price does.

Method: tables of prices in order; laws over drawn walks.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import OrdType, PegOffsetType, Side, TriggerMethod
from app.domain.terms import Hold, PriceCondition
from app.oms.triggers import condition_watch, watch_of
from tests.held import stop, trailing
from tests.samples import EXTREMES, IBM, instrument, new_order

LAST, BID_ASK, MID, DOUBLE = TriggerMethod
NO_PRICES = [px for px in EXTREMES if not (px.is_finite() and px > 0)]


def watch(terms, **hold):
    return watch_of(terms, Hold(**hold), instrument())


def prints(watched, *prices):
    return [watched.on_trade(Decimal(px)) for px in prices]


def quotes(watched, *pairs):
    return [watched.on_quote(Decimal(bid), Decimal(ask)) for bid, ask in pairs]


class TestLevel:
    @pytest.mark.parametrize(
        ("side", "prices", "expected"),
        [
            (Side.SELL, ("95.01", "95", "94"), [False, True, True]),
            (Side.SELL, ("200", "95.0001"), [False, False]),
            (Side.BUY, ("94.99", "95", "96"), [False, True, True]),
            (Side.BUY, ("1", "94.9999"), [False, False]),
        ],
        ids=["sell at", "sell above", "buy at", "buy below"],
    )
    def test_stop_goes_off_at_or_beyond_its_price(self, side, prices, expected):
        assert prints(watch(stop(95, side)), *prices) == expected

    def test_stop_limit_watches_its_stop_not_its_limit(self):
        terms = stop(95, ord_type=OrdType.STOP_LIMIT, limit_px=Decimal(90))
        assert prints(watch(terms), "96", "95") == [False, True]

    def test_two_prints_are_two_in_a_row(self):
        watched = watch(stop(95, trigger=DOUBLE))
        assert prints(watched, "95", "96", "94", "94", "93") == [False, False, False, True, True]

    @pytest.mark.parametrize("px", [Decimal("NaN"), Decimal(0)], ids=str)
    def test_print_without_a_price_does_not_break_a_row(self, px):
        watched = watch(stop(95, trigger=DOUBLE))
        assert prints(watched, "95", px, "95") == [False, False, True]

    @pytest.mark.parametrize(
        ("side", "pairs", "expected"),
        [
            (Side.SELL, (("95.01", "95.02"), ("95", "99")), [False, True]),
            (Side.BUY, (("90", "94.99"), ("90", "95")), [False, True]),
        ],
        ids=["sell looks at the bid", "buy looks at the ask"],
    )
    def test_bid_ask_is_the_side_it_would_trade_with(self, side, pairs, expected):
        assert quotes(watch(stop(95, side, trigger=BID_ASK)), *pairs) == expected

    @pytest.mark.parametrize(
        ("side", "pairs"),
        [
            (Side.SELL, (("95", "95.01"), ("94.99", "95.01"))),
            (Side.BUY, (("94.98", "95.01"), ("94.99", "95.01"))),
        ],
        ids=["sell", "buy"],
    )
    def test_mid_is_half_way(self, side, pairs):
        assert quotes(watch(stop(95, side, trigger=MID)), *pairs) == [False, True]

    @pytest.mark.parametrize("method", [LAST, DOUBLE], ids=str)
    def test_prints_methods_do_not_look_at_quotes(self, method):
        watched = watch(stop(95, trigger=method))
        assert quotes(watched, ("1", "2"), ("1", "2")) == [False, False]
        assert watched.px is None

    @pytest.mark.parametrize("method", [BID_ASK, MID], ids=str)
    def test_quote_methods_do_not_look_at_prints(self, method):
        watched = watch(stop(95, trigger=method))
        assert prints(watched, "1", "1") == [False, False]

    @pytest.mark.parametrize("px", NO_PRICES, ids=str)
    @pytest.mark.parametrize("side", Side)
    def test_what_is_no_price_never_sets_off(self, side, px):
        assert prints(watch(stop(95, side)), px) == [False]
        for method in (BID_ASK, MID):
            watched = watch(stop(95, side, trigger=method))
            assert quotes(watched, (px, "94"), ("96", px), (px, px)) == [False] * 3
            assert watched.on_quote(None, Decimal(96)) is False
            assert watched.on_quote(Decimal(94), None) is False

    @pytest.mark.parametrize("method", [BID_ASK, MID], ids=str)
    @pytest.mark.parametrize("side", Side)
    def test_crossed_quote_never_sets_off_and_a_locked_one_may(self, side, method):
        watched = watch(stop(95, side, trigger=method))
        assert quotes(watched, ("95.01", "95"), ("95", "94.99")) == [False, False]
        assert quotes(watched, ("95", "95")) == [True]

    def test_level_that_is_no_price_never_sets_off(self):
        for px in NO_PRICES:
            assert prints(watch(stop(px)), "1", "100") == [False, False]

    def test_price_that_set_off_is_remembered(self):
        watched = watch(stop(95, trigger=BID_ASK))
        assert (watched.px, watched.is_set_off) == (None, False)
        watched.on_quote(Decimal("94.5"), Decimal(99))
        assert (watched.px, watched.is_set_off) == (Decimal("94.5"), True)
        watched.on_quote(Decimal(96), Decimal(99))
        assert (watched.px, watched.is_set_off) == (Decimal(96), False)


class TestTouch:
    @pytest.mark.parametrize(
        ("side", "pairs", "expected"),
        [
            (Side.BUY, (("99", "100.01"), ("99", "100")), [False, True]),
            (Side.SELL, (("99.99", "105"), ("100", "105")), [False, True]),
        ],
        ids=["buy at the ask", "sell at the bid"],
    )
    def test_limit_goes_off_where_it_would_trade(self, side, pairs, expected):
        watched = watch(new_order(side, limit=100, trigger=LAST))
        assert quotes(watched, *pairs) == expected
        assert prints(watched, "1", "1000") == [False, False]

    def test_market_order_waits_for_no_price(self):
        assert watch(new_order()) is None


class TestTrail:
    @pytest.mark.parametrize(
        ("terms", "prices", "levels"),
        [
            (trailing(1), ("100", "101.5", "101", "102"), ("99", "100.5", "100.5", "101")),
            (trailing(1, Side.BUY), ("100", "98", "98.5", "97"), ("101", "99", "99", "98")),
            (
                trailing(3, peg_offset_type=PegOffsetType.TICKS),
                ("100", "100.01"),
                ("99.97", "99.98"),
            ),
            (
                trailing(5, Side.BUY, peg_offset_type=PegOffsetType.TICKS),
                ("0.5", "0.4"),
                ("0.5005", "0.4005"),
            ),
            (
                trailing(5, peg_offset_type=PegOffsetType.PERCENTAGE),
                ("100", "110", "109"),
                ("95", "104.5", "104.5"),
            ),
            (
                trailing("0.333", peg_offset_type=PegOffsetType.PERCENTAGE),
                ("100", "100.5"),
                ("99.66", "100.16"),
            ),
            (
                trailing("0.333", Side.BUY, peg_offset_type=PegOffsetType.PERCENTAGE),
                ("100", "99.5"),
                ("100.34", "99.84"),
            ),
            (trailing("0.005"), ("100",), ("99.99",)),
        ],
        ids=[
            "sell",
            "buy",
            "ticks of a cent",
            "ticks below a dollar",
            "percent",
            "percent down to a tick",
            "percent up to a tick",
            "less than a tick",
        ],
    )
    def test_level_follows_the_best_price_only(self, terms, prices, levels):
        watched, seen = watch(terms), []
        assert watched.level is None
        for px in prices:
            assert watched.on_trade(Decimal(px)) is False
            seen.append(watched.level)
        assert seen == [Decimal(level) for level in levels]

    def test_level_sets_off(self):
        watched = watch(trailing(1))
        assert prints(watched, "100", "99.01", "101", "100.01", "100") == [False] * 4 + [True]
        assert watched.level == 100

    def test_first_price_sets_the_level_and_never_sets_off(self):
        watched = watch(trailing(1, Side.BUY, trigger=BID_ASK))
        assert quotes(watched, ("99", "100")) == [False]
        assert watched.level == 101

    @pytest.mark.parametrize(
        ("method", "level"), [(BID_ASK, "98"), (MID, "98.5")], ids=["bid", "mid"]
    )
    def test_trail_follows_the_price_that_it_watches(self, method, level):
        watched = watch(trailing(1, trigger=method))
        quotes(watched, ("99", "100"))
        prints(watched, "500")
        assert watched.level == Decimal(level)

    @pytest.mark.parametrize(
        ("side", "recorded", "first", "level"),
        [
            (Side.SELL, "99", "99.5", "99"),
            (Side.SELL, "99", "101", "100"),
            (Side.BUY, "101", "100.5", "101"),
            (Side.BUY, "101", "99", "100"),
        ],
    )
    def test_recorded_level_is_never_given_up(self, side, recorded, first, level):
        watched = watch(trailing(1, side), watch_px=Decimal(recorded))
        assert watched.level == Decimal(recorded)
        assert prints(watched, first) == [False]
        assert watched.level == Decimal(level)

    def test_recorded_level_sets_off_at_once(self):
        assert prints(watch(trailing(1), watch_px=Decimal(99)), "99") == [True]

    def test_best_price_counts_where_the_step_changes(self):
        # Below a dollar a tick is a hundredth of one above: the level keeps to the best price.
        watched = watch(trailing(10, peg_offset_type=PegOffsetType.TICKS))
        prints(watched, "1.00", "0.9999")
        assert watched.level == Decimal("0.90")

    @pytest.mark.parametrize("px", NO_PRICES, ids=str)
    def test_what_is_no_price_moves_no_trail(self, px):
        watched = watch(trailing(1, trigger=MID))
        quotes(watched, ("100", "100"), (px, "300"), ("300", px), ("300", "200"))
        watched.on_quote(None, Decimal(300))
        assert watched.level == 99
        printed = watch(trailing(1))
        prints(printed, px)
        assert printed.level is None

    @pytest.mark.parametrize("offset", [*NO_PRICES, Decimal(100), Decimal("99.99999")], ids=str)
    def test_offset_that_leaves_no_price_gives_no_level(self, offset):
        watched = watch(trailing(offset))
        assert prints(watched, "100", "50") == [False, False]
        assert watched.level is None

    def test_offset_may_leave_a_price_below_a_cent(self):
        watched = watch(trailing("99.999"))
        prints(watched, "100")
        assert watched.level == Decimal("0.001")

    @given(
        st.sampled_from(Side),
        st.sampled_from(PegOffsetType),
        st.lists(st.integers(5_000, 20_000), min_size=1, max_size=30),
    )
    def test_level_moves_one_way_and_lies_behind_the_market(self, side, kind, cents):
        watched = watch(trailing("0.7", side, peg_offset_type=kind))
        before = None
        for price in (Decimal(n) / 100 for n in cents):
            if watched.on_trade(price):
                assert (watched.level - price) * side.sign <= 0
                assert watched.level == before
                return
            assert (watched.level - price) * side.sign > 0
            assert before is None or (watched.level - before) * side.sign <= 0
            assert instrument().is_on_tick(watched.level)
            before = watched.level


class TestCondition:
    @staticmethod
    def condition(method=LAST, px="100", *, is_above):
        return condition_watch(
            PriceCondition(symbol=IBM, is_above=is_above, px=Decimal(px), method=method)
        )

    def test_condition_holds_while_the_price_is_at_or_beyond(self):
        above = self.condition(is_above=True)
        assert prints(above, "99.99", "100", "101", "99") == [False, True, True, False]
        below = self.condition(is_above=False)
        assert prints(below, "100.01", "100", "99", "101") == [False, True, True, False]

    def test_rise_looks_at_the_ask_and_a_fall_at_the_bid(self):
        assert quotes(self.condition(BID_ASK, is_above=True), ("90", "100")) == [True]
        assert quotes(self.condition(BID_ASK, is_above=True), ("90", "99")) == [False]
        assert quotes(self.condition(BID_ASK, is_above=False), ("100", "110")) == [True]
        assert quotes(self.condition(BID_ASK, is_above=False), ("101", "110")) == [False]
