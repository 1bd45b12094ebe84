"""Show that an identity is never given twice and fits the strictest venue.

Method: known days; a law over counts.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.ids import AccountID
from app.oms.identity import LENGTH_MAX, ClOrdIDs
from tests.samples import NOW_NS

ACCOUNT = AccountID("PFFFFFF")
DAY_NS = 86_400 * 10**9


@pytest.mark.parametrize(
    ("used", "expected"),
    [
        (0, "PFFFFFF-261123-1"),
        (8, "PFFFFFF-261123-9"),
        (9, "PFFFFFF-261123-A"),
        (34, "PFFFFFF-261123-Z"),
        (35, "PFFFFFF-261123-10"),
        (36**4 - 1, "PFFFFFF-261123-10000"),
    ],
)
def test_identity_is_account_day_and_number(used, expected):
    assert ClOrdIDs(ACCOUNT, used).next(NOW_NS) == expected


def test_day_is_of_utc_and_the_number_goes_on_over_midnight():
    ids = ClOrdIDs(ACCOUNT, 0)
    assert ids.next(DAY_NS - 1) == "PFFFFFF-700101-1"
    assert ids.next(DAY_NS) == "PFFFFFF-700102-2"


@given(st.integers(0, 36**5 - 40), st.lists(st.integers(0, 4 * 10**18), max_size=30))
def test_no_identity_is_given_twice_and_all_fit(used, times_ns):
    ids = ClOrdIDs(ACCOUNT, used)
    given_ = [ids.next(ts_ns) for ts_ns in times_ns]
    assert len(set(given_)) == len(given_)
    assert all(re.fullmatch(r"[A-Z0-9-]{1,20}", one) for one in given_)


@given(st.integers(0, 10**6), st.integers(0, 20), st.integers(0, 20))
def test_identities_after_a_restart_are_new_even_on_another_day(used, before, after):
    first = ClOrdIDs(ACCOUNT, used)
    old = {first.next(NOW_NS) for _ in range(before)}
    again = ClOrdIDs(ACCOUNT, used + before)
    assert not old & {again.next(NOW_NS + n * DAY_NS) for n in range(after)}


def test_identity_too_long_for_a_venue_is_our_mistake():
    with pytest.raises(AssertionError):
        ClOrdIDs(AccountID("P" * LENGTH_MAX), 0).next(NOW_NS)
