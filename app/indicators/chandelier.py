"""Chandelier exit.

    long = highest high of n - w ATR(n), short = lowest low of n + w ATR(n)

Source: C. Le Beau, in A. Elder, "Come Into My Trading Room" (2002), ch. 6: 22 and 3. Warm-up: n
bars.
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
    Role,
    StudyParams,
    Width,
)
from app.indicators.engine.recursions import wilder
from app.indicators.engine.values import Value
from app.indicators.engine.windows import highest, lowest
from app.indicators.words import true_range


class Params(StudyParams, frozen=True):
    """Length and width."""

    length: Length = 22
    width: Width = 3.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the stop of a long and of a short position."""
    n = params.length
    width = wilder(true_range(bars), n) * params.width
    return highest(bars.high, n) - width, lowest(bars.low, n) + width


INDICATOR = IndicatorSpec(
    name="chandelier",
    title="Chandelier exit",
    short="CE {length},{width:g}",
    params=Params,
    outputs=(
        Output(name="long", title="Long", role=Role.UP),
        Output(name="short", title="Short", role=Role.DOWN),
    ),
    category=Category.TREND,
    pane=Pane.OVERLAY,
    rule=rule,
)
