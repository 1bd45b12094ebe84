"""Show that times survive being written and read, on the days the clocks change as well.

Method: known instants of the tape and of daylight saving, and a round trip over drawn times.
Source of the dates: daylight saving time in the United States, 15 U.S.C. 260a(a).
"""

import typing
from datetime import UTC, datetime, time, timedelta

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.audit import records
from app.domain.times import (
    day_end_ns,
    new_york,
    new_york_text,
    parse_iso_ns,
    parse_moment_ns,
)

STRUCTS = [kind for kind in vars(records).values() if isinstance(kind, type(msgspec.Struct))]
SPRING_NS = 1_772_953_200_000_000_000  # 2026-03-08 02:00 -> 03:00 New York
AUTUMN_NS = 1_793_512_800_000_000_000  # 2026-11-01 02:00 -> 01:00 New York
MS = 1_000_000


@pytest.mark.parametrize(
    ("text", "ts_ns"),
    [
        ("2013-10-08T09:50:06.041-04:00", 1_381_240_206_041_000_000),
        ("2013-10-08T09:50:06.041", 1_381_240_206_041_000_000),
        ("2013-10-08 13:50:06.041Z", 1_381_240_206_041_000_000),
        ("  2013-10-08T13:50:06.041+00:00\n", 1_381_240_206_041_000_000),
        ("2013-10-08T09:50:06.041999999-04:00", 1_381_240_206_041_999_000),
        ("2013-10-08", 1_381_204_800_000_000_000),
        ("1969-12-31T23:59:59.999999Z", -1_000),
        ("2026-03-08T01:59:59.999", SPRING_NS - MS),
        ("2026-03-08T03:00", SPRING_NS),
        ("2026-11-01T01:30-04:00", AUTUMN_NS - 1_800_000 * MS),
        ("2026-11-01T01:30-05:00", AUTUMN_NS + 1_800_000 * MS),
        ("2026-11-01T01:30", AUTUMN_NS - 1_800_000 * MS),
    ],
)
def test_text_is_read_as_new_york_unless_it_says_otherwise(text, ts_ns):
    assert parse_iso_ns(text) == ts_ns


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9:50", "2013-10-08T09:50"),
        (" 09:50 ", "2013-10-08T09:50"),
        ("15:00:30", "2013-10-08T15:00:30"),
        ("09:50:06.041", "2013-10-08T09:50:06.041"),
        ("2013-10-09 10:15", "2013-10-09T10:15"),
        ("2013-10-09T10:15:30-04:00", "2013-10-09T10:15:30"),
    ],
)
def test_a_time_of_day_means_the_day_that_is_played(text, meant):
    assert parse_moment_ns(text, parse_iso_ns("2013-10-08T23:59")) == parse_iso_ns(meant)


@pytest.mark.parametrize("text", ["", ":", "1", "10", "24:00", "9:5", "9:60", "9:50 pm", "10:15Z"])
def test_what_a_person_cannot_have_meant_is_refused(text):
    with pytest.raises(ValueError, match="."):
        parse_moment_ns(text, SPRING_NS)


@pytest.mark.parametrize("text", ["", "noon", "09:30", "2013-13-08T09:30:00", "1381240206"])
def test_text_that_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match="."):
        parse_iso_ns(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59:59", "2262-01-01"])
def test_time_beyond_the_calendar_is_refused_like_any_other_bad_text(text):
    with pytest.raises(ValueError, match="out of range"):
        parse_iso_ns(text)


@pytest.mark.parametrize("text", ["1678-01-01T00:00+14:00", "2261-12-31T23:59:59-12:00"])
def test_time_within_range_fits_a_ring(text):
    assert -(2**63) <= parse_iso_ns(text) < 2**63


@pytest.mark.parametrize(
    ("ts_ns", "text"),
    [
        (1_381_240_206_041_999_999, "2013-10-08T09:50:06.041-04:00"),
        (SPRING_NS - 1, "2026-03-08T01:59:59.999-05:00"),
        (SPRING_NS, "2026-03-08T03:00:00.000-04:00"),
        (AUTUMN_NS - 1, "2026-11-01T01:59:59.999-04:00"),
        (AUTUMN_NS, "2026-11-01T01:00:00.000-05:00"),
        (-1, "1969-12-31T18:59:59.999-05:00"),
    ],
)
def test_time_is_written_with_milliseconds_and_offset(ts_ns, text):
    assert new_york_text(ts_ns) == text


def test_digits_below_a_microsecond_are_cut_and_not_rounded():
    assert new_york(1_381_240_206_041_999_999).microsecond == 41_999


@given(st.integers(-2_000_000_000_000, 9_000_000_000_000))
@example(SPRING_NS // MS)
@example(AUTUMN_NS // MS - 1_800_000)
@example(AUTUMN_NS // MS + 1_800_000)
def test_what_is_written_is_read_back(ts_ms):
    assert parse_iso_ns(new_york_text(ts_ms * MS)) == ts_ms * MS


@given(st.integers(0, 7_200_000), st.sampled_from([SPRING_NS, AUTUMN_NS]))
def test_what_is_written_is_read_back_in_the_hours_around_a_change(ms, change_ns):
    ts_ns = change_ns + (ms - 3_600_000) * MS
    assert parse_iso_ns(new_york_text(ts_ns)) == ts_ns


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2026-11-23T00:00", "2026-11-24T00:00"),
        ("2026-11-23T23:59:59.999", "2026-11-24T00:00"),
        ("2026-11-01T00:30", "2026-11-02T00:00"),
        ("2026-03-08T00:30", "2026-03-09T00:00"),
    ],
)
def test_the_day_of_an_order_ends_at_the_next_midnight(at, end):
    assert day_end_ns(parse_iso_ns(at)) == parse_iso_ns(end)


@pytest.mark.parametrize("kind", STRUCTS, ids=lambda kind: kind.__name__)
def test_moments_on_record_are_whole_nanoseconds_and_no_local_time(kind):  # T16
    for field in msgspec.structs.fields(kind):
        members = {field.type, *typing.get_args(field.type)}
        assert not members & {datetime, time}, field.name
        if field.name.endswith("_ns"):
            assert int in members, field.name


@given(st.integers(0, 2**62))
def test_every_time_that_is_shown_knows_its_zone(ts_ns):  # T16
    shown = new_york(ts_ns)
    assert shown.utcoffset() is not None
    assert shown == datetime.fromtimestamp(0, UTC) + timedelta(microseconds=ts_ns // 1_000)
