"""Goal: steps and lots are those of the price and the day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from app.domain.increments import Ticks, round_lot, tick_on

CENT = Ticks(since=date(2001, 4, 9), tick=Decimal("0.01"), sub_dollar=Decimal("0.0001"))
HALF = Ticks(
    since=date(2030, 11, 4),
    tick=Decimal("0.01"),
    sub_dollar=Decimal("0.0001"),
    narrow=Decimal("0.005"),
)


@pytest.mark.parametrize(
    ("day", "px", "spread", "tick"),
    [
        pytest.param(date(2026, 11, 23), "187.22", "0.01", "0.01", id="cents"),
        pytest.param(date(2026, 11, 23), "1", "0.01", "0.01", id="one dollar"),
        pytest.param(date(2026, 11, 23), "0.9999", "0.01", "0.0001", id="below a dollar"),
        pytest.param(date(1999, 1, 4), "187.22", "0.01", "0.01", id="before the table"),
        pytest.param(date(2030, 11, 3), "187.22", "0.01", "0.01", id="the day before"),
        pytest.param(date(2030, 11, 4), "187.22", "0.015", "0.005", id="narrow"),
        pytest.param(date(2030, 11, 4), "187.22", "0.0151", "0.01", id="wide"),
        pytest.param(date(2030, 11, 4), "0.5", "0.01", "0.0001", id="narrow below a dollar"),
    ],
)
def test_a_step_goes_by_price_spread_and_day(day, px, spread, tick):
    found = tick_on((CENT, HALF), day, px=Decimal(px), spread=Decimal(spread))
    assert found == Decimal(tick)


@pytest.mark.parametrize(
    ("px", "lot"),
    [
        ("0.5", 100),
        ("250", 100),
        ("250.01", 40),
        ("1000", 40),
        ("1000.01", 10),
        ("10000", 10),
        ("10000.01", 1),
    ],
)
def test_a_round_lot_is_smaller_the_dearer_the_share(px, lot):
    assert round_lot(Decimal(px), date(2026, 11, 23)) == lot


def test_every_round_lot_was_100_before_the_rule():
    assert round_lot(Decimal(20_000), date(2025, 10, 31)) == 100
