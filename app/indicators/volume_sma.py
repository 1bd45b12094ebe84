"""Mean volume.

    SMA(volume, n)

Source: J. J. Murphy, "Technical Analysis of the Financial Markets" (1999), ch. 7. Warm-up: n - 1
bars.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Length, Output, StudyParams
from app.indicators.engine.values import Value
from app.indicators.engine.windows import flow


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 20


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the mean, in units of volume."""
    return (flow(bars.volume, params.length) / params.length,)


INDICATOR = IndicatorSpec(
    name="volume_sma",
    title="Volume average",
    short="Vol SMA {length}",
    params=Params,
    outputs=(Output(name="value", title="Vol SMA"),),
    category=Category.VOLUME,
    rule=rule,
)
