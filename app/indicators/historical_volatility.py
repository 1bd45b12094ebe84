"""Historical volatility.

    100 sqrt(p) times the deviation of ln(close / close[1]) over n, divided by n - 1 (a sample)

Source: J. C. Hull, "Options, Futures, and Other Derivatives" (8th ed., 2012), sec. 14.4; p bars a
year, 252 of days. Warm-up: n bars.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import Category, Columns, IndicatorSpec, Output, Span, StudyParams
from app.indicators.engine.values import Value, log, ratio
from app.indicators.engine.windows import back, deviation


class Params(StudyParams, frozen=True):
    """Length, and bars of a year."""

    length: Span = 20
    year: Annotated[int, Meta(title="Year", description="bars a year", ge=1, le=1_000_000)] = 252


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the volatility a year, per cent."""
    n = params.length
    moved = log(ratio(bars.close, back(bars.close), otherwise=1.0))
    return (deviation(moved, n) * (100 * math.sqrt(params.year * n / (n - 1))),)


INDICATOR = IndicatorSpec(
    name="historical_volatility",
    title="Historical volatility",
    short="HV {length}",
    params=Params,
    outputs=(Output(name="value", title="HV"),),
    category=Category.VOLATILITY,
    rule=rule,
)
