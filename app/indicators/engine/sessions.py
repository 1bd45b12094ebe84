"""Values of sessions: sums within one, and what the one before was."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from app.indicators import kernels
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Lines, Machine, Value
from app.indicators.kernels import Floats


class _InSession(Value):
    """A sum that begins anew with each session, or the first value of it."""

    def __init__(self, x: Value, day: Value, *, is_sum: bool) -> None:
        super().__init__((x, day), x.lookback)
        self._is_sum = is_sum

    def key(self) -> tuple[Hashable, ...]:
        return (self._is_sum,)

    def machine(self) -> Machine:
        return _SessionMachine(is_sum=self._is_sum)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        x, day = xs
        onward = f"{s}v + {x}" if self._is_sum else f"{s}v"
        return Lines(
            (f"{y} = {onward} if {day} == {s}d else {x}",), (f"{s}v = {y}", f"{s}d = {day}")
        )


class _SessionMachine:
    def __init__(self, *, is_sum: bool) -> None:
        self._is_sum = is_sum
        self._value = 0.0
        self._day: float | None = None

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        x: Floats = xs[0]
        day = xs[1][len(xs[1]) - len(x) :]
        if not len(x):
            return x
        edges = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), len(x)]
        goes_on = self._day == day[0]
        y = np.empty(len(x))
        for begin, end in zip(edges, edges[1:], strict=False):
            if self._is_sum:
                y[begin:end] = kernels.running(x[begin:end], self._value if goes_on else 0.0)
            else:
                y[begin:end] = self._value if goes_on else x[begin]
            goes_on = False
        self._value, self._day = float(y[-1]), float(day[-1])
        return y

    def state(self) -> Mapping[str, object]:
        return {"v": self._value, "d": self._day}


class Prices(NamedTuple):
    """Four prices of a session."""

    open: Any
    high: Any
    low: Any
    close: Any


class Sessions(NamedTuple):
    """What is known of sessions at a bar."""

    now: Prices
    """Of the session so far."""
    before: Prices
    """Of the whole session before; no numbers in the first."""
    bar: Value
    """Number of the bar in its session, from 0."""


_NONE = float("nan")
_Known = tuple[float, ...]


def _next(  # noqa: PLR0913  The prices of a bar.
    state: _Known, open_: float, high: float, low: float, close: float, day: float
) -> tuple[_Known, _Known]:
    known_day, count, first, top, bottom, last, *before = state
    if day != known_day:
        if known_day == known_day:  # There was a session.
            before = [first, top, bottom, last]
        count, first, top, bottom = -1.0, open_, high, low
    values = (first, max(top, high), min(bottom, low), close, *before)
    count += 1.0
    return (day, count, *values), (*values, count)


def _next_blocks(state: _Known, *xs: Floats) -> tuple[_Known, tuple[Floats, ...]]:
    """Do the same over arrays, a session after the other."""
    open_, high, low, close, day = xs
    if not len(day):
        return state, (day,) * 9
    edges = [0, *(np.flatnonzero(np.diff(day)) + 1).tolist(), len(day)]
    columns = tuple(np.empty(len(day)) for _ in range(9))
    for begin, end in zip(edges, edges[1:], strict=False):
        # The first bar decides whether the session goes on; the others follow in it.
        state, values = _next(state, *(float(x[begin]) for x in xs))
        for column, value in zip(columns, values, strict=True):
            column[begin:end] = value
        here = slice(begin, end)
        columns[1][here] = np.maximum.accumulate(np.maximum(high[here], values[1]))
        columns[2][here] = np.minimum.accumulate(np.minimum(low[here], values[2]))
        columns[3][here] = close[here]
        columns[8][here] = values[8] + np.arange(end - begin)
        state = (
            float(day[begin]),
            float(columns[8][end - 1]),
            *(float(c[end - 1]) for c in columns[:8]),
        )
    return state, columns


def in_session(x: Value, day: Value) -> Value:
    """Return the sum of the session so far; `day` is the session's number."""
    return _InSession(x, day, is_sum=True)


def first_of_session(x: Value, day: Value) -> Value:
    """Return the session's first value."""
    return _InSession(x, day, is_sum=False)


def sessions(open_: Value, high: Value, low: Value, close: Value, day: Value) -> Sessions:
    """Return the prices of this session and of the one before; `day` is the session's number."""
    first = (_NONE,) * 10
    parts = fold(_next, first, (open_, high, low, close, day), 9, blocks=_next_blocks)
    return Sessions(Prices(*parts[:4]), Prices(*parts[4:8]), parts[8])
