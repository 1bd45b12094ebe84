"""Settings that no order reaches: for tests and measurements of what stands beside the limits."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from app import plugins
from app.config import Config
from app.risk.checks.base import CheckSpec

_LOOSEST = {"_max": 10**9, "_min": 0, "window_ms": 0}
"""Ending of a parameter's name -> the value that lets most through."""


def loose(config: Config) -> Config:
    """Return the settings with every parameter that is a bound as far out as it may be."""
    checks = {
        spec.name: {**config.risk.checks.get(spec.name, {}), **_bounds(spec)}
        for spec in plugins.load("tradedeck.checks").specs
    }
    risk = msgspec.structs.replace(config.risk, checks=checks)
    return msgspec.structs.replace(config, risk=risk)


def _bounds(spec: CheckSpec) -> dict[str, Any]:
    table = {}
    for name, default in msgspec.structs.asdict(spec.params()).items():
        value = next((v for end, v in _LOOSEST.items() if name.endswith(end)), None)
        if value is None or not isinstance(default, int | Decimal):
            continue
        try:
            msgspec.convert({name: value}, spec.params)
        except msgspec.ValidationError:
            continue  # A share of something: its bound stays.
        table[name] = value
    return table
