"""A line to a broker that can fail: a broker in front of a broker.

Without a fault it hands everything on as it is. A fault is a value: what goes wrong, with which
requests, and how many of them. What the broker behind has done stays done whatever the line makes
of the answer, so a question that comes through is answered with the truth: an execution whose
report was lost or is held back is in the list of executions, as a real broker's list has it.
Not guaranteed: the kill switch's own way in has no faults; it goes beside this line.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final, NoReturn

import msgspec

from app.brokers.base import Broker, BrokerOrder, EmergencyClient, Recorded, ReportSink, Snapshot
from app.domain.approval import ApprovedOrder
from app.domain.capabilities import Capabilities
from app.domain.enums import ExecType
from app.domain.errors import Disconnected, NeverSent, Rejected
from app.domain.ids import AccountID, ClOrdID, DurableSeq, ExecID
from app.domain.movements import Movement
from app.domain.reports import ExecutionReport, Report, Unreadable

_Word = Report | Movement | Unreadable


class Verb(Enum):
    """What is asked of a broker."""

    SUBMIT = auto()
    REPLACE = auto()
    CANCEL = auto()
    QUESTION = auto()
    """Query or snapshot."""


class Trouble(Enum):
    """What goes wrong with a request."""

    SLOW = auto()
    """It is done at once; its answer, and every report meanwhile, comes later."""
    ANSWER_LOST = auto()
    """It is done; nothing of what it caused at once comes back, and the call breaks off."""
    REQUEST_LOST = auto()
    """It is not done, and nobody is told: the call breaks off."""
    REFUSED = auto()
    """A definite no; it is not done."""
    TURNED_AWAY = auto()
    """Proof that it was not taken, such as a documented 429; it is not done."""


class LineFault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong, with which requests and how many of them."""

    trouble: Trouble
    verbs: tuple[Verb, ...] = (Verb.SUBMIT,)
    count: int = 1
    """Requests that it meets; then it is over."""
    delay_s: float = 0.0
    """Of SLOW only."""
    text: str = "connection reset"
    """What the call says."""


class Wire(msgspec.Struct):
    """What was seen on a line, whatever became of it. Outlives the lines that write it."""

    handed: Counter[ClOrdID] = msgspec.field(default_factory=Counter)
    """Identity -> how often the station handed it over, as an order or a replacement."""
    arrived: Counter[ClOrdID] = msgspec.field(default_factory=Counter)
    """Identity -> how often it came to the broker."""
    returned: Counter[ClOrdID] = msgspec.field(default_factory=Counter)
    """Identity -> how often it came back with proof that it was not taken."""
    seqs: dict[ClOrdID, DurableSeq] = msgspec.field(default_factory=dict)
    """Identity -> the record that the station says let it go."""


