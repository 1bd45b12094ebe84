"""Settings that a person changes: every value with its default, checked, kept in a file.

A value that is changed holds from the next start: a session is made of one configuration. The
limits of the gate are not among them; they are changed at the desk, on record. Lists of entries
(rates, price steps, fees) are written in the file by hand and left as they are here.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import tomli_w

from app.config import Config, load_config, merge, read_toml
from app.domain.errors import BadInput
from app.files import replace_file
from app.paths import resource

Scalar = str | int | float | bool
_LINE: Final = re.compile(r"^(\w+) = [^#]*# (.+)$")
_LEFT_OUT: Final = ("risk.",)
"""Changed in the Risk panel."""


class SettingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One value."""

    name: str
    """As in the file, with its tables: exchange.latency.median_ms."""
    value: Scalar
    """What the file says, or the default."""
    default: Scalar
    hint: str
    """What it means, from the file of defaults."""

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the default."""
        return self.value != self.default


class Settings:
    """What is in the settings file; its one writer while the station runs."""

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        default_path = resource("default.toml")
        self._defaults: Final[dict[str, Any]] = read_toml(default_path)
        self._hints: Final = _hints(default_path.read_text(encoding="utf-8"))
        self._own: dict[str, Any] = read_toml(path) if path.exists() else {}

    def rows(self) -> tuple[SettingRow, ...]:
        """Return every value, in the order of the file of defaults."""
        return tuple(
            SettingRow(
                name=name,
                value=_value_at(self._own, name, default),
                default=default,
                hint=self._hints.get(name, ""),
            )
            for name, default in _leaves(self._defaults)
            if not name.startswith(_LEFT_OUT)
        )

    def change(self, name: str, typed: str) -> None:
        """Check a value as it was typed, and keep it.

        Raises:
            BadInput: there is no such setting, it is no such value, or the file cannot be written;
                nothing changed.
        """
        defaults = dict(_leaves(self._defaults))
        if name not in defaults or name.startswith(_LEFT_OUT):
            raise BadInput(f"there is no setting '{name}'; nothing changed")
        value = _parsed(name, typed.strip(), defaults[name])
        own = merge({}, self._own)
        table, _, key = name.rpartition(".")
        inner = own
        for part in table.split("."):
            inner = inner.setdefault(part, {})
        if value == defaults[name]:
            inner.pop(key, None)
        else:
            inner[key] = value
        self._write(_without_empty(own))

    def reset(self, name: str) -> None:
        """Take a value back to its default. Raises as `change`."""
        rows = {row.name: row for row in self.rows()}
        if name not in rows:
            raise BadInput(f"there is no setting '{name}'; nothing changed")
        self.change(name, _typed(rows[name].default))

    def _write(self, own: dict[str, Any]) -> None:
        try:
            msgspec.convert(merge(self._defaults, own), Config)
        except msgspec.ValidationError as error:
            raise BadInput(f"{_said(str(error))}; nothing changed") from error
        try:
            replace_file(self.path, tomli_w.dumps(own).encode())
            load_config(self.path)  # What the next start will read.
        except OSError as error:
            raise BadInput(f"{self.path.name} cannot be written: {error}") from error
        self._own = own


def _said(error: str) -> str:
    """Return what was found wrong, with the place as it is in the file."""
    return error.replace(" - at `$.", ": `")


def _typed(value: Scalar) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(name: str, typed: str, default: Scalar) -> Scalar:
    """Return what was typed as the kind of value that the default is."""
    try:
        if isinstance(default, bool):
            return {"true": True, "false": False, "yes": True, "no": False}[typed.lower()]
        if isinstance(default, int):
            return int(typed.replace(",", "").replace("_", ""))
        if isinstance(default, float):
            return float(typed)
    except (KeyError, ValueError):
        kinds = {bool: "true or false", int: "a whole number", float: "a number"}
        kind = kinds[type(default)]
        raise BadInput(f"{name} was '{typed}', must be {kind}; nothing changed") from None
    return typed


def _leaves(tree: dict[str, Any], before: str = "") -> list[tuple[str, Scalar]]:
    found: list[tuple[str, Scalar]] = []
    for key, value in tree.items():
        name = f"{before}{key}"
        if isinstance(value, dict):
            found += _leaves(value, f"{name}.")
        elif isinstance(value, Scalar):
            found.append((name, value))
    return found


def _value_at(tree: dict[str, Any], name: str, default: Scalar) -> Scalar:
    inner: Any = tree
    for part in name.split("."):
        if not isinstance(inner, dict) or part not in inner:
            return default
        inner = inner[part]
    return inner if isinstance(inner, Scalar) else default


def _without_empty(tree: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in tree.items():
        inner = _without_empty(value) if isinstance(value, dict) else value
        if inner != {}:
            kept[key] = inner
    return kept


def _hints(text: str) -> dict[str, str]:
    """Return the comments of the file of defaults, by setting."""
    hints: dict[str, str] = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("["):
            table = line.partition("]")[0].strip("[]")
        elif found := _LINE.match(line):
            hints[f"{table}.{found[1]}"] = found[2]
    return hints
