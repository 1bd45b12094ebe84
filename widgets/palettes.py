"""Colours by meaning, and the palettes that a person can choose from.

Every text role has a contrast of 4.5 : 1 or more on panels, raised parts and selected rows (WCAG
2.1, 1.4.3). The colour-blind palettes tell sides apart by blue and orange, which people with any of
the usual deficiencies can. Source of the first one: the palette of the design brief.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a colour means; `theme.hex_of` says which it is now."""

    BACKGROUND = "background"
    PANEL = "panel"
    RAISED = "raised"
    LINE = "line"
    TEXT = "text"
    DIM = "dim"
    """The faintest colour that text may have."""
    FAINT = "faint"
    """Marks and disabled controls; never text that must be read."""
    UP = "up"
    """Buy, rising, gain."""
    DOWN = "down"
    """Sell, falling, loss, refused."""
    ACCENT = "accent"
    """Selection, working orders."""
    CAUTION = "caution"
    """Paper money, partial, doubt."""
    HERE = "here"
    """Waits on this machine: no broker knows of it."""
    STUDY = "study"
    """Of studies: this one first, then those below."""
    STUDY_CYAN = "study_cyan"
    STUDY_ORANGE = "study_orange"
    STUDY_PINK = "study_pink"
    STUDY_LIME = "study_lime"
    STUDY_BLUE = "study_blue"
    SELECTED = "selected"
    """Background of the selected row."""


DARK: Final = {
    Role.BACKGROUND: "#0d1117",
    Role.PANEL: "#131922",
    Role.RAISED: "#1a2230",
    Role.LINE: "#253042",
    Role.TEXT: "#d7dee9",
    Role.DIM: "#7d8aa0",
    Role.FAINT: "#4a566b",
    Role.UP: "#2dbd85",
    Role.DOWN: "#f0616d",
    Role.ACCENT: "#4c9ffe",
    Role.CAUTION: "#f0b43c",
    Role.HERE: "#8ba6c9",
    Role.STUDY: "#a78bfa",
    Role.STUDY_CYAN: "#56c7d6",
    Role.STUDY_ORANGE: "#f29d5b",
    Role.STUDY_PINK: "#ee86b7",
    Role.STUDY_LIME: "#b9d35b",
    Role.STUDY_BLUE: "#6f9bf2",
    Role.SELECTED: "#1d2b40",
}
LIGHT: Final = {
    Role.BACKGROUND: "#e9edf2",
    Role.PANEL: "#ffffff",
    Role.RAISED: "#f4f6f9",
    Role.LINE: "#d3dae3",
    Role.TEXT: "#18202c",
    Role.DIM: "#566274",
    Role.FAINT: "#98a3b3",
    Role.UP: "#08744a",
    Role.DOWN: "#bf2136",
    Role.ACCENT: "#155ebd",
    Role.CAUTION: "#855600",
    Role.HERE: "#3f5a7a",
    Role.STUDY: "#6540cf",
    Role.STUDY_CYAN: "#086a7c",
    Role.STUDY_ORANGE: "#a84c06",
    Role.STUDY_PINK: "#aa276c",
    Role.STUDY_LIME: "#526606",
    Role.STUDY_BLUE: "#3252b8",
    Role.SELECTED: "#dfeaf9",
}
BLUE_ORANGE: Final = DARK | {
    Role.UP: "#4fb3f0",
    Role.DOWN: "#f58a4b",
    Role.ACCENT: "#bda6ff",
    Role.CAUTION: "#ecdf4e",
    Role.STUDY: "#ee9fd0",
    Role.STUDY_ORANGE: "#d8b48a",
    Role.STUDY_BLUE: "#8fa6e8",
}
BLUE_ORANGE_LIGHT: Final = LIGHT | {
    Role.UP: "#0a5ca8",
    Role.DOWN: "#a54300",
    Role.ACCENT: "#6a3fc4",
    Role.CAUTION: "#6b5c00",
    Role.STUDY: "#a02a72",
    Role.STUDY_BLUE: "#44549b",
}

PALETTES: Final[Mapping[str, Mapping[Role, str]]] = {
    "dark": DARK,
    "light": LIGHT,
    "colour-blind": BLUE_ORANGE,
    "colour-blind light": BLUE_ORANGE_LIGHT,
}
"""By the names under which a person chooses them."""
