"""Show that a fill costs what the rates of its day say, rounded as the rules say.

Method: tables at the edges of each rate; a law that parts cost no less than the whole.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import load_config
from app.domain.enums import Liquidity, Side
from app.domain.fees import FREE, ExchangeFees, RegulatoryFees, Schedule, fee_of

BUY, SELL = Side.BUY, Side.SELL
ADDED, REMOVED, AUCTION = Liquidity.ADDED, Liquidity.REMOVED, Liquidity.AUCTION
FIRST, LATER = date(2025, 1, 2), date(2026, 4, 4)
RATES = Schedule(
    exchange=(
        ExchangeFees(
            since=FIRST,
            maker=Decimal("-0.0020"),
            taker=Decimal("0.0030"),
            sub_dollar_taker=Decimal("0.003"),
            auction=Decimal("0.0010"),
        ),
    ),
    regulatory=(
        RegulatoryFees(
            since=FIRST,
            section_31=Decimal("0.0000278"),
            taf=Decimal("0.000166"),
            taf_max=Decimal("8.30"),
        ),
        RegulatoryFees(
            since=LATER,
            section_31=Decimal("0.0000206"),
            taf=Decimal("0.000195"),
            taf_max=Decimal("9.79"),
        ),
    ),
)


def fee(side=BUY, liquidity=REMOVED, qty="100", px="50", day=FIRST, rates=RATES):
    return fee_of(rates, side=side, liquidity=liquidity, qty=Decimal(qty), px=Decimal(px), day=day)


@pytest.mark.parametrize(
    ("liquidity", "qty", "px", "usd"),
    [
        (REMOVED, "100", "50", "0.3"),
        (Liquidity.UNKNOWN, "100", "50", "0.3"),
        (ADDED, "100", "50", "-0.2"),
        (AUCTION, "100", "50", "0.1"),
        (REMOVED, "1", "1.00", "0.003"),
        (REMOVED, "1000", "0.9999", "2.9997"),
        (ADDED, "1000", "0.9999", "0"),
        (AUCTION, "1000", "0.5", "1"),
        (REMOVED, "0.0001", "50", "0"),
    ],
)
def test_exchange_pays_the_maker_and_bills_the_taker(liquidity, qty, px, usd):
    assert fee(liquidity=liquidity, qty=qty, px=px) == Decimal(usd)


@pytest.mark.parametrize(
    ("qty", "px", "day", "usd"),
    [
        ("100", "50", FIRST, "0.14 + 0.02"),  # 0.139 and 0.0166, each up to the cent.
        ("100", "50", date(2026, 4, 3), "0.14 + 0.02"),
        ("100", "50", LATER, "0.11 + 0.02"),
        ("100", "50", date(2020, 1, 1), "0.14 + 0.02"),
        ("1", "1", FIRST, "0.01 + 0.01"),
        ("50000", "1", FIRST, "1.39 + 8.30"),
        ("50001", "1", FIRST, "1.40 + 8.30"),
        ("1000000", "1", LATER, "20.60 + 9.79"),
    ],
)
def test_sale_pays_the_regulators_by_the_rates_of_its_day(qty, px, day, usd):
    section_31, _, taf = usd.partition(" + ")
    bought = fee(BUY, qty=qty, px=px, day=day)
    assert fee(SELL, qty=qty, px=px, day=day) - bought == Decimal(section_31) + Decimal(taf)


def test_nothing_costs_anything_where_trading_is_free():
    for side in Side:
        for liquidity in Liquidity:
            assert fee(side, liquidity, rates=FREE) == 0


@pytest.mark.parametrize("name", ["exchange", "regulatory"])
@pytest.mark.parametrize("order", [(), (1, 0), (0, 0)], ids=["none", "back", "twice"])
def test_rates_that_are_not_by_day_are_refused(name, order):
    rates = getattr(RATES, name)
    several = (rates[0], msgspec.structs.replace(rates[0], since=LATER))
    table = msgspec.to_builtins(
        {"exchange": RATES.exchange, "regulatory": RATES.regulatory}
        | {name: tuple(several[place] for place in order)}
    )
    with pytest.raises(msgspec.ValidationError, match=f"{name} fees need at least one entry"):
        msgspec.convert(table, Schedule)


def test_rates_of_the_settings_keep_to_the_cap_of_the_access_fee():
    """Regulation NMS Rule 610(c): at most 0.30 cents a share, or 0.3 % below a dollar."""
    rates = load_config().exchange.fees
    assert all(r.taker <= Decimal("0.003") for r in rates.exchange)
    assert all(r.sub_dollar_taker <= Decimal("0.003") for r in rates.exchange)
    assert all(-r.maker <= r.taker for r in rates.exchange)


@given(
    side=st.sampled_from(Side),
    liquidity=st.sampled_from(Liquidity),
    parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=5),
    cents=st.integers(1, 100_000),
)
def test_parts_cost_no_less_than_the_whole(side, liquidity, parts, cents):
    """But for the millionths that each part is rounded by: nobody saves by being filled slowly."""
    px = Decimal(cents) / 100
    whole = fee(side, liquidity, sum(parts), px)
    assert sum(fee(side, liquidity, part, px) for part in parts) >= whole - Decimal("0.000005")
