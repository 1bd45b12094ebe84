"""Price volume rank.

    1 price and volume rose, 2 price rose and volume did not, 3 price did not rise nor volume, 4
      price did
    not rise and volume did

Source: A. J. Macek, "The Price-Volume Rank", Stocks & Commodities 12 (1994). Warm-up: 1 bar.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.indicators.base import Category, Columns, IndicatorSpec, Kind, Level, Output, StudyParams
from app.indicators.engine.values import Value, where
from app.indicators.engine.windows import change


def rule(bars: Columns, params: StudyParams) -> Sequence[Value]:
    """Return the rank, 1 to 4."""
    more = change(bars.volume) > 0
    rose = where(more, 1.0, 2.0)
    fell = where(more, 4.0, 3.0)
    return (where(change(bars.close) > 0, rose, fell),)


def levels(params: StudyParams) -> Sequence[Level]:
    """Return the levels that mean much."""
    return (Level(2.5),)


INDICATOR = IndicatorSpec(
    name="price_volume_rank",
    title="Price volume rank",
    short="PVR",
    params=StudyParams,
    outputs=(Output(name="rank", title="PVR", kind=Kind.STEP),),
    category=Category.VOLUME,
    levels=levels,
    rule=rule,
)
