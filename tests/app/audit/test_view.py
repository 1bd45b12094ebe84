"""Goal: the screen gets the newest durable records as they were written, and never too many."""

from __future__ import annotations

import pytest

from app.audit.chain import GENESIS, Row, chained
from app.audit.records import UserActed, row_of
from app.audit.view import JournalRow, JournalView

ACTED = UserActed(action="export", detail="trades", actor="ada")


def rows(count: int) -> list[Row]:
    row = row_of(ACTED, utc_ns=7, mono_ns=8, run_id=bytes(16))
    return chained([row] * count, 0, GENESIS)


def test_new_view_has_nothing_and_the_head_of_an_empty_log() -> None:
    view = JournalView(5)
    assert view.rows_after(0, 100) == []
    assert (view.head_seq, view.head_hash, view.last_commit_ns) == (0, "0" * 64, None)


@pytest.mark.parametrize(
    ("after", "limit", "seqs"),
    [
        (0, 100, [6, 7, 8, 9, 10]),
        (8, 100, [9, 10]),
        (0, 2, [9, 10]),
        (10, 100, []),
        (99, 100, []),
        (7, 0, []),
    ],
)
def test_view_keeps_the_newest_rows(after: int, limit: int, seqs: list[int]) -> None:
    view = JournalView(5)
    view._add(rows(10), 5)
    assert [shown.seq for shown in view.rows_after(after, limit)] == seqs
    assert (view.head_seq, view.last_commit_ns) == (10, 5)


def test_row_is_shown_as_text() -> None:
    view = JournalView(5)
    (stored,) = rows(1)
    view._add([stored], None)
    assert view.rows_after(0, 1) == [
        JournalRow(
            seq=1,
            utc_ns=7,
            kind="user_action",
            cl_ord_id="",
            actor="ada",
            body=stored.body.decode(),
            hash=stored.hash.hex(),
        )
    ]
    assert view.head_hash == stored.hash.hex()
