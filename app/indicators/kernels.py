"""Arithmetic on whole arrays: the one place that knows TA-Lib, and numpy for what it lacks.

Every function takes contiguous float64 arrays without NaN, which the plan sees to: TA-Lib carries
one NaN through all that follows. A windowed function over n of m values returns m - n + 1.

TA-Lib keeps running sums, which drift, and takes what is below 1e-14 for zero, whatever the unit.
The first is bounded by the length of a block (`BLOCK` in engine/plan.py), after which sums begin
anew. For the second, deviations are computed here.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOISE: Final = 1e-6
"""A variance below this share of the squares that went through its sums is computed anew."""
DOUBT: Final = 1e-7
"""The same of a sum and what went through it."""
PRICE_MIN: Final = 1e-3
"""Above it TA-Lib's idea of zero, 1e-14, is less than what rounding does to a price."""
_STRETCH: Final = 2_048
"""Values after which sums of squares are taken around another middle."""


@functools.cache
def talib() -> ModuleType:
    """Return TA-Lib, loaded when the first study asks for it.

    Where pandas or polars is installed it would load them, half a second each, to wrap all its
    functions for their columns; nothing here has such, so they are kept out of its sight.
    """
    hidden = {name: sys.modules.get(name) for name in ("pandas", "polars")}
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: not to be found.
    try:
        import talib as loaded
    finally:
        for name, module in hidden.items():
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module
    return loaded


def total(x: Floats, n: int) -> Floats:
    """Return the sum of each n values."""
    return x.copy() if n == 1 else _made(talib().SUM(x, n), n)


def weighted(x: Floats, n: int) -> Floats:
    """Return the mean of each n values with weights 1 for the oldest to n for the newest."""
    return x.copy() if n == 1 else _made(talib().WMA(x, n), n)


def highest(x: Floats, n: int) -> Floats:
    """Return the greatest of each n values."""
    return x.copy() if n == 1 else _made(talib().MAX(x, n), n)


def lowest(x: Floats, n: int) -> Floats:
    """Return the least of each n values."""
    return x.copy() if n == 1 else _made(talib().MIN(x, n), n)


def since_highest(x: Floats, n: int) -> Floats:
    """Return how many values ago the greatest of each n stands, the newest of equals; n >= 3."""
    _, up = talib().AROON(x, x, n - 1)
    return _age(up, n)


def since_lowest(x: Floats, n: int) -> Floats:
    """Return how many values ago the least of each n stands, the newest of equals; n >= 3."""
    down, _ = talib().AROON(x, x, n - 1)
    return _age(down, n)


def smoothed(x: Floats, period: int, before: float) -> Floats:
    """Return y += (x - y) * 2 / (period + 1) from a value before the first; as long as x."""
    if period == 1:
        return x.copy()
    # TA-Lib begins with the mean of a period: of one value, so often, that is the value.
    filled = np.empty(period + len(x))
    filled[:period] = before
    filled[period:] = x
    answer: Floats = talib().EMA(filled, period)[period:]
    return answer


def flow(x: Floats, n: int) -> Floats:
    """Return the sum of each n values, to be divided by or of: exact where little is left of much.

    A running sum that a large value has left keeps its rounding. Where a sum is small beside what
    went through it, the n values are added up again.
    """
    if n == 1:
        return x.copy()
    sums = total(x, n)
    doubtful = np.flatnonzero(np.abs(sums) <= DOUBT * float(np.abs(x).sum()))
    for at, rows in _windows(x, n, doubtful):
        sums[at] = rows.sum(axis=1)
    return sums


def _windows(x: Floats, n: int, numbers: Ints) -> Iterator[tuple[Ints, Floats]]:
    """Give the n values from some numbers on, so many at a time that they take little room."""
    for first in range(0, len(numbers), _STRETCH):
        at = numbers[first : first + _STRETCH]
        yield at, x[at[:, None] + np.arange(n)]


def deviation(x: Floats, n: int) -> Floats:
    """Return the standard deviation of each n values, divided by n; n >= 2.

    Sums of squares are taken around a near middle, and where they cancel nevertheless the n values
    are gone through again: equal values deviate by exactly 0.
    """
    answer = np.empty(len(x) - n + 1)
    doubtful = [
        _variances(x[at : at + _STRETCH + n - 1], n, answer[at : at + _STRETCH]) + at
        for at in range(0, len(answer), _STRETCH)
    ]
    for at, rows in _windows(x, n, np.concatenate(doubtful)):
        rows -= rows[:, :1]
        rows -= rows.mean(axis=1, keepdims=True)
        answer[at] = (rows * rows).mean(axis=1)
    return np.sqrt(answer, out=answer)


def _variances(x: Floats, n: int, answer: Floats) -> Ints:
    """Write the variance of each n values; return where it is too small to be trusted."""
    around = x - x[n - 1]
    answer[:] = talib().VAR(around, n)[n - 1 :]
    return np.flatnonzero(answer <= NOISE / n * float(around @ around))


def offsets(x: Floats, n: int) -> tuple[Floats, Floats]:
    """Return how far the newest of each n lies from their mean, and their mean distance from it."""
    near = x - x[0]
    middle = total(near, n) / n
    distance = np.zeros(len(middle))
    for back in range(n):
        distance += np.abs(near[back : back + len(middle)] - middle)
    distance /= n
    return near[n - 1 :] - middle, distance


def rank(x: Floats, n: int) -> Floats:
    """Return how many of the n values before a value are less than it; one for each after n."""
    newest = x[n:]
    answer = np.zeros(len(newest))
    for back in range(n):
        answer += x[back : back + len(newest)] < newest
    return answer


def is_lively(columns: Mapping[str, Floats], n: int) -> bool:
    """Return whether prices are such that TA-Lib's idea of zero, 1e-14, makes no difference.

    They are above a thousandth, and never n closes in a row are equal.
    """
    close = columns["close"]
    if not close.min() > PRICE_MIN:
        return False
    same, run = close[1:] == close[:-1], 1
    while run < n - 1 and same.any():
        # Where two runs of equal steps touch or overlap, there is one that is so much longer.
        more = min(run, n - 1 - run)
        same, run = same[:-more] & same[more:], run + more
    return not same.any()


def running(x: Floats, before: float) -> Floats:
    """Return the sum so far, beginning with what it was; in the order of the values."""
    if not len(x):
        return x
    first = x.copy()
    first[0] += before
    answer: Floats = np.cumsum(first)
    return answer


def compounded(x: Floats, before: float) -> Floats:
    """Return the product so far, beginning with what it was."""
    if not len(x):
        return x
    first = x.copy()
    first[0] *= before
    answer: Floats = np.multiply.accumulate(first)
    return answer


def _made(answer: Any, n: int) -> Floats:  # noqa: ANN401  TA-Lib's own arrays.
    made: Floats = answer[n - 1 :]
    return made


def _age(share: Any, n: int) -> Floats:  # noqa: ANN401  TA-Lib's own arrays.
    age: Floats = np.rint((100.0 - share[n - 1 :]) * ((n - 1) / 100.0))
    return age
