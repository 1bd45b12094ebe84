"""What a bar is cut by, and its short name: 5m, 1d, 500T, 10kV, 1M$, R0.10, RENKO 0.5, PF 0.5x3.

| name | a bar is |
|---|---|
| `30s` `5m` `4h` `1d` `1w` `1M` | a time; intraday ones are counted from the start of a phase |
| `500T` | so many trades |
| `10kV` | so many shares; k, M and B stand for thousands, millions and billions |
| `1M$` | so many dollars' worth |
| `R0.10` | as many trades as fit into a range of prices |
| `RENKO 0.5` `RENKO ATR14` | a brick of that height, or of the mean range of so many minutes |
| `KAGI 0.5` `KAGI 1%` | a line that turns when the price turns by as much |
| `PF 0.5x3` `PF 0.5x3 HL` | a column of boxes of that height that turns after so many boxes |
| `LB3` | a line that turns when the price breaks so many lines |

The last four may end in an interval, `RENKO 0.5 5m`: then not every trade counts, but the close of
each such bar that is over, and with HL its high and low. Line break always has one, a minute if
none is named, for every trade at a new high would be a line.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

import msgspec

from app.domain.errors import BadInput

MINUTE_S: Final = 60
DAY_S: Final = 86_400
_UNITS_S: Final = {"s": 1, "m": MINUTE_S, "h": 3_600, "d": DAY_S}
_POWERS: Final = {"": 0, "k": 3, "M": 6, "B": 9}
_INTRADAY_MAX_S: Final = DAY_S // 2
_TIME: Final = re.compile(r"([0-9]{1,6})([smhdwM])")
_COUNTED: Final = re.compile(r"([0-9.]{1,24})([kMB]?)([TV$])")
_WORDS: Final = "must be like 5m, 1d, 500T, 10kV, 1M$, R0.10, RENKO 0.5, KAGI 1%, PF 0.5x3 or LB3"


class BarKind(StrEnum):
    """By what bars are cut."""

    TIME = "time"
    """A number of seconds; a day is a trading day."""
    WEEK = "week"
    MONTH = "month"
    TICK = "tick"
    """A number of trades."""
    VOLUME = "volume"
    """A number of shares."""
    DOLLAR = "dollar"
    """What was traded, in dollars."""
    RANGE = "range"
    RENKO = "renko"
    KAGI = "kagi"
    POINT_FIGURE = "point and figure"
    LINE_BREAK = "line break"


_SUFFIX: Final = {BarKind.TICK: "T", BarKind.VOLUME: "V", BarKind.DOLLAR: "$"}
_CLOSE_BASED: Final = (
    BarKind.RENKO,
    BarKind.KAGI,
    BarKind.POINT_FIGURE,
    BarKind.LINE_BREAK,
)
_WHOLE: Final = (
    BarKind.TIME,
    BarKind.WEEK,
    BarKind.MONTH,
    BarKind.TICK,
    BarKind.VOLUME,
    BarKind.LINE_BREAK,
)
_MOST: Final = {
    BarKind.TIME: DAY_S,
    BarKind.WEEK: 52,
    BarKind.MONTH: 12,
    BarKind.TICK: 1_000_000,
    BarKind.LINE_BREAK: 50,
}


class BarSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of bar with its size. Makes itself only of values that mean something."""

    kind: BarKind
    size: Decimal
    """Seconds, weeks, months, trades, shares, dollars, a height in prices or percent, lines to
    break; of a brick by ATR how many minutes the range is the mean of."""
    reversal: int = 0
    """Boxes after which a column of point and figure turns; 0 for all other kinds."""
    is_percent: bool = False
    """Kagi: the size is a percentage of the price that it turns from."""
    is_atr: bool = False
    """Renko: the height is the mean true range of `size` minutes, taken once, at the beginning."""
    by_extremes: bool = False
    """Point and figure: highs and lows count, not closes."""
    base_s: int = 0
    """Seconds of the bars whose closes count; 0: every trade does."""

    def __post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise BadInput(f"a {self.kind.value} bar {fault}")

    @property
    def is_intraday(self) -> bool:
        """Whether it is a time shorter than a day."""
        return self.kind is BarKind.TIME and self.size < DAY_S

    @property
    def is_daily(self) -> bool:
        """Whether it is a day or made of days."""
        return self.kind in (BarKind.WEEK, BarKind.MONTH) or (
            self.kind is BarKind.TIME and self.size == DAY_S
        )

    @property
    def is_by_time(self) -> bool:
        """Whether the clock or the calendar cuts it."""
        return self.kind in (BarKind.TIME, BarKind.WEEK, BarKind.MONTH)

    @property
    def text(self) -> str:
        """The short name; `parse_spec` takes it back."""
        base = f" {_time_text(self.base_s)}" if self.base_s else ""
        if self.kind is BarKind.LINE_BREAK and self.base_s == MINUTE_S:
            base = ""
        return f"{_text(self)}{base}"

    def __str__(self) -> str:
        return self.text


