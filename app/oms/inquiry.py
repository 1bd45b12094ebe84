"""Orders that the broker has to be asked about, and when silence may be taken for an answer.

The danger: "not found" is believed at once. The request was slow, the broker's index was late, the
link was down while the order arrived; the order is declared rejected, its exposure let go, and it
fills. Or it is never believed, and the account stays blocked.
How this prevents it: the broker is asked at 0.5, 1, 2, 4 and 8 s, then every 15 s; the first
positive fact settles it. Absent is declared only if reports have come without a gap or the books
were compared since, at least 3 questions over at least 30 s had the answer "none", and a list of
all orders, ended ones included, taken after that and reaching back beyond the send, lacks it.
Not guaranteed: an end. Where that evidence cannot be had the order stays in doubt, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from app.domain.enums import AmendmentWay, Custody
from app.domain.executions import parked
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.times import SECOND_NS

QUERY_AFTER_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""After the doubt began."""
QUERY_EVERY_S: Final = 15.0
NEGATIVES_MIN: Final = 3
SPAN_S_MIN: Final = 30.0
LIST_BEFORE_SEND_S: Final = 60.0


class ListEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest whole list of the broker's orders says."""

    ids: frozenset[ClOrdID]
    since_ns: int
    """How far back it has orders that ended, UTC."""
    taken_ns: int
    """When it was asked for, by the monotonic clock."""


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """One order that is being asked about, as shown. Times are of the monotonic clock."""

    cl_ord_id: ClOrdID
    question: str
    """In words, for the row of the order."""
    since_ns: int
    asked: int = 0
    next_ns: int
    """When the broker is asked next."""
    negatives: tuple[tuple[ClOrdID, int], ...] = ()
    """Identity and time of each answer "none"."""
    failures: int = 0
    """Questions that had no answer."""


class Inquiries:
    """Which orders are asked about; holds nothing that a restart would need."""

    def __init__(self) -> None:
        self._open: dict[ClOrdID, Inquiry] = {}
        self.version = 0

    def __iter__(self) -> Iterator[Inquiry]:
        return iter(self._open.values())

    def get(self, cl_ord_id: ClOrdID) -> Inquiry | None:
        """Return the inquiry about an order, by its first identity."""
        return self._open.get(cl_ord_id)

    @property
    def next_ns(self) -> int | None:
        """When the next question is due; None if there is none."""
        return min((inquiry.next_ns for inquiry in self._open.values()), default=None)

    def note(self, order: Order, now_ns: int) -> None:
        """Open or close the inquiry about an order, as its facts have it now."""
        question = question_about(order)
        known = self._open.get(order.cl_ord_id)
        if not question:
            if known is not None:
                del self._open[order.cl_ord_id]
                self.version += 1
            return
        if known is None or known.question != question:
            self._set(
                Inquiry(
                    cl_ord_id=order.cl_ord_id,
                    question=question,
                    since_ns=now_ns,
                    next_ns=now_ns + _after_ns(0),
                    negatives=known.negatives if known is not None else (),
                )
            )

    def due(self, now_ns: int) -> list[Inquiry]:
        """Return the inquiries whose question is due, the longest waiting first."""
        due = [inquiry for inquiry in self._open.values() if inquiry.next_ns <= now_ns]
        return sorted(due, key=lambda inquiry: inquiry.next_ns)

    def asked(self, inquiry: Inquiry, now_ns: int, *, none: tuple[ClOrdID, ...], ok: bool) -> None:
        """Count a question: which identities the broker has none of; not `ok`: no answer."""
        current = self._open.get(inquiry.cl_ord_id)
        if current is None:
            return
        number = current.asked + 1
        self._set(
            msgspec.structs.replace(
                current,
                asked=number,
                next_ns=max(now_ns, current.since_ns + _after_ns(number)),
                negatives=(*current.negatives, *((cl_ord_id, now_ns) for cl_ord_id in none))[-64:],
                failures=current.failures + (0 if ok else 1),
            )
        )

    def _set(self, inquiry: Inquiry) -> None:
        self._open[inquiry.cl_ord_id] = inquiry
        self.version += 1


def question_about(order: Order) -> str:
    """Return what the broker has to be asked about an order, in words; empty for nothing."""
    amendment = order.open_amendment
    if order.is_in_doubt:
        return "is it there?"
    if order.is_ended and amendment is not None and amendment.way is AmendmentWay.NATIVE:
        return "is its replacement there?"
    if order.missing_qty:
        return f"which executions make up {order.stated_cum_qty}?"
    if parked(order.facts):
        return "what was broken or corrected?"
    if order.is_ended or order.is_here or order.custody is Custody.UNSENT:
        return ""
    if order.cancel_requested:
        return "is it canceled?"
    return "is it replaced?" if amendment is not None else ""


def ids_to_ask(order: Order) -> tuple[ClOrdID, ...]:
    """Return the identities under which an order may be at the broker, the newest first."""
    amendment = order.open_amendment
    if amendment is None or amendment.cl_ord_id == order.live_id:
        return (order.live_id,)
    return amendment.cl_ord_id, order.live_id


def evidence_of_absence(
    order: Order,
    cl_ord_id: ClOrdID,
    inquiry: Inquiry,
    *,
    listed: ListEvidence | None,
    connected_since_ns: int | None,
) -> str:
    """Return why an identity is not at the broker, in words; empty while that is not proven."""
    times = [ts_ns for negative, ts_ns in inquiry.negatives if negative == cl_ord_id]
    if listed is None or connected_since_ns is None or len(times) < NEGATIVES_MIN:
        return ""
    span_ns = times[-1] - times[0]
    sent_ns = _sent_ns(order, cl_ord_id)
    if (
        span_ns < SPAN_S_MIN * SECOND_NS
        or cl_ord_id in listed.ids
        or listed.since_ns > sent_ns - LIST_BEFORE_SEND_S * SECOND_NS
        or listed.taken_ns < max(connected_since_ns, times[0] + SPAN_S_MIN * SECOND_NS)
    ):
        return ""
    return (
        f"not at the broker: {len(times)} questions over {span_ns / SECOND_NS:.0f} s and a list "
        "of all orders had no trace of it"
    )


def _sent_ns(order: Order, cl_ord_id: ClOrdID) -> int:
    amendment = order.open_amendment
    if amendment is not None and amendment.cl_ord_id == cl_ord_id:
        return amendment.ts_intent_ns
    return order.ts_sent_ns or order.ts_intent_ns


def _after_ns(number: int) -> int:
    """Return when the question of a number is due after the doubt began."""
    if number < len(QUERY_AFTER_S):
        return int(QUERY_AFTER_S[number] * SECOND_NS)
    beyond = number - len(QUERY_AFTER_S) + 1
    return int((QUERY_AFTER_S[-1] + beyond * QUERY_EVERY_S) * SECOND_NS)
