"""Goal: what is listed is whole and usual."""

from __future__ import annotations

from decimal import Decimal

from app.exchange.listings import LISTINGS


def test_at_least_thirty_symbols_each_once():
    symbols = [listing.symbol for listing in LISTINGS]
    assert len(symbols) == len(set(symbols)) >= 30


def test_every_listing_is_complete():
    for listing in LISTINGS:
        assert listing.instrument.name
        assert listing.instrument.exchange
        assert 1 <= listing.spread_cents <= 30
        assert listing.vol_day_pct > 0
        assert listing.instrument.is_on_tick(Decimal(listing.anchor_cents) / 100)


def test_checks_are_told_what_is_a_fund_what_moves_together_and_what_can_be_borrowed():
    funds = {listing.symbol for listing in LISTINGS if listing.instrument.is_etf}
    assert funds == {"SPY", "QQQ", "IWM", "DIA", "XLF", "GLD", "TLT"}
    for listing in LISTINGS:
        assert listing.instrument.group == listing.sector
        assert listing.instrument.is_shortable
