"""Where things are kept, in source trees and in installed programs."""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path

import msgspec
import platformdirs

APP_NAME = "tradedeck"
DATA_DIR_VARIABLE = "TRADEDECK_DATA_DIR"


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
    def replay_layout(self) -> Path:
        """Saved layout of the window on a replay; the station's may be open meanwhile."""
        return self.data_dir / "replay.layout.json"

    @property
    def replay_log(self) -> Path:
        """Program log of the window on a replay."""
        return self.replays_dir / "tradedeck.log"

    @property
    def bookmarks(self) -> Path:
        """Moments of recordings that a person named."""
        return self.data_dir / "bookmarks.json"

    @property
    def recordings_dir(self) -> Path:
        """Recorded market data."""
        return self.data_dir / "recordings"

    @property
    def layout(self) -> Path:
        """Saved window layout."""
        return self.data_dir / "layout.json"

    @property
    def screen(self) -> Path:
        """Palette and scale; of the window on a replay, too."""
        return self.data_dir / "screen.json"

    @property
    def settings(self) -> Path:
        """Settings that differ from the defaults."""
        return self.data_dir / "tradedeck.toml"

    @property
    def log(self) -> Path:
        """Program log, for a bug report; no records."""
        return self.data_dir / "tradedeck.log"


def profile(data_dir: Path | None) -> Paths:
    """Return the profile in a folder, or where the environment says, or the user's own."""
    chosen = data_dir or os.environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Paths(data_dir=Path(chosen).absolute())
    return Paths(data_dir=Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)))


def resource(name: str) -> Path:
    """Return the path of a file shipped with the program."""
    return Path(str(importlib.resources.files("resources"))) / name
