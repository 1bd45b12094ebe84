"""Values of a rule: columns of bars, and arithmetic on them.

A rule is an ordinary function over values; running it once draws a graph of nodes, which the plan
runs. So a rule must not look at a value (`if value > 0`): it says `where(value > 0, a, b)`.

A node is told apart by its class, its settings and its inputs; two that are alike are run once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from app.indicators.kernels import Floats

TINY: Final = 1e-300
"""What is not above it divides nothing."""
DUST: Final = 1e-13
"""Share of a price below which a difference of prices is what rounding left of none."""

COLUMNS: Final = ("start_ns", "open", "high", "low", "close", "volume", "day", "bought", "sold")


class Lines(NamedTuple):
    """A node in the program of one bar."""

    calc: tuple[str, ...]
    """Set the node's value; change no state."""
    keep: tuple[str, ...] = ()
    """Take the bar into the state."""
    refresh: tuple[str, ...] = ()
    """Add the state up again, which rids it of what rounding left."""


class Machine(Protocol):
    """A node at work: what it needs to remember between blocks."""

    def block(self, *xs: Any) -> Any:  # noqa: ANN401  Floats, or a tuple of them.
        """Return the node's values for a block of bars; fewer at the start, aligned at the end."""

    def state(self) -> Mapping[str, object]:
        """Return the variables of the program of one bar, without the node's prefix."""


class Value:
    """A number a bar. Operators make new values; nothing is computed yet."""

    def __init__(self, inputs: Sequence[Value], lookback: int) -> None:
        self.inputs: Final = tuple(inputs)
        self.lookback: Final = lookback
        """Bars at the start for which there is no value."""

    def key(self) -> tuple[Hashable, ...]:
        """Return what tells this node from others on the same inputs."""
        raise NotImplementedError

    def machine(self) -> Machine:
        """Return the node at work, at the first bar."""
        raise NotImplementedError

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        """Return the node's program.

        Args:
            y: name of its value, and prefix of what it needs for the moment.
            s: prefix of its state.
            xs: names of its inputs.
        """
        raise NotImplementedError

    def __add__(self, other: Value | float) -> Value:
        return Each("add", self, other)

    def __radd__(self, other: float) -> Value:
        return Each("add", other, self)

    def __sub__(self, other: Value | float) -> Value:
        return Each("subtract", self, other)

    def __rsub__(self, other: float) -> Value:
        return Each("subtract", other, self)

    def __mul__(self, other: Value | float) -> Value:
        return Each("multiply", self, other)

    def __rmul__(self, other: float) -> Value:
        return Each("multiply", other, self)

    def __truediv__(self, other: float) -> Value:
        assert isinstance(other, float | int), "divide values by ratio()"
        assert other != 0
        return Each("divide", self, other)

    def __neg__(self) -> Value:
        return Each("negative", self)

    def __abs__(self) -> Value:
        return Each("absolute", self)

    def __gt__(self, other: Value | float) -> Value:
        return Each("more", self, other)

    def __lt__(self, other: Value | float) -> Value:
        return Each("less", self, other)

    def __and__(self, other: Value) -> Value:
        return Each("both", self, other)

    def __bool__(self) -> bool:
        raise TypeError("a rule cannot look at a value; write where(value > 0, a, b)")


class Column(Value):
    """A column of the bars."""

    def __init__(self, name: str) -> None:
        assert name in COLUMNS, name
        super().__init__((), 0)
        self.name: Final = name

    def key(self) -> tuple[Hashable, ...]:
        """Return what it does."""
        return (self.name,)


class Each(Value):
    """Arithmetic on the values of one bar."""

    def __init__(self, word: str, *args: Value | float) -> None:
        inputs = [arg for arg in args if isinstance(arg, Value)]
        super().__init__(inputs, max(value.lookback for value in inputs))
        self._word = word
        self._args = args

    def key(self) -> tuple[Hashable, ...]:
        """Return what it does."""
        return (self._word, *(None if isinstance(a, Value) else repr(a) for a in self._args))

    def machine(self) -> Machine:
        """Return it at work."""
        return _EachMachine(_WORDS[self._word][1], self._args)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        """Return its line."""
        names = iter(xs)
        args = [next(names) if isinstance(a, Value) else repr(float(a)) for a in self._args]
        return Lines((f"{y} = {_WORDS[self._word][0].format(*args)}",))


