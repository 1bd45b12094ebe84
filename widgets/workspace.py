"""The saved layout: versioned JSON, never fatal.

A file that cannot be read is set aside under another name and the window opens as new; the notice
says so. Nothing of the account is in it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

VERSION: Final = 1


@dataclass(frozen=True)
class Layout:
    """What a window looks like."""

    geometry: str = ""
    """Qt's window geometry, base64."""
    docks: str = ""
    """State of the docks, base64."""
    symbol: str = ""
    panels: dict[str, dict[str, object]] = field(default_factory=dict)
    """Panel name -> what the panel keeps."""


@dataclass(frozen=True)
class Restored:
    """A layout read from disk, and what there is to say about it."""

    layout: Layout
    notice: str = ""


def read_layout(path: Path) -> Restored:
    """Return the saved layout; an empty one if there is none or it is broken."""
    if not path.exists():
        return Restored(Layout())
    try:
        return Restored(_parse_layout(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError) as error:
        return Restored(Layout(), set_aside(path, str(error)))


def write_layout(path: Path, layout: Layout) -> str:
    """Save a layout; return a sentence if that fails, else nothing."""
    text = json.dumps({"version": VERSION, **asdict(layout)}, indent=1)
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        # A crash leaves the old file or the new one, never half of either.
        os.replace(part, path)
    except OSError as error:
        return f"The layout is not saved: {error}"
    return ""


def set_aside(path: Path, reason: str) -> str:
    """Rename a broken layout file; return the sentence that says so."""
    aside = path.with_name(path.name + ".broken")
    try:
        os.replace(path, aside)
    except OSError as error:
        return f"The saved layout cannot be read ({reason}) nor set aside ({error})"
    return f"The saved layout could not be used ({reason}); it is kept as {aside.name}"


def _parse_layout(tree: object) -> Layout:
    if not isinstance(tree, dict):
        raise TypeError("it holds no layout")
    if tree.get("version") != VERSION:
        raise ValueError(f"its version was {tree.get('version')!r}, must be {VERSION}")
    texts = {name: tree.get(name, "") for name in ("geometry", "docks", "symbol")}
    panels = tree.get("panels", {})
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("a text of it is no text")
    if not isinstance(panels, dict) or not all(isinstance(p, dict) for p in panels.values()):
        raise TypeError("its panels are no panels")
    return Layout(**texts, panels=panels)
