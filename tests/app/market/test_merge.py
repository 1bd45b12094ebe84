"""Show which bar counts where a gap was filled."""

import pytest

from app.domain.times import MINUTE_NS, SECOND_NS
from app.market.merge import merged
from tests.tape import columns, rows

KNOWN = columns(*((n * MINUTE_NS, 10, 12, 9, 11, 100 + n) for n in (0, 1, 5, 6)))


def fetched(*minutes):
    return columns(*((n * MINUTE_NS, 20, 30, 5, 21, 1_000) for n in minutes))


@pytest.mark.parametrize(
    ("minutes", "volumes"),
    [
        ([2, 3, 4], [100, 101, 1_000, 1_000, 1_000, 105, 106]),
        ([1, 2], [100, 1_000, 1_000, 105, 106]),
        ([0, 2, 6], [100, 101, 1_000, 105, 106]),
    ],
    ids=["missing ones are put in", "one that was cut short is replaced", "others stay"],
)
def test_bars_of_the_gap_are_taken(minutes, volumes):
    bars, high, low, volume = merged(
        KNOWN, fetched(*minutes), MINUTE_NS + 30 * SECOND_NS, 5 * MINUTE_NS - 1
    )
    assert bars.volume.tolist() == volumes
    assert (high, low) == (30, 5)
    assert volume == sum(volumes) - KNOWN.volume.sum()
    assert sorted(bars.start_ns.tolist()) == bars.start_ns.tolist()


def test_newest_bar_goes_on_and_is_not_replaced():
    assert merged(KNOWN, fetched(6), 6 * MINUTE_NS, 9 * MINUTE_NS)[0] is None


def test_bars_after_the_newest_are_added():
    bars, *_ = merged(KNOWN, fetched(7, 8, 9), 6 * MINUTE_NS, 8 * MINUTE_NS)
    assert [row[0] for row in rows(bars)][-2:] == [7 * 60, 8 * 60]


def test_where_nothing_is_known_all_are_taken():
    assert len(merged(columns(), fetched(1, 2), 0, 9 * MINUTE_NS)[0]) == 2
