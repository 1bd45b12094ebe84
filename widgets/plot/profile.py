"""Volume by price, as rows from the right edge; no Qt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from widgets.palettes import Role
from widgets.plot.scale import Scale
from widgets.plot.styles import Shape, Stroke

if TYPE_CHECKING:
    from app.indicators.profile import Profile

WIDTH_SHARE: Final = 0.25
"""Of the pane, that the row with the most volume takes."""
AREA_SHARE: Final = 0.34
REST_SHARE: Final = 0.16
"""How much of the colour rows have within the value area, and outside of it."""


def profile_strokes(profile: Profile, scale: Scale, role: Role) -> Iterator[Stroke]:
    """Give the rows, those of the value area stronger, and a line at the point of control."""
    most = float(profile.volume.max(initial=0.0))
    if not most > 0:
        return
    rows = np.arange(len(profile.volume), dtype=np.float64)
    one = scale.ys(profile.bottom + rows * profile.height)
    other = scale.ys(profile.bottom + (rows + 1) * profile.height)
    top, bottom = np.minimum(one, other), np.maximum(one, other)
    wide = np.rint(profile.volume / most * scale.width * WIDTH_SHARE)
    # A pixel stays free between rows that are high enough to be told apart.
    free = np.where(bottom - top >= 4, 1.0, 0.0)
    high = np.maximum(1.0, bottom - top - free)
    rects = np.column_stack((scale.width - wide, top, wide, high))[wide > 0]
    is_in = ((rows >= profile.area[0]) & (rows <= profile.area[1]))[wide > 0]
    yield Stroke(Shape.GROUND, (role, REST_SHARE), rects[~is_in])
    yield Stroke(Shape.GROUND, (role, AREA_SHARE), rects[is_in])
    y = float(scale.ys(np.array([profile.price(profile.poc + 0.5)]))[0])
    line = np.array([[0.0, y, float(scale.width), 1.0]])
    yield Stroke(Shape.RECTS, (role, 0.8), line)
