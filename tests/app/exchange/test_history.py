"""Goal: bars from before the start are whole, on the tick, and meet the live price."""

from __future__ import annotations

import pytest

from app.config import load_config
from app.exchange.history import BARS, MINUTE_NS, minute_bars, prior_close, shared_moves
from app.exchange.listings import LISTINGS

CONFIG = load_config().exchange
START_NS = 1_795_444_200_000_000_000 + 12_345


def bars_of(listing, start_ns=START_NS):
    market, sector = shared_moves("m", 0.8), shared_moves("s", 0.5)
    return minute_bars(listing, CONFIG, market=market, sector=sector, start_ns=start_ns)


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda one: one.symbol)
def test_bars_are_whole_and_meet_the_live_price(listing):
    bars = bars_of(listing)
    assert len(bars) == BARS
    assert bars[-1].close * 100 == listing.anchor_cents
    assert 0.9 < prior_close(listing, CONFIG.seed) * 100 / listing.anchor_cents < 1.1
    for bar in bars:
        assert bar.low <= min(bar.open, bar.close)
        assert max(bar.open, bar.close) <= bar.high
        assert bar.volume > 0
        assert all(listing.instrument.is_on_tick(px) for px in (bar.open, bar.high, bar.low))


def test_every_minute_before_the_start_has_its_bar():
    bars = bars_of(LISTINGS[0])
    assert [b.start_ns - a.start_ns for a, b in zip(bars, bars[1:], strict=False)] == [
        MINUTE_NS
    ] * (BARS - 1)
    assert bars[-1].start_ns % MINUTE_NS == 0
    assert 0 <= START_NS - (bars[-1].start_ns + MINUTE_NS) < MINUTE_NS
    assert bars[-1].ts_recv_ns <= START_NS


def test_the_same_seed_gives_the_same_bars():
    assert bars_of(LISTINGS[3]) == bars_of(LISTINGS[3])
