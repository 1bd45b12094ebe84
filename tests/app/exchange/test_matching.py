"""Goal: a paper fill takes no share that the market did not show, and never a better price."""

from __future__ import annotations

import re
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import ExecType, Liquidity, Side, TimeInForce
from app.domain.market import Bar, Quote, Trade
from app.exchange.matching import NEVER_NS, Ending, Match, Matcher, Working

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
DAY, IOC, FOK = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK


def quote(bid, bid_size, ask, ask_size, ts_ns=0, symbol="X"):
    return Quote(
        symbol=symbol,
        bid=None if bid is None else D(bid),
        bid_size=bid_size,
        ask=None if ask is None else D(ask),
        ask_size=ask_size,
        ts_exch_ns=ts_ns,
        ts_recv_ns=ts_ns,
    )


def trade(price, size, ts_ns=0, symbol="X"):
    return Trade(symbol=symbol, price=D(price), size=size, ts_exch_ns=ts_ns, ts_recv_ns=ts_ns)


def bar(open_, high, low, volume, start_ns=0):
    return Bar(
        symbol="X",
        start_ns=start_ns,
        interval_ns=60,
        open=D(open_),
        high=D(high),
        low=D(low),
        close=D(low),
        volume=volume,
        ts_recv_ns=start_ns + 60,
    )


def order(cl_ord_id, side, qty, limit=None, tif=DAY, **more):
    return Working(
        cl_ord_id=cl_ord_id,
        symbol="X",
        side=side,
        leaves=qty,
        limit_px=None if limit is None else D(limit),
        time_in_force=tif,
        **more,
    )


def play(*steps):
    """Run orders and events through a matcher; one line of text a fill or ending."""
    matcher = Matcher()
    said = []
    for step in steps:
        for outcome in _do(matcher, step):
            if isinstance(outcome, Match):
                end = "maker" if outcome.liquidity is Liquidity.ADDED else "taker"
                said.append(f"{outcome.cl_ord_id} {outcome.qty} @ {outcome.px} {end}")
            else:
                said.append(f"{outcome.cl_ord_id} {outcome.exec_type.name}")
    return said


def _do(matcher, step):
    if isinstance(step, Quote):
        return matcher.on_quote(step)
    if isinstance(step, Trade):
        return matcher.on_trade(step)
    if isinstance(step, Bar):
        return matcher.on_bar(step)
    # A copy: the matcher writes into what it is given, and tables share their rows.
    return matcher.enter(msgspec.structs.replace(step))


Q = quote("10.00", 100, "10.02", 200)

