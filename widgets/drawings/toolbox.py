"""All tools by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widgets.drawings.tools import channels, fibonacci, figures, lines, rulers
from widgets.drawings.tools.base import Tool

TOOLS: Final[Mapping[str, Tool]] = {
    tool.name: tool
    for family in (lines, channels, fibonacci, figures, rulers)
    for tool in family.TOOLS
}
"""Name -> tool, in the order in which they are offered."""
