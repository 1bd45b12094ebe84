"""Values that several studies speak of."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from app.indicators.base import Average, Columns
from app.indicators.engine.recursions import ema, fold, wilder
from app.indicators.engine.sessions import first_of_session, in_session
from app.indicators.engine.values import DUST, Value, greater, lesser, ratio, root, where
from app.indicators.engine.windows import back, change, highest, lowest, mean, weighted


def averaged(x: Value, n: int, average: Average) -> Value:
    """Return one of the common averages of the last n."""
    if average is Average.EMA:
        return ema(x, n)
    if average is Average.WMA:
        return weighted(x, n)
    if average is Average.WILDER:
        return wilder(x, n)
    return mean(x, n)


def true_range(bars: Columns) -> Value:
    """Return max(high, close[1]) - min(low, close[1]); none for the first bar."""
    before = back(bars.close)
    return greater(bars.high, before) - lesser(bars.low, before)


class Directions(NamedTuple):
    """Wilder's directional movement."""

    plus: Value
    """+DI, 0 to 100."""
    minus: Value
    """-DI, 0 to 100."""
    dx: Value
    """DX, 0 to 100."""


def directions(bars: Columns, n: int) -> Directions:
    """Return Wilder's directional movement over n; 0 where nothing has moved."""
    up, down = change(bars.high), -change(bars.low)
    rose = where((up > down) & (up > 0), up, 0.0)
    fell = where((down > up) & (down > 0), down, 0.0)
    size = wilder(true_range(bars), n)
    plus = ratio(wilder(rose, n) * 100, size, otherwise=0.0, beside=bars.close)
    minus = ratio(wilder(fell, n) * 100, size, otherwise=0.0, beside=bars.close)
    return Directions(plus, minus, ratio(abs(plus - minus) * 100, plus + minus, otherwise=0.0))


def strength(x: Value, n: int) -> Value:
    """Return Wilder's relative strength index of n; 50 where nothing has moved.

    100 up / (up + down) over Wilder's means of what was gained and lost; since gained less lost is
    the change and gained with lost its size, that is 50 (1 + change / size), which takes two means.
    """
    moved = change(x)
    share = ratio(wilder(moved, n), wilder(abs(moved), n), otherwise=0.0, beside=x)
    return share * 50 + 50


def place(x: Value, top: Value, bottom: Value) -> Value:
    """Return where x lies between two prices, 0 to 100; 50 where they are one."""
    return ratio(x - bottom, top - bottom, otherwise=0.5) * 100


def place_among(x: Value, n: int, unit: Value, otherwise: Value | float = 0.5) -> Value:
    """Return where x lies in the range of its last n, 0 to 100.

    Args:
        x: a value.
        n: bars.
        unit: what x is made of; a range that is dust beside it is nothing.
        otherwise: the place, 0 to 1, where the range is nothing.
    """
    bottom = lowest(x, n)
    return ratio(x - bottom, highest(x, n) - bottom, otherwise=otherwise, beside=unit) * 100


def close_place(bars: Columns) -> Value:
    """Return where the close lies in its bar, -1 at the low to 1 at the high; 0 without range."""
    size = bars.high - bars.low
    return ratio(bars.close * 2 - bars.high - bars.low, size, otherwise=0.0)


def growth(x: Value, n: int = 1) -> Value:
    """Return x / x[n] - 1; 0 where the former was nothing."""
    before = back(x, n)
    return ratio(x - before, before, otherwise=0.0)


def ups(x: Value) -> Value:
    """Return what x has gained; 0 where it has lost."""
    return greater(change(x), 0.0)


def downs(x: Value) -> Value:
    """Return what x has lost; 0 where it has gained."""
    return greater(-change(x), 0.0)


def moves(x: Value) -> Value:
    """Return what x has changed by; 0 where that is only what rounding left of nothing.

    For values that are made of several prices, whose sign is looked at: (h + l + c) / 3 of two bars
    with the same sum in cents may differ by the last bit.
    """
    moved = change(x)
    return where(abs(moved) > abs(x) * DUST, moved, 0.0)


def none(x: Value) -> Value:
    """Return no number at any bar."""
    return where(x > x, x, float("nan"))


def only(flag: Value, x: Value) -> Value:
    """Return x where a flag is set, and no number elsewhere."""
    return where(flag, x, float("nan"))


class Weighed(NamedTuple):
    """What was paid since a session began."""

    mean: Value
    """Average price, weighted by volume; no number while there is no volume."""
    deviation: Value
    """Standard deviation of price, weighted by volume; 0 while there is no volume."""


def weighed(x: Value, volume: Value, day: Value) -> Weighed:
    """Return what was paid since the session began; squares are taken around its first price."""
    first = first_of_session(x, day)
    around = x - first
    paid = around * volume
    traded = in_session(volume, day)
    middle = ratio(in_session(paid, day), traded, otherwise=float("nan"))
    square = ratio(in_session(paid * around, day), traded, otherwise=0.0)
    return Weighed(first + middle, root(square - middle * middle))


class Line(NamedTuple):
    """The straight line that lies nearest to the last n, by least squares."""

    end: Value
    """Its height at this bar."""
    slope: Value
    """What it rises a bar."""


def straight(x: Value, n: int) -> Line:
    """Return the line nearest to the last n; n >= 2.

    The weighted mean lies at a third of the window from its end and the simple one at its middle,
    and both on the line.
    """
    late, middle = weighted(x, n), mean(x, n)
    return Line(late * 3 - middle * 2, (late - middle) * (6 / (n - 1)))


class Direction(StrEnum):
    """How it is known whether a trade was bought or sold."""

    TRADES = "trades"
    """From the feed: at the ask or at the bid."""
    CLOSE_IN_RANGE = "estimated: close in range"
    """A guess: the nearer the bar closes to its high, the more was bought."""
    TICK_RULE = "estimated: tick rule"
    """A guess: all of a bar that closes higher was bought; of an equal one as of the one before."""


def _tick(state: float, moved: float) -> tuple[float, tuple[float]]:
    state = 1.0 if moved > 0 else -1.0 if moved < 0 else state
    return state, (state,)


def delta_of(bars: Columns, direction: Direction) -> Value:
    """Return what was bought less what was sold, in units of volume."""
    if direction is Direction.TRADES:
        return bars.bought - bars.sold
    if direction is Direction.CLOSE_IN_RANGE:
        return bars.volume * close_place(bars)
    return bars.volume * fold(_tick, 0.0, (change(bars.close),), 1)[0]
