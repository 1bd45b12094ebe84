"""Show that every study there is keeps the contract of studies.

Method: the suite of studies over those that pyproject.toml names: one is added, and it is tested.
"""

import importlib
import tomllib
from pathlib import Path

import pytest

from tests.conformance.indicator import IndicatorConformance

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _spec(target):
    module, _, name = target.partition(":")
    return getattr(importlib.import_module(module), name)


SPECS = {
    name: _spec(target) for name, target in PROJECT["entry-points"]["tradedeck.indicators"].items()
}
WITH_ARRAYS = [spec for spec in SPECS.values() if spec.profile is None]


@pytest.mark.parametrize("spec", WITH_ARRAYS, ids=lambda spec: spec.name)
class TestEveryStudy(IndicatorConformance):
    pass


def test_every_file_of_a_study_is_declared_under_its_name():
    files = {
        path.stem
        for path in (ROOT / "app" / "indicators").glob("*.py")
        if "\nINDICATOR = " in path.read_text(encoding="utf-8")
    }
    assert files == set(SPECS)
    assert all(spec.name == name for name, spec in SPECS.items())


def test_titles_differ():
    assert len({spec.title for spec in SPECS.values()}) == len(SPECS)
