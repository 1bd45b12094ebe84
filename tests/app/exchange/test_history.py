"""Goal: what was before the start is whole, on the tick, and meets the live price."""

from __future__ import annotations

import math
import statistics
from datetime import datetime

import msgspec
import pytest

from app.config import load_config
from app.domain.enums import TradingHours
from app.domain.times import MINUTE_NS, NEW_YORK, SECOND_NS, new_york
from app.exchange.history import DAYS, draw_history, make_grid, shared_moves
from app.exchange.listings import LISTINGS

CONFIG = load_config().exchange
HOURS = pytest.mark.parametrize("hours", list(TradingHours))


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).timestamp()) * SECOND_NS


START_NS = at("2026-11-23T12:00:30") + 12_345


def drawn(listing=LISTINGS[0], hours=TradingHours.ALWAYS, start_ns=START_NS):
    grid = make_grid(hours, start_ns)
    market, sector = shared_moves("m", 0.8, grid), shared_moves("s", 0.5, grid)
    config = msgspec.structs.replace(CONFIG, hours=hours)
    return draw_history(listing, config, grid, market=market, sector=sector)


@HOURS
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.symbol)
def test_bars_are_whole_on_the_tick_and_meet_the_live_price(listing, hours):
    minutes, days = drawn(listing, hours)
    assert round(minutes[-1].close * 100) == listing.anchor_cents
    assert len(days) == DAYS
    for row in (*minutes, *days):
        assert 0 < row.low <= min(row.open, row.close)
        assert max(row.open, row.close) <= row.high
        assert row.volume >= 1
        assert all(abs(px * 100 - round(px * 100)) < 1e-6 for px in row[1:5])


def test_around_the_clock_no_minute_is_missing():
    minutes, _ = drawn()
    starts = [row.start_ns for row in minutes]
    assert starts[-1] == at("2026-11-23T11:59")
    gaps = {b - a for a, b in zip(starts, starts[1:], strict=False)}
    assert min(gaps) == MINUTE_NS
    assert sum(b - a != MINUTE_NS for a, b in zip(starts, starts[1:], strict=False)) <= 2


def test_by_the_calendar_minutes_are_of_core_sessions_only():
    minutes, _ = drawn(hours=TradingHours.CALENDAR)
    assert {new_york(row.start_ns).date().isoformat() for row in minutes} >= {
        "2026-11-09",
        "2026-11-20",
        "2026-11-23",
    }
    for row in minutes:
        local = new_york(row.start_ns)
        assert (9, 30) <= (local.hour, local.minute) < (16, 0)
    assert len(minutes) == 10 * 390 + 150


@HOURS
@pytest.mark.parametrize(
    "start",
    ["2026-11-22T03:00", "2026-11-26T12:00", "2026-11-23T04:30", "2026-11-23T20:00:10"],
    ids=["Sunday", "holiday", "before the open", "a moment after the turn"],
)
def test_there_is_a_past_whenever_the_start_is(hours, start):
    minutes, days = drawn(hours=hours, start_ns=at(start))
    assert minutes[-1].start_ns < at(start)
    assert round(minutes[-1].close * 100) == LISTINGS[0].anchor_cents
    assert days[-1].start_ns < at(start)


def test_days_that_minutes_cover_are_made_of_them():
    minutes, days = drawn(hours=TradingHours.CALENDAR)
    friday = [row for row in minutes if new_york(row.start_ns).date().day == 20]
    (day,) = [row for row in days if new_york(row.start_ns).date().isoformat() == "2026-11-20"]
    assert (day.open, day.close) == (friday[0].open, friday[-1].close)
    assert day.high == max(row.high for row in friday)
    assert day.low == min(row.low for row in friday)
    assert day.volume == sum(row.volume for row in friday)


def test_days_are_sessions_without_a_hole_and_move_as_the_listing_says():
    _, days = drawn(hours=TradingHours.CALENDAR)
    assert len({row.start_ns for row in days}) == DAYS
    assert all(new_york(row.start_ns).strftime("%H:%M") == "09:30" for row in days)
    moves = [math.log(b.close / a.close) for a, b in zip(days, days[1:], strict=False)]
    listing = LISTINGS[0]
    expected = math.hypot(listing.vol_day_pct, listing.beta * 0.8, 0.5) / 100
    assert statistics.pstdev(moves) == pytest.approx(expected, rel=0.35)
    assert max(abs(move) for move in moves) < 0.15


def test_one_seed_is_one_past():
    assert drawn(LISTINGS[3]) == drawn(LISTINGS[3])
    assert drawn(LISTINGS[3]) != drawn(LISTINGS[4])