def interval(seconds: int) -> BarSpec:
    """Return bars of so many seconds, at most half a day, or of a day.

    Raises:
        BadInput: there are no such bars.
    """
    return BarSpec(kind=BarKind.TIME, size=Decimal(seconds))


def parse_spec(text: str) -> BarSpec:
    """Return what a short name means; capitals matter only in m and M, minutes and months.

    Raises:
        BadInput: it is no such name, or a size that there cannot be.
    """
    words = text.split()
    try:
        if len(words) == 1:
            found = _parse_time(words[0]) or _parse_counted(words[0]) or _parse_range(words[0])
            if found is not None:
                return found
        if words and len(words) <= 4:
            found = _parse_close_based(words)
            if found is not None:
                return found
    except InvalidOperation:
        pass
    raise BadInput(f"bars were '{text[:40]}', {_WORDS}")


def _parse_time(word: str) -> BarSpec | None:
    found = _TIME.fullmatch(word)
    if found is None:
        return None
    number, unit = Decimal(found[1]), found[2]
    if unit in "wM":
        kind = BarKind.WEEK if unit == "w" else BarKind.MONTH
        return BarSpec(kind=kind, size=number)
    return BarSpec(kind=BarKind.TIME, size=number * _UNITS_S[unit])


def _parse_counted(word: str) -> BarSpec | None:
    found = _COUNTED.fullmatch(word)
    if found is None:
        return None
    kind = next(kind for kind, suffix in _SUFFIX.items() if suffix == found[3])
    return BarSpec(kind=kind, size=Decimal(found[1]).scaleb(_POWERS[found[2]]))


def _parse_range(word: str) -> BarSpec | None:
    if not re.fullmatch(r"[Rr][0-9.]{1,24}", word):
        return None
    return BarSpec(kind=BarKind.RANGE, size=Decimal(word[1:]))


def _parse_close_based(words: list[str]) -> BarSpec | None:
    base = _parse_time(words[-1]) if len(words) > 1 else None
    if base is not None:
        if base.kind is not BarKind.TIME:
            return None
        words = words[:-1]
    base_s = 0 if base is None else int(base.size)
    head, rest = words[0].upper(), words[1:]
    if found := re.fullmatch(r"LB([0-9]{1,3})", head):
        if rest:
            return None
        size = Decimal(found[1])
        return BarSpec(kind=BarKind.LINE_BREAK, size=size, base_s=base_s or MINUTE_S)
    if head == "PF":
        return _parse_boxes(rest, base_s)
    if len(rest) != 1:
        return None
    if head == "RENKO":
        is_atr = rest[0].upper().startswith("ATR")
        number = rest[0][3:] if is_atr else rest[0]
        return BarSpec(kind=BarKind.RENKO, size=_number(number), is_atr=is_atr, base_s=base_s)
    if head == "KAGI":
        size = _number(rest[0].removesuffix("%"))
        is_percent = rest[0].endswith("%")
        return BarSpec(kind=BarKind.KAGI, size=size, is_percent=is_percent, base_s=base_s)
    return None


