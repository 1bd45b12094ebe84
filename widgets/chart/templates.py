"""Charts set up once and used again: named, in one small file.

A file that cannot be read is set aside under another name, and what happened is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from app.domain.errors import BadInput
from app.files import read_small, replace_file, set_aside

VERSION: Final = 1
TEMPLATES_MAX: Final = 100
NAME_CHARS_MAX: Final = 40
_LEFT_OUT: Final = ("symbol", "bars", "panes")
"""Of a chart's state: what it shows, not how."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    templates: dict[str, dict[str, Any]] = {}


class Templates:
    """Named settings of a chart."""

    def __init__(self, path: Path | None) -> None:
        """Read what is kept.

        Args:
            path: of the file; need not be there. None: they are gone with the window.
        """
        self._path: Final = path
        self.notice = ""
        """What there is to say about the file, in a sentence; empty if all is well."""
        self._kept: dict[str, dict[str, Any]] = {} if path is None else self._read(path)

    @property
    def names(self) -> tuple[str, ...]:
        """Those there are, by the alphabet."""
        return tuple(sorted(self._kept, key=str.lower))

    def get(self, name: str) -> Mapping[str, object]:
        """Return what `ChartCell.restore` takes; empty if there is none of that name."""
        return self._kept.get(name, {})

    def save(self, name: str, state: Mapping[str, object]) -> None:
        """Keep how a chart is set, in place of what had the name.

        Raises:
            BadInput: the name is empty or too long, there are too many, or the file cannot be
                written; nothing changed.
        """
        name = " ".join(name.split())
        if not 1 <= len(name) <= NAME_CHARS_MAX:
            raise BadInput(
                f"a template's name had {len(name)} characters, must have 1 to {NAME_CHARS_MAX}"
            )
        if name not in self._kept and len(self._kept) >= TEMPLATES_MAX:
            raise BadInput(f"there are {TEMPLATES_MAX} templates, the most; remove one first")
        kept = {key: value for key, value in state.items() if key not in _LEFT_OUT}
        self._write({**self._kept, name: kept})

    def remove(self, name: str) -> None:
        """Forget one.

        Raises:
            BadInput: the file cannot be written; nothing changed.
        """
        self._write({key: value for key, value in self._kept.items() if key != name})

    def _write(self, templates: dict[str, dict[str, Any]]) -> None:
        if self._path is not None:
            try:
                replace_file(self._path, msgspec.json.encode(_File(templates=templates)))
            except OSError as error:
                raise BadInput(f"the templates are not saved: {error}") from error
        self._kept = templates

    def _read(self, path: Path) -> dict[str, dict[str, Any]]:
        try:
            file = msgspec.json.decode(read_small(path), type=_File)
            if file.version != VERSION:
                raise ValueError(f"its version was {file.version}, must be {VERSION}")
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            self.notice = set_aside(path, path.name, str(error))
            return {}
        return file.templates
