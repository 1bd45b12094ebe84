"""Values over the last n: sums, extremes, deviations, ranks.

The program of one bar keeps the window in a deque and what it needs of it in a few numbers. Sums
are added up again every 1,024 bars (`refresh`).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from app.indicators import kernels
from app.indicators.engine.values import Lines, Machine, Part, Value
from app.indicators.kernels import Floats


class _Kind(NamedTuple):
    """A window's arithmetic on arrays, and on one bar, as text over {x}, {y}, {s} and {n}."""

    array: Callable[..., Floats]
    calc: str
    keep: str
    state: Callable[[list[float], int], Mapping[str, object]]
    """Of the newest n values."""
    refresh: str = ""
    more: int = 0
    """Values of the window beside n."""


def _back_array(x: Floats, n: int) -> Floats:
    return x[:-n]


def _newest_max(q: deque[float]) -> tuple[float, float]:
    """Return the greatest and how many values ago it stands, the newest of equals."""
    most = max(q)
    return most, float(next(age for age, x in enumerate(reversed(q)) if x == most))


def _newest_min(q: deque[float]) -> tuple[float, float]:
    least = min(q)
    return least, float(next(age for age, x in enumerate(reversed(q)) if x == least))


def _moved(q: list[float], p: int, x: float) -> float:
    """Return the sum of a window that moves on to x, without sums kept; its oldest is at p."""
    return math.fsum(q[:p]) + math.fsum(q[p + 1 :]) + x


def _anew(q: list[float], p: int, x: float) -> float:
    """Return the deviation of a window that moves on to x, without sums kept."""
    values = [value - x for value in q]
    values[p] = 0.0  # The oldest leaves for x.
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))


def _squares(q: list[float]) -> dict[str, float]:
    """Return sums of a window, and of its squares, around a value of it."""
    k = q[0]
    around = [value - k for value in q]
    b = math.fsum(value * value for value in around)
    return {"k": k, "a": math.fsum(around), "b": b, "g": b}


def _extreme_state(pick: Callable[[list[float]], float]) -> Callable[..., Mapping[str, object]]:
    return lambda tail, n: {"q": tail[1:], "p": 0, "m": pick(tail[1:])}


def _since_state(
    find: Callable[[deque[float]], tuple[float, float]],
) -> Callable[..., Mapping[str, object]]:
    def state(tail: list[float], n: int) -> Mapping[str, object]:
        q = deque(tail[1:], n - 1)
        most, age = find(q)
        return {"q": q, "m": most, "i": age}

    return state


def _rebased(k: float, q: deque[float]) -> tuple[float, deque[float], list[float]]:
    """Return a window around its newest value, and sorted: small numbers add up better."""
    newest = q[-1]
    q = deque((value - newest for value in q), q.maxlen)
    return k + newest, q, sorted(q)


def _sorted_state(tail: list[float], n: int) -> Mapping[str, object]:
    return {"q": deque(tail, n), "o": sorted(tail)}


_EXTREME_KEEP: Final = """
{{y}}o = {{s}}q[{{s}}p]
{{s}}q[{{s}}p] = {{x}}
{{s}}p += 1
if {{s}}p == {{n}} - 1: {{s}}p = 0
if {{x}} {sign} {{s}}m: {{s}}m = {{x}}
elif {{y}}o == {{s}}m: {{s}}m = {pick}({{s}}q)
"""
_SINCE_KEEP: Final = """
{{s}}q.append({{x}})
if {{x}} {sign} {{s}}m:
    {{s}}m = {{x}}
    {{s}}i = 0.0
else:
    {{s}}i += 1.0
    if {{s}}i >= {{n}} - 1:
        {{s}}m, {{s}}i = {find}({{s}}q)
"""
_SORTED_KEEP: Final = """
del {s}o[bisect_left({s}o, {s}q[0])]
insort({s}o, {x})
{s}q.append({x})
"""

_LIMITS: Final = {"noise": kernels.NOISE, "doubt": kernels.DOUBT**2}
_TURN: Final = """
{s}q[{s}p] = {x}
{s}p += 1
if {s}p == {n}: {s}p = 0
"""
"""Put the newest in the place of the oldest; a list is read and written faster than a deque."""