class BrokerLine:
    """Implements `app.brokers.base.Broker` in front of another broker."""

    def __init__(self, broker: Broker, wire: Wire | None = None) -> None:
        self._broker: Final = broker
        self.wire: Final = wire or Wire()
        self._faults: list[LineFault] = []
        self._sink: ReportSink | None = None
        self._slow = 0
        """Slow requests under way: what is reported meanwhile waits as well."""
        self._waiting: list[_Word] = []
        self._lost: list[_Word] | None = None
        """Where reports go while a request runs whose answer is lost."""
        self._holds_fills = False
        self._fills: list[ExecutionReport] = []
        """Held back."""
        self._unheard: dict[ExecID, ExecutionReport] = {}
        """Executions of which the report was lost or held back."""

    # Faults

    def set(self, fault: LineFault) -> None:
        """Let something go wrong from now on; of several faults the oldest that fits comes first.

        A fault with a count of 0 or less is none.
        """
        if fault.count > 0:
            self._faults.append(fault)

    def clear(self) -> None:
        """Let nothing go wrong with what is asked from now on."""
        self._faults.clear()

    def hold_fills(self) -> None:
        """Keep the reports of executions back; everything else passes."""
        self._holds_fills = True

    @property
    def held_fills(self) -> int:
        """Reports of executions that are held back."""
        return len(self._fills)

    def release_fills(self) -> None:
        """Hand over, in order, what was held back, and hold back no more."""
        self._holds_fills = False
        fills, self._fills = self._fills, []
        for fill in fills:
            self._pass_on(fill)

    # The broker's contract

    @property
    def name(self) -> str:
        """Of the broker behind."""
        return self._broker.name

    @property
    def account(self) -> AccountID:
        """Of the broker behind."""
        return self._broker.account

    @property
    def capabilities(self) -> Capabilities:
        """Of the broker behind."""
        return self._broker.capabilities

    @property
    def connected_since_ns(self) -> int | None:
        """Of the broker behind."""
        return self._broker.connected_since_ns

    def connect(self, sink: ReportSink) -> None:
        """Say where reports go."""
        self._sink = sink
        self._broker.connect(self._hear)

    def restore(self, recorded: Recorded) -> None:
        """Hand on what the record holds."""
        self._broker.restore(recorded)

    async def submit(self, order: ApprovedOrder) -> None:
        """Hand on an order. Raises as the contract says."""
        await self._hand_on(Verb.SUBMIT, order, self._broker.submit)

    async def replace(self, order: ApprovedOrder) -> None:
        """Hand on a replacement. Raises as the contract says."""
        await self._hand_on(Verb.REPLACE, order, self._broker.replace)

    async def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Hand on a cancel. Raises as the contract says."""
        what = f"cancel {cl_ord_id}"
        await self._request(Verb.CANCEL, what, lambda: self._broker.cancel(cl_ord_id))

    async def query(self, cl_ord_id: ClOrdID) -> BrokerOrder | None:
        """Hand on a question about an order. Raises as the contract says."""
        await self._question(f"query {cl_ord_id}")
        return await self._broker.query(cl_ord_id)

    async def snapshot(self, since_ns: int) -> Snapshot:
        """Hand on a question about everything; executions that were not heard of are listed."""
        await self._question("snapshot")
        found = await self._broker.snapshot(since_ns)
        listed = {report.exec_id for report in found.executions}
        more = [
            report
            for report in self._unheard.values()
            if report.ts_exch_ns >= since_ns and report.exec_id not in listed
        ]
        if not more:
            return found
        executions = sorted((*found.executions, *more), key=lambda report: report.ts_exch_ns)
        return msgspec.structs.replace(found, executions=tuple(executions))

    def emergency(self) -> EmergencyClient | None:
        """Return the way in of the broker behind."""
        return self._broker.emergency()

    # Requests

    async def _hand_on(
        self, verb: Verb, order: ApprovedOrder, do: Callable[[ApprovedOrder], Awaitable[None]]
    ) -> None:
        wire, cl_ord_id = self.wire, order.cl_ord_id
        wire.handed[cl_ord_id] += 1
        wire.seqs[cl_ord_id] = order.durable_seq

        async def arrive() -> None:
            wire.arrived[cl_ord_id] += 1
            await do(order)

        try:
            await self._request(verb, f"{verb.name.lower()} {cl_ord_id}", arrive)
        except NeverSent:
            wire.returned[cl_ord_id] += 1
            raise

    async def _request(self, verb: Verb, what: str, do: Callable[[], Awaitable[None]]) -> None:
        fault = self._take(verb)
        if fault is None:
            await do()
        elif fault.trouble is Trouble.SLOW:
            await self._do_slowly(do, fault.delay_s)
        elif fault.trouble is Trouble.ANSWER_LOST:
            await self._do_unheard(do)
            self._fail(fault, what)
        else:
            self._fail(fault, what)

    async def _question(self, what: str) -> None:
        fault = self._take(Verb.QUESTION)
        if fault is None:
            return
        if fault.trouble is Trouble.SLOW:
            await asyncio.sleep(fault.delay_s)
        else:  # No answer never means none, whatever went wrong.
            raise Disconnected(fault.text, venue=self.name, request=what)

    def _take(self, verb: Verb) -> LineFault | None:
        """Return the fault that a request meets, and count it."""
        for index, fault in enumerate(self._faults):
            if verb in fault.verbs:
                if fault.count > 1:
                    self._faults[index] = msgspec.structs.replace(fault, count=fault.count - 1)
                else:
                    del self._faults[index]
                return fault
        return None

    def _fail(self, fault: LineFault, what: str) -> NoReturn:
        kind = _ERRORS.get(fault.trouble, Disconnected)
        raise kind(fault.text, venue=self.name, request=what)

    async def _do_slowly(self, do: Callable[[], Awaitable[None]], delay_s: float) -> None:
        self._slow += 1
        try:
            await do()
            await asyncio.sleep(delay_s)
        finally:  # Given up on or not: what was on its way arrives.
            self._slow -= 1
            if not self._slow:
                waiting, self._waiting = self._waiting, []
                for report in waiting:
                    self._pass_on(report)

    async def _do_unheard(self, do: Callable[[], Awaitable[None]]) -> None:
        self._lost = []
        try:
            await do()
        finally:
            lost, self._lost = self._lost, None
            for report in lost:
                self._remember(report)

    # Reports

    def _hear(self, report: _Word) -> None:
        if self._lost is not None:
            self._lost.append(report)
        elif self._slow:
            self._waiting.append(report)
        elif self._holds_fills and _is_fill(report):
            assert isinstance(report, ExecutionReport)
            self._remember(report)
            self._fills.append(report)
        else:
            self._pass_on(report)

    def _remember(self, report: _Word) -> None:
        if isinstance(report, ExecutionReport) and report.exec_id:
            self._unheard[report.exec_id] = report

    def _pass_on(self, report: _Word) -> None:
        assert self._sink is not None, "no sink: connect() comes first"
        self._sink(report)


_ERRORS: Final = {Trouble.REFUSED: Rejected, Trouble.TURNED_AWAY: NeverSent}


def _is_fill(report: _Word) -> bool:
    return isinstance(report, ExecutionReport) and report.exec_type is ExecType.TRADE
