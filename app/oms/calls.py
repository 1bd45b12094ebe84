"""Calls to the broker: each order handed over once, each outcome put back into the inbox.

The danger: a time-out is taken for a no, and the order is sent again; a halt comes between the
decision and the wire, and the order goes out all the same.
How this prevents it: an order is handed over a second time only with proof that the first time
nothing left this machine, and never under another identity; the trading state and a cancel are
looked at in the same step of the loop in which the call begins; every end of a call that is not a
definite answer is `SendUncertain`.
Not guaranteed: that a call that was cut off did not arrive. That is what `oms.inquiry` finds out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from app.audit.records import OrderSent, Record
from app.brokers.base import Broker
from app.clock import Clock
from app.domain.approval import ApprovedOrder
from app.domain.enums import AmendmentWay, CxlRejReason, CxlRejResponseTo, ExecType
from app.domain.errors import NeverSent, Rejected
from app.domain.events import Notice
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.reports import CancelReject, ExecutionReport, Report, SendUncertain
from app.hub import Hub
from app.oms.blotter import Blotter
from app.tasks import attempt, spawn

CALL_DEADLINE_S: Final = 10.0
RESEND_S: Final = (0.5, 1.0, 2.0)
"""Waits before an order that provably did not leave is handed over again."""
CANCEL_AGAIN_S: Final = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Waits before a cancel that had no answer is asked for again."""


