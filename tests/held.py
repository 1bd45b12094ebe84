"""Orders held here, one durable fact at a time: records, the real blotter, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec

from app.audit.fold import fold
from app.audit.records import (
    AmendmentDecided,
    AmendmentEnded,
    CancelRejected,
    CancelRequested,
    ExecutionReported,
    HoldEnded,
    HoldMoved,
    HoldTriggered,
    OrderDecided,
    OrderHeld,
    Record,
)
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.enums import AmendmentState, AmendmentWay, ExecType, OrdType, Origin, Side
from app.domain.ids import AccountID, ClOrdID, ExecID
from app.domain.instrument import Instrument
from app.domain.orders import Order
from app.domain.reports import CancelReject, ExecutionReport
from app.domain.terms import Hold, Links, NewOrder
from app.oms.blotter import Blotter
from app.oms.contingent import (
    Action,
    CancelAtBroker,
    Contingent,
    End,
    Move,
    Release,
    Resize,
    Trigger,
)
from tests.samples import NOW_NS, new_order, picture, quote, trade

ALONE = Links()
DAY_NS = 86_400_000_000_000
SECOND_NS = 1_000_000_000


def day_end_ns(ts_ns: int) -> int:
    """Days of this suite end 24 hours after `NOW_NS`, and every 24 hours from there."""
    return NOW_NS + ((ts_ns - NOW_NS) // DAY_NS + 1) * DAY_NS


def stop(px: Any = 95, side: Side = Side.SELL, qty: Any = 100, **changes: Any) -> NewOrder:
    """A stop order's terms."""
    changes = {"ord_type": OrdType.STOP, "stop_px": Decimal(px), **changes}
    return new_order(side, qty, **changes)


def trailing(offset: Any = 1, side: Side = Side.SELL, **changes: Any) -> NewOrder:
    """A trailing stop's terms."""
    changes = {"ord_type": OrdType.STOP, "peg_offset": Decimal(offset), **changes}
    return new_order(side, 100, **changes)


