"""Parabolic stop and reverse.

    SAR = SAR[1] + AF (EP - SAR[1]), never beyond the last two lows in a rise or highs in a fall
    AF begins with the step and grows by it at each new extreme EP, up to the most
    where a bar touches SAR, the trend turns: SAR = EP, AF = step

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), pp. 8-21: 0.02 and 0.2.
The first direction is that of the greater move of the second bar, as in TA-Lib. Warm-up: 1 bar.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    Quick,
    StudyParams,
)
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back
from app.indicators.kernels import Floats, talib


class Params(StudyParams, frozen=True):
    """Step and most of the acceleration."""

    step: Annotated[float, Meta(title="Step", description="share", gt=0, le=1)] = 0.02
    most: Annotated[float, Meta(title="Most", description="share", gt=0, le=1)] = 0.2


def check(params: Params) -> str:
    """Return what does not go together."""
    if params.step <= params.most:
        return ""
    return f"the step was {params.step:g}, must be no more than {params.most:g}"


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the stop."""
    step = functools.partial(_step, params.step, params.most)
    given = (bars.high, bars.low, back(bars.high), back(bars.low))
    return fold(step, None, given, 1)


Trend = tuple[bool, float, float, float]
"""Is it a rise, extreme, acceleration, stop of the next bar."""


def _step(
    step: float, most: float, trend: Trend | None, *bar: float
) -> tuple[Trend, tuple[float, ...]]:
    high, low, high_1, low_1 = bar
    if trend is None:
        rise = not (low_1 - low > max(high - high_1, 0.0))
        extreme, accel, stop = (high, step, low_1) if rise else (low, step, high_1)
        high_1, low_1 = high, low  # As TA-Lib: the first stop is held by the second bar alone.
    else:
        rise, extreme, accel, stop = trend
    if low <= stop if rise else high >= stop:
        rise = not rise
        stop = min(extreme, low_1, low) if rise else max(extreme, high_1, high)
        accel, extreme = step, high if rise else low
        shown = stop
    else:
        shown = stop
        if high > extreme if rise else low < extreme:
            accel, extreme = min(accel + step, most), high if rise else low
    stop += accel * (extreme - stop)
    stop = min(stop, low_1, low) if rise else max(stop, high_1, high)
    return (rise, extreme, accel, stop), (shown,)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    return (talib().SAR(columns["high"], columns["low"], params.step, params.most),)


def _fades(params: Params) -> int:
    return 1_000  # Two stops that began otherwise are one after some turns.


INDICATOR = IndicatorSpec(
    name="psar",
    title="Parabolic stop and reverse",
    short="SAR {step:g},{most:g}",
    params=Params,
    outputs=(Output(name="stop", title="SAR", kind=Kind.POINTS),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    check=check,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
