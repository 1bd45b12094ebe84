"""Alligator.

    jaw = SMMA(median price, 13) drawn 8 bars to the right, teeth 8 and 5, lips 5 and 3

Source: B. Williams, "New Trading Dimensions" (1998), ch. 5. SMMA is Wilder's mean. Warm-up: 12, 7
and 4 bars, and those of the shift.
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
    Output,
    Pane,
    Role,
    StudyParams,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value


class Params(StudyParams, frozen=True):
    """Lengths and shifts."""

    jaw: Annotated[int, Meta(title="Jaw", description="bars", ge=1, le=LENGTH_MAX)] = 13
    jaw_shift: Annotated[int, Meta(title="Jaw shift", description="bars", ge=0, le=LENGTH_MAX)] = 8
    teeth: Annotated[int, Meta(title="Teeth", description="bars", ge=1, le=LENGTH_MAX)] = 8
    teeth_shift: Annotated[
        int, Meta(title="Teeth shift", description="bars", ge=0, le=LENGTH_MAX)
    ] = 5
    lips: Annotated[int, Meta(title="Lips", description="bars", ge=1, le=LENGTH_MAX)] = 5
    lips_shift: Annotated[
        int, Meta(title="Lips shift", description="bars", ge=0, le=LENGTH_MAX)
    ] = 3


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return jaw, teeth and lips, unshifted."""
    x = bars.median
    return wilder(x, params.jaw), wilder(x, params.teeth), wilder(x, params.lips)


def jaw_shift(params: Params) -> int:
    """Return by how much the jaw is drawn to the right."""
    return params.jaw_shift


def teeth_shift(params: Params) -> int:
    """Return by how much the teeth are drawn to the right."""
    return params.teeth_shift


def lips_shift(params: Params) -> int:
    """Return by how much the lips are drawn to the right."""
    return params.lips_shift


INDICATOR = IndicatorSpec(
    name="alligator",
    title="Alligator",
    short="Alligator",
    params=Params,
    outputs=(
        Output(name="jaw", title="Jaw", shift=jaw_shift),
        Output(name="teeth", title="Teeth", role=Role.SECOND, shift=teeth_shift),
        Output(name="lips", title="Lips", role=Role.THIRD, shift=lips_shift),
    ),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
