"""Which rows of a table are shown and in which order: filtered and sorted a few at a time.

The danger: 100,000 rows that are looked through while somebody types hold the loop for a second.
Here the work stops when its share of a frame is used up and goes on in the next one; what was shown
before stays until the new order is complete.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from widgets.query import Query, number_of

BUDGET_S: Final = 0.006
"""Of a frame, for one table."""
CHUNK: Final = 64
"""Rows between two looks at the clock."""
RUN: Final = 4_096
"""Rows that are sorted at once; runs are merged, which is quick."""
LONG: Final = 2_000
"""A longer table is not put in order more often than every `REST_S`."""
REST_S: Final = 1.0
_NOTHING: Final = frozenset({"", "–", "-"})

SortKey = tuple[int, float, str]


class Arrangeable(Protocol):
    """A table's model, as far as its order goes."""

    is_disordered: bool
    """Rows came or changed since they were put in order."""

    def candidates(self) -> Sequence[Hashable]:
        """Return the keys of all rows in their own order, from above."""
        ...

    def words_of(self, key: Hashable, column: int) -> str:
        """Return what a row says in a column."""
        ...

    def extra_words(self, key: Hashable) -> str:
        """Return other words by which a row is found, small letters."""
        ...

    def show_only(self, keys: Sequence[Hashable] | None) -> None:
        """Show these rows in this order; None for all in their own."""
        ...


@dataclass(frozen=True)
class Arrangement:
    """What somebody wants to see."""

    query: Query | None = None
    column: int | None = None
    """Sorted by it; None for the table's own order."""
    is_descending: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is all rows in their own order."""
        return self.query is None and self.column is None


class Arranger:
    """Keeps a model as somebody wants to see it."""

    def __init__(self, model: Arrangeable) -> None:
        self._model: Final = model
        self._wanted = Arrangement()
        self._job: Iterator[None] | None = None
        self._ended_s = 0.0

    @property
    def wanted(self) -> Arrangement:
        """What somebody wants to see."""
        return self._wanted

    @property
    def is_busy(self) -> bool:
        """Whether there is work for the next frame."""
        return self._job is not None or (
            self._model.is_disordered and not self._wanted.is_plain and self._has_rested()
        )

    def want(self, wanted: Arrangement) -> None:
        """Begin to arrange otherwise."""
        if wanted == self._wanted:
            return
        self._wanted, self._job = wanted, None
        if wanted.is_plain:
            self._model.show_only(None)
            return
        self._job = self._arrange()

    def work(self, budget_s: float = BUDGET_S) -> None:
        """Go on for so long."""
        if self._job is None:
            if not self.is_busy:
                return
            self._job = self._arrange()
        until_s = time.perf_counter() + budget_s
        for _ in self._job:
            if time.perf_counter() >= until_s:
                return
        self._job, self._ended_s = None, time.perf_counter()

    def _has_rested(self) -> bool:
        is_short = len(self._model.candidates()) <= LONG
        return is_short or time.perf_counter() - self._ended_s >= REST_S

    def _arrange(self) -> Iterator[None]:
        model, query, column = self._model, self._wanted.query, self._wanted.column
        model.is_disordered = False
        kept: list[Hashable] = []
        keyed: list[tuple[SortKey, int]] = []
        last: list[Hashable] = []
        """Rows that say nothing in the column; they are last however it is sorted."""
        sorted_to = 0
        for place, key in enumerate(tuple(model.candidates())):
            if place % CHUNK == CHUNK - 1:
                yield
            words_of = partial(model.words_of, key)
            if query is not None and not query.matches(words_of, model.extra_words(key)):
                continue
            if column is None:
                kept.append(key)
                continue
            words = words_of(column)
            if words in _NOTHING:
                last.append(key)
                continue
            keyed.append((sort_key(words), len(kept)))
            kept.append(key)
            if len(keyed) - sorted_to >= RUN:
                keyed.sort(reverse=self._wanted.is_descending)
                sorted_to = len(keyed)
                yield
        if column is not None:
            keyed.sort(key=lambda it: it[0], reverse=self._wanted.is_descending)
            kept = [kept[number] for _, number in keyed] + last
        yield
        model.show_only(kept)


def sort_key(words: str) -> SortKey:
    """Return what cells are sorted by: numbers as numbers, before words."""
    number = number_of(words)
    if number is not None and number == number:  # noqa: PLR0124  NaN has no place among numbers.
        return (0, number, "")
    return (1, 0.0, words.casefold())
