"""Adaptive moving average, Kaufman's.

    efficiency = |x - x[n]| / sum of |x - x[1]| over n; 0 where nothing has moved
    share = (efficiency (2 / (fast + 1) - 2 / (slow + 1)) + 2 / (slow + 1))^2
    KAMA = KAMA[1] + share (x - KAMA[1]), beginning from the price before

Source: P. J. Kaufman, "Smarter Trading" (1995): 10, 2, 30. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    Pane,
    Price,
    Quick,
    Source,
    StudyParams,
)
from app.indicators.engine.recursions import adaptive
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import change, flow
from app.indicators.kernels import Floats, is_lively, talib


class Params(StudyParams, frozen=True):
    """Lengths and price."""

    length: Length = 10
    fast: Annotated[int, Meta(title="Fast", description="bars", ge=1, le=LENGTH_MAX)] = 2
    slow: Annotated[int, Meta(title="Slow", description="bars", ge=1, le=LENGTH_MAX)] = 30
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    x, n = bars.price(params.source), params.length
    moved = flow(abs(change(x)), n)
    efficiency = ratio(abs(change(x, n)), moved, otherwise=0.0, beside=x)
    fast, slow = 2 / (params.fast + 1), 2 / (params.slow + 1)
    share = efficiency * (fast - slow) + slow
    return (adaptive(x, share * share),)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    if not (
        params.source in columns
        and params.length > 1
        and (params.fast, params.slow) == (2, 30)
        and is_lively(columns, params.length)
    ):
        return None
    return (talib().KAMA(columns[params.source], params.length),)


def _fades(params: Params) -> int:
    return 5 * (params.slow + 1) ** 2 + params.length


INDICATOR = IndicatorSpec(
    name="kama",
    title="Adaptive moving average, Kaufman's",
    short="KAMA {length}",
    params=Params,
    outputs=(Output(name="value", title="KAMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
    quick=Quick(_arrays, _fades),
)
