"""The chain covers every column of every row: rows in memory, one thing changed at a time."""

from __future__ import annotations

import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import COLUMNS, GENESIS, Row, chained, find_fault, row_hash

INT64 = st.integers(-(2**63), 2**63 - 1)


def link(unchained: list[Row]) -> list[Row]:
    return chained(unchained, 0, GENESIS)


def first_fault(rows: list[Row]) -> tuple[int, str] | None:
    """Return the place and the text of the first fault, as every reader of a log looks for it."""
    prev = GENESIS
    for place, row in enumerate(rows, start=1):
        if fault := find_fault(row, place, prev):
            return place, fault
        prev = row.hash
    return None


chains = st.lists(
    st.builds(
        Row,
        seq=st.just(0),
        utc_ns=INT64,
        mono_ns=INT64,
        run_id=st.binary(max_size=16),
        kind=st.binary(max_size=8),
        cl_ord_id=st.binary(max_size=8),
        actor=st.binary(max_size=8),
        schema_v=INT64,
        body=st.binary(max_size=40),
        prev=st.just(b""),
        hash=st.just(b""),
    ),
    min_size=1,
    max_size=5,
).map(link)


@given(chains)
def test_chain_as_written_has_no_fault(rows: list[Row]) -> None:
    assert first_fault(rows) is None


@pytest.mark.parametrize("column", COLUMNS)
@given(rows=chains, data=st.data())
def test_change_of_one_cell_is_found_at_its_row(
    column: str, rows: list[Row], data: st.DataObject
) -> None:
    place = data.draw(st.integers(1, len(rows)))
    value = getattr(rows[place - 1], column)
    others = INT64 if isinstance(value, int) else st.binary(max_size=40)
    changed = data.draw(others.filter(lambda other: other != value))
    rows[place - 1] = msgspec.structs.replace(rows[place - 1], **{column: changed})
    fault = first_fault(rows)
    assert fault is not None
    assert fault[0] == place


@given(rows=chains, data=st.data())
def test_removed_row_is_found_unless_it_is_the_last(rows: list[Row], data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(rows)))
    del rows[place - 1]
    fault = first_fault(rows)
    if place > len(rows):
        assert fault is None  # What anchors are for.
    else:
        assert fault == (place, f"record {place} is missing: the next one is {place + 1}")


@given(rows=chains, data=st.data())
def test_bytes_moved_between_columns_are_found(rows: list[Row], data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(rows).filter(lambda row: row.kind))
    moved = msgspec.structs.replace(
        row, kind=row.kind[:-1], cl_ord_id=row.kind[-1:] + row.cl_ord_id
    )
    assert row_hash(moved) != row.hash


@pytest.mark.parametrize("value", [None, 1.5, "text", 2**63], ids=str)
@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "seq"])
def test_cell_of_another_type_is_a_fault(column: str, value: object) -> None:
    (row,) = link([Row(0, 1, 2, b"r", b"k", b"", b"a", 1, b"{}", b"", b"")])
    changed = msgspec.structs.replace(row, **{column: value})
    assert find_fault(changed, 1, GENESIS)


def test_number_that_no_column_holds_is_not_hashed() -> None:
    with pytest.raises(struct.error):
        row_hash(Row(1, 2**63, 2, b"r", b"k", b"", b"a", 1, b"{}", GENESIS, b""))


def test_row_after_a_rewritten_one_does_not_follow() -> None:
    rows = link([Row(0, n, 2, b"r", b"k", b"", b"a", 1, b"{}", b"", b"") for n in range(3)])
    forged = msgspec.structs.replace(rows[1], body=b'{"qty":"9"}')
    rows[1] = msgspec.structs.replace(forged, hash=row_hash(forged))
    assert first_fault(rows) == (3, "record 3 does not follow the record before it")
