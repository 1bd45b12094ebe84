"""Goal: what somebody means by a few letters comes first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.fuzzy import score

NAMES = (
    "Cancel all orders",
    "Cancel all buys",
    "Cancel selected order",
    "Change selected order",
    "Kill switch",
    "Go to Orders",
    "Flatten the position",
    "AAPL · Apple Inc.",
    "AA · Alcoa Corp.",
    "Fire drills",
)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("kill", "Kill switch"),
        ("ks", "Kill switch"),
        ("cao", "Cancel all orders"),
        ("cab", "Cancel all buys"),
        ("flat", "Flatten the position"),
        ("orders", "Go to Orders"),
        ("CHANGE", "Change selected order"),
        ("apple", "AAPL · Apple Inc."),
        ("cancel sel", "Cancel selected order"),
        ("aa", "AA · Alcoa Corp."),
    ],
)
def test_what_is_meant_comes_first(typed, first):
    assert max(NAMES, key=lambda name: score(typed, name)) == first


@pytest.mark.parametrize("typed", ["xyz", "sk q", "orders cancel all now"])
def test_letters_that_are_not_there_fit_nothing(typed):
    assert not any(score(typed, name) for name in NAMES)


def test_nothing_typed_fits_everything_alike():
    assert {score("", name) for name in NAMES} == {1}


@given(st.text("abc ", max_size=6), st.text("abcd ", max_size=20))
def test_it_fits_when_the_letters_are_there_in_order_and_only_then(typed, name):
    rest = iter(name)
    are_there = all(letter in rest for letter in typed.replace(" ", ""))
    assert bool(score(typed, name)) == are_there
