"""Directional movement: average directional index and the two directional indicators.

    up = high - high[1], down = low[1] - low
    +DM = up where up > down and up > 0, else 0; -DM = down where down > up and down > 0, else 0
    +DI = 100 W(+DM) / W(TR), -DI = 100 W(-DM) / W(TR)
    ADX = W(100 |+DI - -DI| / (+DI + -DI)), where W is Wilder's mean over n

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), pp. 35-47: 14. The book
and TA-Lib begin the sums with n - 1 values, here the means begin with n; both agree after some 10 n
bars. 0 where nothing has moved. Warm-up: n bars, the index n - 1 more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Level,
    Output,
    Percent,
    Quick,
    Role,
    StudyParams,
    faded,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import directions


class Params(StudyParams, frozen=True):
    """Length and level."""

    length: Length = 14
    strong: Percent = 25.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return ADX, +DI and -DI, 0 to 100."""
    moved = directions(bars, params.length)
    return wilder(moved.dx, params.length), moved.plus, moved.minus


def levels(params: Params) -> Sequence[Level]:
    """Return where a trend counts as strong."""
    return (Level(params.strong),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (params.length > 1 and is_lively(columns, 8 * params.length)):
        return None
    studies = (talib().ADX, talib().PLUS_DI, talib().MINUS_DI)
    return [
        study(columns["high"], columns["low"], columns["close"], params.length) for study in studies
    ]


def _fades(params: Params) -> int:
    return faded(2 * params.length, 2 * params.length)


INDICATOR = IndicatorSpec(
    name="adx",
    title="Directional movement",
    short="ADX {length}",
    params=Params,
    outputs=(
        Output(name="adx", title="ADX"),
        Output(name="plus", title="+DI", role=Role.UP),
        Output(name="minus", title="-DI", role=Role.DOWN),
    ),
    category=Category.TREND,
    levels=levels,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