TABLE = {
    "market buy takes the ask": ([Q, order("a", BUY, 150)], ["a 150 @ 10.02 taker"]),
    "market sell takes the bid": ([Q, order("a", SELL, 50)], ["a 50 @ 10.00 taker"]),
    "larger market order waits for the next quote": (
        [Q, order("a", BUY, 300), Q, quote("10.00", 100, "10.03", 500)],
        ["a 200 @ 10.02 taker", "a 100 @ 10.03 taker"],
    ),
    "a change of size shows new shares": (
        [Q, order("a", BUY, 300), quote("10.00", 100, "10.02", 60)],
        ["a 200 @ 10.02 taker", "a 60 @ 10.02 taker"],
    ),
    "a change of the other side does not": (
        [Q, order("a", BUY, 300), quote("10.01", 900, "10.02", 200)],
        ["a 200 @ 10.02 taker"],
    ),
    "what one order took another does not get": (
        [Q, order("a", BUY, 150), order("b", BUY, 150)],
        ["a 150 @ 10.02 taker", "b 50 @ 10.02 taker"],
    ),
    "a rest of a market order takes the next print": (
        [Q, order("a", BUY, 300), trade("10.02", 30)],
        ["a 200 @ 10.02 taker", "a 30 @ 10.02 taker"],
    ),
    "a print below the ask is no better than the ask": (
        [Q, order("a", BUY, 300), trade("10.00", 30)],
        ["a 200 @ 10.02 taker", "a 30 @ 10.02 taker"],
    ),
    "a print through the ask costs what it cost": (
        [Q, order("a", BUY, 300), trade("10.05", 30)],
        ["a 200 @ 10.02 taker", "a 30 @ 10.05 taker"],
    ),
    "market order waits on a locked quote": (
        [quote("10.02", 100, "10.02", 100), order("a", BUY, 50), Q],
        ["a 50 @ 10.02 taker"],
    ),
    "market order waits on a crossed quote": (
        [quote("10.05", 100, "10.02", 100), order("a", BUY, 50)],
        [],
    ),
    "market order waits on a missing side": (
        [quote("10.00", 100, None, 0), order("a", BUY, 50), order("b", SELL, 50)],
        [],
    ),
    "market order waits for a first quote": ([order("a", BUY, 50), Q], ["a 50 @ 10.02 taker"]),
    "marketable limit gets the better price": (
        [Q, order("a", BUY, 50, "10.10")],
        ["a 50 @ 10.02 taker"],
    ),
    "rest of a marketable limit stands at its limit": (
        [Q, order("a", BUY, 250, "10.03"), quote("10.00", 100, "10.01", 80)],
        ["a 200 @ 10.02 taker", "a 50 @ 10.03 maker"],
    ),
    "limit at the near side rests": ([Q, order("a", BUY, 50, "10.00"), Q], []),
    "resting buy fills when the ask comes to it": (
        [Q, order("a", BUY, 500, "10.01"), quote("10.00", 1, "10.01", 80)],
        ["a 80 @ 10.01 maker"],
    ),
    "resting sell fills when the bid goes through it": (
        [Q, order("a", SELL, 50, "10.01"), quote("10.05", 80, "10.06", 1)],
        ["a 50 @ 10.01 maker"],
    ),
    "resting buy fills at a print at its limit, up to its size": (
        [Q, order("a", BUY, 500, "10.00"), trade("10.00", 70)],
        ["a 70 @ 10.00 maker"],
    ),
    "resting buy fills at its limit when a print goes through": (
        [Q, order("a", BUY, 50, "10.00"), trade("9.90", 70)],
        ["a 50 @ 10.00 maker"],
    ),
    "a print above leaves a resting buy alone": (
        [Q, order("a", BUY, 50, "10.00"), trade("10.01", 70)],
        [],
    ),
    "a print's size is shared by price, then time": (
        [
            Q,
            order("late", BUY, 50, "10.00"),
            order("later", BUY, 50, "10.00"),
            order("best", BUY, 50, "10.01"),
            trade("9.99", 120),
        ],
        ["best 50 @ 10.01 maker", "late 50 @ 10.00 maker", "later 20 @ 10.00 maker"],
    ),
    "a quote's size is shared by price, then time": (
        [
            Q,
            order("low", SELL, 50, "10.01"),
            order("high", SELL, 50, "10.02"),
            quote("10.03", 70, "10.04", 10),
        ],
        ["low 50 @ 10.01 maker", "high 20 @ 10.02 maker"],
    ),
    "immediate or cancel gives back the rest": (
        [Q, order("a", BUY, 250, "10.02", IOC)],
        ["a 200 @ 10.02 taker", "a CANCELED"],
    ),
    "immediate or cancel without a market": ([order("a", BUY, 250, None, IOC)], ["a CANCELED"]),
    "fill or kill, killed": ([Q, order("a", BUY, 201, "10.05", FOK), Q], ["a CANCELED"]),
    "fill or kill, filled": ([Q, order("a", BUY, 200, "10.05", FOK)], ["a 200 @ 10.02 taker"]),
    "a killed order takes no size": (
        [Q, order("a", BUY, 201, None, FOK), order("b", BUY, 200)],
        ["a CANCELED", "b 200 @ 10.02 taker"],
    ),
    "prints only: market order takes the next prints": (
        [trade("9.00", 10), order("a", BUY, 50), trade("9.01", 30), trade("9.02", 30)],
        ["a 30 @ 9.01 taker", "a 20 @ 9.02 taker"],
    ),
    "prints only: marketable limit gets the print's price, then its own": (
        [order("a", BUY, 90, "9.05"), trade("9.01", 30), trade("9.06", 30), trade("9.01", 30)],
        ["a 30 @ 9.01 taker", "a 30 @ 9.05 maker"],
    ),
    "bars only: market order takes the open, up to the volume": (
        [order("a", BUY, 50), bar("9.00", "9.10", "8.90", 30), bar("9.20", "9.20", "9.20", 30)],
        ["a 30 @ 9.00 taker", "a 20 @ 9.20 taker"],
    ),
    "bars only: limit within the bar fills at the limit": (
        [order("a", BUY, 50, "8.95"), bar("9.00", "9.10", "8.90", 30)],
        ["a 30 @ 8.95 maker"],
    ),
    "bars only: open below the limit is given": (
        [order("a", BUY, 50, "9.05"), bar("9.00", "9.10", "8.90", 80)],
        ["a 50 @ 9.00 taker"],
    ),
    "bars only: sell limit, out of reach, within, and below the open": (
        [
            order("a", SELL, 90, "9.15"),
            bar("9.00", "9.10", "8.90", 30),
            bar("9.00", "9.20", "8.90", 30),
            bar("9.30", "9.40", "8.90", 30),
        ],
        ["a 30 @ 9.15 maker", "a 30 @ 9.30 taker"],
    ),
    "bars only: a bar that began before the order does not count": (
        [
            order("a", BUY, 50, entered_ns=1),
            bar("9.00", "9.10", "8.90", 30),
            bar("9.10", "9.10", "9.10", 80, 60),
        ],
        ["a 50 @ 9.10 taker"],
    ),
    "bars beside quotes fill nothing": (
        [Q, order("a", BUY, 50, "9.00"), bar("8.00", "9.10", "8.00", 30)],
        [],
    ),
    "bars beside prints fill nothing": (
        [trade("9.50", 1), order("a", BUY, 50, "9.00"), bar("8.00", "9.10", "8.00", 30)],
        [],
    ),
    "other symbols do not touch an order": (
        [Q, order("a", BUY, 50, "10.00"), trade("9.00", 10, symbol="Y")],
        [],
    ),
    "an order ends when its time is over, before it can trade": (
        [
            Q,
            order("a", BUY, 50, "10.00", expires_ns=100),
            order("b", BUY, 50, "9.00", expires_ns=300),
            trade("9.00", 70, ts_ns=100),
            quote("1", 1, "2", 1, ts_ns=299),
        ],
        ["a EXPIRED", "b 50 @ 9.00 maker"],
    ),
    "time passes in other symbols too": (
        [order("a", BUY, 50, expires_ns=100), trade("9.00", 70, ts_ns=100, symbol="Y")],
        ["a EXPIRED"],
    ),
}


