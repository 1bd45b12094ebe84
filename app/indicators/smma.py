"""Smoothed moving average, Wilder's.

    SMMA = SMMA[1] + (x - SMMA[1]) / n, beginning with the simple mean of the first n

Source: J. W. Wilder, "New Concepts in Technical Trading Systems" (1978), p. 23. Also known as RMA;
an exponential mean of span 2 n - 1. Warm-up: n - 1 bars.
"""

from __future__ import annotations

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
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value


class Params(StudyParams, frozen=True):
    """Length and price."""

    length: Length = 14
    source: Price = Source.CLOSE


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean."""
    return (wilder(bars.price(params.source), params.length),)


INDICATOR = IndicatorSpec(
    name="smma",
    title="Smoothed moving average, Wilder's",
    short="SMMA {length}",
    params=Params,
    outputs=(Output(name="mean", title="SMMA"),),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
