"""Show that dividends and splits are what companies announce, and scale shares to the last digit.

Method: tables; a law over any split.
"""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.corporate import QTY_STEP, Dividend, Split
from tests.samples import IBM

DAY = date(2026, 11, 23)


def dividend(**changes):
    fields = {"symbol": IBM, "ex_date": DAY, "pay_date": DAY, "amount": Decimal("0.5")}
    return Dividend(**(fields | changes))


def split(new=2, old=1):
    return Split(symbol=IBM, ex_date=DAY, new=new, old=old)


def test_an_announcement_has_one_name():
    assert dividend().dividend_id == "dividend.IBM.2026-11-23"
    assert split().split_id == "split.IBM.2026-11-23"
    assert split(3, 2).text == "IBM splits 3 for 2 on 2026-11-23"


@pytest.mark.parametrize("amount", ["0", "-0.1", "NaN", "Infinity"])
def test_dividend_of_nothing_is_none(amount):
    with pytest.raises(ValueError, match="amount was .*, must be a number above 0"):
        dividend(amount=Decimal(amount))


def test_dividend_is_not_paid_before_its_ex_date():
    with pytest.raises(ValueError, match="pay_date was 2026-11-22, before ex_date 2026-11-23"):
        dividend(pay_date=date(2026, 11, 22))


@pytest.mark.parametrize(
    ("qty", "new", "old", "scaled"),
    [
        ("100", 2, 1, "200"),
        ("-100", 2, 1, "-200"),
        ("105", 1, 10, "10.5"),
        ("100", 1, 7, "14.285714285"),
        ("-100", 1, 7, "-14.285714285"),
        ("0", 5, 3, "0"),
    ],
)
def test_shares_after_a_split_are_cut_toward_zero(qty, new, old, scaled):
    assert str(split(new, old).scale(Decimal(qty))) == scaled


@given(st.integers(-(10**9), 10**9), st.integers(1, 10_000), st.integers(1, 10_000))
def test_a_split_takes_less_than_a_step(qty, new, old):
    exact = Decimal(qty) * new / old
    assert 0 <= abs(exact) - abs(split(new, old).scale(Decimal(qty))) < QTY_STEP * 2


@pytest.mark.parametrize("shares", ["0", "10001", "1.5", '"2"'])
def test_split_of_no_such_number_is_refused_where_settings_are_read(shares):
    body = f'{{"symbol":"IBM","ex_date":"2026-11-23","new":{shares},"old":1}}'
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Split)