@pytest.mark.parametrize(("steps", "said"), TABLE.values(), ids=TABLE.keys())
def test_rule(steps, said):
    assert play(*steps) == said


def test_cancel_takes_an_order_out_once():
    matcher = Matcher()
    matcher.enter(order("a", BUY, 50, "10.00"))
    ending = matcher.cancel("a", 7)
    assert isinstance(ending, Ending)
    assert (ending.exec_type, ending.ts_ns) == (ExecType.CANCELED, 7)
    assert matcher.cancel("a", 8) is None
    assert matcher.on_trade(trade("9.00", 50)) == []


def test_fills_carry_the_time_of_their_event():
    matcher = Matcher()
    matcher.on_quote(quote("10.00", 100, "10.02", 100, ts_ns=3))
    (arrival,) = matcher.enter(order("a", BUY, 100, entered_ns=5))
    matcher.enter(order("b", BUY, 100, "10.00", entered_ns=6))
    (resting,) = matcher.on_trade(trade("10.00", 100, ts_ns=9))
    assert (arrival.ts_ns, resting.ts_ns) == (5, 9)


def test_an_order_put_back_rests_and_keeps_its_place():
    matcher = Matcher()
    matcher.put_back(order("first", BUY, 50, "10.05"))
    matcher.put_back(order("second", BUY, 50, "10.05"))
    matches = matcher.on_quote(quote("10.00", 10, "10.01", 60))
    assert [(m.cl_ord_id, m.qty, m.px) for m in matches] == [
        ("first", 50, D("10.05")),
        ("second", 10, D("10.05")),
    ]


def first_of(matcher, print_size=10):
    """Return who gets a print at 10.00."""
    return [m.cl_ord_id for m in matcher.on_trade(trade("10.00", print_size))]


