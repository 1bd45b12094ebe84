"""Fisher transform.

    v = 0.66 (place of the median price in its range of n - 0.5) + 0.67 v[1], held within 0.999
    F = 0.5 ln((1 + v) / (1 - v)) + 0.5 F[1], trigger = F[1]

Source: J. Ehlers, "Using the Fisher Transform", Stocks & Commodities 20 (2002): 10. Warm-up: n - 1
bars, the trigger one more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Role,
    StudyParams,
    zero_level,
)
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back
from app.indicators.words import place_among


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 10


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the transform and its trigger."""
    off = place_among(bars.median, params.length, bars.median) * 0.01 - 0.5
    (line,) = fold(_step, (0.0, 0.0), (off,), 1)
    return line, back(line)


def _step(state: tuple[float, float], off: float) -> tuple[tuple[float, float], tuple[float, ...]]:
    value = max(-0.999, min(0.999, 0.66 * off + 0.67 * state[0]))
    line = 0.5 * math.log((1 + value) / (1 - value)) + 0.5 * state[1]
    return (value, line), (line,)


INDICATOR = IndicatorSpec(
    name="fisher",
    title="Fisher transform",
    short="Fisher {length}",
    params=Params,
    outputs=(
        Output(name="fisher", title="Fisher"),
        Output(name="trigger", title="Trigger", role=Role.SECOND),
    ),
    category=Category.MOMENTUM,
    levels=zero_level,
    rule=rule,
)
