"""Show that the tree of exceptions is the one printed at its head, and that it carries its facts.

Method: the picture in the docstring is read and compared with the classes.
"""

import inspect
import re

import pytest

from app.domain import errors


def drawn_tree():
    """Class name -> name of the class it hangs from, as drawn."""
    parents, stack = {}, []
    for line in inspect.getdoc(errors).splitlines():
        found = re.match(r"([│├└─ ]*)([A-Z]\w+)", line)
        if found and hasattr(errors, found[2]):
            depth = len(found[1]) // 4
            del stack[depth:]
            parents[found[2]] = stack[-1] if stack else "Exception"
            stack.append(found[2])
    return parents


def test_tree_is_as_drawn():
    defined = {
        name: kind.__base__.__name__
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__
    }
    assert drawn_tree() == defined


@pytest.mark.parametrize(
    "kind",
    [errors.Disconnected, errors.NeverSent, errors.Rejected, errors.Malformed],
    ids=lambda k: k.__name__,
)
def test_fault_of_a_venue_says_which_and_what_was_asked(kind):
    error = kind("no route", venue="paper", request="submit", raw=b"\x00")
    assert (str(error), error.venue, error.request, error.raw) == (
        "no route",
        "paper",
        "submit",
        b"\x00",
    )


def test_fault_of_a_venue_may_have_nothing_but_its_name():
    error = errors.Disconnected("no route", venue="paper")
    assert (error.request, error.raw) == ("", b"")