class _EachMachine:
    def __init__(self, function: Callable[..., Any], args: Sequence[Value | float]) -> None:
        self._function = function
        self._given = [None if isinstance(arg, Value) else arg for arg in args]
        self._places = [place for place, arg in enumerate(args) if isinstance(arg, Value)]

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        size = min(map(len, xs))
        given = self._given.copy()
        for place, x in zip(self._places, xs, strict=True):
            given[place] = x if len(x) == size else x[len(x) - size :]
        return self._function(*given)

    def state(self) -> Mapping[str, object]:
        return {}


class Part(Value):
    """One value of a node that has several."""

    def __init__(self, several: Value, index: int) -> None:
        super().__init__((several,), several.lookback)
        self._index = index

    def key(self) -> tuple[Hashable, ...]:
        """Return what it does."""
        return (self._index,)

    def machine(self) -> Machine:
        """Return it at work."""
        return _PartMachine(self._index)

    def lines(self, y: str, s: str, xs: Sequence[str]) -> Lines:
        """Return its line."""
        return Lines((f"{y} = {xs[0]}[{self._index}]",))


class _PartMachine:
    def __init__(self, index: int) -> None:
        self._index = index

    def block(self, *xs: Any) -> Any:  # noqa: ANN401
        return xs[0][self._index]

    def state(self) -> Mapping[str, object]:
        return {}


def _divided(a: Any, b: Any, otherwise: Any, least: Any) -> Floats:  # noqa: ANN401
    is_some = np.abs(b) > least
    if is_some.all():
        return np.asarray(a / b)
    answer: Floats = np.array(np.broadcast_to(otherwise, is_some.shape), dtype=np.float64)
    np.divide(a, b, out=answer, where=is_some)
    return answer


def _logs(x: Floats) -> Floats:
    return np.asarray(np.log(np.where(x > 0, x, 1.0)))


_WORDS: Final[Mapping[str, tuple[str, Callable[..., Any]]]] = {
    "add": ("{} + {}", np.add),
    "subtract": ("{} - {}", np.subtract),
    "multiply": ("{} * {}", np.multiply),
    "divide": ("{} / {}", np.divide),
    "negative": ("-{}", np.negative),
    "absolute": ("{0} if {0} >= 0.0 else -{0}", np.abs),
    "more": ("{} > {}", np.greater),
    "sign": ("1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0", np.sign),
    "less": ("{} < {}", np.less),
    "both": ("{} and {}", np.logical_and),
    "where": ("{1} if {0} else {2}", np.where),
    "greater": ("{0} if {0} >= {1} else {1}", np.maximum),
    "lesser": ("{0} if {0} <= {1} else {1}", np.minimum),
    "ratio": ("{0} / {1} if {1} > {3} or {1} < -{3} else {2}", _divided),
    "root": ("sqrt({0}) if {0} > 0.0 else 0.0", lambda x: np.sqrt(np.maximum(x, 0.0))),
    "log": ("log({0}) if {0} > 0.0 else 0.0", _logs),
}
"""Word -> (how it is said of one bar, what it is of arrays); both give the same number."""

NAMES: Final[Mapping[str, object]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "nan": math.nan,
    "inf": math.inf,
}
"""What a line may name beside values and states."""


def where(flag: Value, then: Value | float, otherwise: Value | float) -> Value:
    """Return one or the other, bar by bar."""
    return Each("where", flag, then, otherwise)


def greater(a: Value, b: Value | float) -> Value:
    """Return the greater of two, bar by bar."""
    return Each("greater", a, b)


def lesser(a: Value, b: Value | float) -> Value:
    """Return the lesser of two, bar by bar."""
    return Each("lesser", a, b)


def ratio(
    a: Value | float, b: Value, *, otherwise: Value | float, beside: Value | None = None
) -> Value:
    """Return a / b, and something else where b is nothing.

    Args:
        a: dividend.
        b: divisor.
        otherwise: the answer where b is zero.
        beside: a price or volume of which b is a difference: b is nothing too when it is only what
            rounding left, 1e-13 of this.
    """
    least: Value | float = TINY if beside is None else abs(beside) * DUST + TINY
    return Each("ratio", a, b, otherwise, least)


def root(x: Value) -> Value:
    """Return the square root; 0 for what is negative."""
    return Each("root", x)


def log(x: Value) -> Value:
    """Return the natural logarithm; 0 for what is not above 0 and so has none."""
    return Each("log", x)


def sign(x: Value) -> Value:
    """Return 1 above zero, -1 below, 0 at it."""
    return Each("sign", x)
