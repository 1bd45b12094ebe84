"""Drawings on disk: a small file a symbol, written whole at every change.

A file that cannot be read is set aside under another name, and what happened is said. An entry that
is no drawing of ours - of a newer version, of a tool that is gone - is kept and written back.
Not guaranteed: that of two windows that draw on one symbol in the same instant both are kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from app.domain.ids import Symbol
from app.files import read_small, replace_file, set_aside
from widgets.drawings.model import Drawing, fault_of
from widgets.drawings.toolbox import TOOLS

VERSION: Final = 1
DRAWINGS_MAX: Final = 500
"""Of one symbol."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int = VERSION
    drawings: list[Any] = []


class Shelf:
    """A folder with a file for each symbol that somebody drew on."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder
        self._strange: dict[Symbol, list[Any]] = {}
        """Entries that are no drawings of ours, to be written back."""

    def read(self, symbol: Symbol) -> tuple[tuple[Drawing, ...], str]:
        """Return the drawings of a symbol, and what there is to say, in a sentence."""
        path = self._path(symbol)
        try:
            file = msgspec.json.decode(read_small(path), type=_File)
            if file.version != VERSION:
                raise ValueError(f"its version was {file.version}, must be {VERSION}")
        except FileNotFoundError:
            return (), ""
        except (OSError, ValueError) as error:
            return (), set_aside(path, path.name, str(error))
        found: dict[str, Drawing] = {}
        strange: list[Any] = []
        for entry in file.drawings:
            drawing = _drawing_of(entry)
            if drawing is None or len(found) >= DRAWINGS_MAX:
                strange.append(entry)
            else:
                found[drawing.key] = drawing
        self._strange[symbol] = strange
        said = ""
        if strange:
            said = f"{len(strange)} drawings of {symbol} are not known here; they are kept"
        return tuple(found.values()), said

    def write(self, symbol: Symbol, drawings: tuple[Drawing, ...]) -> str:
        """Keep the drawings of a symbol; return a sentence if that fails, else nothing."""
        path = self._path(symbol)
        kept = [*map(msgspec.to_builtins, drawings), *self._strange.get(symbol, [])]
        try:
            replace_file(path, msgspec.json.encode(_File(drawings=kept)))
        except OSError as error:
            return f"The drawings of {symbol} are not saved: {error}"
        return ""

    def _path(self, symbol: Symbol) -> Path:
        return self._folder / f"{quote(symbol, safe='')}.json"


def _drawing_of(entry: Any) -> Drawing | None:  # noqa: ANN401  Whatever the file holds.
    try:
        drawing = msgspec.convert(entry, Drawing)
    except msgspec.ValidationError:
        return None
    tool = TOOLS.get(drawing.tool)
    if tool is None or fault_of(drawing) or len(drawing.anchors) < tool.anchors:
        return None
    return drawing
