"""What a study is: the contract that every study's file fills."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from msgspec import Meta

from app.domain.errors import BadInput
from app.indicators.engine.plan import MOST, Plan, Program, Ran, Stepper
from app.indicators.engine.values import COLUMNS, Column, Value
from app.indicators.kernels import Floats, Ints
from app.indicators.profile import Profile

QUICK_MIN: Final = 20_000
"""Bars from which on TA-Lib's own functions are taken."""
_SAME: Final = 1e-9
LENGTH_MAX: Final = 1_000
"""Bars of the longest window a parameter may ask for."""

Length = Annotated[int, Meta(title="Length", description="bars", ge=1, le=LENGTH_MAX)]
Span = Annotated[int, Meta(title="Length", description="bars", ge=2, le=LENGTH_MAX)]
"""A length of which 1 would mean nothing."""
Width = Annotated[float, Meta(title="Width", description="times", gt=0, le=100)]

Percent = Annotated[float, Meta(title="Level", ge=-1_000, le=1_000)]
"""A level of an index."""


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """Bars as columns of equal length, oldest first; the last may be under construction."""

    start_ns: Ints
    """UTC, start of each interval; rising."""
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    day: Ints | None = None
    """Number of the session each bar belongs to: any numbers, another for another session. None:
    it is not known, and studies of sessions say so."""
    bought: Floats | None = None
    """Volume of trades at the ask; None: it is not known."""
    sold: Floats | None = None
    """Volume of trades at the bid; None: it is not known."""

    def __len__(self) -> int:
        return len(self.start_ns)

    def cut(self, first: int, end: int) -> Bars:
        """Return some of the bars, without a copy."""

        def some(column: Any) -> Any:  # noqa: ANN401  Floats, Ints or None.
            return None if column is None else column[first:end]

        return Bars(
            start_ns=some(self.start_ns),
            open=some(self.open),
            high=some(self.high),
            low=some(self.low),
            close=some(self.close),
            volume=some(self.volume),
            day=some(self.day),
            bought=some(self.bought),
            sold=some(self.sold),
        )


MISSING: Final[Mapping[str, str]] = {
    "day": "the bars do not say to which session they belong",
    "bought": "the bars do not say how much was bought at the ask",
    "sold": "the bars do not say how much was sold at the bid",
}
"""Optional column -> why a study that needs it cannot be drawn."""


class Source(StrEnum):
    """Which price of a bar a study reads."""

    CLOSE = "close"
    OPEN = "open"
    HIGH = "high"
    LOW = "low"
    HL2 = "hl2"
    """(high + low) / 2."""
    HLC3 = "hlc3"
    """(high + low + close) / 3, the typical price."""
    OHLC4 = "ohlc4"
    HLCC4 = "hlcc4"
    """(high + low + 2 close) / 4, the weighted close."""
    VOLUME = "volume"


Price = Annotated[Source, Meta(title="Source", description="price of the bar")]


class Average(StrEnum):
    """Ways to average."""

    SMA = "sma"
    EMA = "ema"
    WMA = "wma"
    WILDER = "wilder"


class Columns:
    """The columns of the bars, as values of a rule."""

    def __init__(self) -> None:
        self.start_ns: Final = Column("start_ns")
        self.open: Final = Column("open")
        self.high: Final = Column("high")
        self.low: Final = Column("low")
        self.close: Final = Column("close")
        self.volume: Final = Column("volume")
        self.day: Final = Column("day")
        self.bought: Final = Column("bought")
        self.sold: Final = Column("sold")

    @property
    def typical(self) -> Value:
        """The typical price: (high + low + close) / 3."""
        return self.price(Source.HLC3)

    @property
    def median(self) -> Value:
        """The median price: (high + low) / 2."""
        return self.price(Source.HL2)

    def price(self, source: Source) -> Value:
        """Return a price of the bar."""
        if source is Source.HL2:
            return (self.high + self.low) / 2
        if source is Source.HLC3:
            return (self.high + self.low + self.close) / 3
        if source is Source.OHLC4:
            return (self.open + self.high + self.low + self.close) / 4
        if source is Source.HLCC4:
            return (self.high + self.low + self.close * 2) / 4
        value: Value = getattr(self, source.value)
        return value


class StudyParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every study's parameters; defaults are those of its source.

    Each field is `Annotated` with a title, a unit and bounds (`msgspec.Meta`), for the form that
    edits it: int, float, bool or a StrEnum.
    """


class Kind(StrEnum):
    """How an output is drawn."""

    LINE = "line"
    STEP = "step"
    """A line that keeps its level and then jumps."""
    HISTOGRAM = "histogram"
    """Columns from zero."""
    BAND = "band"
    """A line, filled to the output `fill_to`."""
    CLOUD = "cloud"
    """The same, in the colour of that of the two which lies above."""
    POINTS = "points"
    """A dot a bar, where there is a number."""
    MARKS = "marks"
    """A small triangle where there is a number: below the bar for UP, above it for DOWN."""
    LEGS = "legs"
    """Straight lines between points; each lies as many bars back as the output `back` says."""
    HIDDEN = "hidden"
    """A number for another output, or for the legend."""
    PROFILE = "profile"
    """Volume by price, beside the bars; see app.indicators.profile."""


class Role(StrEnum):
    """What a colour means; the theme says which it is."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    UP = "up"
    DOWN = "down"
    DIM = "dim"
    SIGNED = "signed"
    """UP above zero, DOWN below."""


class Pane(StrEnum):
    """Where a study is drawn."""

    OVERLAY = "overlay"
    """Over the bars, on their prices."""
    OWN = "own"
    """Below, on its own scale."""


class Category(StrEnum):
    """What a study is about, for the menu."""

    TREND = "trend"
    MOMENTUM = "momentum"
    VOLATILITY = "volatility"
    VOLUME = "volume"
    LEVELS = "levels"
    PRICE = "price"
    OWN = "own"
    """A person's own."""


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """One array of a study."""

    name: str
    """Stable id."""
    title: str
    kind: Kind = Kind.LINE
    role: Role = Role.FIRST
    fill_to: str = ""
    """BAND, CLOUD: name of the other line."""
    tip: str = ""
    """LEGS: name of the output whose newest point ends the last leg."""
    back: str = ""
    """LEGS: name of the output with how many bars ago the point of this bar lies."""
    shift: Callable[[Any], int] | None = None
    """Params -> bars by which it is drawn to the right; negative: to the left."""
    is_sparse: bool = False
    """It may have no number at any bar, by what it means."""


class Level(msgspec.Struct, frozen=True):
    """A line at a fixed height."""

    value: float
    role: Role = Role.DIM


class Quick(msgspec.Struct, frozen=True, eq=False):
    """The same over arrays by TA-Lib's own function, where that is much faster.

    Its first values may differ, where it begins its means otherwise: as many as `fades` says are
    taken from the rule, and so is the state at the end. Used for long histories only, and only if
    both agree at the last bar.
    """

    arrays: Callable[[Mapping[str, Floats], Any], Sequence[Floats] | None]
    """(columns without holes, params) -> an array an output; None where they would differ."""
    fades: Callable[[Any], int] = lambda params: 0
    """Params -> bars after which nothing is left of how a mean began."""


def faded(*spans: int) -> int:
    """Return after how many bars exponential means of spans, one over another, have forgotten."""
    return 20 * (sum(spans) + len(spans))


def zero_level(params: StudyParams) -> Sequence[Level]:
    """Return the line at zero."""
    return (Level(0),)