_KINDS: Final[Mapping[str, _Kind]] = {
    "back": _Kind(
        array=_back_array,
        calc="{y} = {s}q[{s}p]",
        keep=_TURN,
        state=lambda tail, n: {"q": tail[-n:], "p": 0},
        more=1,
    ),
    "before": _Kind(
        array=_back_array,
        calc="{y} = {s}v",
        keep="{s}v = {x}",
        state=lambda tail, n: {"v": tail[-1]},
        more=1,
    ),
    "total": _Kind(
        array=kernels.total,
        calc="{y} = {s}t + {x} - {s}q[{s}p]",
        keep="{s}t = {y}" + _TURN,
        state=lambda tail, n: {"q": tail, "p": 0, "t": math.fsum(tail)},
        refresh="{s}t = fsum({s}q)",
    ),
    "flow": _Kind(
        array=kernels.flow,
        calc="""
{y}e = {s}q[{s}p]
{y} = {s}t + {x} - {y}e
if {y} * {y} < {doubt} * {y}e * {y}e: {y} = moved({s}q, {s}p, {x})
""",
        keep="{s}t = {y}" + _TURN,
        state=lambda tail, n: {"q": tail, "p": 0, "t": math.fsum(tail)},
        refresh="{s}t = fsum({s}q)",
    ),
    "weighted": _Kind(
        array=kernels.weighted,
        calc="{y}w = {s}w + {n} * {x} - {s}t\n{y} = {y}w / ({n} * ({n} + 1) / 2)",
        keep="{s}w = {y}w\n{s}t += {x} - {s}q[{s}p]" + _TURN,
        state=lambda tail, n: {"q": tail, "p": 0, "t": math.fsum(tail), "w": _weigh(tail, 0)},
        refresh="{s}t = fsum({s}q)\n{s}w = weigh({s}q, {s}p)",
    ),
    "deviation": _Kind(
        array=kernels.deviation,
        calc="""
{y}d = {x} - {s}k
{y}e = {s}q[{s}p] - {s}k
{y}d2 = {y}d * {y}d
{y}a = {s}a + {y}d - {y}e
{y}b = {s}b + {y}d2 - {y}e * {y}e
{y}g = {s}g + {y}d2
{y}m = {y}a / {n}
{y}v = {y}b / {n} - {y}m * {y}m
{y} = sqrt({y}v) if {y}v > {noise} / {n} * {y}g else anew({s}q, {s}p, {x})
""",
        keep="{s}a = {y}a\n{s}b = {y}b\n{s}g = {y}g" + _TURN,
        state=lambda tail, n: {"q": tail, "p": 0, **_squares(tail)},
        refresh="{s}k, {s}a, {s}b, {s}g = squares({s}q).values()",
    ),
    "highest": _Kind(
        array=kernels.highest,
        calc="{y} = {x} if {x} >= {s}m else {s}m",
        keep=_EXTREME_KEEP.format(sign=">=", pick="max"),
        state=_extreme_state(max),
    ),
    "lowest": _Kind(
        array=kernels.lowest,
        calc="{y} = {x} if {x} <= {s}m else {s}m",
        keep=_EXTREME_KEEP.format(sign="<=", pick="min"),
        state=_extreme_state(min),
    ),
    "since_highest": _Kind(
        array=kernels.since_highest,
        calc="{y} = 0.0 if {x} >= {s}m else {s}i + 1.0",
        keep=_SINCE_KEEP.format(sign=">=", find="newest_max"),
        state=_since_state(_newest_max),
    ),
    "since_lowest": _Kind(
        array=kernels.since_lowest,
        calc="{y} = 0.0 if {x} <= {s}m else {s}i + 1.0",
        keep=_SINCE_KEEP.format(sign="<=", find="newest_min"),
        state=_since_state(_newest_min),
    ),
    "rank": _Kind(
        array=kernels.rank,
        calc="{y} = float(bisect_left({s}o, {x}))",
        keep=_SORTED_KEEP,
        state=lambda tail, n: _sorted_state(tail[-n:], n),
        more=1,
    ),
}


def _weigh(q: list[float], p: int) -> float:
    """Return the weighted sum of a window whose oldest is at p."""
    return math.fsum(place * value for place, value in enumerate(q[p:] + q[:p], 1))


NAMES: Final[Mapping[str, object]] = {
    "anew": _anew,
    "bisect_left": bisect_left,
    "bisect_right": bisect_right,
    "fsum": math.fsum,
    "insort": insort,
    "moved": _moved,
    "newest_max": _newest_max,
    "newest_min": _newest_min,
    "rebased": _rebased,
    "squares": _squares,
    "weigh": _weigh,
}
"""What a line may name beside values and states."""


class _Windowed(Value):
    """One kind of arithmetic over the last n of one value."""

    def __init__(self, kind: str, x: Value, n: int) -> None:
        assert n >= 1, n
        self._kind = _KINDS[kind]
        self._name = kind
        self._n = n
        super().__init__((x,), x.lookback + n + self._kind.more - 1)

    def key(self) -> tuple[Hashable, ...]:
        return (self._name, self._n)

    def machine(self) -> Machine:
        return _WindowMachine(self._kind, self._n)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        def made(text: str) -> tuple[str, ...]:
            said = text.strip().format(x=xs[0], y=y, s=s, n=self._n, **_LIMITS)
            return tuple(said.splitlines())

        return Lines(made(self._kind.calc), made(self._kind.keep), made(self._kind.refresh))


