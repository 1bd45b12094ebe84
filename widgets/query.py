"""The small language of filter fields: `working symbol:AAPL qty>=500 -cancelled`.

| typed | a row stays if |
|---|---|
| `word` `"two words"` | any cell has it in it |
| `-word` | no cell has it |
| `column:word` | the cell of that column has it; the column by the beginning of its title |
| `column=word` | the cell is exactly that |
| `column>5` `>=` `<` `<=` | the cell is a number, and so |

Capitals do not count, nor do signs of dollars, percents and thousands in numbers. All parts must
hold. A row's words are asked for by column, because most are not needed.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

CHARS_MAX: Final = 120
PARTS_MAX: Final = 12
_PART: Final = re.compile(r'(-?)(?:([^\s":<>=]+)(:|>=|<=|=|>|<)("[^"]*"?|\S*)|("[^"]*"?|[^\s"]+))')
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_NO_FIGURES: Final = str.maketrans("", "", "$,%+× ")

Words = Callable[[int], str]
"""Column number -> what a row says in that cell."""


class BadQuery(ValueError):  # noqa: N818  A person's words, not a fault.
    """It cannot be understood; says why."""


@dataclass(frozen=True)
class _Part:
    """One condition."""

    is_negated: bool
    column: int | None
    """None: any."""
    sign: str
    word: str
    number: float | None

    def holds(self, words: Words, columns: int, extra: str) -> bool:
        """Whether a row meets it."""
        return self._is_met(words, columns, extra) is not self.is_negated

    def _is_met(self, words: Words, columns: int, extra: str) -> bool:
        if self.column is None:
            return self.word in extra or any(
                self.word in words(column).lower() for column in range(columns)
            )
        cell = words(self.column).lower()
        if self.sign == ":":
            return self.word in cell
        if self.sign == "=":
            number = number_of(cell)
            return cell == self.word or (number is not None and number == self.number)
        number = number_of(cell)
        return (
            number is not None
            and self.number is not None
            and _COMPARE[self.sign](number, self.number)
        )


@dataclass(frozen=True)
class Query:
    """What a row must say to be shown."""

    parts: tuple[_Part, ...]
    columns: int

    def matches(self, words: Words, extra: str = "") -> bool:
        """Whether a row is shown; `extra` are words it is found by that no cell has."""
        return all(part.holds(words, self.columns, extra) for part in self.parts)


def parse_query(typed: str, titles: Sequence[str]) -> Query | None:
    """Return what was typed as conditions on columns of these titles; None for no condition.

    Raises:
        BadQuery: a column is not there, what is compared is no number, or there is too much of it.
    """
    if len(typed) > CHARS_MAX:
        raise BadQuery(f"the filter has {len(typed)} characters, {CHARS_MAX} are the most")
    parts = [_part(match, titles) for match in _PART.finditer(typed)]
    if len(parts) > PARTS_MAX:
        raise BadQuery(f"the filter has {len(parts)} parts, {PARTS_MAX} are the most")
    kept = tuple(part for part in parts if part.word)
    return Query(kept, len(titles)) if kept else None


def number_of(cell: str) -> float | None:
    """Return the number that a cell says; None if it says none."""
    try:
        return float(cell.translate(_NO_FIGURES))
    except ValueError:
        return None


def _part(match: re.Match[str], titles: Sequence[str]) -> _Part:
    negated, name, sign, value, word = match.groups()
    word = (word if name is None else value).strip('"').lower()
    if name is None:
        return _Part(bool(negated), None, "", word, None)
    number = number_of(word)
    if sign in _COMPARE and word and number is None:
        raise BadQuery(f"'{word}' after {sign} must be a number")
    return _Part(bool(negated), _column(name, titles), sign, word, number)


def _column(name: str, titles: Sequence[str]) -> int:
    wanted = _flat(name)
    flat = [_flat(title) for title in titles]
    if wanted in flat:
        return flat.index(wanted)
    found = [number for number, title in enumerate(flat) if title.startswith(wanted)]
    if not found:
        there = ", ".join(_flat(title) for title in titles if title)
        raise BadQuery(f"no column is called '{name}'; there are {there}")
    return found[0]


def _flat(title: str) -> str:
    return re.sub(r"[^0-9a-z%#]", "", title.lower())
