"""Values over everything so far: smoothing, running sums, folds."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from app.indicators import kernels
from app.indicators.engine.values import Lines, Machine, Part, Value
from app.indicators.engine.windows import back
from app.indicators.kernels import Floats

Step = Callable[..., tuple[Any, tuple[float, ...]]]
"""(state, *inputs) -> (next state, values); changes nothing."""
Blocks = Callable[..., tuple[Any, tuple[Floats, ...]]]
"""The same over arrays."""


class _Smoothed(Value):
    """y += (x - y) * 2 / (period + 1), beginning with the mean of the first `seed`."""

    def __init__(self, x: Value, period: int, seed: int) -> None:
        super().__init__((x,), x.lookback + seed - 1)
        self._period = period
        self._seed = seed

    def key(self) -> tuple[Hashable, ...]:
        return (self._period, self._seed)

    def machine(self) -> Machine:
        return _SmoothedMachine(self._period, self._seed)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        share = 2.0 / (self._period + 1)
        return Lines((f"{y} = {s}v + ({xs[0]} - {s}v) * {share!r}",), (f"{s}v = {y}",))


class _SmoothedMachine:
    def __init__(self, period: int, seed: int) -> None:
        self._period = period
        self._seed = seed
        self._first = np.empty(0)
        """The values before there is a mean of them."""
        self._value: float | None = None

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        x: Floats = xs[0]
        if self._value is not None:
            return self._onward(x, self._value)
        x = np.concatenate((self._first, x))
        if len(x) < self._seed:
            self._first = x
            return np.empty(0)
        self._value = float(x[: self._seed].mean())
        return np.concatenate(([self._value], self._onward(x[self._seed :], self._value)))

    def _onward(self, x: Floats, before: float) -> Floats:
        y = kernels.smoothed(x, self._period, before)
        if len(y):
            self._value = float(y[-1])
        return y

    def state(self) -> Mapping[str, object]:
        return {"v": self._value}


class _Running(Value):
    """A sum or product of everything so far."""

    def __init__(self, x: Value, first: float, *, is_product: bool) -> None:
        super().__init__((x,), x.lookback)
        self._first = first
        self._is_product = is_product

    def key(self) -> tuple[Hashable, ...]:
        return (self._first, self._is_product)

    def machine(self) -> Machine:
        return _RunningMachine(self._first, is_product=self._is_product)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        sign = "*" if self._is_product else "+"
        return Lines((f"{y} = {s}v {sign} {xs[0]}",), (f"{s}v = {y}",))


class _RunningMachine:
    def __init__(self, first: float, *, is_product: bool) -> None:
        self._value = first
        self._array = kernels.compounded if is_product else kernels.running

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        y = self._array(np.asarray(xs[0], dtype=np.float64), self._value)
        if len(y):
            self._value = float(y[-1])
        return y

    def state(self) -> Mapping[str, object]:
        return {"v": self._value}


class _Adaptive(Value):
    """y += (x - y) * share, beginning with the x before the first share."""

    def __init__(self, x: Value, before: Value, share: Value) -> None:
        super().__init__((x, before, share), max(before.lookback, share.lookback))

    def key(self) -> tuple[Hashable, ...]:
        return ()

    def machine(self) -> Machine:
        return _AdaptiveMachine()

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        x, _, share = xs
        return Lines((f"{y} = {s}v + ({x} - {s}v) * {share}",), (f"{s}v = {y}",))


class _AdaptiveMachine:
    def __init__(self) -> None:
        self._value: float | None = None

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        size = min(len(x) for x in xs)
        x, before, share = (x[len(x) - size :].tolist() for x in xs)
        if not size:
            return np.empty(0)
        value = before[0] if self._value is None else self._value
        made = []
        for one, part in zip(x, share, strict=True):
            value += (one - value) * part
            made.append(value)
        self._value = value
        return np.array(made)

    def state(self) -> Mapping[str, object]:
        return {"v": self._value}


class _Fold(Value):
    """A function of a state and of this bar."""

    def __init__(
        self, step: Step, first: object, inputs: Sequence[Value], blocks: Blocks | None
    ) -> None:
        super().__init__(inputs, max(value.lookback for value in inputs))
        self._step = step
        self._first = first
        self._blocks = blocks

    def key(self) -> tuple[Hashable, ...]:
        return (self._step, repr(self._first))

    def machine(self) -> Machine:
        return _FoldMachine(self._step, self._first, self._blocks)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        return Lines((f"{y}s, {y} = {s}f({s}s, {', '.join(xs)})",), (f"{s}s = {y}s",))


class _FoldMachine:
    def __init__(self, step: Step, first: object, blocks: Blocks | None) -> None:
        self._step = step
        self._state = first
        self._blocks = blocks

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        size = min(len(x) for x in xs)
        xs = tuple(x[len(x) - size :] for x in xs)
        if self._blocks is not None:
            self._state, columns = self._blocks(self._state, *xs)
            return columns
        step, state, rows = self._step, self._state, []
        for row in zip(*(x.tolist() for x in xs), strict=True):
            state, values = step(state, *row)
            rows.append(values)
        self._state = state
        # Of no bars there are no columns: as many empty ones as anybody may ask for.
        return np.array(rows).T if rows else np.empty((_PARTS_MAX, 0))

    def state(self) -> Mapping[str, object]:
        return {"s": self._state, "f": self._step}


_PARTS_MAX = 16


def ema(x: Value, n: int) -> Value:
    """Return the exponential mean of span n, share 2 / (n + 1); begins with the mean of n."""
    return x if n == 1 else _Smoothed(x, n, n)


def wilder(x: Value, n: int) -> Value:
    """Return Wilder's smoothing, share 1 / n; begins with the mean of the first n."""
    return x if n == 1 else _Smoothed(x, 2 * n - 1, n)


def smoothed(x: Value, period: int) -> Value:
    """Return the exponential mean with share 2 / (period + 1) that begins with the first value."""
    return x if period == 1 else _Smoothed(x, period, 1)


def running(x: Value, first: float = 0.0) -> Value:
    """Return the sum of everything so far."""
    return _Running(x, first, is_product=False)


def compounded(x: Value, first: float = 1.0) -> Value:
    """Return the product of everything so far."""
    return _Running(x, first, is_product=True)


def adaptive(x: Value, share: Value) -> Value:
    """Return a mean that goes a share of the way to x with each bar, from the value before."""
    return _Adaptive(x, back(x), share)


def fold(
    step: Step, first: object, inputs: Sequence[Value], parts: int, *, blocks: Blocks | None = None
) -> tuple[Value, ...]:
    """Return what a function makes of a state and each bar: for what no other word says.

    Args:
        step: (state, *inputs) -> (next state, values), as many values as parts; changes nothing.
        first: the state before the first bar.
        inputs: what it is given.
        parts: how many values it returns a bar.
        blocks: the same over arrays, where that is faster than bar by bar.
    """
    assert parts <= _PARTS_MAX
    several = _Fold(step, first, inputs, blocks)
    return tuple(Part(several, index) for index in range(parts))
