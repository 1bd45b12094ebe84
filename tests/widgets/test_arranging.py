"""Goal: rows stand as somebody wants them, a few are looked at in a frame, and none is lost."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets import arranging
from widgets.arranging import LONG, Arrangement, Arranger, sort_key
from widgets.cells import Column
from widgets.query import parse_query
from widgets.tables import TableModel

Row = tuple[int, str]


def model_of(rows: list[Row], *, newest_first: bool = False) -> TableModel[Row]:
    columns = (Column[Row]("Key", lambda r: str(r[0]), 20), Column[Row]("Word", lambda r: r[1], 20))
    model = TableModel[Row](columns, key=lambda row: row[0], newest_first=newest_first)
    model.put(rows)
    return model


def shown(model: TableModel[Row]) -> list[Row]:
    return [model.row(place) for place in range(model.rowCount())]


def finish(arranger: Arranger) -> None:
    for _ in range(10_000):
        if not arranger.is_busy:
            return
        arranger.work()
    raise AssertionError("never done")


def wanted(typed: str = "", column: int | None = None, *, descending: bool = False) -> Arrangement:
    return Arrangement(parse_query(typed, ("Key", "Word")), column, descending)


words = st.sampled_from(["", "–", "a", "b", "10", "9", "-3", "$1,000", "2.5 %", "B"])
rows = st.lists(st.tuples(st.integers(0, 30), words), unique_by=lambda row: row[0], max_size=30)


@given(rows, st.sampled_from(["", "a", "-a", "key>10"]), st.booleans(), st.booleans())
def test_sorted_rows_are_those_that_fit_each_once(given_rows, typed, descending, newest_first):
    model = model_of(given_rows, newest_first=newest_first)
    arranger = Arranger(model)
    arranger.want(wanted(typed, 1, descending=descending))
    finish(arranger)
    query = parse_query(typed, ("Key", "Word"))
    fitting = [r for r in given_rows if query is None or query.matches(lambda n, r=r: str(r[n]))]
    assert sorted(shown(model)) == sorted(fitting)
    said = [row[1] for row in shown(model) if row[1] not in ("", "–")]
    keys = [sort_key(word) for word in said]
    assert keys == sorted(keys, reverse=descending)
    assert [row[1] for row in shown(model)][: len(said)] == said
    assert all(model.find(row[0]) == place for place, row in enumerate(shown(model)))


@given(rows, rows)
def test_rows_that_come_later_find_their_place(first, later):
    model = model_of(first)
    arranger = Arranger(model)
    arranger.want(wanted("", 1))
    finish(arranger)
    model.put(later)
    finish(arranger)
    assert {row[0]: row[1] for row in shown(model)} == dict(first) | dict(later)


@given(rows, st.integers(0, 10))
def test_dropped_rows_are_not_shown(given_rows, keep):
    model = model_of(given_rows)
    arranger = Arranger(model)
    arranger.want(wanted("", 1))
    finish(arranger)
    model.trim(keep)
    assert {row[0] for row in shown(model)} == {row[0] for row in given_rows[-keep:] if keep}
    model.clear()
    finish(arranger)
    assert shown(model) == []


def test_nothing_wanted_is_the_tables_own_order():
    model = model_of([(1, "b"), (2, "a")], newest_first=True)
    arranger = Arranger(model)
    arranger.want(wanted("a", 0))
    finish(arranger)
    arranger.want(Arrangement())
    assert shown(model) == [(2, "a"), (1, "b")]
    assert not arranger.is_busy


@pytest.mark.parametrize(
    ("words", "sorted_words"),
    [
        (["10", "9", "-3"], ["-3", "9", "10"]),
        (["$1,000", "$20"], ["$20", "$1,000"]),
        (["b", "A", "5"], ["5", "A", "b"]),
        (["nan", "1"], ["1", "nan"]),
    ],
)
def test_numbers_are_sorted_as_numbers_before_words(words, sorted_words):
    assert sorted(words, key=sort_key) == sorted_words


class Slow:
    """Many rows; counts how many are looked at between two calls."""

    is_disordered = False

    def __init__(self, count: int) -> None:
        self.looks = 0
        self.kept: object = "as before"
        self._keys = range(count)

    def candidates(self):
        return self._keys

    def words_of(self, key, column):
        self.looks += 1
        return str(key * Decimal(1))

    def extra_words(self, key):
        return ""

    def show_only(self, keys):
        self.kept = keys


def test_no_frame_is_used_up_and_what_was_shown_stays_meanwhile(monkeypatch):
    now_s = [0.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now_s[0])
    model = Slow(10_000)
    arranger = Arranger(model)
    arranger.want(wanted("7", 0))
    frames = 0
    while arranger.is_busy:
        looks = model.looks
        words_of = model.words_of

        def slow(key, column, words_of=words_of):
            now_s[0] += 20e-6
            return words_of(key, column)

        model.words_of = slow  # type: ignore[method-assign]
        arranger.work()
        model.words_of = words_of  # type: ignore[method-assign]
        frames += 1
        assert (model.looks - looks) * 20e-6 <= arranging.BUDGET_S + arranging.CHUNK * 60e-6
        assert arranger.is_busy == (model.kept == "as before")
    assert frames > 10


def test_a_long_table_rests_between_two_orders(monkeypatch):
    now_s = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now_s[0])
    model = Slow(LONG + 1)
    arranger = Arranger(model)
    arranger.want(wanted("7", None))
    arranger.work()
    model.is_disordered = True
    assert not arranger.is_busy
    now_s[0] += arranging.REST_S
    assert arranger.is_busy
