"""Fractals.

    top: a high above the highs of the n bars before and of the n bars after; bottom: a low below

Source: B. Williams, "Trading Chaos" (1995), ch. 8: 2. A fractal is known n bars after its bar, and
stands in the array at the bar at which it became known; the chart draws it n bars to the left.
Warm-up: 2 n bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    Role,
    StudyParams,
)
from app.indicators.engine.values import Value
from app.indicators.engine.windows import back, highest, lowest
from app.indicators.words import only


class Params(StudyParams, frozen=True):
    """Bars on each side."""

    wing: Annotated[int, Meta(title="Wing", description="bars", ge=1, le=100)] = 2


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the price of a top and of a bottom, at the bar at which it became known."""
    n = params.wing
    top, bottom = back(bars.high, n), back(bars.low, n)
    above, below = highest(bars.high, n), lowest(bars.low, n)
    is_top = (top > above) & (top > back(above, n + 1))
    is_bottom = (bottom < below) & (bottom < back(below, n + 1))
    return only(is_top, top), only(is_bottom, bottom)


def behind(params: Params) -> int:
    """Return by how much a fractal is drawn to the right: to the left."""
    return -params.wing


INDICATOR = IndicatorSpec(
    name="fractals",
    title="Fractals",
    short="Fractals {wing}",
    params=Params,
    outputs=(
        Output(
            name="top", title="Top", kind=Kind.MARKS, role=Role.DOWN, shift=behind, is_sparse=True
        ),
        Output(
            name="bottom",
            title="Bottom",
            kind=Kind.MARKS,
            role=Role.UP,
            shift=behind,
            is_sparse=True,
        ),
    ),
    category=Category.LEVELS,
    pane=Pane.OVERLAY,
    rule=rule,
)
