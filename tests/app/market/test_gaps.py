"""Show when something is missing: what a feed says, and what a symbol's minutes tell."""

import numpy as np
import pytest

from app.domain.enums import FeedState
from app.domain.market import FeedStatus
from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.gaps import GAPS_MAX, FeedGaps, Gap, GapKind, quiet_gaps
from tests.tape import ny

LIVE, DOWN, DEGRADED = FeedState.LIVE, FeedState.DOWN, FeedState.DEGRADED
CONNECTING, ENDED = FeedState.CONNECTING, FeedState.ENDED
EVER = 2**62


def said(gaps, *steps):
    """Say (state, second, second of the last event); return what ended."""
    return [
        gaps.on_status(
            FeedStatus(feed="test", state=state, text="", ts_recv_ns=at * SECOND_NS),
            None if last is None else last * SECOND_NS,
        )
        for state, at, last in steps
    ]


def gap(start, end, kind=GapKind.FEED):
    return Gap(start_ns=start * SECOND_NS, end_ns=end * SECOND_NS, kind=kind)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(CONNECTING, 0, None), (LIVE, 9, None)], []),
        ([(LIVE, 0, None), (DOWN, 20, 10), (CONNECTING, 25, 10), (LIVE, 30, 10)], [gap(10, 30)]),
        ([(LIVE, 0, None), (DEGRADED, 20, 10), (LIVE, 20, 20)], [gap(10, 20)]),
        ([(LIVE, 0, None), (DEGRADED, 10, 10), (LIVE, 10, 10)], []),
        ([(LIVE, 0, None), (LIVE, 30, 10)], []),
        ([(LIVE, 0, None), (DOWN, 5, 4), (DEGRADED, 9, 4)], [gap(4, 9)]),
        ([(LIVE, 0, None), (ENDED, 20, 10)], []),
        (
            [(LIVE, 0, None), (DOWN, 5, 4), (LIVE, 9, 4), (DOWN, 20, 15), (LIVE, 29, 15)],
            [gap(4, 9), gap(15, 29)],
        ),
    ],
    ids=[
        "the first start is none",
        "away and back",
        "skipped",
        "a bad frame is none",
        "a heartbeat is none",
        "back but not well",
        "the end of a recording is none",
        "twice",
    ],
)
def test_gaps_are_what_the_feed_says(steps, expected):
    gaps = FeedGaps()
    ended = [one for one in said(gaps, *steps) if one is not None]
    assert ended == list(gaps.between(0, EVER, EVER)) == expected


def test_gap_that_goes_on_ends_now():
    gaps = FeedGaps()
    said(gaps, (LIVE, 0, None), (DOWN, 20, 10))
    assert gaps.between(0, EVER, 25 * SECOND_NS) == (gap(10, 25),)
    assert gaps.between(0, 9 * SECOND_NS, 25 * SECOND_NS) == ()
    assert gaps.between(0, EVER, 10 * SECOND_NS) == ()


def test_version_grows_with_begin_and_end():
    gaps, versions = FeedGaps(), []
    for step in ((LIVE, 0, None), (DOWN, 20, 10), (CONNECTING, 21, 10), (LIVE, 30, 10)):
        said(gaps, step)
        versions.append(gaps.version)
    assert versions == [0, 1, 1, 2]


def test_only_so_many_are_kept():
    gaps = FeedGaps()
    for n in range(GAPS_MAX + 3):
        said(gaps, (LIVE, 10 * n, 10 * n), (DOWN, 10 * n + 5, 10 * n + 1), (LIVE, 10 * n + 8, None))
    kept = gaps.between(0, EVER, EVER)
    assert len(kept) == GAPS_MAX
    assert kept[0] == gap(31, 38)


class TestQuiet:
    @staticmethod
    def minutes(*spans):
        return np.concatenate([np.arange(ny(a), ny(b), MINUTE_NS) for a, b in spans])

    def quiet(self, *spans):
        return [(g.start_ns, g.end_ns) for g in quiet_gaps(self.minutes(*spans))]

    def test_stretch_without_a_bar_is_one(self):
        found = self.quiet(
            ("2026-11-23T09:30", "2026-11-23T11:00"), ("2026-11-23T11:20", "2026-11-23T12:00")
        )
        assert found == [(ny("2026-11-23T11:00"), ny("2026-11-23T11:20"))]

    @pytest.mark.parametrize(("until", "count"), [("11:09", 0), ("11:10", 1)])
    def test_it_is_far_longer_than_usual(self, until, count):
        found = self.quiet(
            ("2026-11-23T09:30", "2026-11-23T11:00"),
            (f"2026-11-23T{until}", "2026-11-23T12:00"),
        )
        assert len(found) == count

    def test_nights_are_none_and_missing_sessions_are(self):
        found = self.quiet(
            ("2026-11-24T09:30", "2026-11-24T15:00"), ("2026-11-27T10:30", "2026-11-27T13:00")
        )
        assert found == [
            (ny("2026-11-24T15:00"), ny("2026-11-24T16:00")),
            (ny("2026-11-25T09:30"), ny("2026-11-25T16:00")),
            (ny("2026-11-27T09:30"), ny("2026-11-27T10:30")),
        ]

    def test_stock_that_seldom_trades_has_none(self):
        assert (
            quiet_gaps(np.arange(ny("2026-11-23T09:30"), ny("2026-11-23T16:00"), 9 * MINUTE_NS))
            == ()
        )

    def test_of_less_than_two_bars_nothing_is_told(self):
        assert quiet_gaps(np.array([ny("2026-11-23T09:30")])) == ()
