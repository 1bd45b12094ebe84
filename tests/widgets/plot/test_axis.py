"""Show that the time axis tells days, months and years where they begin."""

from __future__ import annotations

import numpy as np
import pytest

from widgets.plot.axis import looked_at, time_labels
from widgets.plot.scale import Scale, main_prices


@pytest.mark.parametrize(
    ("weeks", "words"),
    [(260, {"2022", "2023", "2024", "2025"}), (40, {"Mar", "Apr", "Jul", "Aug"})],
)
def test_long_charts_are_told_by_months_and_years(weeks, words):
    week_ns = 7 * 86_400 * 10**9
    starts = 1_609_770_600 * 10**9 + week_ns * np.arange(weeks, dtype=np.int64)  # 2021-01-04.
    scale = Scale(900, 300, 0.0, float(weeks), main_prices(0, 300, 1.0, 2.0))
    labels = time_labels(scale, *looked_at(scale, starts), week_ns)
    told = {label.words for label in labels}
    assert words <= told
    assert told <= words | {
        "2021",
        *["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    }
