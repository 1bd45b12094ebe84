"""The saved layout: versioned JSON, never fatal.

A file that cannot be read is set aside under another name and the window opens as new; the notice
says so. Nothing of the account is in it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from app.files import replace_file, set_aside

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
    recent: list[str] = field(default_factory=list)
    """What was chosen in the palette, the newest first."""


def _study(name: str, color: str, **params: object) -> dict[str, object]:
    return {"name": name, "color": color, "params": params}


FIRST: Final = Layout(
    panels={
        "chart": {
            "studies": [
                _study("bbands", "STUDY_BLUE"),
                _study("sma", "STUDY_ORANGE", length=20),
                _study("sma", "STUDY", length=50),
                _study("rsi", "STUDY"),
                _study("macd", "STUDY_BLUE"),
            ]
        }
    }
)
"""What a person sees who has never saved a layout."""


@dataclass(frozen=True)
class Restored:
    """A layout read from disk, and what there is to say about it."""

    layout: Layout
    notice: str = ""


def read_layout(path: Path) -> Restored:
    """Return the saved layout; the first one if there is none or it is broken."""
    if not path.exists():
        return Restored(FIRST)
    try:
        return Restored(_parse_layout(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError, TypeError) as error:
        return Restored(FIRST, put_aside(path, str(error)))


def write_layout(path: Path, layout: Layout) -> str:
    """Save a layout; return a sentence if that fails, else nothing."""
    text = json.dumps({"version": VERSION, **asdict(layout)}, indent=1)
    try:
        replace_file(path, text.encode())
    except OSError as error:
        return f"The layout is not saved: {error}"
    return ""


def put_aside(path: Path, reason: str) -> str:
    """Rename a broken layout file; return the sentence that says so."""
    return set_aside(path, "The saved layout", reason)


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
    recent = tree.get("recent", [])
    if not isinstance(recent, list) or not all(isinstance(name, str) for name in recent):
        raise TypeError("its recent choices are no names")
    return Layout(**texts, panels=panels, recent=recent)
