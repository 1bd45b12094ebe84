"""Minutes and days from before the start, drawn backwards from the price the market starts at.

A random walk read backwards is a random walk, so the bars meet the live price exactly and the live
market does not depend on whether anybody asked for history. The days that the minutes cover are
made of those minutes; before them a day is one step.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from app.calendar import us_calendar
from app.config import ExchangeConfig
from app.domain.enums import TradingHours
from app.domain.market import BarRow
from app.domain.times import MINUTE_NS
from app.exchange.listings import Listing

DAYS: Final = 5 * 252
"""Trading days of daily bars: five years."""
DAYS_OF_MINUTES: Final = {TradingHours.ALWAYS: 2, TradingHours.CALENDAR: 10}
"""Whole trading days of minute bars, beside those of the day of the start."""
_MINUTES_OF_DAY: Final = 390
_MEAN_TRADE: Final = 110.0
"""Mean shares of a print, measured."""
_NIGHT_SHARE: Final = 0.45
"""Move between two sessions, in daily volatilities."""
_HEAT_MINUTES: Final = 10
"""For so long volatility stays as it is."""
_HEAT_KEEP: Final = 0.7
_HEAT_SPREAD: Final = 0.4
"""Standard deviation of its logarithm."""

_Floats = npt.NDArray[np.float64]


class Grid(msgspec.Struct, frozen=True):
    """Moments of the bars before a start, the same for all symbols."""

    minutes: npt.NDArray[np.int64]
    """Start of each minute, oldest first."""
    is_first: npt.NDArray[np.bool_]
    """Whether a minute is the first of a session."""
    bounds: npt.NDArray[np.int64]
    """Places in `minutes` at which a whole trading day begins; the last: the day of the start."""
    days: tuple[int, ...]
    """Start of each trading day that the minutes do not cover, oldest first: its session's open."""
    covered: tuple[int, ...]
    """The same of each whole day that they do cover."""
    minutes_of_day: int
    """In which there is trading."""


class Moves(msgspec.Struct, frozen=True):
    """Log moves that symbols share, along a grid."""

    minutes: _Floats
    days: _Floats


def make_grid(hours: TradingHours, start_ns: int) -> Grid:
    """Return the moments of the bars before a start."""
    calendar = us_calendar()
    day = calendar.trading_day(start_ns)
    covered: list[dt.date] = []
    before = day
    for _ in range(DAYS_OF_MINUTES[hours]):
        before = calendar.previous_session(before).day
        covered.append(before)
    covered.reverse()
    parts = []
    for one in (*covered, day):
        session = calendar.session_of(one)
        assert session is not None
        if hours is TradingHours.ALWAYS:
            first, end = calendar.day_start_ns(one), session.post_close_ns
        else:
            first, end = session.open_ns, session.close_ns
        first = max(first, end - 1_440 * MINUTE_NS)  # No minutes of a whole weekend.
        end = min(end, start_ns - start_ns % MINUTE_NS)
        parts.append(np.arange(first, max(first, end), MINUTE_NS, dtype=np.int64))
    if hours is TradingHours.ALWAYS and not len(parts[-1]):
        last = start_ns - start_ns % MINUTE_NS
        parts[-1] = np.arange(last - 60 * MINUTE_NS, last, MINUTE_NS, dtype=np.int64)
    bounds = np.cumsum([len(part) for part in parts])
    is_first = np.zeros(bounds[-1], dtype=bool)
    is_first[[0, *(b for b in bounds[:-1] if b < bounds[-1])]] = True
    days = []
    before = covered[0]
    for _ in range(DAYS - len(covered)):
        session = calendar.previous_session(before)
        before = session.day
        days.append(session.open_ns)
    opens = [calendar.session_of(one) for one in covered]
    return Grid(
        minutes=np.concatenate(parts),
        is_first=is_first,
        bounds=np.concatenate(([0], bounds[:-1])),
        days=tuple(reversed(days)),
        covered=tuple(session.open_ns for session in opens if session is not None),
        minutes_of_day=1_440 if hours is TradingHours.ALWAYS else _MINUTES_OF_DAY,
    )


def shared_moves(seed: str, vol_day_pct: float, grid: Grid) -> Moves:
    """Return a factor's log moves along a grid."""
    draw = generator(seed)
    day = vol_day_pct / 100
    minutes = draw.normal(0.0, day / math.sqrt(_MINUTES_OF_DAY), len(grid.minutes))
    minutes[grid.is_first] = draw.normal(0.0, day * _NIGHT_SHARE, int(grid.is_first.sum()))
    return Moves(minutes, draw.normal(0.0, day, len(grid.days)))


