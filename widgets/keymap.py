"""Which key does what: the defaults of the table of actions, and what a person bound otherwise.

Only what differs from the defaults is kept, in a file of its own. A key does one thing: a second
one for it is refused, with the name of the first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from PySide6.QtGui import QKeySequence

from app.files import read_small, replace_file, set_aside
from widgets.actions import ACTIONS, PANEL_KEYS

VERSION: Final = 1
RESERVED: Final = {"Return", "Enter", "Esc", "Tab", "Shift+Tab", "Up", "Down", "Left", "Right"}
"""Every list, field and dialog needs these."""


class Keymap:
    """Shortcuts by action; the one writer of the file."""

    def __init__(self, path: Path | None) -> None:
        self.notice = ""
        """What there is to say about the file; empty if nothing."""
        self._path: Final = path
        self._defaults: Final = {spec.name: normal(spec.shortcut) for spec in ACTIONS}
        self._changed: dict[str, str] = {}
        if path is not None and path.exists():
            self._read(path)

    def shortcut(self, name: str) -> str:
        """Return an action's keys as Qt writes them; empty for none."""
        return self._changed.get(name, self._defaults[name])

    def default(self, name: str) -> str:
        """Return the keys that an action has unless somebody binds it otherwise."""
        return self._defaults[name]

    def bind(self, name: str, keys: str) -> str:
        """Give an action other keys, empty for none; return why not, or nothing."""
        wanted = normal(keys)
        problem = self._problem(name, wanted)
        if problem:
            return problem
        self._changed.pop(name, None)
        if wanted != self._defaults[name]:
            self._changed[name] = wanted
        return self._write()

    def reset(self, name: str) -> str:
        """Give an action its own keys back; return why not, or nothing."""
        return self.bind(name, self._defaults[name])

    def _problem(self, name: str, wanted: str) -> str:
        if not wanted:
            return ""
        if wanted in RESERVED:
            return f"{wanted} is what lists, fields and dialogs are worked with; nothing changed"
        for spec in ACTIONS:
            if spec.name != name and self.shortcut(spec.name) == wanted:
                return f"{wanted} is taken by '{spec.text}'; nothing changed"
        for where, keys, what in PANEL_KEYS:
            # A key without modifiers would take it away from the panel that has the focus.
            if wanted in {normal(key) for key in keys} and wanted not in self._defaults.values():
                return f"{wanted} means '{what}' in {where}; nothing changed"
        return ""

    def _read(self, path: Path) -> None:
        try:
            tree = json.loads(read_small(path))
            if not isinstance(tree, dict) or tree.get("version") != VERSION:
                raise ValueError(f"it is not of version {VERSION}")
            keys = tree.get("keys")
            if not isinstance(keys, dict) or not all(isinstance(k, str) for k in keys.values()):
                raise ValueError("it holds no keys")
        except (OSError, ValueError) as error:
            self.notice = set_aside(path, "The file of shortcuts", str(error))
            return
        # Two actions may have changed keys with each other: all are taken away, then given.
        known = {name: normal(key) for name, key in keys.items() if name in self._defaults}
        self._changed = dict.fromkeys(known, "")
        refused = []
        for name, wanted in known.items():
            if self._problem(name, wanted):
                del self._changed[name]
                refused.append(wanted)
            else:
                self._changed[name] = wanted
        if refused:
            self.notice = f"Shortcuts that were bound twice are as at first: {', '.join(refused)}"

    def _write(self) -> str:
        if self._path is None:
            return ""
        text = json.dumps({"version": VERSION, "keys": self._changed}, indent=1)
        try:
            replace_file(self._path, text.encode())
        except OSError as error:
            return f"The shortcuts are not saved: {error}"
        return ""


def normal(keys: str) -> str:
    """Return keys as Qt writes them, whoever wrote them."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)
