"""McGinley dynamic.

    MD = MD[1] + (x - MD[1]) / (0.6 n (x / MD[1])^4), beginning with the first price

Source: J. R. McGinley, "Investor Tools", Market Technicians Association Journal (1990); 0.6 fits
it to an exponential mean of n. The step is no more than the whole way, and that where a price is
not above 0. Warm-up: none.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Pane,
    Price,
    Source,
    StudyParams,
)
from app.indicators.engine.recursions import fold
from app.indicators.engine.values import Value


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 14
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    step = functools.partial(_step, 0.6 * params.length)
    return fold(step, None, (bars.price(params.source),), 1)


def _step(slow: float, state: float | None, x: float) -> tuple[float, tuple[float, ...]]:
    if state is None or not (state > 0 and x > 0):
        return x, (x,)
    pace = slow * min(x / state, 1e4) ** 4
    state += (x - state) / max(1.0, pace)
    return state, (state,)


INDICATOR = IndicatorSpec(
    name="mcginley",
    title="McGinley dynamic",
    short="MD {length}",
    params=Params,
    outputs=(Output(name="value", title="MD"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
