"""What the built-in exchange lists, and the figures its tape is drawn from.

Names and listing markets are real; prices and all other figures are made up to look usual.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.exchange.luld import Tier


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
    """Usual spread in calm hours."""
    lots: float
    """Median size of an order in the book, in hundreds of shares."""

    @property
    def symbol(self) -> Symbol:
        """Ticker."""
        return self.instrument.symbol

    @property
    def anchor_px(self) -> Decimal:
        """Price at the start, USD."""
        return Decimal(self.anchor_cents).scaleb(-2)

    @property
    def spread_px(self) -> Decimal:
        """Usual spread, USD."""
        return Decimal(self.spread_cents).scaleb(-2)

    @property
    def tape_letter(self) -> str:
        """Letter of the listing exchange on its prints."""
        return _LETTERS[self.instrument.exchange]

    @property
    def tier(self) -> Tier:
        """How wide its price bands are: what is listed here is large, or a fund."""
        return Tier.ONE


_NASDAQ: Final = "NASDAQ"
_NYSE: Final = "NYSE"
_ARCA: Final = "NYSE Arca"
_LETTERS: Final = {_NASDAQ: "Q", _NYSE: "N", _ARCA: "P"}
_FUNDS: Final = frozenset({"index", "metals", "bonds"})
"""Sectors of what is no company."""

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
    ("JPM", "JPMorgan Chase & Co.", _NYSE, "banks", "244.51", 0.7, 0.9, 2, 2.0),
    ("BAC", "Bank of America Corporation", _NYSE, "banks", "46.18", 0.8, 1.0, 1, 20.0),
    ("GS", "The Goldman Sachs Group, Inc.", _NYSE, "banks", "596.40", 1.0, 1.2, 12, 0.8),
    ("V", "Visa Inc.", _NYSE, "payments", "309.85", 0.7, 0.9, 4, 1.5),
    ("MA", "Mastercard Incorporated", _NYSE, "payments", "521.77", 0.7, 0.9, 9, 0.8),
    ("AVGO", "Broadcom Inc.", _NASDAQ, "chips", "168.30", 1.7, 1.6, 2, 3.0),
    ("INTC", "Intel Corporation", _NASDAQ, "chips", "24.35", 1.6, 1.2, 1, 40.0),
    ("ORCL", "Oracle Corporation", _NYSE, "software", "190.64", 1.2, 1.1, 3, 1.8),
    ("CRM", "Salesforce, Inc.", _NYSE, "software", "336.92", 1.2, 1.2, 6, 1.2),
    ("NFLX", "Netflix, Inc.", _NASDAQ, "media", "889.55", 1.5, 1.2, 25, 0.6),
    ("DIS", "The Walt Disney Company", _NYSE, "media", "115.20", 1.0, 1.0, 1, 4.0),
    ("WMT", "Walmart Inc.", _NYSE, "staples", "91.44", 0.7, 0.6, 1, 6.0),
    ("COST", "Costco Wholesale Corporation", _NASDAQ, "staples", "971.88", 0.8, 0.8, 30, 0.5),
    ("KO", "The Coca-Cola Company", _NYSE, "staples", "63.72", 0.6, 0.5, 1, 9.0),
    ("PG", "The Procter & Gamble Company", _NYSE, "staples", "176.10", 0.6, 0.5, 2, 2.5),
    ("JNJ", "Johnson & Johnson", _NYSE, "health", "154.93", 0.7, 0.5, 2, 2.5),
    ("UNH", "UnitedHealth Group Incorporated", _NYSE, "health", "605.25", 1.1, 0.7, 14, 0.7),
    ("LLY", "Eli Lilly and Company", _NYSE, "health", "753.41", 1.3, 0.7, 22, 0.6),
    ("PFE", "Pfizer Inc.", _NYSE, "health", "25.66", 0.9, 0.6, 1, 40.0),
    ("XOM", "Exxon Mobil Corporation", _NYSE, "energy", "120.58", 0.9, 0.7, 1, 5.0),
    ("CVX", "Chevron Corporation", _NYSE, "energy", "160.75", 0.9, 0.7, 2, 2.5),
    ("BA", "The Boeing Company", _NYSE, "industry", "149.62", 1.5, 1.2, 3, 2.0),
    ("CAT", "Caterpillar Inc.", _NYSE, "industry", "395.30", 1.0, 1.1, 8, 1.0),
    ("F", "Ford Motor Company", _NYSE, "industry", "11.18", 1.3, 1.2, 1, 90.0),
    ("DIA", "SPDR Dow Jones Industrial Average ETF", _ARCA, "index", "442.96", 0.15, 0.9, 3, 3.0),
    ("XLF", "Financial Select Sector SPDR Fund", _ARCA, "index", "50.41", 0.4, 0.9, 1, 25.0),
    ("GLD", "SPDR Gold Shares", _ARCA, "metals", "250.87", 0.7, 0.1, 1, 5.0),
    ("TLT", "iShares 20+ Year Treasury Bond ETF", _ARCA, "bonds", "90.12", 0.7, -0.1, 1, 20.0),
)


def _listing(row: tuple[str, str, str, str, str, float, float, int, float]) -> Listing:
    symbol, name, market, sector, price, vol_day_pct, beta, spread_cents, lots = row
    return Listing(
        instrument=Instrument(
            symbol=Symbol(symbol),
            name=name,
            exchange=market,
            is_etf=sector in _FUNDS,
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
