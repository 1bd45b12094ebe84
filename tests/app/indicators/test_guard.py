"""Show that a file's own lines end when their time is up, and nobody else's do."""

from __future__ import annotations

import sys
import time

import pytest

from app.indicators.guard import TooLong, file_of, limited, words_of
from app.indicators.sma import INDICATOR


def made(text, path="/somewhere/mine.py"):
    space = {}
    exec(compile(text, path, "exec"), space)  # noqa: S102
    return space


LOOP = "def f():\n    n = 0\n    while True:\n        n += 1"


def test_a_loop_without_end_ends():
    act = made(LOOP)["f"]
    began_s = time.perf_counter()
    with pytest.raises(TooLong, match="longer than 0.05 s"), limited("/somewhere/mine.py", 0.05):
        act()
    assert time.perf_counter() - began_s < 5


def test_other_files_have_no_limit():
    act = made("def f():\n    return sum(n for n in range(20_000))")["f"]
    with limited("/somewhere/else.py", 0.0):
        assert act() == 199_990_000


def test_whoever_looked_before_looks_again():
    before = sys.gettrace()
    with limited("/somewhere/mine.py", 1.0):
        assert sys.gettrace() is not before
    assert sys.gettrace() is before


def test_words_name_the_deepest_line_of_the_file():
    act = made("def g():\n    raise ValueError('no')\ndef f():\n    g()")["f"]
    with pytest.raises(ValueError, match="no") as raised:
        act()
    assert words_of(raised.value, "/somewhere/mine.py") == ("mine.py, line 2: ValueError: no", 2)
    words, line = words_of(raised.value, "/somewhere/else.py")
    assert (words, line) == ("else.py: ValueError: no", 0)
    assert words_of(KeyError(), "C:\\studies\\mine.py")[0] == "mine.py: KeyError: KeyError"


def test_the_file_of_a_study_is_that_of_its_function():
    assert file_of(INDICATOR).endswith("sma.py")
