"""A traced rule, as two programs.

Over arrays the nodes run in order, a block of bars after the other: what a block needs stays in the
processor's cache, sums begin anew with each block, and what a node remembers at the end is what the
program of one bar begins with.

The program of one bar is written as Python text, in which every node is a line or two and every
state a variable, and compiled. The same rule as objects that call each other takes three to five
times as long; the study of one bar would then cost as much as TA-Lib on 300.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from app.indicators.engine import values, windows
from app.indicators.engine.values import Column, Machine, Value
from app.indicators.kernels import Floats

BLOCK: Final = 65_536
"""Bars of a block."""
REFRESH: Final = 1_024
"""Bars after which the program of one bar adds its sums up again; a power of 2."""
MOST: Final = 1e60
"""What is not within it, NaN and infinity included, is no price and no volume."""
_WHOLE: Final = ("start_ns", "day")
"""Columns that are always numbers."""

Program = Callable[..., tuple[float, ...]]


class Stepper(NamedTuple):
    """The program of one bar; both take the plan's columns, in their order."""

    update: Program
    """Take a closed bar and return its values."""
    peek: Program
    """Return the values of a bar as it stands, and forget it."""


class Ran(NamedTuple):
    """What became of bars."""

    outputs: tuple[Floats, ...]
    """As long as the bars."""
    machines: Sequence[Machine | None]
    """The nodes as the last bar left them."""


class Plan:
    """A rule's nodes in the order in which they run."""

    def __init__(self, outputs: Sequence[Value]) -> None:
        self._nodes: list[Value] = []
        self._inputs: list[tuple[int, ...]] = []
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._by_identity: dict[int, int] = {}
        self._kept = tuple(outputs)  # Identities are good while their owners live.
        self._outputs = tuple(self._number(value) for value in outputs)
        self.columns: Final = tuple(
            name for name in values.COLUMNS if (Column, (name,), ()) in self._numbers
        )
        """What the rule reads, in the order of the bar's columns."""
        self.lookbacks: Final = tuple(value.lookback for value in outputs)
        self.ready: Final = max(node.lookback for node in self._nodes) + 1
        """Bars after which every node has what the program of one bar needs."""
        self._code: Any = None

    def _number(self, value: Value) -> int:
        known = self._by_identity.get(id(value))
        if known is not None:
            return known
        inputs = tuple(self._number(one) for one in value.inputs)
        key = (type(value), value.key(), inputs)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._nodes)
            self._nodes.append(value)
            self._inputs.append(inputs)
        self._by_identity[id(value)] = number
        return number

    def run(self, columns: Mapping[str, Floats], first: int = 0) -> Ran:
        """Run the rule over bars without holes.

        Args:
            columns: of equal length, contiguous.
            first: number of the bar to begin with.
        """
        machines = [None if isinstance(n, Column) else n.machine() for n in self._nodes]
        size = len(columns[self.columns[0]])
        outputs = tuple(np.empty(size) for _ in self._outputs)
        for output in outputs:
            output[:first] = np.nan
        # A quotient of 1e300 by 1e-300 is infinite in both programs, and no reason to warn.
        with np.errstate(all="ignore"):
            for begin in range(first, size, BLOCK):
                end = min(begin + BLOCK, size)
                made = self._block(machines, {k: columns[k][begin:end] for k in self.columns})
                for output, number in zip(outputs, self._outputs, strict=True):
                    part = made[number]
                    known = end - len(part)
                    output[begin:known] = np.nan
                    output[known:end] = part
        return Ran(outputs, machines)

    def _block(self, machines: Sequence[Machine | None], columns: Mapping[str, Any]) -> list[Any]:
        made: list[Any] = []
        for node, inputs, machine in zip(self._nodes, self._inputs, machines, strict=True):
            if machine is None:
                assert isinstance(node, Column)
                made.append(columns[node.name])
            else:
                made.append(machine.block(*[made[number] for number in inputs]))
        return made

    def stepper(self, machines: Sequence[Machine | None]) -> Stepper:
        """Return the program of one bar, to go on from nodes that have seen `ready` bars."""
        state = {
            f"s{number}{name}": value
            for number, machine in enumerate(machines)
            if machine is not None
            for name, value in machine.state().items()
        }
        if self._code is None:
            text = self._written(list(state))
            file = f"<study {id(self)}>"
            linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
            self._code = compile(text, file, "exec")
        names: dict[str, Any] = {**values.NAMES, **windows.NAMES, "state": state}
        exec(self._code, names)
        return Stepper(*names["make"](**state))

    def _written(self, states: Sequence[str]) -> str:
        calc: list[str] = []
        keep: list[str] = []
        refresh: list[str] = []
        names: list[str] = []
        for number, (node, inputs) in enumerate(zip(self._nodes, self._inputs, strict=True)):
            names.append(node.name if isinstance(node, Column) else f"y{number}")
            if isinstance(node, Column):
                continue
            lines = node.lines(f"y{number}", f"s{number}", [names[one] for one in inputs])
            calc += lines.calc
            keep += lines.keep
            refresh += lines.refresh
        answer = f"return ({', '.join(names[number] for number in self._outputs)},)"
        return _program(self.columns, states, _Parts(calc, keep, refresh, answer))


class _Parts(NamedTuple):
    calc: Sequence[str]
    keep: Sequence[str]
    refresh: Sequence[str]
    answer: str


def _program(columns: Sequence[str], states: Sequence[str], parts: _Parts) -> str:
    """Return the text of a function that makes the two programs of one bar."""
    given = ", ".join(columns)
    tests = [f"-{MOST!r} < {name} < {MOST!r}" for name in columns if name not in _WHOLE]
    missing = "return (" + "nan, " * (parts.answer.count(",")) + ")"
    guard = [f"if not ({' and '.join(tests)}):", f"    {missing}"] if tests else []
    keep = list(parts.keep)
    counter = ""
    if parts.refresh:
        counter = "seen, "
        keep += ["seen += 1", f"if not seen & {REFRESH - 1}:", *_indented(parts.refresh)]
    kept = counter + ", ".join(states)
    update = [*([f"nonlocal {kept.rstrip(', ')}"] if kept else []), *guard, *parts.calc, *keep]
    return "\n".join(
        [
            f"def make({', '.join(states)}):",
            "    seen = 0",
            f"    def update({given}):",
            *_indented(_indented([*update, parts.answer])),
            f"    def peek({given}):",
            *_indented(_indented([*guard, *parts.calc, parts.answer])),
            "    return update, peek",
            "",
        ]
    )


def _indented(lines: Sequence[str]) -> list[str]:
    return [f"    {line}" for line in lines]
