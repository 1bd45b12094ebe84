"""Drives the orders that wait on this machine: prices and time in, commands to the engine out.

What is due is said by `oms.contingent`; here it is only carried out, so that every step of it is
recorded and passes the gate like a person's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from app.audit.records import HoldEnded, HoldMoved, HoldTriggered
from app.clock import Clock
from app.domain.enums import Origin
from app.domain.errors import UserError
from app.domain.events import Notice
from app.domain.ids import ClOrdID
from app.domain.market import Quote, Trade
from app.domain.orders import Order
from app.domain.times import SECOND_NS
from app.hub import Hub
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
from app.oms.engine import STATION, OmsEngine

WAIT_S_MAX: Final = 1.0
"""The wall clock may be set while time is waited for: it is looked at this often."""


class HeldOrders:
    """Hears the market and the clock for the orders that wait here."""

    def __init__(self, engine: OmsEngine, contingent: Contingent, clock: Clock, hub: Hub) -> None:
        self._engine: Final = engine
        self._contingent: Final = contingent
        self._clock: Final = clock
        self._hub: Final = hub
        self._wake = asyncio.Event()
        hub.subscribe(Trade, self._on_trade)
        hub.subscribe(Quote, self._on_quote)

    def restore(self) -> None:
        """Take up what the record holds."""
        self._contingent.restore()
        self.pass_time()

    def on_order(self, order: Order) -> None:
        """Do what a change of an order calls for."""
        self._do(self._contingent.on_order(order, self._clock.now_ns()))
        self._wake.set()

    @property
    def due_ns(self) -> int | None:
        """When something is due by the clock; None: not before another fact or price."""
        return self._contingent.next_time_ns

    async def run(self) -> None:
        """Look at the clock when something is due by it, for ever."""
        while True:
            self._wake.clear()
            self.pass_time()
            next_ns = self._contingent.next_time_ns
            wait_s = None
            if next_ns is not None:
                due_s = (next_ns - self._clock.now_ns()) / SECOND_NS
                wait_s = min(WAIT_S_MAX, max(0.0, due_s))
            try:
                async with asyncio.timeout(wait_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _on_trade(self, trade: Trade) -> None:
        if self._contingent.is_idle:
            return
        actions = self._contingent.on_trade(trade)
        if actions:
            self._do(actions)
        self.pass_time()

    def _on_quote(self, quote: Quote) -> None:
        if self._contingent.is_idle:
            return
        actions = self._contingent.on_quote(quote)
        if actions:
            self._do(actions)
        self.pass_time()

    def pass_time(self) -> None:
        """Do what is due by the clock: in a replay it moves with the market."""
        next_ns = self._contingent.next_time_ns
        if next_ns is not None and next_ns <= (now_ns := self._clock.now_ns()):
            self._do(self._contingent.on_time(now_ns))

    def _do(self, actions: Iterable[Action]) -> None:
        for action in actions:
            self._carry_out(action)

    def _carry_out(self, action: Action) -> None:
        engine, now_ns = self._engine, self._clock.now_ns()
        match action:
            case Trigger():
                engine.put(HoldTriggered(cl_ord_id=action.cl_ord_id, ts_ns=now_ns, px=action.px))
            case Move():
                moved = HoldMoved(
                    cl_ord_id=action.cl_ord_id, watch_px=action.watch_px, ts_ns=now_ns
                )
                engine.put(moved)
            case Release():
                engine.release(
                    action.cl_ord_id, action.order, origin=Origin.CONTINGENT, actor=STATION
                )
            case End():
                engine.put(HoldEnded(cl_ord_id=action.cl_ord_id, ts_ns=now_ns, text=action.text))
            case CancelAtBroker():
                engine.cancel(action.cl_ord_id, origin=Origin.CONTINGENT, actor=STATION)
            case _:
                self._resize(action.cl_ord_id, action)

    def _resize(self, cl_ord_id: ClOrdID, action: Resize) -> None:
        order = self._engine.blotter.get(cl_ord_id)
        if order is None:
            return
        try:
            self._engine.replace(
                cl_ord_id,
                order_qty=action.order_qty,
                limit_px=order.terms.limit_px,
                stop_px=order.terms.stop_px,
                origin=Origin.CONTINGENT,
                actor=STATION,
            )
        except UserError as error:
            text = f"{cl_ord_id} should shrink to {action.order_qty}: {error}"
            self._hub.publish(Notice(text=text, is_warning=True))
