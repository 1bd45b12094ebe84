"""The shape of a measurement."""

from __future__ import annotations

import importlib.metadata
import operator
import platform
import re
import sqlite3
from collections.abc import Sequence

import msgspec

_PACKAGES = ("PySide6-Essentials", "pyqtgraph", "qasync", "numpy", "msgspec", "sqlite-utils")
_COMPARE = {"<=": operator.le, ">=": operator.ge}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One value beside its floor."""

    value: float
    unit: str
    floor: float | None = None
    """The bare thing, measured in the same run and unit."""
    ratio: float | None = None
    """value / floor."""
    target: str | None = None
    """Such as "<= 4": what the ratio has to be; for a figure without a floor, the value."""
    ok: bool | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All figures of one benchmark."""

    name: str
    figures: dict[str, Figure]
    versions: dict[str, str]


def figure(
    value: float, unit: str, *, floor: float | None = None, target: str | None = None
) -> Figure:
    """Return a figure with its ratio and whether the target is met."""
    ratio = value / floor if floor else None
    ok = None
    if target is not None:
        match = re.fullmatch(r"(<=|>=) ([0-9.]+)", target)
        assert match, target
        ok = bool(_COMPARE[match[1]](value if ratio is None else ratio, float(match[2])))
    return Figure(value=value, unit=unit, floor=floor, ratio=ratio, target=target, ok=ok)


def result(name: str, figures: dict[str, Figure]) -> Result:
    """Return the figures with the versions they were measured on."""
    versions = {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    versions |= {package: importlib.metadata.version(package) for package in _PACKAGES}
    return Result(name=name, figures=figures, versions=versions)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(result: Result) -> str:
    """Return a result as text for a person."""
    lines = [result.name]
    for key, f in result.figures.items():
        floor = "" if f.floor is None else f"  floor {f.floor:,.4g}"
        ratio = "" if f.ratio is None else f"  ratio {f.ratio:.2f}"
        target = "" if f.target is None else f"  target {f.target}: {'met' if f.ok else 'MISSED'}"
        lines.append(f"  {key:<34}{f.value:>14,.4g} {f.unit:<8}{floor}{ratio}{target}")
    return "\n".join(lines)