class _WindowMachine:
    def __init__(self, kind: _Kind, n: int) -> None:
        self._kind = kind
        self._n = n
        self._span = n + kind.more
        self._tail = np.empty(0)

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        x: Floats = xs[0]
        tail = self._tail
        joined = np.concatenate((tail[max(0, len(tail) - self._span + 1) :], x))
        self._tail = (
            joined[-self._span :] if len(joined) >= self._span else np.concatenate((tail, x))
        )
        if len(joined) < self._span:
            return np.empty(0)
        return self._kind.array(joined, self._n)

    def state(self) -> Mapping[str, object]:
        return self._kind.state(self._tail.tolist()[-self._n :], self._n)


class _Offsets(Value):
    """How far a value lies from the mean of its window, and how far all lie in the mean."""

    def __init__(self, x: Value, n: int) -> None:
        super().__init__((x,), x.lookback + n - 1)
        self._n = n

    def key(self) -> tuple[Hashable, ...]:
        return (self._n,)

    def machine(self) -> Machine:
        return _OffsetsMachine(self._n)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        # Of equal weight on both sides of their mean: twice what lies above it.
        calc = f"""
{y}x = {xs[0]} - {s}k
{y}e = {s}q[0]
{y}m = (sum({s}o) + {y}x - {y}e) / {self._n}
{y}i = bisect_right({s}o, {y}m)
{y}u = sum({s}o[{y}i:]) - {y}m * ({self._n} - {y}i)
if {y}e > {y}m: {y}u -= {y}e - {y}m
if {y}x > {y}m: {y}u += {y}x - {y}m
{y} = {y}x - {y}m, {2 / self._n!r} * {y}u
"""
        keep = _SORTED_KEEP.format(s=s, x=f"{y}x")
        again = f"{s}k, {s}q, {s}o = rebased({s}k, {s}q)"
        return Lines(tuple(calc.strip().splitlines()), tuple(keep.strip().splitlines()), (again,))


class _OffsetsMachine:
    def __init__(self, n: int) -> None:
        self._n = n
        self._tail = np.empty(0)

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        joined = np.concatenate((self._tail[max(0, len(self._tail) - self._n + 1) :], xs[0]))
        self._tail = np.concatenate((self._tail, xs[0]))[-self._n :]
        if len(joined) < self._n:
            return np.empty((2, 0))
        return kernels.offsets(joined, self._n)

    def state(self) -> Mapping[str, object]:
        k, q, o = _rebased(0.0, deque(self._tail.tolist(), self._n))
        return {"k": k, "q": q, "o": o}


def back(x: Value, n: int = 1) -> Value:
    """Return the value of n bars ago."""
    return _Windowed("before" if n == 1 else "back", x, n)


def change(x: Value, n: int = 1) -> Value:
    """Return the value less that of n bars ago."""
    return x - back(x, n)


def total(x: Value, n: int) -> Value:
    """Return the sum of the last n."""
    return x if n == 1 else _Windowed("total", x, n)


def flow(x: Value, n: int) -> Value:
    """Return the sum of the last n, exact where a large value has left and little remains.

    For what a study divides: volumes, distances gone up and down.
    """
    return x if n == 1 else _Windowed("flow", x, n)


def mean(x: Value, n: int) -> Value:
    """Return the mean of the last n."""
    return x if n == 1 else total(x, n) / n


def weighted(x: Value, n: int) -> Value:
    """Return the mean of the last n with weights 1 for the oldest to n for the newest."""
    return x if n == 1 else _Windowed("weighted", x, n)


def deviation(x: Value, n: int) -> Value:
    """Return the standard deviation of the last n as a population: divided by n; n >= 2."""
    return _Windowed("deviation", x, n)


def highest(x: Value, n: int) -> Value:
    """Return the greatest of the last n."""
    return x if n == 1 else _Windowed("highest", x, n)


def lowest(x: Value, n: int) -> Value:
    """Return the least of the last n."""
    return x if n == 1 else _Windowed("lowest", x, n)


def since_highest(x: Value, n: int) -> Value:
    """Return how many bars ago the greatest of the last n stands; n >= 3."""
    return _Windowed("since_highest", x, n)


def since_lowest(x: Value, n: int) -> Value:
    """Return how many bars ago the least of the last n stands; n >= 3."""
    return _Windowed("since_lowest", x, n)


def rank(x: Value, n: int) -> Value:
    """Return how many of the n values before are less than this one."""
    return _Windowed("rank", x, n)


def offsets(x: Value, n: int) -> tuple[Value, Value]:
    """Return how far x lies from the mean of its last n, and the mean distance of those; n >= 2."""
    both = _Offsets(x, n)
    return Part(both, 0), Part(both, 1)