def _parse_boxes(rest: list[str], base_s: int) -> BarSpec | None:
    by_extremes = len(rest) == 2 and rest[1].upper() == "HL"
    if len(rest) != 1 + by_extremes:
        return None
    box, cross, reversal = rest[0].lower().partition("x")
    if not cross or not re.fullmatch(r"[0-9]{1,2}", reversal):
        return None
    return BarSpec(
        kind=BarKind.POINT_FIGURE,
        size=_number(box),
        reversal=int(reversal),
        by_extremes=by_extremes,
        base_s=base_s,
    )


def _number(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9.]{1,24}", text):
        raise InvalidOperation
    return Decimal(text)


def _fault(spec: BarSpec) -> str:
    """Return what is wrong with the values, as the end of a sentence; empty if nothing is."""
    kind, size = spec.kind, spec.size
    most = _MOST.get(kind, Decimal(10) ** 12)
    if not size.is_finite() or not (0 < size <= most):
        return f"had the size {size}, must be above 0 and at most {most:,}"
    if (kind in _WHOLE or spec.is_atr) and size != int(size):
        return f"had the size {size}, must be a whole number"
    if kind is BarKind.TIME and not _is_interval(int(size)):
        return f"had {size} seconds, must be up to half a day or one day; from a minute on, minutes"
    if (kind is BarKind.POINT_FIGURE) != (spec.reversal > 0):
        return f"had a reversal of {spec.reversal} boxes"
    if spec.base_s and (kind not in _CLOSE_BASED or not _is_base(spec.base_s)):
        return f"cannot be made of closes of {spec.base_s} seconds"
    if kind is BarKind.LINE_BREAK and not spec.base_s:
        return "needs the interval of the closes it is made of"
    return _misplaced(spec)


def _misplaced(spec: BarSpec) -> str:
    if spec.is_percent and spec.kind is not BarKind.KAGI:
        return "has no percentage"
    if spec.is_atr and (spec.kind is not BarKind.RENKO or spec.size > 1_000):
        return "has no such true range"
    if spec.by_extremes and spec.kind is not BarKind.POINT_FIGURE:
        return "has no highs and lows to count"
    return ""


def _is_interval(seconds: int) -> bool:
    is_whole = seconds < MINUTE_S or seconds % MINUTE_S == 0
    return seconds == DAY_S or (is_whole and seconds <= _INTRADAY_MAX_S)


def _is_base(seconds: int) -> bool:
    return seconds >= MINUTE_S and _is_interval(seconds)


def _text(spec: BarSpec) -> str:
    kind, size = spec.kind, _plain(spec.size)
    if kind is BarKind.TIME:
        return _time_text(int(spec.size))
    if kind in (BarKind.WEEK, BarKind.MONTH):
        return f"{size}{'w' if kind is BarKind.WEEK else 'M'}"
    if kind in _SUFFIX:
        return f"{_short(spec.size)}{_SUFFIX[kind]}"
    if kind is BarKind.RANGE:
        return f"R{size}"
    if kind is BarKind.RENKO:
        return f"RENKO {'ATR' if spec.is_atr else ''}{size}"
    if kind is BarKind.KAGI:
        return f"KAGI {size}{'%' if spec.is_percent else ''}"
    if kind is BarKind.LINE_BREAK:
        return f"LB{size}"
    return f"PF {size}x{spec.reversal}{' HL' if spec.by_extremes else ''}"


def _time_text(seconds: int) -> str:
    unit = next(u for u in ("d", "h", "m", "s") if seconds % _UNITS_S[u] == 0)
    return f"{seconds // _UNITS_S[unit]}{unit}"


def _plain(value: Decimal) -> str:
    shown = f"{value:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _short(value: Decimal) -> str:
    """Return a number with the largest unit that leaves it at least 1: 1500 as 1.5k."""
    unit = next((u for u in ("B", "M", "k") if value >= Decimal(10) ** _POWERS[u]), "")
    return f"{_plain(value.scaleb(-_POWERS[unit]))}{unit}"