class TestReplace:
    @pytest.fixture
    def matcher(self):
        """Two resting buys at 10.00 of 50 each; "a" came first."""
        matcher = Matcher()
        matcher.on_quote(Q)
        matcher.enter(order("a", BUY, 50, "10.00"))
        matcher.enter(order("z", BUY, 50, "10.00"))
        return matcher

    def test_an_order_that_only_gets_smaller_keeps_its_place(self, matcher):
        assert matcher.replace("a", "b", leaves=49, limit_px=D("10.00"), now_ns=5) == []
        assert matcher.working == {"b", "z"}
        assert (matcher.leaves_of("a"), matcher.leaves_of("b")) == (0, 49)
        assert first_of(matcher) == ["b"]

    def test_equal_terms_keep_the_place(self, matcher):
        assert matcher.replace("a", "b", leaves=50, limit_px=D("10.00"), now_ns=5) == []
        assert first_of(matcher) == ["b"]

    def test_a_larger_order_goes_behind(self, matcher):
        assert matcher.replace("a", "b", leaves=51, limit_px=D("10.00"), now_ns=5) == []
        assert matcher.leaves_of("b") == 51
        assert first_of(matcher) == ["z"]

    def test_a_worse_price_goes_behind_and_back_again_too(self, matcher):
        matcher.replace("a", "b", leaves=50, limit_px=D("9.99"), now_ns=5)
        matcher.replace("b", "c", leaves=50, limit_px=D("10.00"), now_ns=6)
        assert first_of(matcher) == ["z"]

    def test_a_marketable_price_trades_at_once_at_the_market(self, matcher):
        (match,) = matcher.replace("a", "b", leaves=50, limit_px=D("10.05"), now_ns=7)
        assert (match.cl_ord_id, match.qty, match.px, match.ts_ns) == ("b", 50, D("10.02"), 7)
        assert match.liquidity is Liquidity.REMOVED
        assert matcher.working == {"z"}
        assert matcher.leaves_of("b") == 0

    def test_what_is_left_of_it_rests_at_the_new_price(self, matcher):
        (match,) = matcher.replace("a", "b", leaves=250, limit_px=D("10.03"), now_ns=7)
        assert (match.qty, matcher.leaves_of("b")) == (200, 50)
        (later,) = matcher.on_quote(quote("10.00", 100, "10.01", 70))
        assert (later.cl_ord_id, later.qty, later.px) == ("b", 50, D("10.03"))

    def test_a_bar_that_began_before_the_replace_does_not_count(self):
        matcher = Matcher()
        matcher.enter(order("a", BUY, 50, "8.00"))
        matcher.replace("a", "b", leaves=50, limit_px=D("9.00"), now_ns=1)
        assert matcher.on_bar(bar("9.00", "9.10", "8.90", 80)) == []
        assert len(matcher.on_bar(bar("9.00", "9.10", "8.90", 80, 60))) == 1

    def test_what_does_not_work_cannot_be_replaced(self, matcher):
        assert matcher.replace("q", "b", leaves=1, limit_px=D(1), now_ns=5) is None
        assert matcher.leaves_of("q") == 0

    def test_a_replaced_order_keeps_its_end(self, matcher):
        matcher.enter(order("e", BUY, 50, "9.00", expires_ns=100))
        matcher.replace("e", "f", leaves=60, limit_px=D("9.01"), now_ns=5)
        assert [(o.cl_ord_id, o.ts_ns) for o in matcher.on_quote(quote("1", 1, "2", 1, 100))][
            0
        ] == ("f", 100)


@pytest.mark.parametrize(
    ("tif", "text"),
    [
        (DAY, "day order: its day ended with 1,250 shares open"),
        (TimeInForce.GTD, "good till date: its time ended with 1,250 shares open"),
    ],
    ids=["day", "date"],
)
def test_an_expiry_says_what_ended_and_what_was_open(tif, text):
    matcher = Matcher()
    matcher.enter(order("a", BUY, 1_250, "9.00", tif, expires_ns=100))
    (ending,) = matcher.on_quote(quote("10.00", 1, "10.02", 1, ts_ns=100))
    assert (ending.exec_type, ending.ts_ns, ending.text) == (ExecType.EXPIRED, 100, text)


def test_a_cancel_reason_names_the_quantities():
    matcher = Matcher()
    matcher.on_quote(Q)
    (ending,) = matcher.enter(order("a", BUY, 1_201, tif=FOK))
    assert re.search(r"200 of 1,201 shares", ending.text)


# Laws, over any run of orders, cancels, quotes and prints.

# Few prices and many orders, so that orders meet at every event.
prices = st.integers(98, 101).map(lambda cents: D(cents) / 100)
sizes = st.integers(0, 4).map(lambda lots: lots * 50)
orders = st.builds(
    lambda side, lots, limit, tif, life: Working(
        cl_ord_id="",
        symbol="X",
        side=side,
        leaves=lots * 30,
        limit_px=limit,
        time_in_force=tif,
        expires_ns=life,
    ),
    st.sampled_from(Side),
    st.integers(1, 9),
    st.none() | prices,
    st.sampled_from([DAY, DAY, DAY, IOC, FOK]),
    st.sampled_from([NEVER_NS, NEVER_NS, 12]),
)
quotes = st.builds(quote, st.none() | prices, sizes, st.none() | prices, sizes)
trades = st.builds(trade, prices, st.integers(1, 200))
cancels = st.integers(0, 20)
runs = st.lists(orders | orders | quotes | quotes | trades | cancels, min_size=25, max_size=50)


