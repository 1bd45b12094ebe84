"""Show that bands, references and limit states follow the plan, at and beside each edge.

Method: tables of Appendix A; a market moved by hand on a clock of numbers.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.times import MINUTE_NS, SECOND_NS
from app.exchange.luld import (
    HOLD_NS,
    LIMIT_NS,
    WINDOW_NS,
    WINDOW_TRADES_MAX,
    Band,
    LimitUpDown,
    Tier,
    half_width,
)

OPEN_NS = 10**18
CLOSE_NS = OPEN_NS + 390 * MINUTE_NS
LAST_25_NS = CLOSE_NS - 25 * MINUTE_NS


def limits(opening: int = 10_000, tier: Tier = Tier.ONE, prior_close: float = 100.0) -> LimitUpDown:
    return LimitUpDown(
        prior_close=prior_close, tier=tier, opening=opening, open_ns=OPEN_NS, close_ns=CLOSE_NS
    )


@pytest.mark.parametrize(
    ("prior_close", "tier", "is_doubled", "share"),
    [
        (100, Tier.ONE, False, 0.05),
        (3.01, Tier.ONE, False, 0.05),
        (3.01, Tier.TWO, False, 0.10),
        (3.00, Tier.ONE, False, 0.20),
        (0.75, Tier.TWO, False, 0.20),
        (0.74, Tier.TWO, False, 0.15 / 0.74),
        (0.20, Tier.TWO, False, 0.75),
        (0.10, Tier.TWO, False, 0.75),
        (100, Tier.ONE, True, 0.10),
        (100, Tier.TWO, True, 0.10),
        (3.00, Tier.TWO, True, 0.40),
        (0.10, Tier.TWO, True, 1.50),
    ],
)
def test_width_is_that_of_the_row(
    prior_close: float, tier: Tier, is_doubled: bool, share: float
) -> None:
    assert half_width(prior_close, tier, is_doubled=is_doubled) == pytest.approx(share)


@pytest.mark.parametrize(
    ("tier", "band"), [(Tier.ONE, (9_500, 10_500)), (Tier.TWO, (9_000, 11_000))]
)
def test_band_lies_around_the_opening_at_first(tier: Tier, band: tuple[int, int]) -> None:
    assert limits(tier=tier).band(OPEN_NS) == Band(*band)


def test_band_of_a_penny_stock_has_room_and_a_price_above_zero() -> None:
    assert limits(1, Tier.TWO, 0.01).band(OPEN_NS) == Band(1, 2)
    assert limits(1, Tier.TWO, 0.01).band(LAST_25_NS) == Band(1, 2)


def test_band_of_tier_one_is_twice_as_wide_in_the_last_25_minutes() -> None:
    market = limits()
    assert market.band(LAST_25_NS - 1) == Band(9_500, 10_500)
    assert market.band(LAST_25_NS) == Band(9_000, 11_000)


def test_band_of_a_market_that_reopens_late_is_wide_at_once() -> None:
    late = LimitUpDown(
        prior_close=100.0, tier=Tier.ONE, opening=100, open_ns=LAST_25_NS, close_ns=CLOSE_NS
    )
    assert late.band(LAST_25_NS) == Band(90, 110)


class TestReference:
    """It follows the mean of five minutes, in steps of a percent, and holds for 30 seconds."""

    @pytest.mark.parametrize(
        ("px", "reference"), [(10_099, 10_000), (10_100, 10_100), (9_900, 9_900)]
    )
    def test_it_follows_from_a_percent_on(self, px: int, reference: int) -> None:
        market = limits()
        market.on_trade(px, OPEN_NS + 1)
        market.band(OPEN_NS + HOLD_NS)
        assert market.reference == reference

    @pytest.mark.parametrize(("after_ns", "reference"), [(HOLD_NS - 1, 10_000), (HOLD_NS, 10_200)])
    def test_it_holds_for_thirty_seconds(self, after_ns: int, reference: int) -> None:
        market = limits()
        market.on_trade(10_200, OPEN_NS)
        market.band(OPEN_NS + after_ns)
        assert market.reference == reference

    def test_each_reference_holds_for_as_long(self) -> None:
        market = limits()
        market.on_trade(10_200, OPEN_NS)
        first_ns = OPEN_NS + HOLD_NS
        assert market.band(first_ns) == Band(9_690, 10_710)
        market.on_trade(10_800, first_ns + 1)
        market.band(first_ns + HOLD_NS - 1)
        assert market.reference == 10_200
        market.band(first_ns + HOLD_NS)
        assert market.reference == 10_500

    def test_trades_count_for_five_minutes_each_alike(self) -> None:
        market = limits()
        market.on_trade(10_000, OPEN_NS)
        market.on_trade(11_000, OPEN_NS + 1)
        market.band(OPEN_NS + WINDOW_NS)
        assert market.reference == 10_500
        market.band(OPEN_NS + WINDOW_NS + HOLD_NS)
        assert market.reference == 10_500  # Nothing is left to follow.

    def test_oldest_trade_goes_first(self) -> None:
        market = limits()
        market.on_trade(10_000, OPEN_NS)
        market.on_trade(11_000, OPEN_NS + 1)
        market.band(OPEN_NS + WINDOW_NS + 1)
        assert market.reference == 11_000

    def test_without_trades_it_stays(self) -> None:
        market = limits()
        assert market.band(OPEN_NS + 10 * WINDOW_NS) == Band(9_500, 10_500)

    def test_flood_of_trades_is_bounded_and_the_mean_is_of_the_newest(self) -> None:
        market = limits()
        for _ in range(10):
            market.on_trade(99_999, OPEN_NS)
        for _ in range(WINDOW_TRADES_MAX):
            market.on_trade(10_300, OPEN_NS)
        market.band(OPEN_NS + HOLD_NS)
        assert market.reference == 10_300

    @given(st.lists(st.tuples(st.integers(9_000, 11_000), st.integers(0, 120)), max_size=40))
    def test_mean_is_that_of_the_window(self, trades: list[tuple[int, int]]) -> None:
        market, now_ns = limits(), OPEN_NS
        seen: list[tuple[int, int]] = []
        for px, gap_s in trades:
            now_ns += gap_s * SECOND_NS
            market.on_trade(px, now_ns)
            seen.append((now_ns, px))
            before = market.reference
            market.band(now_ns)
            window = [px for ts_ns, px in seen if ts_ns >= now_ns - WINDOW_NS]
            assert market.reference in (before, sum(window) / len(window))


class TestLimitState:
    """A side that stands at the band for 15 seconds leads to a pause."""

    @pytest.mark.parametrize(
        ("bid", "ask", "is_limit"),
        [
            (10_499, 10_501, False),
            (10_500, None, True),
            (10_501, 10_600, True),
            (9_400, 9_501, False),
            (None, 9_500, True),
            (None, None, False),
            (9_500, 10_500, False),
        ],
    )
    def test_bid_at_the_upper_or_ask_at_the_lower_band_begins_it(
        self, bid: int | None, ask: int | None, is_limit: bool
    ) -> None:
        market = limits()
        market.on_quote(bid, ask, OPEN_NS + 5)
        assert market.limit_since_ns == (OPEN_NS + 5 if is_limit else None)
        assert market.pause_due_ns() == (OPEN_NS + 5 + LIMIT_NS if is_limit else None)

    def test_it_counts_from_its_beginning(self) -> None:
        market = limits()
        market.on_quote(10_500, None, OPEN_NS)
        market.on_quote(10_500, 10_600, OPEN_NS + SECOND_NS)
        assert market.limit_since_ns == OPEN_NS

    def test_a_quote_inside_ends_it(self) -> None:
        market = limits()
        market.on_quote(10_500, None, OPEN_NS)
        market.on_quote(10_499, 10_500, OPEN_NS + SECOND_NS)
        assert market.pause_due_ns() is None
        market.on_quote(10_500, None, OPEN_NS + 2 * SECOND_NS)
        assert market.limit_since_ns == OPEN_NS + 2 * SECOND_NS
