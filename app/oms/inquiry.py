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

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from app.domain.enums import AmendmentWay, Custody
from app.domain.executions import parked
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.times import SECOND_NS

QUERY_AFTER_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0)
"""After the doubt began."""
QUERY_EVERY_S: Final = 15.0
NEGATIVES_MIN: Final = 3
NEGATIVES_MAX: Final = 64
"""Kept of one inquiry; beyond them the oldest go."""
SPAN_NS_MIN: Final = 30 * SECOND_NS
LIST_BEFORE_SEND_NS: Final = 60 * SECOND_NS


class ListEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest whole list of the broker's orders says."""

    ids: frozenset[ClOrdID]
    since_ns: int
    """How far back it has orders that ended, UTC."""
    taken_ns: int
    """When it was asked for, by the monotonic clock."""


Hearsay = tuple[object, ...]


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
    heard: Hearsay = ()
    """What the broker has said of the order so far."""


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
        heard = _heard(order)
        current = known
        if current is None or current.question != question:
            current = Inquiry(
                cl_ord_id=order.cl_ord_id,
                question=question,
                since_ns=now_ns,
                next_ns=_next_ns(now_ns, now_ns),
                negatives=() if known is None else known.negatives,
                heard=heard if known is None else known.heard,
            )
        if current.heard != heard:
            # The broker has spoken of the order since: what it denied before counts no more.
            kept = tuple(n for n in current.negatives if n[0] != order.live_id)
            current = msgspec.structs.replace(current, negatives=kept, heard=heard)
        if current is not known:
            self._set(current)

    def due(self, now_ns: int) -> list[Inquiry]:
        """Return the inquiries whose question is due, the longest waiting first."""
        due = [inquiry for inquiry in self._open.values() if inquiry.next_ns <= now_ns]
        return sorted(due, key=lambda inquiry: inquiry.next_ns)

    def asked(
        self, cl_ord_id: ClOrdID, now_ns: int, answers: Mapping[ClOrdID, bool | None]
    ) -> None:
        """Count a question; slots that passed meanwhile are not made up for.

        Args:
            cl_ord_id: of the order, its first identity.
            now_ns: by the monotonic clock.
            answers: identity -> whether the broker has it; None: no answer.
        """
        current = self._open.get(cl_ord_id)
        if current is None:
            return
        kept = [negative for negative in current.negatives if not answers.get(negative[0])]
        kept += [(asked_id, now_ns) for asked_id, has_it in answers.items() if has_it is False]
        self._set(
            msgspec.structs.replace(
                current,
                asked=current.asked + 1,
                next_ns=_next_ns(current.since_ns, now_ns),
                negatives=tuple(kept[-NEGATIVES_MAX:]),
                failures=current.failures + sum(has_it is None for has_it in answers.values()),
            )
        )

    def _set(self, inquiry: Inquiry) -> None:
        self._open[inquiry.cl_ord_id] = inquiry
        self.version += 1


def question_about(order: Order) -> str:
    """Return what the broker has to be asked about an order, in words; empty for nothing."""
    request = _request(order)
    if order.is_in_doubt:
        return "is it there?"
    if order.is_ended and request is not None:
        return "is its replacement there?"
    if order.missing_qty:
        return f"which executions make up {order.stated_cum_qty}?"
    if parked(order.facts):
        return "what was broken or corrected?"
    if order.is_ended or order.is_here or order.custody is Custody.UNSENT:
        return ""
    if order.cancel_requested:
        return "is it canceled?"
    return "is it replaced?" if request is not None else ""


def may_execute_unseen(order: Order) -> bool:
    """Whether executions of an order may be missing here: its symbol's holding is not settled."""
    replaced = order.is_ended and _request(order) is not None
    return order.is_in_doubt or replaced or bool(order.missing_qty)


def ids_to_ask(order: Order) -> tuple[ClOrdID, ...]:
    """Return the identities under which an order may be at the broker, the newest first."""
    request = _request(order)
    return (order.live_id,) if request is None else (request.cl_ord_id, order.live_id)


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
    sent_at_ns = sent_ns(order, cl_ord_id)
    if (
        span_ns < SPAN_NS_MIN
        or cl_ord_id in listed.ids
        or listed.since_ns > sent_at_ns - LIST_BEFORE_SEND_NS
        or listed.taken_ns < max(connected_since_ns, times[0] + SPAN_NS_MIN)
    ):
        return ""
    return (
        f"not at the broker: {len(times)} questions over {span_ns / SECOND_NS:.0f} s and a list "
        "of all orders had no trace of it"
    )


def sent_ns(order: Order, cl_ord_id: ClOrdID) -> int:
    """Return when an identity went out, by our clock, or was asked for."""
    amendment = order.open_amendment
    if amendment is not None and amendment.cl_ord_id == cl_ord_id:
        return amendment.ts_intent_ns
    return order.ts_sent_ns or order.ts_intent_ns


def _request(order: Order) -> Amendment | None:
    """Return the open request to replace that the broker was sent."""
    amendment = order.open_amendment
    if amendment is None or amendment.way is not AmendmentWay.NATIVE:
        return None
    return amendment


def _heard(order: Order) -> Hearsay:
    """Return what changes whenever the broker says something new of an order."""
    answered = order.custody is Custody.ACKNOWLEDGED
    return answered, order.order_id, order.working_ns, len(order.facts), order.stated_cum_qty


def _next_ns(since_ns: int, now_ns: int) -> int:
    """Return the first slot after now of a doubt that began then."""
    past_ns = now_ns - since_ns
    for after_ns in _FIRST_SLOTS_NS:
        if after_ns > past_ns:
            return since_ns + after_ns
    every_ns = int(QUERY_EVERY_S * SECOND_NS)
    further = (past_ns - _FIRST_SLOTS_NS[-1]) // every_ns + 1
    return since_ns + _FIRST_SLOTS_NS[-1] + further * every_ns


_FIRST_SLOTS_NS: Final = tuple(int(after_s * SECOND_NS) for after_s in QUERY_AFTER_S)
