"""How well typed letters fit a name: all of them in order, the closer together the better."""

from __future__ import annotations

from typing import Final

_START: Final = 8
"""A letter at the beginning of a word."""
_NEXT: Final = 5
"""A letter right after the one before."""
_EXACT: Final = 1_000
_PREFIX: Final = 500


def score(typed: str, name: str) -> int:
    """Return how well what was typed fits a name; 0 if it does not, more is better.

    Blanks in what was typed do not count. Of equal fits the shorter name is better.
    """
    wanted, words = typed.lower().replace(" ", ""), name.lower()
    if not wanted:
        return 1
    best = _run(wanted, words)
    if not best:
        return 0
    flat = words.replace(" ", "")
    if flat == wanted:
        best += _EXACT
    elif flat.startswith(wanted):
        best += _PREFIX
    return max(1, best * 4 - min(len(words), 40))


def _run(wanted: str, words: str) -> int:
    """Return the best sum over all places where the first letter may stand."""
    best, start = 0, words.find(wanted[0])
    while start >= 0:
        best = max(best, _sum_from(wanted, words, start))
        start = words.find(wanted[0], start + 1)
    return best


def _sum_from(wanted: str, words: str, start: int) -> int:
    total, before = 0, -2
    place = start
    for letter in wanted:
        place = words.find(letter, place)
        if place < 0:
            return 0
        is_start = place == 0 or not words[place - 1].isalnum()
        total += 1 + (_START if is_start else 0) + (_NEXT if place == before + 1 else 0)
        before, place = place, place + 1
    return total