class BrokerCalls:
    """The only caller of a broker's submit, cancel and replace."""

    def __init__(  # noqa: PLR0913  What a call needs, handed over once by the engine.
        self,
        *,
        broker: Broker,
        blotter: Blotter,
        clock: Clock,
        hub: Hub,
        put: Callable[[Report | Record], None],
        barrier: Callable[[ApprovedOrder], str],
        ended: Callable[[], None],
    ) -> None:
        """Take what calls stand on.

        Args:
            broker: who is called.
            blotter: where the orders are.
            clock: of the session.
            hub: for notices.
            put: the engine's inbox.
            barrier: says in words why an approved order may not go now; empty if it may.
            ended: called when a call has ended.
        """
        self._broker = broker
        self._blotter = blotter
        self._clock = clock
        self._hub = hub
        self._put = put
        self._barrier = barrier
        self._ended = ended
        self._cancelling: set[ClOrdID] = set()
        """Orders with a cancel call under way; one at a time of each."""
        self._not_there: set[ClOrdID] = set()
        """Orders that are certain not to be at the broker: a cancel is that they do not go."""
        self.under_way = 0
        """Calls that have not ended."""

    def submit(self, group: asyncio.TaskGroup, approved: ApprovedOrder) -> None:
        """Hand an approved order over."""
        self._start(group, f"submit {approved.cl_ord_id}", self._submit(approved))

    def replace(self, group: asyncio.TaskGroup, approved: ApprovedOrder) -> None:
        """Hand an approved replacement over."""
        self._start(group, f"replace {approved.orig_cl_ord_id}", self._replace(approved))

    def cancel(self, group: asyncio.TaskGroup, order: Order) -> None:
        """Ask for a cancel, unless one is being asked for."""
        if order.cl_ord_id not in self._cancelling:
            self._cancelling.add(order.cl_ord_id)
            self._start(group, f"cancel {order.cl_ord_id}", self._cancel(order.cl_ord_id))

    def _start(self, group: asyncio.TaskGroup, name: str, call: Coroutine[Any, Any, None]) -> None:
        self.under_way += 1
        spawn(group, name, call).add_done_callback(self._call_ended)

    def _call_ended(self, _task: asyncio.Task[None]) -> None:
        self.under_way -= 1
        self._ended()

    async def _submit(self, approved: ApprovedOrder) -> None:
        cl_ord_id = approved.cl_ord_id
        waits = iter(RESEND_S)
        while True:
            barrier = self._barrier(approved)
            if barrier:
                self._not_there.add(cl_ord_id)
                self._put(self._rejection(cl_ord_id, f"{barrier}; order not sent"))
                return
            self._not_there.discard(cl_ord_id)
            self._put(OrderSent(cl_ord_id=cl_ord_id, ts_sent_ns=self._clock.now_ns()))
            error = await attempt(self._broker.submit(approved), deadline_s=CALL_DEADLINE_S)
            if error is None:
                return
            if isinstance(error, Rejected):
                self._put(self._rejection(cl_ord_id, str(error)))
                return
            if not isinstance(error, NeverSent):
                # Timed out, cut off or broken: accepted or not, nobody knows. Never sent again.
                self._put(self._uncertain(cl_ord_id, f"sent, no answer: {error!r}"))
                return
            self._not_there.add(cl_ord_id)
            wait_s = next(waits, None)
            if wait_s is None:
                text = f"never sent, {len(RESEND_S) + 1} times tried: {error}"
                self._put(self._rejection(cl_ord_id, text))
                return
            await asyncio.sleep(wait_s)

    async def _replace(self, approved: ApprovedOrder) -> None:
        request_id = approved.cl_ord_id
        barrier = self._barrier(approved)
        if barrier:
            self._put(self._reject(request_id, f"{barrier}; not sent", CxlRejResponseTo.REPLACE))
            return
        error = await attempt(self._broker.replace(approved), deadline_s=CALL_DEADLINE_S)
        if isinstance(error, Rejected | NeverSent):
            self._put(self._reject(request_id, str(error), CxlRejResponseTo.REPLACE))
        elif error is not None:
            self._put(self._uncertain(request_id, f"replace sent, no answer: {error!r}"))

    async def _cancel(self, cl_ord_id: ClOrdID) -> None:
        try:
            waits = iter(CANCEL_AGAIN_S)
            while True:
                order = self._blotter.get(cl_ord_id)
                if order is None or not order.is_working or not order.cancel_requested:
                    return
                if cl_ord_id in self._not_there:
                    return  # The broker would not know it; the barrier ends it.
                error = await self._cancel_each(order)
                wait_s = next(waits, None)
                if error is None or wait_s is None:
                    return
                text = f"cancel of {cl_ord_id} has no answer: {error!r}; it stays pending"
                self._hub.publish(Notice(text=text, is_warning=True))
                await asyncio.sleep(wait_s)
        finally:
            self._cancelling.discard(cl_ord_id)

    async def _cancel_each(self, order: Order) -> Exception | None:
        """Cancel the identity in force, then the one that may come into force."""
        ids = [order.live_id]
        amendment = order.open_amendment
        if amendment is not None and amendment.way is AmendmentWay.NATIVE:
            ids.append(amendment.cl_ord_id)
        failed: Exception | None = None
        for cl_ord_id in ids:
            error = await attempt(self._broker.cancel(cl_ord_id), deadline_s=CALL_DEADLINE_S)
            if isinstance(error, Rejected):
                if cl_ord_id == order.live_id:
                    self._put(self._reject(cl_ord_id, str(error), CxlRejResponseTo.CANCEL))
            elif error is not None:
                failed = error
        return failed

    def _rejection(self, cl_ord_id: ClOrdID, text: str) -> ExecutionReport:
        now_ns = self._clock.now_ns()
        return ExecutionReport(
            cl_ord_id=cl_ord_id,
            exec_type=ExecType.REJECTED,
            ts_exch_ns=now_ns,
            ts_recv_ns=now_ns,
            text=text,
        )

    def _reject(self, cl_ord_id: ClOrdID, text: str, response_to: CxlRejResponseTo) -> CancelReject:
        now_ns = self._clock.now_ns()
        return CancelReject(
            cl_ord_id=cl_ord_id,
            ts_exch_ns=now_ns,
            ts_recv_ns=now_ns,
            response_to=response_to,
            reason=CxlRejReason.OTHER,
            text=text,
        )

    def _uncertain(self, cl_ord_id: ClOrdID, text: str) -> SendUncertain:
        return SendUncertain(cl_ord_id=cl_ord_id, ts_recv_ns=self._clock.now_ns(), text=text)
