"""Show that symbols on the list are not traded while their entries last.

Method: entries with and without a last day, seen on the day, before and after.
"""

from datetime import date

import pytest

from app.domain.ids import Symbol
from app.risk.checks.restricted import CHECK, Entry, Params
from app.risk.exposure import RiskInput
from tests.samples import new_order, picture

DAY_NS = 86_400_000_000_000
MONDAY = date(2026, 11, 23)
"""The day of the picture."""


def find(*entries, symbol="IBM", **seen):
    order = new_order(symbol=Symbol(symbol))
    given = RiskInput(order=order, instrument=None, picture=picture(**seen))
    return CHECK.check(given, Params(entries=entries))


def entry(symbol="IBM", until=None):
    return Entry(symbol=symbol, reason="employer", until=until)


def test_symbol_that_is_not_listed_passes():
    for found in (find(), find(entry("MSFT"))):
        assert (found.passed, found.value, found.limit) == (True, "not listed", "not listed")


@pytest.mark.parametrize("position", ["0", "-100"])
def test_symbol_that_is_listed_is_refused_closing_too(position):
    found = find(entry(), position_qty=position)
    assert (found.passed, found.can_confirm, found.value) == (False, False, "restricted")
    assert found.text == "IBM is restricted: employer"


@pytest.mark.parametrize(
    ("until", "passed"),
    [(date(2026, 11, 22), True), (MONDAY, False), (date(2026, 11, 24), False)],
)
def test_entry_lasts_through_its_last_day(until, passed):
    found = find(entry(until=until))
    assert found.passed is passed
    assert passed or found.text == f"IBM is restricted until {until}: employer"


def test_day_is_that_of_new_york():
    late_ns = picture().ts_ns + 14 * 3_600_000_000_000  # 23:30 there, Tuesday in London.
    assert not find(entry(until=MONDAY), ts_ns=late_ns).passed
    assert find(entry(until=MONDAY), ts_ns=late_ns + DAY_NS // 24).passed


def test_any_entry_of_the_symbol_holds():
    assert not find(entry(until=date(2026, 1, 1)), entry("MSFT"), entry()).passed
