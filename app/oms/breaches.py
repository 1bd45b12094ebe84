"""The history of breaches and overrides, read off the record for the screen."""

from __future__ import annotations

from collections import deque
from typing import Final

from app.audit.records import AmendmentDecided, LimitBreached, OrderDecided, Record
from app.risk.view import Breach

KEPT_MAX: Final = 1_000


class Breaches:
    """The newest of them. Written by the books only."""

    def __init__(self) -> None:
        self._kept: deque[Breach] = deque(maxlen=KEPT_MAX)
        self.version = 0

    def newest_first(self) -> tuple[Breach, ...]:
        """Return what is kept."""
        return tuple(reversed(self._kept))

    def on_record(self, record: Record) -> None:
        """Keep a breach, or each check that a person's word let an order through."""
        match record:
            case LimitBreached():
                self._add(
                    Breach(
                        ts_ns=record.ts_ns,
                        what=record.text,
                        value=record.value,
                        limit=record.limit,
                        outcome=record.outcome,
                    )
                )
            case OrderDecided(approved=True) | AmendmentDecided(approved=True):
                self._add_overrides(record)

    def _add_overrides(self, record: OrderDecided | AmendmentDecided) -> None:
        for check in record.checks:
            if not check.passed:
                self._add(
                    Breach(
                        ts_ns=record.picture.ts_ns,
                        what=check.name,
                        value=check.value,
                        limit=check.limit,
                        outcome="let through by hand",
                        reason=record.command.override,
                        cl_ord_id=record.command.cl_ord_id,
                    )
                )

    def _add(self, breach: Breach) -> None:
        self._kept.append(breach)
        self.version += 1
