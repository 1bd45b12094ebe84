"""Entry points to specs: built-ins and strangers come through the same door.

Groups: `tradedeck.feeds`, `tradedeck.brokers`, `tradedeck.checks`, `tradedeck.panels`. A plug-in
that does not load is listed with its reason; it never stops the program. (A risk check that the
settings name is the exception: the gate halts without it.)
"""

from __future__ import annotations

import importlib.metadata
from collections import Counter
from typing import Any

import msgspec

from app.domain.errors import BadInput


class Loaded(msgspec.Struct, frozen=True):
    """What a group holds."""

    specs: tuple[Any, ...]
    """Specs, in order of their names."""
    failures: tuple[str, ...]
    """A sentence for each plug-in that did not load."""

    def get(self, name: str) -> Any:  # noqa: ANN401  Each group has its own spec type.
        """Return the spec of a name.

        Raises:
            BadInput: there is none; the message lists those there are.
        """
        for spec in self.specs:
            if spec.name == name:
                return spec
        known = ", ".join(spec.name for spec in self.specs) or "none"
        failed = "".join(f"; {failure}" for failure in self.failures)
        raise BadInput(f"there is no plug-in '{name}' (known: {known}{failed})")


def load(group: str) -> Loaded:
    """Import every plug-in of a group and return their specs.

    A name that is given twice gives none: a stranger's package must not take the place of a
    built-in check unseen.
    """
    entries = sorted(importlib.metadata.entry_points(group=group), key=lambda e: e.name)
    count = Counter(entry.name for entry in entries)
    specs: list[Any] = []
    failures: list[str] = []
    for entry in entries:
        what = f"plug-in {entry.name} ({entry.value})"
        if count[entry.name] > 1:
            failures.append(f"{what} is one of {count[entry.name]} of that name; none is taken")
            continue
        try:
            spec = entry.load()
        except Exception as error:  # noqa: BLE001  A stranger's module may raise anything.
            failures.append(f"{what} does not load: {error}")
            continue
        if getattr(spec, "name", None) != entry.name:
            failures.append(f"{what} gives no spec of that name")
            continue
        specs.append(spec)
    return Loaded(tuple(specs), tuple(failures))