class IndicatorSpec(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a plug-in gives under `tradedeck.indicators`; hashed as the object that it is."""

    name: str
    """Stable id, stored in layouts."""
    title: str
    short: str
    """Title in the legend, with places for parameters: "BB {length},{width:g}"."""
    params: type[StudyParams]
    outputs: tuple[Output, ...]
    category: Category
    pane: Pane = Pane.OWN
    rule: Callable[[Columns, Any], Sequence[Value]] | None = None
    """(columns, params) -> a value an output; see app.indicators.engine."""
    arrays: Callable[[Bars, Any], Sequence[Floats]] | None = None
    """(bars, params) -> an array an output, of the bars' length: a person's own study may be
    written over numpy instead of as a rule. It is computed whole for each new bar."""
    reach: int = 0
    """Of `arrays`: so many bars at the end decide the newest values; 0: all bars do."""
    profile: Callable[[Bars, Any, int, int], Profile | None] | None = None
    """(bars, params, first and last visible bar) -> volume by price; such a study has no arrays."""
    quick: Quick | None = None
    """How `rule` is computed over a long history."""
    levels: Callable[[Any], Sequence[Level]] | None = None
    """Params -> fixed lines."""
    check: Callable[[Any], str] | None = None
    """Params -> what does not go together in them, in a sentence; empty if they do."""

    def label(self, params: StudyParams) -> str:
        """Return the title in the legend."""
        return self.short.format(**msgspec.structs.asdict(params))

    def needs(self, params: StudyParams) -> tuple[str, ...]:
        """Return the columns that are read."""
        return COLUMNS[:6] if self.rule is None else self.plan(params).columns

    def lookbacks(self, params: StudyParams) -> tuple[int, ...]:
        """Return for each output at how many bars it is still NaN; 0 where nothing is known."""
        if self.rule is None:
            return (0,) * len(self.outputs)
        return self.plan(params).lookbacks

    def plan(self, params: StudyParams) -> Plan:
        """Return the rule under parameters, ready to run.

        Raises:
            BadInput: the parameters do not go together.
        """
        return _plan(self, params)

    def compute(self, bars: Bars, params: StudyParams) -> tuple[Floats, ...]:
        """Return an array an output, each as long as the bars; NaN where there is no number.

        Raises:
            BadInput: the bars lack a column, or the parameters do not go together.
        """
        if self.arrays is not None:
            return _checked(self, self.arrays(bars, params), len(bars))
        if self.rule is None:
            return ()
        plan = self.plan(params)
        columns, whole = whole_columns(bars, plan.columns)
        outputs = self._run(plan, columns, params).outputs
        return outputs if whole is None else spread(outputs, whole)

    def resume(self, bars: Bars, params: StudyParams) -> tuple[tuple[Floats, ...], State]:
        """Return what `compute` does, and the study as these bars leave it.

        Raises:
            BadInput: the bars lack a column, or the parameters do not go together.
        """
        plan = self.plan(params)
        columns, whole = whole_columns(bars, plan.columns)
        ran, state = self._run(plan, columns, params), State(plan)
        if len(columns[plan.columns[0]]) >= plan.ready:
            state.load(plan.stepper(ran.machines))
        else:
            rows = zip(*(columns[name].tolist() for name in plan.columns), strict=True)
            state.begin(list(rows))
        return ran.outputs if whole is None else spread(ran.outputs, whole), state

    def _run(self, plan: Plan, columns: Mapping[str, Floats], params: StudyParams) -> Ran:
        size = len(columns[plan.columns[0]])
        if self.quick is None or size < QUICK_MIN:
            return plan.run(columns)
        known = plan.ready + self.quick.fades(params)
        outputs = self.quick.arrays(columns, params) if size >= 2 * known else None
        if outputs is None:
            return plan.run(columns)
        head = plan.run({name: x[:known] for name, x in columns.items()})
        tail = plan.run({name: x[-known:] for name, x in columns.items()})
        scale = max(abs(float(x[-1])) for x in columns.values())
        for output, first, last in zip(outputs, head.outputs, tail.outputs, strict=True):
            output[:known] = first
            one, other = float(output[-1]), float(last[-1])
            if not abs(one - other) <= _SAME * (abs(other) + 1e-3 * scale):
                return plan.run(columns)
        return Ran(tuple(outputs), tail.machines)

    def start(self, params: StudyParams) -> State:
        """Return the study before the first bar, which takes one bar at a time.

        Raises:
            BadInput: the parameters do not go together.
        """
        return State(self.plan(params))


class State:
    """A study that takes one bar after the other, each in the same small time.

    `update` takes a closed bar and returns its values; `peek` returns those of the bar under
    construction and forgets it. Both take the numbers of `columns`, in that order. A bar without a
    number in one of them has no values and counts as if it were not there.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.columns: Final = plan.columns
        self._early: list[tuple[float, ...]] = []
        """The bars so far, while there are too few for the program of one bar."""
        self.update: Program = self._early_update
        self.peek: Program = self._early_peek

    def load(self, stepper: Stepper) -> None:
        """Go on from a state that was made otherwise."""
        self._early.clear()
        self.update, self.peek = stepper

    def begin(self, rows: Sequence[tuple[float, ...]]) -> None:
        """Go on from the first bars, fewer than the plan's `ready`, all with numbers."""
        assert len(rows) < self._plan.ready
        self._early = list(rows)

    def _early_update(self, *bar: float) -> tuple[float, ...]:
        if not self._is_whole(bar):
            return (math.nan,) * len(self._plan.lookbacks)
        self._early.append(bar)
        ran = self._plan.run(self._columns(self._early))
        answer = tuple(float(output[-1]) for output in ran.outputs)
        if len(self._early) >= self._plan.ready:
            self.load(self._plan.stepper(ran.machines))
        return answer

    def _early_peek(self, *bar: float) -> tuple[float, ...]:
        if not self._is_whole(bar):
            return (math.nan,) * len(self._plan.lookbacks)
        ran = self._plan.run(self._columns([*self._early, bar]))
        return tuple(float(output[-1]) for output in ran.outputs)

    def _is_whole(self, bar: Sequence[float]) -> bool:
        named = zip(self.columns, bar, strict=True)
        return all(name in ("start_ns", "day") or -MOST < x < MOST for name, x in named)

    def _columns(self, rows: Sequence[tuple[float, ...]]) -> dict[str, Floats]:
        table = np.array(rows, dtype=np.float64).T
        return {name: np.ascontiguousarray(x) for name, x in zip(self.columns, table, strict=True)}


@functools.lru_cache(maxsize=512)
def _plan(spec: IndicatorSpec, params: StudyParams) -> Plan:
    assert spec.rule is not None
    wrong = spec.check(params) if spec.check is not None else ""
    if wrong:
        raise BadInput(f"{spec.title}: {wrong}; not drawn")
    return Plan(tuple(spec.rule(Columns(), params)))


def whole_columns(
    bars: Bars, names: Sequence[str]
) -> tuple[dict[str, Floats], np.ndarray[Any, np.dtype[np.bool_]] | None]:
    """Return contiguous columns of the bars that have numbers in all of them, and which those are.

    The second is None where all bars have. Times and sessions become floats, which whole seconds
    and small numbers stand.

    Raises:
        BadInput: a column is not there.
    """
    columns: dict[str, Floats] = {}
    for name in names:
        column = getattr(bars, name)
        if column is None:
            raise BadInput(f"{MISSING[name]}; not drawn")
        columns[name] = np.ascontiguousarray(column, dtype=np.float64)
    prices = [column for name, column in columns.items() if name not in ("start_ns", "day")]
    # If the sum of squares is within the square of the most, everything is within the most.
    with np.errstate(over="ignore"):
        if all(x @ x < MOST**2 for x in prices):
            return columns, None
    whole = np.logical_and.reduce([np.abs(column) < MOST for column in prices])
    if whole.all():
        return columns, None
    return {name: column[whole] for name, column in columns.items()}, whole


def spread(
    outputs: Sequence[Floats], whole: np.ndarray[Any, np.dtype[np.bool_]]
) -> tuple[Floats, ...]:
    """Return values of the bars with numbers among all bars."""
    answer = []
    for output in outputs:
        wide = np.full(len(whole), np.nan)
        wide[whole] = output
        answer.append(wide)
    return tuple(answer)


def _checked(spec: IndicatorSpec, arrays: Sequence[Floats], size: int) -> tuple[Floats, ...]:
    made = tuple(np.asarray(array, dtype=np.float64) for array in arrays)
    if len(made) != len(spec.outputs):
        raise BadInput(f"{spec.title} gave {len(made)} arrays, must give {len(spec.outputs)}")
    for output, array in zip(spec.outputs, made, strict=True):
        if array.shape != (size,):
            raise BadInput(
                f"{spec.title}: {output.name} had shape {array.shape}, must be ({size},)"
            )
    return made
