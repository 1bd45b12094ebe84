"""Show that the listed companies pay once a quarter, on days that are sessions."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.calendar import us_calendar
from app.domain.corporate import PAY_DAYS_MAX, Dividend
from app.exchange.dividends import dividends_on
from app.exchange.listings import LISTINGS

YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
PAID = [dividend for day in YEAR for dividend in dividends_on(day)]
OTHER = Dividend(
    symbol=LISTINGS[0].symbol,
    ex_date=date(2026, 2, 12),
    pay_date=date(2026, 3, 1),
    amount=Decimal(9),
)


def test_every_payer_is_listed_and_pays_four_times_a_year():
    times = {}
    for dividend in PAID:
        times[dividend.symbol] = times.get(dividend.symbol, 0) + 1
    assert times.keys() <= {listing.symbol for listing in LISTINGS}
    assert len(times) >= 30
    assert set(times.values()) == {4}


def test_ex_dates_and_pay_dates_are_sessions_in_this_order():
    calendar = us_calendar()
    for dividend in PAID:
        assert calendar.session_of(dividend.ex_date) is not None
        assert calendar.session_of(dividend.pay_date) is not None
        assert 14 <= (dividend.pay_date - dividend.ex_date).days <= PAY_DAYS_MAX


def test_a_dividend_is_a_small_part_of_the_price():
    anchors = {listing.symbol: listing.anchor_px for listing in LISTINGS}
    assert all(it.amount * 4 / anchors[it.symbol] < Decimal("0.08") for it in PAID)


@pytest.mark.parametrize(
    ("day", "count"), [(date(2026, 2, 12), 10), (date(2026, 2, 13), 0), (date(2026, 1, 8), 7)]
)
def test_the_second_thursday_is_an_ex_date(day, count):
    assert len(dividends_on(day)) == count


def test_what_is_announced_goes_before_the_own_schedule():
    day = OTHER.ex_date
    assert [it for it in dividends_on(day, [OTHER]) if it.symbol == OTHER.symbol] == [OTHER]
    assert dividends_on(day, [OTHER], has_own=False) == (OTHER,)
    assert dividends_on(date(2026, 2, 11), [OTHER], has_own=False) == ()
