"""Show how long a paper order waits at its price under each model, and that the fill says so.

Method: tables of quotes and prints around one resting order; a law that a stricter model never
fills more; orders of our own among each other.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import QueueModel, Side, TimeInForce
from app.exchange.matching import Match, Matcher, Working
from tests.app.exchange.test_matching import bar, order, quote, trade

BUY, SELL = Side.BUY, Side.SELL
FRONT, AHEAD, THROUGH = QueueModel.FRONT, QueueModel.VOLUME_AHEAD, QueueModel.TRADE_THROUGH
Q = quote("10.00", 300, "10.02", 200)


def play(model: QueueModel, *steps: object) -> list[str]:
    """Run orders and events; one line a fill: shares, price and what was assumed."""
    matcher = Matcher(model)
    said = []
    for step in steps:
        for outcome in do(matcher, step):
            if isinstance(outcome, Match):
                words = f" ({outcome.assumption})" if outcome.assumption else ""
                said.append(f"{outcome.cl_ord_id} {outcome.qty} @ {outcome.px}{words}")
    return said


def do(matcher: Matcher, step: object) -> list[object]:
    kind = type(step).__name__
    if kind == "Working":
        return list(matcher.enter(step))  # type: ignore[arg-type]
    by_kind = {"Quote": matcher.on_quote, "Trade": matcher.on_trade, "Bar": matcher.on_bar}
    return list(by_kind[kind](step))  # type: ignore[operator]


def resting(side: Side = BUY, qty: int = 100, limit: str = "10.00", id_: str = "a") -> Working:
    return order(id_, side, qty, limit)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (FRONT, ["a 100 @ 10.00 (assumed in front of the queue)"]),
        (AHEAD, []),
        (THROUGH, []),
    ],
)
def test_first_print_at_the_price_fills_only_the_front(model: QueueModel, said: list[str]) -> None:
    assert play(model, Q, resting(), trade("10.00", 200)) == said


class TestVolumeAhead:
    """An order stands behind what was displayed when it came."""

    @pytest.mark.parametrize(
        ("prints", "said"),
        [
            ([300], []),
            ([301], ["a 1 @ 10.00 (queue: 300 shares first)"]),
            ([400], ["a 100 @ 10.00 (queue: 300 shares first)"]),
            ([100, 100, 100, 60], ["a 60 @ 10.00 (queue: 300 shares first)"]),
            (
                [350, 100],
                [
                    "a 50 @ 10.00 (queue: 300 shares first)",
                    "a 50 @ 10.00 (queue: 300 shares first)",
                ],
            ),
        ],
    )
    def test_prints_at_the_price_work_it_off(self, prints: list[int], said: list[str]) -> None:
        assert play(AHEAD, Q, resting(), *(trade("10.00", size) for size in prints)) == said

    def test_sell_stands_behind_the_offer(self) -> None:
        steps = (Q, resting(SELL, 100, "10.02"), trade("10.02", 199), trade("10.02", 51))
        assert play(AHEAD, *steps) == ["a 50 @ 10.02 (queue: 200 shares first)"]

    def test_quote_that_shrinks_shortens_the_queue_and_one_that_grows_does_not(self) -> None:
        shrunk, grown = quote("10.00", 50, "10.02", 200), quote("10.00", 900, "10.02", 200)
        steps = (Q, resting(), shrunk, grown, trade("10.00", 80))
        assert play(AHEAD, *steps) == ["a 30 @ 10.00 (queue: 50 shares first)"]

    def test_price_of_its_own_has_no_queue(self) -> None:
        """Better than the quote: nobody stands before it; who joins later stands behind."""
        joined = quote("10.01", 500, "10.02", 200)
        steps = (Q, resting(limit="10.01"), joined, trade("10.01", 40))
        assert play(AHEAD, *steps) == ["a 40 @ 10.01 (queue: 0 shares first)"]

    def test_market_that_left_it_behind_as_the_best_comes_back_behind_it(self) -> None:
        below = quote("9.99", 700, "10.02", 200)
        steps = (Q, resting(), below, Q, trade("10.00", 60))
        assert play(AHEAD, *steps) == ["a 60 @ 10.00 (queue: 0 shares first)"]

    def test_order_away_from_the_market_queues_when_its_price_becomes_the_best(self) -> None:
        fallen = quote("9.98", 400, "10.00", 200)
        steps = (Q, resting(limit="9.98"), fallen, trade("9.98", 400), trade("9.98", 30))
        assert play(AHEAD, *steps) == ["a 30 @ 9.98 (queue: 400 shares first)"]

    def test_print_beyond_the_price_fills_whatever_stood_before(self) -> None:
        assert play(AHEAD, Q, resting(), trade("9.99", 40)) == ["a 40 @ 10.00 (traded through)"]

    def test_quote_that_comes_to_the_price_fills(self) -> None:
        crossed = quote("9.98", 100, "10.00", 70)
        assert play(AHEAD, Q, resting(), crossed) == ["a 70 @ 10.00 (the quote came to it)"]

    def test_own_orders_wait_for_the_same_shares_once(self) -> None:
        steps = (Q, resting(), resting(qty=50, id_="b"), trade("10.00", 420))
        assert play(AHEAD, *steps) == [
            "a 100 @ 10.00 (queue: 300 shares first)",
            "b 20 @ 10.00 (queue: 300 shares first)",
        ]

    def test_smaller_keeps_its_place_and_larger_does_not(self) -> None:
        for leaves, said in ((60, ["b 60 @ 10.00 (queue: 300 shares first)"]), (200, [])):
            matcher = Matcher(AHEAD)
            for step in (Q, resting(), trade("10.00", 200)):
                do(matcher, step)
            matcher.replace("a", "b", leaves=leaves, limit_px=Decimal("10.00"), now_ns=5)
            found = do(matcher, trade("10.00", 160))
            assert [f"{m.cl_ord_id} {m.qty} @ {m.px} ({m.assumption})" for m in found] == said

    def test_without_a_quote_nobody_is_known_to_stand_before(self) -> None:
        steps = (resting(), trade("10.05", 10), trade("10.00", 60))
        assert play(AHEAD, *steps) == ["a 60 @ 10.00 (queue: 0 shares first)"]

    def test_restart_puts_it_behind_what_is_displayed_then(self) -> None:
        matcher = Matcher(AHEAD)
        matcher.put_back(resting())
        for step in (Q, trade("10.00", 300)):
            assert do(matcher, step) == []
        (match,) = do(matcher, trade("10.00", 10))
        assert match.qty == 10


class TestTradeThrough:
    """Only what goes beyond its price fills an order."""

    def test_prints_at_the_price_never_do(self) -> None:
        prints = [trade("10.00", 10_000) for _ in range(5)]
        assert play(THROUGH, Q, resting(), *prints) == []

    def test_print_beyond_does(self) -> None:
        assert play(THROUGH, Q, resting(), trade("9.99", 500)) == ["a 100 @ 10.00 (traded through)"]

    @pytest.mark.parametrize(("low", "said"), [("9.99", ["a 100 @ 10.00"]), ("10.00", [])])
    def test_bar_must_go_beyond_too(self, low: str, said: list[str]) -> None:
        steps = (resting(), bar("10.05", "10.10", low, 500, start_ns=1))
        assert play(THROUGH, *steps) == said
        assert play(AHEAD, resting(), steps[1]) == ["a 100 @ 10.00"]


def test_order_that_takes_assumes_nothing() -> None:
    for model in QueueModel:
        assert play(model, Q, order("a", BUY, 50)) == ["a 50 @ 10.02"]
        assert play(model, Q, order("a", BUY, 300), trade("10.03", 40))[1:] == ["a 40 @ 10.03"]


prices = st.sampled_from(["9.98", "9.99", "10.00", "10.01", "10.02"])
sizes = st.sampled_from([0, 50, 100, 300])
events = st.one_of(
    st.builds(lambda b, s, t: quote(b, s, "10.03", t), prices, sizes, sizes),
    st.builds(lambda a, s, t: quote("9.97", s, a, t), prices, sizes, sizes),
    st.builds(lambda p, n: trade(p, n), prices, st.integers(1, 400)),
)


@given(
    side=st.sampled_from(Side),
    limit=prices,
    qty=st.integers(1, 900),
    first=events,
    later=st.lists(events, max_size=15),
)
def test_stricter_model_never_fills_more_or_sooner(side, limit, qty, first, later):
    filled = dict.fromkeys(QueueModel, 0)
    matchers = {model: Matcher(model) for model in QueueModel}
    terms = {"side": side, "qty": qty, "limit": limit, "tif": TimeInForce.DAY}
    for step in (first, "enter", *later):
        for model, matcher in matchers.items():
            one = order("a", **terms) if step == "enter" else step
            filled[model] += sum(m.qty for m in do(matcher, one))
        assert filled[THROUGH] <= filled[AHEAD] <= filled[FRONT]
