"""What the window may see and do: read-only views, and verbs that return at once.

No widget imports anything deeper. A verb puts a command into the engine's inbox and returns; what
became of it is seen in the views.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Coroutine
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

from app.alerts.model import (
    Alert,
    AlertAction,
    AlertEvent,
    AlertKind,
    AlertRepeat,
    AlertSign,
    AlertState,
)
from app.alerts.watch import AlertWatch
from app.audit.view import JournalRow, JournalView
from app.clock import Clock
from app.domain.bar_spec import BarSpec
from app.domain.capabilities import Capabilities
from app.domain.decision import ARM_WORDS
from app.domain.drill import DrillsView
from app.domain.enums import Closing, Custody, OrderClass, Origin, Side, TradingState, Venue
from app.domain.errors import BadInput
from app.domain.events import HandlerFailed, Notice
from app.domain.ids import ClOrdID, Symbol
from app.domain.instrument import Instrument
from app.domain.margin import Margin, margin_of
from app.domain.orders import Order
from app.domain.terms import ZERO, Condition, Hold, NewOrder
from app.domain.times import SECOND_NS
from app.exchange.hours import Span, Timetable
from app.feeds.bookmarks import Bookmark
from app.feeds.player import SPEEDS
from app.feeds.recorder import RecorderSwitch, RecordingView
from app.feeds.transport import Transport
from app.hub import Hub
from app.market.bars import BarColumns
from app.market.builders.kagi import KagiColumns
from app.market.builders.point_figure import PointFigureColumns
from app.market.depth_history import DepthHistory, Look
from app.market.flow import Cells, Flow, cells_of
from app.market.gaps import Gap, GapKind
from app.market.history import HistoryPages, PageState, Paging
from app.market.live import Part, Series
from app.market.store import DayFigures, MarketView, Prints
from app.oms.blotter import OrdersView
from app.oms.closing import Closer
from app.oms.engine import OmsEngine
from app.oms.halting import Halting
from app.oms.kill import KillView
from app.oms.preview import Preview, Previewer
from app.oms.steward import Steward
from app.oms.watch import Watch
from app.portfolio.ledger import PositionsView
from app.portfolio.valuation import AccountFigures
from app.risk.gate import Gate
from app.risk.view import Breach, Latch, LimitRow, Meter
from app.settings import SettingRow, Settings

__all__ = [
    "AccountFigures",
    "Alert",
    "AlertAction",
    "AlertEvent",
    "AlertKind",
    "AlertRepeat",
    "AlertSign",
    "AlertState",
    "AlertWatch",
    "BarColumns",
    "Cells",
    "Bookmark",
    "Breach",
    "DayFigures",
    "DepthHistory",
    "Desk",
    "Flow",
    "Gap",
    "GapKind",
    "Identity",
    "InquiryRow",
    "JournalRow",
    "JournalView",
    "KagiColumns",
    "KillView",
    "Latch",
    "LimitRow",
    "Look",
    "MarketView",
    "Meter",
    "OrdersView",
    "PageState",
    "Paging",
    "Part",
    "PointFigureColumns",
    "PositionsView",
    "Preview",
    "RecordingView",
    "Prints",
    "SPEEDS",
    "Series",
    "SettingRow",
    "Settings",
    "Span",
    "Transport",
    "cells_of",
]


class InquiryRow(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker is being asked about one order."""

    question: str
    asked: int
    """Times so far."""
    next_in_s: float
    """Until it is asked again."""
    failures: int
    """Questions that had no answer."""


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Where this window trades: the colour of its frame and the words of its badge."""

    venue: Venue
    feed_title: str
    broker_title: str
    account: str


class Drills(Protocol):
    """Fire drills beside this desk; what they do is none of its business."""

    @property
    def view(self) -> DrillsView:
        """What there is, what runs and how it ended."""
        ...

    @property
    def version(self) -> int:
        """A number that grows with every change of the view."""
        ...

    def start(self, name: str, spawn: Callable[[str, Coroutine[Any, Any, None]], None]) -> None:
        """Begin a drill; raises BadInput where that cannot be."""
        ...

    def stop(self) -> None:
        """End what runs."""
        ...


class Desk:
    """The trading session as the window sees it. Complete from its first moment."""

    def __init__(  # noqa: PLR0913  The composition root hands over what it built, once.
        self,
        *,
        identity: Identity,
        market: MarketView,
        journal: JournalView,
        engine: OmsEngine,
        gate: Gate,
        halting: Halting,
        clock: Clock,
        hub: Hub,
        origin: Origin,
        capabilities: Capabilities,
        closer: Closer,
        steward: Steward,
        watch: Watch,
        recorder: RecorderSwitch | None,
        drills: Drills | None,
        transport: Transport | None,
        hours: Timetable,
        settings: Settings | None,
        alerts: AlertWatch,
        pages: HistoryPages,
        spawn: Callable[[str, Coroutine[Any, Any, None]], None],
        unprotected: Callable[[Order], Decimal],
        stop: Callable[[], None],
        export: Callable[[str, str, Path], None],
    ) -> None:
        self.identity: Final = identity
        self.market: Final = market
        self.orders: Final[OrdersView] = engine.blotter.view
        self.positions: Final[PositionsView] = engine.ledger.view
        self.journal: Final = journal
        self._engine = engine
        self._gate = gate
        self._previewer = Previewer(engine, gate, capabilities.fees)
        self._halting = halting
        self._clock = clock
        self._origin = origin
        self._actor = getpass.getuser() if origin is Origin.MANUAL else origin.value
        self.capabilities: Final = capabilities
        """What the broker takes; everything else is held on this machine or refused."""
        self._closer = closer
        self._steward = steward
        self._watch = watch
        self._recorder = recorder
        self._drills = drills
        self.transport: Final = transport
        """What moves time in a replay; None where it moves by itself."""
        self._hours = hours
        self.alerts: Final = alerts
        self.settings: Final = settings
        """What can be changed for the next start; None where nothing can, as in a replay."""
        self._pages = pages
        self._spawn = spawn
        self._unprotected = unprotected
        self._stop = stop
        self._export = export
        self.notice: Notice = Notice(text="")
        """The newest sentence for the status line."""
        self.notice_version = 0
        hub.subscribe(Notice, self._keep_notice)
        hub.subscribe(HandlerFailed, self._keep_failure)

    # What is

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """What can be watched and traded here, the most usual first."""
        return self.market.instruments

    def now_ns(self) -> int:
        """Return the session's time, UTC nanoseconds; in a replay the recorded time."""
        return self._clock.now_ns()

    @property
    def trading_state(self) -> TradingState:
        """What the gate lets through now."""
        return self._gate.state

    @property
    def trading_state_reason(self) -> str:
        """Why, in words."""
        return self._gate.state_reason

    @property
    def kill(self) -> KillView:
        """How far the kill switch has come, and what it has not confirmed."""
        return self._halting.view

    @property
    def is_busy(self) -> bool:
        """Whether an order or report is under way in the order path, or to the broker."""
        return self._engine.is_busy

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        return self._engine.account()

    def margin(self) -> Margin | None:
        """Return what the holdings need at the present marks; None where one is missing."""
        held = [position for position in self.positions.all() if position.qty]
        marked = [(position.qty, self.mark(position.symbol)) for position in held]
        known = [(qty, px) for qty, px in marked if px is not None]
        return margin_of(self.positions.cash, known) if len(known) == len(held) else None

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        return self._engine.mark(symbol)

    @property
    def day_pnl(self) -> Decimal | None:
        """Gain of the trading day; None while it is unknown."""
        return self.positions.day_gain(self.account().equity)

    @property
    def round_trip_ns(self) -> int | None:
        """Last time from broker call to acknowledgement; None before the first."""
        return self._engine.round_trip_ns

    @property
    def reduced_symbols(self) -> dict[Symbol, str]:
        """Symbols that may only be reduced -> why, in words."""
        return dict(self._gate.symbol_reasons)

    @property
    def differences(self) -> tuple[str, ...]:
        """What the broker says otherwise than the record and is not settled yet, in words."""
        return self._steward.differences

    @property
    def latch(self) -> Latch | None:
        """What holds trading tight beyond a person's word; None if nothing does."""
        latch = self._gate.latch
        if latch is None:
            return None
        until = "" if latch.until is None else latch.until.isoformat()
        return Latch(reason=self._gate.state_reason, until=until)

    @property
    def limits(self) -> tuple[LimitRow, ...]:
        """Every parameter of every check."""
        return self._engine.limits.rows()

    @property
    def limits_version(self) -> int:
        """A number that grows with every change of a limit on record."""
        return self._engine.limits.version

    @property
    def limits_locked_until(self) -> str:
        """ISO date of the trading day that lifts the lock; empty if nothing is locked."""
        until = self._engine.limits.locked_until
        return "" if until is None else until.isoformat()

    def is_looser(self, check: str, param: str, value: str) -> bool:
        """Whether a typed value would let more through.

        Raises:
            BadInput: it is no value of that parameter.
        """
        return self._engine.limits.is_looser(check, param, value)

    def meters(self) -> tuple[Meter, ...]:
        """Return how much of each limit on the account is used now."""
        return tuple(
            Meter(
                name=spec.name,
                title=spec.title,
                value=found.value,
                limit=found.limit,
                use=found.use,
                is_breached=not found.passed,
            )
            for spec, found in self._watch.meters()
        )

    def session_span(self) -> Span:
        """Return the phase that the market is in now; its end is 2**63 - 1 where it has none."""
        return self._hours.span(self.now_ns())

    @property
    def breaches(self) -> tuple[Breach, ...]:
        """Breaches and overrides, the newest first."""
        return self._engine.breaches.newest_first()

    @property
    def breaches_version(self) -> int:
        """A number that grows with every breach and override."""
        return self._engine.breaches.version

    @property
    def recording(self) -> RecordingView | None:
        """The recording of market data that is being written; None if there is none."""
        return None if self._recorder is None else self._recorder.view

    @property
    def drills(self) -> DrillsView | None:
        """Fire drills that can be run beside this desk; None where there are none."""
        return None if self._drills is None else self._drills.view

    @property
    def drills_version(self) -> int:
        """A number that grows with every change of a drill."""
        return 0 if self._drills is None else self._drills.version

    def paging(self, symbol: Symbol, spec: BarSpec, *, extended: bool = True) -> Paging:
        """Return how it stands with the bars before a series."""
        return self._pages.paging(symbol, spec, extended=extended)

    @property
    def paging_version(self) -> int:
        """A number that grows with every step of a page of older bars."""
        return self._pages.version

    def is_closing(self, symbol: Symbol) -> bool:
        """Whether a flatten, half or reverse of a symbol is under way."""
        return self._closer.is_closing(symbol)

    def inquiry(self, cl_ord_id: ClOrdID) -> InquiryRow | None:
        """Return what the broker is being asked about an order; None if nothing."""
        inquiry = self._engine.inquiries.get(cl_ord_id)
        if inquiry is None:
            return None
        wait_ns = max(0, inquiry.next_ns - self._clock.mono_ns())
        return InquiryRow(
            question=inquiry.question,
            asked=inquiry.asked,
            next_in_s=wait_ns / SECOND_NS,
            failures=inquiry.failures,
        )

    @property
    def inquiries_version(self) -> int:
        """A number that grows with every question and answer."""
        return self._engine.inquiries.version

    def unprotected_qty(self, cl_ord_id: ClOrdID) -> Decimal:
        """Return how much of an entry's fills no live exit covers; 0 for an order without exits."""
        order = self.orders.get(cl_ord_id)
        return ZERO if order is None else self._unprotected(order)

    def preview(self, order: NewOrder) -> Preview:
        """Return what the gate would say now; nothing is recorded or sent."""
        instrument, power = self.market.instrument(order.symbol), self.account().buying_power
        return self._previewer.of(order, instrument, power, self.now_ns())

    # What can be done

    def request_older(self, symbol: Symbol, spec: BarSpec, *, extended: bool = True) -> None:
        """Ask for the page of bars before a series; `paging` says how far it is."""
        self._pages.older(symbol, spec, extended=extended)

    def submit(self, order: NewOrder, override: str = "") -> ClOrdID:
        """Send an order on its way and return its identity at once.

        With an `override`, the reason that a person typed, it goes although a check asks.

        Raises:
            RefusedOrder: the terms are not ones this broker takes; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        return self._engine.submit(order, origin=self._origin, actor=self._actor, override=override)

    def submit_list(
        self, orders: tuple[NewOrder, ...], order_class: OrderClass, override: str = ""
    ) -> tuple[ClOrdID, ...]:
        """Send orders that hang together, the entry first; return their identities at once.

        Raises:
            RefusedOrder: one of them, or how they hang together, is not possible.
            Overloaded: the inbox is full; nothing was taken.
        """
        return self._engine.submit_list(
            orders, order_class, origin=self._origin, actor=self._actor, override=override
        )

    def stage(self, order: NewOrder) -> ClOrdID:
        """Record an order and keep it here until `send_staged`. Raises as `submit`."""
        return self._engine.submit(
            order, origin=self._origin, actor=self._actor, hold=Hold(is_staged=True)
        )

    def submit_when(self, order: NewOrder, conditions: tuple[Condition, ...]) -> ClOrdID:
        """Keep an order here until all conditions hold, then send it. Raises as `submit`."""
        hold = Hold(conditions=conditions)
        return self._engine.submit(order, origin=self._origin, actor=self._actor, hold=hold)

    def send_staged(self, cl_ord_id: ClOrdID) -> None:
        """Send a staged order on its way through the gate."""
        order = self.orders.get(cl_ord_id)
        if order is not None and order.custody is Custody.STAGED:
            self._engine.release(cl_ord_id, order.terms, origin=self._origin, actor=self._actor)

    def replace(
        self,
        cl_ord_id: ClOrdID,
        *,
        order_qty: Decimal,
        limit_px: Decimal | None = None,
        stop_px: Decimal | None = None,
        override: str = "",
    ) -> ClOrdID:
        """Ask for a change of a working order; return the request's identity.

        `order_qty` is the total, what is executed included. The order shows PENDING_REPLACE until
        the broker confirms.

        Raises:
            RefusedOrder: it cannot be changed now, or not to that; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        return self._engine.replace(
            cl_ord_id,
            order_qty=order_qty,
            limit_px=limit_px,
            stop_px=stop_px,
            origin=self._origin,
            actor=self._actor,
            override=override,
        )

    def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Ask for a cancel; the order shows PENDING_CANCEL until the broker confirms."""
        self._engine.cancel(cl_ord_id, origin=self._origin, actor=self._actor)

    def cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> int:
        """Ask for a cancel of every working order, of a symbol or side only; return how many."""
        return self._engine.cancel_all(
            origin=self._origin, actor=self._actor, symbol=symbol, side=side
        )

    def close_position(self, symbol: Symbol, what: Closing) -> None:
        """Flatten, halve or reverse a position; how it ends is said in a notice."""
        closing = self._closer.close(symbol, what, origin=self._origin, actor=self._actor)
        self._spawn(f"{what.value} {symbol}", closing)

    def acknowledge(self, symbol: Symbol) -> None:
        """Let orders of a symbol through again after a difference or fault was seen to."""
        self._engine.set_state(
            TradingState.ACTIVE, "acknowledged", actor=self._actor, symbol=symbol
        )

    def set_limit(self, check: str, param: str, value: str, reason: str) -> None:
        """Change a limit: tighter at once, looser once it is on record.

        Raises:
            BadInput: it is no such value, or it is looser and the limits are locked.
        """
        self._engine.limits.set(check, param, value, reason=reason, actor=self._actor)

    def lock_limits(self) -> None:
        """Let nobody loosen a limit before the next session; nobody can take that back."""
        self._engine.limits.lock(actor=self._actor)

    def halt(self, reason: str) -> None:
        """Kill switch: let nothing through any more and cancel everything that works.

        How far it has come is in `kill`. Flatten is another action.
        """
        self._halting.halt(reason, self._actor)

    def arm(self, typed: str) -> None:
        """Let orders through again.

        Raises:
            BadInput: what was typed is not `ARM_WORDS`, trading is latched for the day, or the kill
                switch is still at work.
        """
        if typed.strip() != ARM_WORDS:
            raise BadInput(f"'{typed.strip()}' was typed, must be {ARM_WORDS}; nothing changed")
        self._halting.arm(self._actor)

    def toggle_recording(self) -> None:
        """Begin to record the market data that is received, or end it.

        Raises:
            BadInput: this session is a recording itself.
        """
        if self._recorder is None:
            raise BadInput("a replay is not recorded: its market data is a file already")
        self._recorder.turn(is_on=not self._recorder.is_on)

    def export(self, what: str, fmt: str, out: Path) -> None:
        """Write "trades", "orders" or "cash" as "csv" or "json"; the outcome comes as a notice."""
        self._engine.note("export", f"{what} as {fmt} to {out.name}", actor=self._actor)
        self._export(what, fmt, out)

    def start_drill(self, name: str) -> None:
        """Run a fire drill on a station of its own; nothing of this desk is touched.

        Raises:
            BadInput: there is none of that name, one runs, or this desk has no drills.
        """
        if self._drills is None:
            raise BadInput("fire drills run beside the paper desk of the built-in exchange only")
        self._drills.start(name, self._spawn)

    def stop_drill(self) -> None:
        """End the drill that runs, without a score."""
        if self._drills is not None:
            self._drills.stop()

    def request_stop(self) -> None:
        """End the session in order; the window closes when it has ended."""
        self._stop()

    def _keep_notice(self, notice: Notice) -> None:
        self.notice = notice
        self.notice_version += 1

    def _keep_failure(self, failure: HandlerFailed) -> None:
        self._keep_notice(
            Notice(text=f"{failure.handler} failed: {failure.error}", is_warning=True)
        )
