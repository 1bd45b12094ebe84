"""Alerts on disk: one small file, written whole at every change."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from app.alerts.model import Alert, AlertEvent
from app.files import read_small, replace_file, set_aside

VERSION: Final = 1


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds."""

    version: int = VERSION
    alerts: tuple[Alert, ...] = ()
    events: tuple[AlertEvent, ...] = ()
    """The oldest first."""


def read_alerts(path: Path) -> tuple[Kept, str]:
    """Return what was kept, and what there is to say about the file; it is set aside if broken."""
    try:
        kept = msgspec.json.decode(read_small(path), type=Kept)
        if kept.version != VERSION:
            raise ValueError(f"its version was {kept.version}, must be {VERSION}")
    except FileNotFoundError:
        return Kept(), ""
    except (OSError, ValueError) as error:  # What msgspec raises is a ValueError.
        return Kept(), set_aside(path, "The file of alerts", str(error))
    return kept, ""


def write_alerts(path: Path, kept: Kept) -> str:
    """Keep alerts; return why that was not possible, or nothing."""
    try:
        replace_file(path, msgspec.json.encode(kept))
    except OSError as error:
        return f"The alerts are not saved: {error}"
    return ""
