"""Chaikin money flow.

    sum of volume ((close - low) - (high - close)) / (high - low) / sum of volume, over n

Source: M. Chaikin, in S. B. Achelis, "Technical Analysis from A to Z" (2nd ed., 2000): 21;
platforms have 20. 0 where there was no volume. Warm-up: n - 1 bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Output,
    StudyParams,
    zero_level,
)
from app.indicators.engine.values import Value, ratio
from app.indicators.engine.windows import flow
from app.indicators.words import close_place


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 20


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the flow, -1 to 1."""
    n = params.length
    money = flow(bars.volume * close_place(bars), n)
    return (ratio(money, flow(bars.volume, n), otherwise=0.0),)


INDICATOR = IndicatorSpec(
    name="cmf",
    title="Chaikin money flow",
    short="CMF {length}",
    params=Params,
    outputs=(Output(name="value", title="CMF"),),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
