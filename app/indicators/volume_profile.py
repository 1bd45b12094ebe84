"""Volume profile of a session, of what is visible, or since a moment.

    volume in rows of equal height between the lowest low and the highest high; a bar's volume
      lies evenly
    over its range
    point of control = row with the most; value area = rows around it that hold 70 %

Source: J. P. Steidlmayer, "Market Profile" (1984); J. F. Dalton, "Mind over Markets" (1990), app.
1, for the value area, two rows at a time. Of bars the rows are an estimate: within a bar nobody
knows. Warm-up: none. The session needs to be told which session a bar belongs to; it is that of
the last visible bar.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import numpy as np
from msgspec import Meta

from app.domain.errors import BadInput
from app.indicators.base import (
    MISSING,
    Bars,
    Category,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    StudyParams,
)
from app.indicators.profile import Profile, profile


class Range(StrEnum):
    """Which bars count."""

    SESSION = "session"
    VISIBLE = "visible"
    ANCHORED = "anchored"


class Params(StudyParams, frozen=True):
    """Which bars count, and in how many rows."""

    range: Annotated[Range, Meta(title="Range", description="bars that count")] = Range.SESSION
    rows: Annotated[int, Meta(title="Rows", description="in all", ge=1, le=500)] = 24
    anchor_ns: Annotated[int, Meta(title="Anchor", description="ns UTC", ge=0)] = 0


def by_price(bars: Bars, params: Params, first: int, last: int) -> Profile | None:
    """Return the profile.

    Raises:
        BadInput: the session is asked for and not known.
    """
    begin, end = _range(bars, params, max(0, first), min(last + 1, len(bars)))
    part = bars.cut(begin, end)
    return profile(part.high, part.low, part.volume, params.rows)


def _range(bars: Bars, params: Params, first: int, end: int) -> tuple[int, int]:
    if params.range is Range.VISIBLE or not end:
        return first, end
    if params.range is Range.ANCHORED:
        return int(np.searchsorted(bars.start_ns, params.anchor_ns)), len(bars)
    if bars.day is None:
        raise BadInput(f"{MISSING['day']}; not drawn")
    # From the last visible bar to both sides, as far as its session goes.
    others = np.flatnonzero(bars.day != bars.day[end - 1])
    place = int(np.searchsorted(others, end - 1))
    begin = int(others[place - 1]) + 1 if place else 0
    return begin, int(others[place]) if place < len(others) else len(bars)


INDICATOR = IndicatorSpec(
    name="volume_profile",
    title="Volume profile",
    short="VP {range}",
    params=Params,
    outputs=(Output(name="volume", title="Volume", kind=Kind.PROFILE),),
    category=Category.VOLUME,
    pane=Pane.OVERLAY,
    profile=by_price,
)
