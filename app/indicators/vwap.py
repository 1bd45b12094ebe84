"""Volume-weighted average price of the session, with bands.

    VWAP = sum(price volume) / sum(volume), both since the session began
    bands = VWAP +- w sqrt(sum(volume price^2) / sum(volume) - VWAP^2)

Source: S. A. Berkowitz, D. E. Logue, E. A. Noser, "The Total Cost of Transactions on the NYSE",
Journal of Finance 43 (1988). The price of a bar is its typical price, (high + low + close) / 3; the
bands' deviation is weighted by volume, as a population. Of bars of trades this is exact only for
bars of one trade. Warm-up: none; no number before a session's first volume. Needs to be told which
session a bar belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from app.indicators.engine.values import Value
from app.indicators.words import weighed


class Params(StudyParams, frozen=True):
    """Width of the bands, and price."""

    width: Width = 1.0
    source: Price = Source.HLC3


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the average and a band on each side."""
    x = bars.price(params.source)
    paid = weighed(x, bars.volume, bars.day)
    width = paid.deviation * params.width
    return paid.mean, paid.mean + width, paid.mean - width


INDICATOR = IndicatorSpec(
    name="vwap",
    title="Volume-weighted average price",
    short="VWAP",
    params=Params,
    outputs=(
        Output(name="mean", title="VWAP", is_sparse=True),
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