def draw_history(
    listing: Listing, config: ExchangeConfig, grid: Grid, *, market: Moves, sector: Moves
) -> tuple[Sequence[BarRow], Sequence[BarRow]]:
    """Return minute bars and daily bars before a start, oldest first.

    The last minute closes at the listing's anchor.
    """
    draw = generator(f"{config.seed}:{listing.symbol}:history")
    tick = 0.01
    day = listing.vol_day_pct / 100
    n = len(grid.minutes)
    sigma = day / math.sqrt(_MINUTES_OF_DAY) * _heat(draw, n)
    own = draw.normal(0.0, 1.0, n) * sigma
    own[grid.is_first] = draw.normal(0.0, day * _NIGHT_SHARE, int(grid.is_first.sum()))
    moves = listing.beta * market.minutes + sector.minutes + own
    # What comes after a minute is undone to find its close.
    later = np.concatenate((np.cumsum(moves[::-1])[::-1][1:], [0.0]))
    close = rounded(listing.anchor_cents / 100 * np.exp(-later), tick)
    before = np.concatenate(([close[0] * math.exp(-moves[0])], close[:-1]))
    open_ = np.where(grid.is_first, before * np.exp(moves * 0.9), before)
    open_ = rounded(open_ + draw.integers(-1, 2, n) * tick, tick)
    reach = sigma * (1 + abs(listing.beta)) * close * 0.5
    high = rounded(np.maximum(open_, close) + reach * draw.random(n), tick)
    low = rounded(np.minimum(open_, close) - reach * draw.random(n), tick)
    a_minute = config.trades_per_s * 60 * _MEAN_TRADE * max(1.0, listing.lots / 3)
    volume = np.maximum(1, a_minute * (sigma / sigma.mean()) * (0.5 + draw.random(n))).round()
    minutes = bar_rows(grid.minutes, open_, high, low, close, volume)
    covered = _fold(grid, open_, high, low, close, volume)
    earliest = covered[0].open if covered else float(open_[0])
    return minutes, [*_days(listing, grid, draw, market, sector, earliest, a_minute), *covered]


def _days(  # noqa: PLR0913  What a day is made of.
    listing: Listing,
    grid: Grid,
    draw: np.random.Generator,
    market: Moves,
    sector: Moves,
    next_open: float,
    a_minute: float,
) -> list[BarRow]:
    """Return the daily bars before those that the minutes cover."""
    day, n = listing.vol_day_pct / 100, len(grid.days)
    moves = listing.beta * market.days + sector.days + draw.normal(0.0, day, n)
    gaps = draw.normal(0.0, day * _NIGHT_SHARE, n)
    # From the next open back: its night, then the days and nights between.
    steps = moves + gaps
    later = np.concatenate((np.cumsum(steps[::-1])[::-1][1:], [0.0])) + gaps[-1]
    close = rounded(next_open * np.exp(-later), 0.01)
    open_ = rounded(close * np.exp(-moves), 0.01)
    reach = close * math.hypot(day, listing.beta * 0.008) * 0.6
    high = rounded(np.maximum(open_, close) + reach * draw.random(n), 0.01)
    low = rounded(np.minimum(open_, close) - reach * draw.random(n), 0.01)
    volume = (a_minute * grid.minutes_of_day * draw.lognormal(0.0, 0.35, n)).round()
    return bar_rows(np.array(grid.days, dtype=np.int64), open_, high, low, close, volume)


def _fold(  # noqa: PLR0913  The five columns of bars.
    grid: Grid, open_: _Floats, high: _Floats, low: _Floats, close: _Floats, volume: _Floats
) -> list[BarRow]:
    """Return the bars of the whole days that the minutes cover."""
    rows = []
    for start_ns, first, end in zip(
        grid.covered, grid.bounds[:-1].tolist(), grid.bounds[1:].tolist(), strict=True
    ):
        one = slice(first, end)
        rows.append(
            BarRow(
                start_ns,
                float(open_[first]),
                float(high[one].max()),
                float(low[one].min()),
                float(close[end - 1]),
                float(volume[one].sum()),
            )
        )
    return rows


def _heat(draw: np.random.Generator, n: int) -> _Floats:
    """Return a multiplier of volatility for each of n minutes, in clusters."""
    steps = n // _HEAT_MINUTES + 1
    fresh = draw.normal(0.0, _HEAT_SPREAD * math.sqrt(1 - _HEAT_KEEP**2), steps)
    level, levels = 0.0, np.empty(steps)
    for place, news in enumerate(fresh.tolist()):
        level = level * _HEAT_KEEP + news
        levels[place] = level
    return np.repeat(np.exp(levels - _HEAT_SPREAD**2), _HEAT_MINUTES)[:n]


def rounded(values: _Floats, tick: float) -> _Floats:
    """Return prices on the tick, at least one."""
    rounded: _Floats = np.maximum(1, np.rint(values / tick)) * tick
    return np.round(rounded, 4)


def bar_rows(starts: npt.NDArray[np.int64], *columns: _Floats) -> list[BarRow]:
    """Return columns as bars."""
    return [
        BarRow(*row) for row in zip(starts.tolist(), *(c.tolist() for c in columns), strict=True)
    ]


def generator(seed: str) -> np.random.Generator:
    """Return a source of chance that one seed text always makes the same."""
    digest = hashlib.sha256(seed.encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
