"""A value is computed at the first look and kept."""

from __future__ import annotations

import msgspec
import pytest

from app.domain.once import once


class Circle(msgspec.Struct, frozen=True, dict=True):
    """Counts how often its area was computed."""

    r: int
    looks: list[int]

    @once
    def area(self) -> int:
        """Three is near enough."""
        self.looks.append(self.r)
        return 3 * self.r**2

    @once
    def wrong(self) -> int:
        """Raise at every look."""
        self.looks.append(self.r)
        raise ValueError("no")


def test_value_is_computed_once_for_each_instance() -> None:
    small, large = Circle(1, []), Circle(2, [])
    assert (small.area, small.area, large.area) == (3, 3, 12)
    assert (small.looks, large.looks) == ([1], [2])


def test_what_raised_is_tried_again() -> None:
    circle = Circle(1, [])
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            _ = circle.wrong
    assert circle.looks == [1, 1]


def test_copy_with_other_fields_computes_anew() -> None:
    circle = Circle(1, [])
    assert circle.area == 3
    assert msgspec.structs.replace(circle, r=2).area == 12


def test_class_shows_what_it_is() -> None:
    assert isinstance(Circle.area, once)
    assert Circle.area.__doc__ == "Three is near enough."
