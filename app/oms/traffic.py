"""What went before: how many orders, how much alike, how large; a fold of the record.

The danger: a counter that lives in memory starts from nothing after a restart, and one that reads
a clock that was set back lets everything through or nothing.
How this prevents it: the counts follow from the records, so a restart finds them; a time that lies
after a later record's is taken to be that record's.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from app.audit.records import (
    AmendmentDecided,
    CancelRequested,
    DayStarted,
    OrderDecided,
    Record,
)
from app.domain.decision import Picture, Traffic
from app.domain.enums import Origin, Side
from app.domain.ids import ClOrdID
from app.domain.market import real_price
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS

WINDOW_NS: Final = 60 * SECOND_NS
HABIT_MAX: Final = 50
"""Orders by hand that the habit is taken from."""
HABIT_MIN: Final = 10
"""Fewer make no habit."""
KEPT_MAX: Final = 10_000
"""Events of one kind kept of the last minute; beyond them the oldest go."""


class _Window:
    """Events of the last minute, oldest first."""

    def __init__(self) -> None:
        self._events: deque[tuple[int, object]] = deque(maxlen=KEPT_MAX)

    def add(self, ts_ns: int, what: object) -> None:
        """Add an event that is newer than all before it."""
        self._set_back(ts_ns)
        self._events.append((ts_ns, what))
        while self._events[0][0] <= ts_ns - WINDOW_NS:
            self._events.popleft()

    def since(self, after_ns: int, now_ns: int) -> list[tuple[int, object]]:
        """Return the events after a time, newest first."""
        self._set_back(now_ns)
        found = []
        for event in reversed(self._events):
            if event[0] <= after_ns:
                break
            found.append(event)
        return found

    def _set_back(self, now_ns: int) -> None:
        """Take times that lie ahead for now: the clock was set back."""
        if self._events and self._events[-1][0] > now_ns:
            times = ((min(ts_ns, now_ns), what) for ts_ns, what in self._events)
            self._events = deque(times, maxlen=KEPT_MAX)


class TrafficBook:
    """Counts what passed, what was canceled and what filled. Written by the books only."""

    def __init__(self) -> None:
        self._sent = _Window()
        """Terms of orders; identities of orders that were replaced."""
        self._cancels = _Window()
        self._habit: deque[Decimal] = deque(maxlen=HABIT_MAX)
        self._habit_value: Decimal | None = None
        self._is_habit_new = False
        self._sent_day = self._fills_day = 0

    def on_record(self, record: Record) -> None:
        """Count a record."""
        match record:
            case OrderDecided(approved=True, command=command, picture=picture):
                self._count_sent(picture.ts_ns, command.order)
                if command.origin is Origin.MANUAL:
                    value = _value(command.order, picture)
                    if value is not None:
                        self._habit.append(value)
                        self._is_habit_new = True
            case AmendmentDecided(approved=True, command=request, picture=picture):
                self._count_sent(picture.ts_ns, request.orig_cl_ord_id)
            case CancelRequested(command=cancel):
                self._cancels.add(cancel.ts_intent_ns, cancel.cl_ord_id)
            case DayStarted():
                self._sent_day = self._fills_day = 0

    def on_fill(self) -> None:
        """Count a fill."""
        self._fills_day += 1

    def picture(
        self,
        order: NewOrder,
        now_ns: int,
        *,
        batch: Iterable[NewOrder] = (),
        replaced: ClOrdID | None = None,
    ) -> Traffic:
        """Return what went before an order.

        Args:
            order: the terms to be decided.
            now_ns: UTC.
            batch: terms that were let through and are not on record yet.
            replaced: of a replace: the order.
        """
        pending = list(batch)
        minute = self._sent.since(now_ns - WINDOW_NS, now_ns)
        twins = [ts_ns for ts_ns, what in minute if what == order]
        twins = [now_ns for terms in pending if terms == order] + twins
        return Traffic(
            sent_1s=len(pending) + sum(ts_ns > now_ns - SECOND_NS for ts_ns, _ in minute),
            sent_60s=len(pending) + len(minute),
            sent_day=len(pending) + self._sent_day,
            cancels_60s=len(self._cancels.since(now_ns - WINDOW_NS, now_ns)),
            fills_day=self._fills_day,
            changes_60s=sum(what == replaced for _, what in minute) if replaced else 0,
            twin_age_ns=now_ns - twins[0] if twins and not replaced else None,
            twins_60s=0 if replaced else len(twins),
            habit_value=self._habit_median(),
        )

    def _count_sent(self, ts_ns: int, what: NewOrder | ClOrdID) -> None:
        self._sent.add(ts_ns, what)
        self._sent_day += 1

    def _habit_median(self) -> Decimal | None:
        if self._is_habit_new and len(self._habit) >= HABIT_MIN:
            self._habit_value, self._is_habit_new = statistics.median(self._habit), False
        return self._habit_value


def _value(order: NewOrder, picture: Picture) -> Decimal | None:
    """Return what an order was worth as it was decided."""
    far = picture.ask if order.side is Side.BUY else picture.bid
    px = real_price(order.limit_px) or real_price(far) or real_price(picture.last_px)
    return None if px is None else order.order_qty * px
