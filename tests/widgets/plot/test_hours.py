"""Show that the core session alone is what a look at every bar would leave, however they came."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk import BarColumns
from app.domain.times import parse_iso_ns
from tests.widgets.plot.bars_made import MINUTE_NS, NAMES, part
from widgets.plot.growth import Growth
from widgets.plot.hours import CoreSessions

DAY_NS = 1_440 * MINUTE_NS
OPEN_NS = parse_iso_ns("2026-01-02T09:30")


def hours(first_ns, last_ns):
    """Give 09:30 to 16:00 of each day that two times touch, weekends too."""
    days = range((first_ns - OPEN_NS) // DAY_NS, (last_ns - OPEN_NS) // DAY_NS + 2)
    return tuple((OPEN_NS + d * DAY_NS, OPEN_NS + d * DAY_NS + 390 * MINUTE_NS) for d in days)


def bars_at(minutes):
    count = len(minutes)
    times = OPEN_NS + MINUTE_NS * np.array(minutes, dtype=np.int64)
    columns = {name: np.arange(count, dtype=float) + number for number, name in enumerate(NAMES)}
    return BarColumns(**{**columns, "start_ns": times})


def naive(bars, interval_ns):
    starts = bars.start_ns.tolist()
    spans = hours(starts[0], starts[-1])
    kept = [
        n for n, at in enumerate(starts) if any(a < at + interval_ns and at < b for a, b in spans)
    ]
    return {name: getattr(bars, name)[kept].tolist() for name in NAMES}


@given(
    gaps=st.lists(st.integers(1, 400), min_size=2, max_size=60),
    cuts=st.lists(st.integers(1, 60), max_size=6),
    minutes=st.sampled_from([1, 15, 60]),
)
def test_what_is_left_is_what_touches_a_core_session(gaps, cuts, minutes):
    bars = bars_at(np.cumsum(gaps).tolist())
    core = CoreSessions(hours)
    for end in [*sorted(cuts), len(gaps)]:
        seen = part(bars, 0, min(end, len(gaps)))
        seen.close[-1] += 0.5 * (end < len(gaps))  # The last bar is not what it will be.
        kept = core.of(seen, minutes * MINUTE_NS, "a")
        found = {name: getattr(kept, name).tolist() for name in NAMES}
        assert found == naive(seen, minutes * MINUTE_NS)


def test_bars_of_a_day_and_no_bars_are_left_alone():
    core = CoreSessions(hours)
    bars, none = bars_at([0, 500]), bars_at([])
    assert core.of(bars, DAY_NS, "a") is bars
    assert core.of(none, MINUTE_NS, "a") is none


def test_another_series_is_looked_at_from_the_start():
    core = CoreSessions(hours)
    one, other = bars_at([0, 5, 800]), bars_at([0, 6, 800])
    assert len(core.of(one, MINUTE_NS, "a")) == len(core.of(other, MINUTE_NS, "b")) == 2
    assert core.of(other, MINUTE_NS, "b").start_ns[1] == other.start_ns[1]


@pytest.mark.parametrize(
    ("then", "sound"),
    [
        pytest.param(slice(0, 3), 2, id="the last bar changed"),
        pytest.param(slice(0, 5), 2, id="bars were added"),
        pytest.param(slice(0, 2), 0, id="bars are gone at the end"),
        pytest.param(slice(1, 5), 0, id="bars are gone at the front"),
    ],
)
def test_growth_says_how_much_is_as_it_was(then, sound):
    bars, growth = bars_at([0, 1, 2, 3, 4]), Growth()
    assert growth.see(part(bars, 0, 3), "a") == 0
    assert growth.see(part(bars, then.start, then.stop), "a") == sound
    assert growth.see(msgspec.structs.replace(bars), "b") == 0
