"""Force index.

    EMA((close - close[1]) volume, n)

Source: A. Elder, "Trading for a Living" (1993), ch. 42: 13, and 2 for entries. Warm-up: n bars.
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
from app.indicators.engine.recursions import ema
from app.indicators.engine.values import Value
from app.indicators.engine.windows import change


class Params(StudyParams, frozen=True):
    """Length."""

    length: Length = 13


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the force, in units of price times volume."""
    return (ema(change(bars.close) * bars.volume, params.length),)


INDICATOR = IndicatorSpec(
    name="efi",
    title="Force index",
    short="EFI {length}",
    params=Params,
    outputs=(Output(name="value", title="EFI"),),
    category=Category.VOLUME,
    levels=zero_level,
    rule=rule,
)
