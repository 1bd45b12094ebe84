"""Ichimoku kinko hyo.

    middle(n) = (highest high of n + lowest low of n) / 2
    conversion = middle(9), base = middle(26)
    leading A = (conversion + base) / 2 and leading B = middle(52), drawn 26 bars to the right
    lagging = close, drawn 26 bars to the left

Source: G. Hosoda (1969), in N. Elliott, "Ichimoku Charts" (2nd ed., 2018), ch. 3; there this bar
counts as the first of the 26, so that charts shift by 25 or by 26: here it is a parameter. Each
array holds the value that was known at its bar; the shift is the chart's, so that nothing known
later stands at an earlier bar. Warm-up: 8, 25, 25 and 51 bars.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    LENGTH_MAX,
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
from app.indicators.engine.windows import highest, lowest


class Params(StudyParams, frozen=True):
    """Lengths and shift."""

    conversion: Annotated[
        int, Meta(title="Conversion", description="bars", ge=1, le=LENGTH_MAX)
    ] = 9
    base: Annotated[int, Meta(title="Base", description="bars", ge=1, le=LENGTH_MAX)] = 26
    leading: Annotated[int, Meta(title="Leading B", description="bars", ge=1, le=LENGTH_MAX)] = 52
    shift: Annotated[int, Meta(title="Shift", description="bars", ge=0, le=LENGTH_MAX)] = 26


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the five lines, unshifted."""

    def middle(n: int) -> Value:
        return (highest(bars.high, n) + lowest(bars.low, n)) / 2

    conversion, base = middle(params.conversion), middle(params.base)
    return conversion, base, (conversion + base) / 2, middle(params.leading), bars.close


def ahead(params: Params) -> int:
    """Return by how much the cloud is drawn to the right."""
    return params.shift


def behind(params: Params) -> int:
    """Return by how much the close is drawn to the right: to the left."""
    return -params.shift


INDICATOR = IndicatorSpec(
    name="ichimoku",
    title="Ichimoku",
    short="Ichimoku {conversion},{base},{leading}",
    params=Params,
    outputs=(
        Output(name="conversion", title="Conversion"),
        Output(name="base", title="Base", role=Role.SECOND),
        Output(name="leading_a", title="Leading A", role=Role.UP, shift=ahead),
        Output(
            name="leading_b",
            title="Leading B",
            kind=Kind.CLOUD,
            role=Role.DOWN,
            fill_to="leading_a",
            shift=ahead,
        ),
        Output(name="lagging", title="Lagging", role=Role.DIM, shift=behind),
    ),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
