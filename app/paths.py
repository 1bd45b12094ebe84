"""Where things are kept, in source trees and in installed programs."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import msgspec
import platformdirs

APP_NAME = "tradedeck"


class Paths(msgspec.Struct, frozen=True, kw_only=True):
    """Folders and files of one profile."""

    data_dir: Path
    """Holds the records; everything else can be made again."""

    @property
    def journal(self) -> Path:
        """The audit log of the paper account."""
        return self.data_dir / "audit.db"

    @property
    def replays_dir(self) -> Path:
        """A folder a replay, each with its own log: a replay never mixes with the account."""
        return self.data_dir / "replays"

    @property
    def layout(self) -> Path:
        """Saved window layout."""
        return self.data_dir / "layout.json"

    @property
    def settings(self) -> Path:
        """Settings that differ from the defaults."""
        return self.data_dir / "tradedeck.toml"

    @property
    def log(self) -> Path:
        """Program log, for a bug report; no records."""
        return self.data_dir / "tradedeck.log"


def default_paths() -> Paths:
    """Return the profile of the user who runs the program."""
    return Paths(data_dir=Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)))


def resource(name: str) -> Path:
    """Return the path of a file shipped with the program."""
    return Path(str(importlib.resources.files("resources"))) / name
