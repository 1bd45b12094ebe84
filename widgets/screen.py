"""How the window is shown: palette and scale, in a small file that is read before Qt starts.

It is no part of the settings of the session: the window is painted before those are read.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from app.files import read_small, replace_file, set_aside

VERSION: Final = 1
PALETTE_NAMES: Final = ("dark", "light", "colour-blind", "colour-blind light")
SCALES: Final = (100, 110, 125, 150, 175, 200)
"""Percent."""
_SCALE_VARIABLE: Final = "QT_SCALE_FACTOR"


@dataclass(frozen=True)
class Screen:
    """What somebody chose; it holds from the next start on."""

    palette: str = "dark"
    scale: int = 100
    """Percent of everything: text, rows, lines."""


@dataclass(frozen=True)
class ReadScreen:
    """What a file says, and what there is to say about it."""

    screen: Screen
    notice: str = ""


def read_screen(path: Path) -> ReadScreen:
    """Return what was chosen; the defaults if nothing was or the file is broken."""
    try:
        tree = json.loads(read_small(path))
    except FileNotFoundError:
        return ReadScreen(Screen())
    except (OSError, ValueError) as error:
        return ReadScreen(Screen(), set_aside(path, "The file of the screen", str(error)))
    match tree:
        case {"version": 1, "palette": str(palette), "scale": int(scale)} if (
            palette in PALETTE_NAMES and scale in SCALES
        ):
            return ReadScreen(Screen(palette, scale))
    return ReadScreen(
        Screen(), set_aside(path, "The file of the screen", "it names no palette or scale")
    )


def write_screen(path: Path, screen: Screen) -> str:
    """Keep what was chosen; return why that was not possible, or nothing."""
    text = json.dumps({"version": VERSION, **asdict(screen)}, indent=1)
    try:
        replace_file(path, text.encode())
    except OSError as error:
        return f"The choice of palette and scale is not saved: {error}"
    return ""


def scale_everything(screen: Screen) -> None:
    """Tell Qt how large to draw; before the application is made. Who set it himself is obeyed."""
    if screen.scale != 100:  # noqa: PLR2004  Percent.
        os.environ.setdefault(_SCALE_VARIABLE, str(screen.scale / 100))
