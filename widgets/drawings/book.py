"""The drawings of all symbols; their sole writer, with every step to be undone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Final

import msgspec

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from widgets.drawings.model import Drawing, fault_of
from widgets.drawings.shelf import DRAWINGS_MAX, Shelf

STEPS_MAX: Final = 200
"""Of one symbol, that can be undone."""

Drawings = tuple[Drawing, ...]


@dataclass
class _Page:
    """What there is of one symbol."""

    now: Drawings = ()
    before: list[Drawings] = field(default_factory=list)
    after: list[Drawings] = field(default_factory=list)


class DrawingBook:
    """Holds drawings by symbol, from the bottom to the top."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        """Begin.

        Args:
            shelf: keeps them on disk; None: they are gone with the window.
        """
        self._shelf: Final = shelf
        self._pages: dict[Symbol, _Page] = {}
        self.copied: Drawing | None = None
        """What was copied last."""
        self.notice = ""
        """What there is to say about reading or writing, until somebody has taken it."""
        self.version = 0
        """A number that grows with every change."""

    def of(self, symbol: Symbol) -> Drawings:
        """Return the drawings of a symbol."""
        return self._page(symbol).now

    def get(self, symbol: Symbol, key: str) -> Drawing | None:
        """Return one of them; None if it is there no more."""
        return next((it for it in self.of(symbol) if it.key == key), None)

    def put(self, symbol: Symbol, drawing: Drawing) -> None:
        """Add a drawing on top, or change the one of its key.

        Raises:
            BadInput: it is none, or there are too many; nothing changed.
        """
        fault = fault_of(drawing)
        if fault:
            raise BadInput(f"the drawing is not kept: {fault}")
        now = self.of(symbol)
        if any(it.key == drawing.key for it in now):
            self._turn(symbol, tuple(drawing if it.key == drawing.key else it for it in now))
            return
        if len(now) >= DRAWINGS_MAX:
            raise BadInput(f"{symbol} has {DRAWINGS_MAX} drawings, the most; delete one first")
        self._turn(symbol, (*now, drawing))

    def copy(self, symbol: Symbol, drawing: Drawing) -> Drawing:
        """Add another drawing like one; return it.

        Raises:
            BadInput: there are too many; nothing changed.
        """
        other = msgspec.structs.replace(drawing, key=new_key(), is_locked=False)
        self.put(symbol, other)
        return other

    def remove(self, symbol: Symbol, key: str) -> None:
        """Delete a drawing."""
        self._turn(symbol, tuple(it for it in self.of(symbol) if it.key != key))

    def clear(self, symbol: Symbol) -> None:
        """Delete all drawings of a symbol."""
        self._turn(symbol, ())

    def lock_all(self, symbol: Symbol, *, on: bool) -> None:
        """Lock all drawings of a symbol, or let them be moved."""
        now = self.of(symbol)
        self._turn(symbol, tuple(msgspec.structs.replace(it, is_locked=on) for it in now))

    def undo(self, symbol: Symbol) -> bool:
        """Take the last step back; return whether there was one."""
        page = self._page(symbol)
        return self._step(symbol, page.before, page.after)

    def redo(self, symbol: Symbol) -> bool:
        """Take the last step that was undone again; return whether there was one."""
        page = self._page(symbol)
        return self._step(symbol, page.after, page.before)

    def _step(self, symbol: Symbol, source: list[Drawings], target: list[Drawings]) -> bool:
        if not source:
            return False
        page = self._page(symbol)
        target.append(page.now)
        page.now = source.pop()
        self._save(symbol)
        return True

    def _turn(self, symbol: Symbol, drawings: Drawings) -> None:
        page = self._page(symbol)
        if drawings == page.now:
            return
        page.before = [*page.before[1 - STEPS_MAX :], page.now]
        page.after = []
        page.now = drawings
        self._save(symbol)

    def _page(self, symbol: Symbol) -> _Page:
        page = self._pages.get(symbol)
        if page is None:
            page = self._pages[symbol] = _Page()
            if self._shelf is not None and symbol:
                page.now, self.notice = self._shelf.read(symbol)
        return page

    def _save(self, symbol: Symbol) -> None:
        self.version += 1
        if self._shelf is not None and symbol:
            self.notice = self._shelf.write(symbol, self._pages[symbol].now) or self.notice


def new_key() -> str:
    """Return a key that no other drawing has."""
    return uuid.uuid4().hex[:12]
