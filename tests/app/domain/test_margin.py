"""Show that margin is what Regulation T and FINRA Rule 4210 ask for.

Method: the rules' own figures as tables, at, below and above each price at which they change.
"""

from decimal import Decimal

import pytest

from app.domain.enums import MarginRegime
from app.domain.margin import initial_share, maintenance_of, margin_of

CASH, REG_T, INTRADAY, LEGACY = (
    MarginRegime.CASH,
    MarginRegime.REG_T,
    MarginRegime.INTRADAY_MARGIN,
    MarginRegime.LEGACY_PDT,
)


@pytest.mark.parametrize(
    ("qty", "px", "needed"),
    [
        ("100", "40", "1000"),  # Long: 25 %.
        ("-100", "40", "1200"),  # Short: 30 %.
        ("-100", "16", "500"),  # Short, dear enough for 30 % to be less than 5 USD a share.
        ("-100", "5", "500"),
        ("-100", "4.99", "499"),  # Short, below 5 USD: 100 %.
        ("-100", "2", "250"),  # ... or 2.50 USD a share.
        ("0", "40", "0"),
    ],
)
def test_maintenance_of_a_holding(qty, px, needed):
    assert maintenance_of(Decimal(qty), Decimal(px)) == Decimal(needed)


@pytest.mark.parametrize(
    ("regime", "equity", "share"),
    [
        (CASH, "100000", "1"),
        (REG_T, "100000", "0.5"),
        (REG_T, "2000", "0.5"),
        (REG_T, "1999.99", "1"),
        (INTRADAY, "2000", "0.25"),
        (LEGACY, "25000", "0.25"),
        (LEGACY, "24999.99", "0.5"),
        (LEGACY, "1999", "1"),
    ],
)
def test_own_part_of_what_is_opened(regime, equity, share):
    assert initial_share(regime, Decimal(equity)) == Decimal(share)


def test_account_of_longs_and_shorts():
    margin = margin_of(Decimal(1_000), [(Decimal(100), Decimal(40)), (Decimal(-50), Decimal(20))])
    assert (margin.long_value, margin.short_value, margin.gross) == (4_000, 1_000, 5_000)
    assert margin.equity == 4_000
    assert margin.maintenance == 1_000 + 300
    assert margin.excess == 2_700


@pytest.mark.parametrize(
    ("cash", "short", "lent"),
    [("500", "0", "0"), ("-500", "0", "500"), ("1000", "20", "0"), ("1000", "30", "500")],
)
def test_proceeds_of_short_sales_pay_for_nothing(cash, short, lent):
    margin = margin_of(Decimal(cash), [(-Decimal(short), Decimal(50))])
    assert margin.lent == Decimal(lent)
