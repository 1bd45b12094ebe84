"""What the built-in exchange lists, and the figures its tape is drawn from.

Names and listing markets are real; prices and all other figures are made up to look usual.
"""

from __future__ import annotations

from typing import Final

import msgspec

from app.domain.ids import Symbol
from app.domain.instrument import Instrument


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol of the built-in exchange."""

    instrument: Instrument
    sector: str
    """Key of the sector factor it moves with."""
    anchor_cents: int
    """Price at the start, to which it slowly reverts."""
    vol_day_pct: float
    """Standard deviation of a 6.5 h day's move that is its own, not market or sector."""
    beta: float
    """Share of the market factor's move."""
    spread_cents: int
    """Usual spread; the tape holds it between 1 and 5."""
    lots: float
    """Median displayed size in lots of 100 shares."""

    @property
    def symbol(self) -> Symbol:
        """Ticker."""
        return self.instrument.symbol


_NASDAQ: Final = "NASDAQ"
_ARCA: Final = "NYSE Arca"
_FUNDS: Final = "index"
"""Sector of what is no company."""

# Symbol, name, listing market, sector, USD, own move %, beta, spread, lots.
_ROWS: Final[tuple[tuple[str, str, str, str, str, float, float, int, float], ...]] = (
    ("AAPL", "Apple Inc.", _NASDAQ, "hardware", "187.22", 0.9, 1.1, 1, 3.0),
    ("MSFT", "Microsoft Corporation", _NASDAQ, "software", "422.35", 0.8, 1.0, 3, 1.5),
    ("NVDA", "NVIDIA Corporation", _NASDAQ, "chips", "132.41", 1.8, 1.7, 1, 6.0),
    ("AMZN", "Amazon.com, Inc.", _NASDAQ, "retail", "201.18", 1.1, 1.2, 2, 2.5),
    ("GOOGL", "Alphabet Inc. Class A", _NASDAQ, "software", "176.04", 1.0, 1.1, 2, 3.0),
    ("META", "Meta Platforms, Inc.", _NASDAQ, "software", "588.60", 1.3, 1.3, 4, 1.2),
    ("TSLA", "Tesla, Inc.", _NASDAQ, "retail", "251.33", 2.2, 1.8, 3, 2.5),
    ("AMD", "Advanced Micro Devices, Inc.", _NASDAQ, "chips", "144.12", 1.7, 1.7, 1, 3.5),
    ("SPY", "SPDR S&P 500 ETF Trust", _ARCA, "index", "587.15", 0.1, 1.0, 1, 9.0),
    ("QQQ", "Invesco QQQ Trust", _NASDAQ, "index", "505.28", 0.2, 1.2, 1, 7.0),
    ("IWM", "iShares Russell 2000 ETF", _ARCA, "index", "224.07", 0.4, 1.1, 1, 8.0),
    ("JPM", "JPMorgan Chase & Co.", "NYSE", "banks", "244.51", 0.7, 0.9, 2, 2.0),
)


def _listing(row: tuple[str, str, str, str, str, float, float, int, float]) -> Listing:
    symbol, name, market, sector, price, vol_day_pct, beta, spread_cents, lots = row
    return Listing(
        instrument=Instrument(
            symbol=Symbol(symbol),
            name=name,
            exchange=market,
            is_etf=sector == _FUNDS,
            group=sector,
            is_shortable=True,  # The paper broker lends whatever is listed.
        ),
        sector=sector,
        anchor_cents=int(price.replace(".", "")),
        vol_day_pct=vol_day_pct,
        beta=beta,
        spread_cents=spread_cents,
        lots=lots,
    )


LISTINGS: Final[tuple[Listing, ...]] = tuple(_listing(row) for row in _ROWS)
"""The most usual first."""
