"""What went before: how many orders, how much alike, how large; a fold of the record.

The danger: a counter that lives in memory starts from nothing after a restart, and one that reads
a clock that was set back lets everything through or nothing.
How this prevents it: the counts follow from the records, so a restart finds them; a time that lies
after a later record's is taken to be that record's.
"""

from __future__ import annotations

import statistics
from collections import Counter, deque
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
from app.domain.decision import Traffic
from app.domain.enums import Origin
from app.domain.ids import ClOrdID
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS
from app.risk.exposure import usual_value

WINDOW_NS: Final = 60 * SECOND_NS
HABIT_MAX: Final = 50
"""Orders by hand that the habit is taken from."""
HABIT_MIN: Final = 10
"""Fewer make no habit."""
KEPT_MAX: Final = 10_000
"""Events of one kind kept of the last minute; beyond them the oldest go."""


Key = NewOrder | ClOrdID


class _Window:
    """Events of the newest span of time, counted by what they are about."""

    def __init__(self, span_ns: int) -> None:
        self._span_ns: Final = span_ns
        self._events: deque[tuple[int, Key]] = deque()
        """Time and what it was about, oldest first."""
        self._counts: Counter[Key] = Counter()
        self._newest_ns: dict[Key, int] = {}

    def add(self, ts_ns: int, key: Key) -> None:
        """Add an event that is newer than all before it."""
        self.pass_time(ts_ns)
        if len(self._events) >= KEPT_MAX:
            self._forget()
        self._events.append((ts_ns, key))
        self._counts[key] += 1
        self._newest_ns[key] = ts_ns

    def pass_time(self, now_ns: int) -> None:
        """Forget what is older than the span; times ahead are now: the clock was set back."""
        if self._events and self._events[-1][0] > now_ns:
            times = [(min(ts_ns, now_ns), key) for ts_ns, key in self._events]
            self._events = deque(times)
            self._newest_ns = {key: ts_ns for ts_ns, key in times}
        while self._events and self._events[0][0] <= now_ns - self._span_ns:
            self._forget()

    def count(self) -> int:
        """Return how many there are."""
        return len(self._events)

    def count_of(self, key: Key) -> int:
        """Return how many are about something."""
        return self._counts[key]

    def newest_ns_of(self, key: Key) -> int | None:
        """Return when the newest about something was; None if there is none."""
        return self._newest_ns.get(key)

    def _forget(self) -> None:
        _, key = self._events.popleft()
        self._counts[key] -= 1
        if not self._counts[key]:
            del self._counts[key], self._newest_ns[key]


class TrafficBook:
    """Counts what passed, what was canceled and what filled. Written by the books only."""

    def __init__(self) -> None:
        self._sent = _Window(WINDOW_NS)
        """Terms of orders; identities of orders that were replaced."""
        self._sent_now = _Window(SECOND_NS)
        self._cancels = _Window(WINDOW_NS)
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
                    value = usual_value(command.order, picture)
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
        for window in (self._sent, self._sent_now, self._cancels):
            window.pass_time(now_ns)
        pending = list(batch)
        twin_age_ns, twins = None, 0
        if replaced is None and _can_have_twins(order):
            twins = self._sent.count_of(order)
            newest_ns = self._sent.newest_ns_of(order)
            twin_age_ns = None if newest_ns is None else now_ns - newest_ns
            if order in pending:
                twins, twin_age_ns = twins + pending.count(order), 0
        return Traffic(
            sent_1s=len(pending) + self._sent_now.count(),
            sent_60s=len(pending) + self._sent.count(),
            sent_day=len(pending) + self._sent_day,
            cancels_60s=self._cancels.count(),
            fills_day=self._fills_day,
            changes_60s=0 if replaced is None else self._sent.count_of(replaced),
            twin_age_ns=twin_age_ns,
            twins_60s=twins,
            habit_value=self._habit_median(),
        )

    def _count_sent(self, ts_ns: int, what: Key) -> None:
        self._sent.add(ts_ns, what)
        self._sent_now.add(ts_ns, what)
        self._sent_day += 1

    def _habit_median(self) -> Decimal | None:
        if self._is_habit_new and len(self._habit) >= HABIT_MIN:
            self._habit_value, self._is_habit_new = statistics.median(self._habit), False
        return self._habit_value


def _can_have_twins(order: NewOrder) -> bool:
    """Whether terms can be compared: signalling NaN cannot, and the gate refuses it anyway."""
    try:
        hash(order)
    except TypeError:
        return False
    return True