class Station:
    """A blotter and what waits in it; every step returns what became due."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.blotter = Blotter()
        self.now_ns = NOW_NS
        self._execs = 0
        self.restart()

    def restart(self) -> list[Action]:
        """Forget everything but the record; return what is due at once."""
        self.restore()
        return self.contingent.on_time(self.now_ns)

    def restore(self) -> None:
        """Forget everything but the record, and do not look at the clock yet."""
        self.contingent = Contingent(
            self.blotter,
            instrument=lambda symbol: Instrument(symbol=symbol, name="", exchange="NYSE"),
            day_end_ns=day_end_ns,
            **self.options,
        )
        self.contingent.restore()

    def apply(self, record: Record) -> list[Action]:
        """Make one record durable."""
        folded = fold(record, self.blotter.orders)
        assert folded.problem == ""
        if folded.order is None:
            return []
        self.blotter.put(folded.order)
        return self.contingent.on_order(folded.order, self.now_ns)

    def order(self, name: str) -> Order:
        known = self.blotter.get(ClOrdID(name))
        assert known is not None
        return known

    # Intents

    def send(self, name: str, terms: NewOrder, links: Links = ALONE) -> list[Action]:
        """Decide an order that goes to the broker at once."""
        return self.apply(self._decided(name, terms, links, approved=True))

    def hold(
        self, name: str, terms: NewOrder, *, oco: str = "", parent: str = "", **hold: Any
    ) -> list[Action]:
        """Keep an order here."""
        links = Links(parent=ClOrdID(parent), oco=oco)
        return self.apply(
            OrderHeld(
                command=self._command(name, terms, links, Hold(**hold)),
                account=AccountID("P1"),
                checks=(),
                picture=picture(ts_ns=self.now_ns),
            )
        )

    def refuse(self, name: str) -> list[Action]:
        """Let the gate refuse an order that waits here, at its release."""
        known = self.order(name)
        return self.apply(self._decided(name, known.terms, known.links, approved=False))

    def amend(
        self, name: str, way: AmendmentWay, origin: Origin = Origin.MANUAL, **changes: Any
    ) -> list[Action]:
        """Decide a change of an order's terms."""
        known = self.order(name)
        terms = msgspec.structs.replace(known.terms, **changes)
        return self.apply(
            AmendmentDecided(
                command=ReplaceOrder(
                    cl_ord_id=ClOrdID(f"{name}-{len(known.amendments) + 1}"),
                    orig_cl_ord_id=known.cl_ord_id,
                    order_qty=terms.order_qty,
                    limit_px=terms.limit_px,
                    stop_px=terms.stop_px,
                    origin=origin,
                    actor="ada",
                    ts_intent_ns=self.now_ns,
                ),
                order=terms,
                way=way,
                approved=True,
                checks=(),
                picture=picture(ts_ns=self.now_ns),
            )
        )

    def settle(self, name: str, state: AmendmentState) -> list[Action]:
        """Carry through, or drop, the open change of an order."""
        amendment = self.order(name).open_amendment
        assert amendment is not None
        return self.apply(
            AmendmentEnded(
                cl_ord_id=ClOrdID(name),
                request_id=amendment.cl_ord_id,
                state=state,
                ts_ns=self.now_ns,
                text="",
            )
        )

    def do(self, *actions: Action) -> list[Action]:
        """Make actions durable, as the engine does; return what becomes due by that."""
        due: list[Action] = []
        for action in actions:
            due += self._do(action)
        return due

    def _do(self, action: Action) -> list[Action]:
        name, now_ns = action.cl_ord_id, self.now_ns
        match action:
            case Release(order=terms):
                return self.send(name, terms, self.order(name).links)
            case Trigger(px=px):
                return self.apply(HoldTriggered(cl_ord_id=name, ts_ns=now_ns, px=px))
            case Move(watch_px=watch_px):
                return self.apply(HoldMoved(cl_ord_id=name, watch_px=watch_px, ts_ns=now_ns))
            case End(text=text):
                return self.apply(HoldEnded(cl_ord_id=name, ts_ns=now_ns, text=text))
            case CancelAtBroker():
                return self.ask_cancel(name)
            case Resize(order_qty=qty):
                way, origin = AmendmentWay.NATIVE, Origin.CONTINGENT
                return self.amend(name, way, origin, order_qty=qty)

    def ask_cancel(self, name: str) -> list[Action]:
        command = CancelOrder(
            cl_ord_id=ClOrdID(name), origin=Origin.MANUAL, actor="ada", ts_intent_ns=self.now_ns
        )
        return self.apply(CancelRequested(command=command))

    # The broker

    def report(self, name: str, exec_type: ExecType, **changes: Any) -> list[Action]:
        live_id = changes.pop("live_id", self.order(name).live_id)
        return self.apply(
            ExecutionReported(
                report=ExecutionReport(
                    cl_ord_id=live_id,
                    exec_type=exec_type,
                    ts_exch_ns=self.now_ns,
                    ts_recv_ns=self.now_ns,
                    **changes,
                )
            )
        )

    def fill(self, name: str, qty: Any = 100) -> list[Action]:
        self._execs += 1
        return self.report(
            name,
            ExecType.TRADE,
            exec_id=ExecID(f"X{self._execs}"),
            last_qty=Decimal(qty),
            last_px=Decimal(100),
        )

    def bust(self, name: str) -> list[Action]:
        """Break the newest execution of an order."""
        return self.report(
            name,
            ExecType.TRADE_CANCEL,
            exec_id=ExecID(f"B-{self.order(name).executions[-1].exec_id}"),
            exec_ref_id=self.order(name).executions[-1].exec_id,
        )

    def cancel(self, name: str) -> list[Action]:
        """Confirm the end of an order."""
        return self.report(name, ExecType.CANCELED)

    def refuse_cancel(self, name: str) -> list[Action]:
        return self.apply(
            CancelRejected(
                report=CancelReject(
                    cl_ord_id=ClOrdID(name), ts_exch_ns=self.now_ns, ts_recv_ns=self.now_ns
                )
            )
        )

    def accept_replace(self, name: str) -> list[Action]:
        amendment = self.order(name).open_amendment
        assert amendment is not None
        return self.report(name, ExecType.REPLACED, live_id=amendment.cl_ord_id)

    # The market and the clock

    def print(self, px: Any, **changes: Any) -> list[Action]:
        return self.contingent.on_trade(trade(px, **changes))

    def quote(self, bid: Any, ask: Any, **changes: Any) -> list[Action]:
        return self.contingent.on_quote(quote(bid, ask, **changes))

    def wait(self, ns: int) -> list[Action]:
        self.now_ns += ns
        return self.contingent.on_time(self.now_ns)

    @staticmethod
    def _command(name: str, terms: NewOrder, links: Links, hold: Hold | None = None) -> SubmitOrder:
        return SubmitOrder(
            cl_ord_id=ClOrdID(name),
            order=terms,
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
            links=links,
            hold=hold,
        )

    def _decided(self, name: str, terms: NewOrder, links: Links, *, approved: bool) -> OrderDecided:
        return OrderDecided(
            command=self._command(name, terms, links),
            account=AccountID("P1"),
            approved=approved,
            checks=(),
            picture=picture(ts_ns=self.now_ns),
        )


def bracket(
    target: Any = 105, stop_px: Any = 95, *, entry: NewOrder | None = None, **options: Any
) -> Station:
    """An entry E to buy 100 at the broker; its target T and its stop S wait here."""
    station = Station(**options)
    assert station.send("E", entry or new_order(limit=100)) == []
    exits: Sequence[tuple[str, NewOrder]] = (
        ("T", new_order(Side.SELL, limit=target)),
        ("S", stop(stop_px)),
    )
    for name, terms in exits:
        assert station.hold(name, terms, oco="G", parent="E") == []
    return station
