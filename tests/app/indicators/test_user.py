"""Show that own studies run on consent only, are loaded again when saved, and are never fatal."""

from __future__ import annotations

import os

import numpy as np
import pytest

from app.domain.errors import BadInput
from app.indicators.base import Category
from app.indicators.user import (
    BYTES_MAX,
    CONSENT_FILE,
    FILES_MAX,
    FileState,
    UserStudies,
)
from tests.conformance.indicator import walk

GOOD = """
from app.indicators.base import Category, IndicatorSpec, Output, StudyParams

def rule(bars, params):
    return (bars.close * 2,)

INDICATOR = IndicatorSpec(
    name="anything", title="Twice", short="Twice", params=StudyParams,
    outputs=(Output(name="twice", title="Twice"),), category=Category.PRICE, rule=rule,
)
"""
ARRAYS = """
import numpy as np
from app.indicators.base import Category, IndicatorSpec, Output, StudyParams

def arrays(bars, params):
    return (np.log(bars.close),)

INDICATOR = IndicatorSpec(
    name="x", title="Log", short="Log", params=StudyParams,
    outputs=(Output(name="log", title="Log"),), category=Category.PRICE, arrays=arrays,
)
"""


@pytest.fixture
def studies(tmp_path):
    return UserStudies(tmp_path)


def write(studies, text, name="mine", at=[1_700_000_000]):  # noqa: B006  A clock of its own.
    path = studies.folder / f"{name}.py"
    path.write_text(text)
    at[0] += 10
    os.utime(path, (at[0], at[0]))
    return path


def only(studies):
    [file] = studies.files
    return file


def test_no_file_is_run_before_somebody_agreed(studies, tmp_path):
    trace = tmp_path / "trace"
    write(studies, f"__import__('pathlib').Path({str(trace)!r}).touch()\n{GOOD}")
    assert studies.poll()
    assert only(studies).state is FileState.OFFERED
    assert studies.specs() == {}
    assert not trace.exists()
    studies.agree("mine", reloads=False)
    assert trace.exists()
    assert only(studies).state is FileState.LOADED


@pytest.mark.parametrize("text", [GOOD, ARRAYS])
def test_what_is_loaded_is_a_study_under_a_name_of_its_own(studies, text):
    write(studies, text)
    studies.poll()
    studies.agree("mine", reloads=False)
    [(name, spec)] = studies.specs().items()
    assert (name, spec.name, spec.category) == ("own.mine", "own.mine", Category.OWN)
    bars = walk(50)
    [values] = spec.compute(bars, spec.params())
    expected = bars.close * 2 if text is GOOD else np.log(bars.close)
    assert np.allclose(values, expected)


def test_consent_is_kept_and_is_for_one_text(studies):
    write(studies, GOOD)
    studies.poll()
    studies.agree("mine", reloads=False)
    again = UserStudies(studies.folder)
    again.poll()
    assert only(again).state is FileState.LOADED
    write(studies, GOOD.replace("* 2", "* 3"))
    again.poll()
    assert only(again).state is FileState.CHANGED
    assert again.specs() == {}
    again.agree("mine", reloads=False)
    assert only(again).state is FileState.LOADED


def test_one_that_may_be_loaded_again_is_whenever_it_is_saved(studies):
    write(studies, GOOD)
    studies.poll()
    studies.agree("mine", reloads=True)
    assert not studies.poll()
    write(studies, GOOD.replace("* 2", "* 3"))
    assert studies.poll()
    spec = studies.specs()["own.mine"]
    bars = walk(10)
    assert np.allclose(spec.compute(bars, spec.params())[0], bars.close * 3)


def test_what_is_withdrawn_is_run_no_more(studies):
    write(studies, GOOD)
    studies.poll()
    studies.agree("mine", reloads=True)
    studies.withdraw("mine")
    assert only(studies).state is FileState.OFFERED
    assert UserStudies(studies.folder).specs() == {}


def test_a_file_that_is_gone_takes_its_study_along(studies):
    path = write(studies, GOOD)
    studies.poll()
    studies.agree("mine", reloads=True)
    path.unlink()
    assert studies.poll()
    assert studies.files == ()
    assert studies.specs() == {}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\ny = = 2", 2, "SyntaxError"),
        ("x = 1\n\nraise ValueError('no')", 3, "ValueError: no"),
        ("import nothing_like_this", 1, "ModuleNotFoundError"),
        ("raise SystemExit('bye')", 1, "SystemExit: bye"),
        ("def f():\n    return 1 / 0\nf()", 2, "ZeroDivisionError"),
        ("x = 1", 0, "it has no INDICATOR = IndicatorSpec(...)"),
        ("INDICATOR = 7", 0, "it has no INDICATOR = IndicatorSpec(...)"),
        (GOOD.replace(" rule=rule,", ""), 0, "a rule or arrays, one of both"),
        (GOOD.replace('short="Twice"', 'short="{length}"'), 0, "KeyError"),
        ("while True:\n    pass", 0, "it took longer than"),
        ("\0", 0, ""),
    ],
)
def test_what_does_not_work_is_told_with_its_line(studies, monkeypatch, text, line, words):
    monkeypatch.setattr("app.indicators.user.LOAD_S", 0.05)
    write(studies, text)
    studies.poll()
    file = studies.agree("mine", reloads=False)
    assert file.state is FileState.FAILED
    assert file.words.startswith("mine.py")
    assert words in file.words
    assert not line or file.line == line
    assert studies.specs() == {}


def test_files_have_bounds(studies):
    for number in range(FILES_MAX + 5):
        write(studies, GOOD, f"f{number:03}")
    write(studies, "#" * (BYTES_MAX + 1), "a_long_one")
    studies.poll()
    assert len(studies.files) == FILES_MAX
    assert (
        studies.files[0].words
        == "a_long_one.py is not loaded: it has 1,000,001 bytes, may have 1,000,000"
    )


def test_without_a_folder_there_are_none(tmp_path):
    studies = UserStudies(tmp_path / "none")
    assert not studies.poll()
    with pytest.raises(BadInput, match="there is no file 'mine.py'"):
        studies.agree("mine", reloads=False)


@pytest.mark.parametrize("content", ["{", '{"version": 2}', "[]"])
def test_a_broken_consent_is_none(tmp_path, content):
    (tmp_path / CONSENT_FILE).write_text(content)
    studies = UserStudies(tmp_path)
    assert "have to be agreed to again" in studies.notice
    write(studies, GOOD)
    studies.poll()
    assert only(studies).state is FileState.OFFERED


def test_consent_that_cannot_be_kept_loads_nothing(tmp_path):
    studies = UserStudies(tmp_path)
    write(studies, GOOD)
    studies.poll()
    (tmp_path / f"{CONSENT_FILE}.part").mkdir()
    with pytest.raises(BadInput, match="what was agreed to is not kept"):
        studies.agree("mine", reloads=False)
    assert studies.specs() == {}
