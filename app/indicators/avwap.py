"""Volume-weighted average price since a moment that a person chose, with bands.

    AVWAP = sum(price volume) / sum(volume), both since the anchor
    bands = AVWAP +- w sqrt(sum(volume (price - AVWAP)^2) / sum(volume))

Source: P. Levine, "MIDAS" (1995); B. Shannon, "Technical Analysis Using Multiple Timeframes" (2008)
for the name. The price of a bar is its typical price; the anchor is the start of the first bar that
counts. Warm-up: none; no number before the anchor or the first volume after it.
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
    Price,
    Role,
    Source,
    StudyParams,
    Width,
)
from app.indicators.engine.values import Value, where
from app.indicators.words import only, weighed


class Params(StudyParams, frozen=True):
    """Anchor, width of the bands, and price."""

    anchor_ns: Annotated[int, Meta(title="Anchor", description="ns UTC", ge=0)] = 0
    width: Width = 1.0
    source: Price = Source.HLC3


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the average and a band on each side."""
    counts = bars.start_ns > float(params.anchor_ns - 1)
    since = where(counts, bars.close * 0 + 1, 0.0)
    paid = weighed(bars.price(params.source), bars.volume, since)
    width = paid.deviation * params.width
    middle = only(counts, paid.mean)
    return middle, middle + width, middle - width


INDICATOR = IndicatorSpec(
    name="avwap",
    title="Anchored volume-weighted average price",
    short="AVWAP",
    params=Params,
    outputs=(
        Output(name="mean", title="AVWAP", is_sparse=True),
        Output(name="upper", title="Upper", role=Role.DIM, is_sparse=True),
        Output(
            name="lower",
            title="Lower",
            kind=Kind.BAND,
            role=Role.DIM,
            fill_to="upper",
            is_sparse=True,
        ),
    ),
    category=Category.VOLUME,
    pane=Pane.OVERLAY,
    rule=rule,
)
