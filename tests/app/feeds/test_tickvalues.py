"""Goal: text becomes exactly the value it says, or a reason in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.feeds.tickvalues import (
    midnight_ns,
    parse_day,
    parse_price,
    parse_side_price,
    parse_size,
    parse_time,
)

NOON_NS = 1_381_248_000 * 10**9
"""2013-10-08 12:00 New York, 16:00 UTC."""


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2013-10-08T12:00:00-04:00", 0),
        ("2013-10-08T16:00:00Z", 0),
        ("2013-10-08t16:00:00z", 0),
        ("2013-10-08 16:00 UTC", 0),
        ("2013-10-08T18:00+02", 0),
        ("2013-10-08T21:30+0530", 0),
        ("2013-10-08 12:00:00", 0),
        ("2013-10-08 12:00", 0),
        ("20131008 12:00:00", 0),
        ("10/8/2013 12:00", 0),
        ("2013-10-08T12:00:00.5", 500_000_000),
        ("2013-10-08T12:00:00,123456789", 123_456_789),
        ("2013-10-08T12:00:00.1234567899", 123_456_789),
        ("2013-10-08T12:00:59.999999999", 59_999_999_999),
        ("1381248000", 0),
        ("1381248000.000000001", 1),
        ("1381248000000", 0),
        ("1381248000000.5", 500_000),
        ("1381248000000001", 1_000),
        ("1381248000000000.25", 250),
        ("1381248000000000007", 7),
        (" 1381248000 ", 0),
    ],
)
def test_time(text, ns):
    assert parse_time(text) == NOON_NS + ns


@pytest.mark.parametrize("text", ["2013-10-08", "20131008", "10/08/2013"])
def test_a_date_alone_is_midnight_in_new_york(text):
    assert parse_time(text) == NOON_NS - 12 * 3600 * 10**9
    assert parse_time(text) == midnight_ns(parse_day(text))


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2013-11-03 01:30", "2013-11-03T05:30"),
        ("2013-11-03 02:30", "2013-11-03T07:30"),
        ("2013-03-10 03:30", "2013-03-10T07:30"),
        ("2013-01-02 09:30", "2013-01-02T14:30"),
    ],
    ids=["repeated hour: the first", "after it", "after the skipped hour", "winter"],
)
def test_new_york_time_knows_its_seasons(text, utc):
    expected = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert parse_time(text) == int(expected.timestamp()) * 10**9


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "neither"),
        ("soon", "neither"),
        ("NaN", "neither"),
        ("-5", "neither"),
        ("1e9", "neither"),
        ("12:00:00", "has no date"),
        ("2013-13-08", "month"),
        ("2013-02-30 10:00", "day"),
        ("20131308", "month"),
        ("34200065", "month"),
        ("2013-10-08 25:00", "hour"),
        ("2013-10-08 12:60", "minute"),
        ("2013-10-08 12:00:60", "second"),
        ("2013-10-08 12:00+99", "not a time"),
        ("1800-01-01 10:00", "year"),
        ("2900-01-01 10:00", "year"),
        ("99999", "after 1973"),
        ("99999999999999999999", "after 1973"),
        ("２０１３-10-08", "neither"),
    ],
)
def test_what_is_no_time_says_why(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_time(text)


@given(st.integers(10**17, 2**62))
def test_every_nanosecond_survives_every_writing(ns):
    seconds, rest = divmod(ns, 10**9)
    assert parse_time(str(ns)) == ns
    assert parse_time(f"{seconds}.{rest:09d}") == ns
    written = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert parse_time(f"{written}.{rest:09d}Z") == ns


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_a_reason(text):
    try:
        ts_ns = parse_time(text)
    except ValueError:
        return
    assert 0 < ts_ns < 2**63


@pytest.mark.parametrize("text", ["187.20", "0.0001", ".5", "5.", "007", "10000000", " 1.5 "])
def test_price(text):
    assert parse_price(text) == Decimal(text.strip())


@pytest.mark.parametrize(
    "text",
    ["", "0", "0.00", "-1", "+1", "NaN", "inf", "1e3", "1_000", "1,000", "$5", "१", "1.2.3"]
    + ["10000000.01", "9" * 40, "0x10", "1 2"],
)
def test_no_price(text):
    with pytest.raises(ValueError, match="price"):
        parse_price(text)


@pytest.mark.parametrize(
    ("text", "price"),
    [("", None), ("0", None), ("0.00", None), (" ", None), ("0.10", Decimal("0.10"))],
)
def test_side_of_a_quote(text, price):
    assert parse_side_price(text) == price


@pytest.mark.parametrize("text", ["-0.5", "NaN", "0.0.0"])
def test_no_side_of_a_quote(text):
    with pytest.raises(ValueError, match="price"):
        parse_side_price(text)


@pytest.mark.parametrize(("text", "size"), [("0", 0), ("100", 100), ("100.0", 100), (" 7 ", 7)])
def test_size(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "-1", "1.5", "NaN", "1e3", "1,000", "٣", "9" * 15, "9" * 30])
def test_no_size(text):
    with pytest.raises(ValueError, match="size"):
        parse_size(text)


def test_midnight_of_new_york():
    assert midnight_ns(date(2013, 10, 8)) == 1_381_204_800 * 10**9