def run(steps):
    """Give for every step: the step, what came of it, and orders before it, in priority."""
    matcher = Matcher()
    live: dict[str, Working] = {}
    for number, step in enumerate(steps):
        if isinstance(step, Working):
            step = msgspec.structs.replace(step, cl_ord_id=str(number), entered_ns=number)
            before = list(live.values())
            live[step.cl_ord_id] = step
            outcomes = matcher.enter(step)
        elif isinstance(step, int):
            before = list(live.values())
            ending = matcher.cancel(str(step), number)
            outcomes = [] if ending is None else [ending]
        else:
            before = [msgspec.structs.replace(o) for o in live.values()]
            step = msgspec.structs.replace(step, ts_exch_ns=number)
            outcomes = _do(matcher, step)
        yield step, list(outcomes), before, live
        assert matcher.working <= live.keys()
        live = {key: o for key, o in live.items() if key in matcher.working}


@given(runs)
def test_law_no_event_gives_more_than_it_shows(steps):
    left = {BUY: 0, SELL: 0}
    standing = None
    for step, outcomes, _, live in run(steps):
        matches = [o for o in outcomes if isinstance(o, Match)]
        if isinstance(step, Trade):
            assert sum(m.qty for m in matches) <= step.size
            continue
        if isinstance(step, Quote):
            if standing is None or (step.ask, step.ask_size) != (standing.ask, standing.ask_size):
                left[BUY] = step.ask_size
            if standing is None or (step.bid, step.bid_size) != (standing.bid, standing.bid_size):
                left[SELL] = step.bid_size
            standing = step
        for match in matches:
            left[live[match.cl_ord_id].side] -= match.qty
        assert min(left.values()) >= 0


@given(runs)
def test_law_never_worse_than_the_limit_nor_better_than_the_market(steps):
    standing = None
    for step, outcomes, _, live in run(steps):
        standing = step if isinstance(step, Quote) else standing
        for match in outcomes:
            if not isinstance(match, Match):
                continue
            o = live[match.cl_ord_id]
            sign = o.side.sign
            if o.limit_px is not None:
                assert sign * match.px <= sign * o.limit_px
            if isinstance(step, Trade):
                assert sign * match.px >= sign * step.price
            else:
                far = standing.ask if o.side is BUY else standing.bid
                assert sign * match.px >= sign * far


@given(runs)
def test_law_quantity_is_conserved_and_endings_are_final(steps):
    asked: dict[str, int] = {}
    ended: set[str] = set()
    for number, (_, outcomes, _, live) in enumerate(run(steps)):
        if isinstance(steps[number], Working):
            asked[str(number)] = steps[number].leaves
        for outcome in outcomes:
            assert outcome.cl_ord_id not in ended
            if isinstance(outcome, Match):
                assert outcome.qty > 0
                asked[outcome.cl_ord_id] -= outcome.qty
                assert asked[outcome.cl_ord_id] >= 0
                if not asked[outcome.cl_ord_id]:
                    ended.add(outcome.cl_ord_id)
            else:
                ended.add(outcome.cl_ord_id)
        for key, o in live.items():
            assert o.leaves == asked[key]


@given(runs)
def test_law_price_then_time(steps):
    for step, outcomes, before, live in run(steps):
        if not isinstance(step, Quote | Trade):
            continue
        filled = {o.cl_ord_id for o in outcomes if isinstance(o, Match)}
        ended = {o.cl_ord_id for o in outcomes if isinstance(o, Ending)}
        for worse in before:
            for better in before:
                is_before = (better.rank, better.entered_ns) < (worse.rank, worse.entered_ns)
                if worse.side is not better.side or not is_before or better.cl_ord_id in ended:
                    continue
                # A market order may have to wait where a limit order can trade.
                waits = better.limit_px is None and isinstance(step, Quote)
                if waits and not step.is_two_sided:
                    continue
                if worse.cl_ord_id in filled:
                    assert live[better.cl_ord_id].leaves == 0


@given(runs)
def test_law_the_same_run_gives_the_same_fills(steps):
    assert [o for _, o, _, _ in run(steps)] == [o for _, o, _, _ in run(steps)]


def test_all_orders_are_taken_out_in_order_of_entry():
    matcher = Matcher()
    matcher.on_quote(Q)
    for one in (
        order("b", SELL, 50, "11"),
        order("a", BUY, 250, "10.02"),
        order("c", BUY, 10, "9"),
    ):
        matcher.enter(one)
    assert matcher.clear() == ["b", "a", "c"]
    assert matcher.working == frozenset()
    assert matcher.on_quote(quote("12", 900, "8", 900)) == []
    assert matcher.clear() == []
