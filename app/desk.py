"""What the window may see and do: read-only views, and verbs that return at once.

No widget imports anything deeper. A verb puts a command into the engine's inbox and returns; what
became of it is seen in the views.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from app.audit.journal import JournalRow, JournalView
from app.clock import Clock
from app.domain.decision import CheckResult
from app.domain.enums import Origin, TradingState, Venue
from app.domain.events import HandlerFailed, Notice
from app.domain.ids import ClOrdID, Symbol
from app.domain.instrument import Instrument
from app.domain.terms import ZERO, NewOrder
from app.hub import Hub
from app.market.bars import BarColumns
from app.market.store import DayFigures, MarketView, Prints
from app.oms.blotter import OrdersView
from app.oms.engine import OmsEngine
from app.portfolio.ledger import PositionsView
from app.portfolio.valuation import AccountFigures
from app.risk.exposure import is_closing, worst_value
from app.risk.gate import Gate

__all__ = [
    "AccountFigures",
    "BarColumns",
    "DayFigures",
    "Desk",
    "Identity",
    "JournalRow",
    "JournalView",
    "MarketView",
    "OrdersView",
    "PositionsView",
    "Preview",
    "Prints",
]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say of an order now, without recording or sending it."""

    checks: tuple[CheckResult, ...]
    value: Decimal | None
    """Account currency, at the worst price it can trade; None without a price."""
    fees: Decimal
    buying_power_after: Decimal | None

    @property
    def refusal(self) -> str:
        """The first refusal in words; empty if none."""
        return next((check.text for check in self.checks if not check.passed), "")


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Where this window trades: the colour of its frame and the words of its badge."""

    venue: Venue
    feed_title: str
    broker_title: str
    account: str


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
        clock: Clock,
        hub: Hub,
        origin: Origin,
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
        self._clock = clock
        self._origin = origin
        self._actor = getpass.getuser() if origin is Origin.MANUAL else origin.value
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

    def account(self) -> AccountFigures:
        """Return the account's figures at the present marks."""
        return self._engine.account()

    def mark(self, symbol: Symbol) -> Decimal | None:
        """Return the price at which the position of a symbol would be closed now."""
        return self._engine.mark(symbol)

    @property
    def day_pnl(self) -> Decimal | None:
        """Equity now less equity at the start of this session; None while either is unknown."""
        equity, start = self.account().equity, self._engine.equity_at_start
        return None if equity is None or start is None else equity - start

    @property
    def round_trip_ns(self) -> int | None:
        """Last time from broker call to acknowledgement; None before the first."""
        return self._engine.round_trip_ns

    def preview(self, order: NewOrder) -> Preview:
        """Return what the gate would say now; nothing is recorded or sent."""
        picture = self._engine.picture(order)
        verdict = self._gate.check(order, picture, self.market.instrument(order.symbol))
        value = worst_value(order, picture)
        power = self.account().buying_power
        used = ZERO if is_closing(order, picture) else value
        return Preview(
            checks=verdict.checks,
            value=value,
            fees=ZERO,
            buying_power_after=None if power is None or used is None else power - used,
        )

    # What can be done

    def submit(self, order: NewOrder) -> ClOrdID:
        """Send an order on its way and return its identity at once.

        Raises:
            RefusedOrder: the terms are not ones this broker takes; nothing is recorded.
            Overloaded: the inbox is full; nothing was taken.
        """
        return self._engine.submit(order, origin=self._origin, actor=self._actor)

    def cancel(self, cl_ord_id: ClOrdID) -> None:
        """Ask for a cancel; the order shows PENDING_CANCEL until the broker confirms."""
        self._engine.cancel(cl_ord_id, origin=self._origin, actor=self._actor)

    def cancel_all(self) -> int:
        """Ask for a cancel of every working order; return how many."""
        return self._engine.cancel_all(origin=self._origin, actor=self._actor)

    def halt(self, reason: str) -> None:
        """Kill switch: let nothing through any more and cancel everything that works."""
        self._engine.set_state(TradingState.HALTED, reason, actor=self._actor)
        self.cancel_all()

    def arm(self) -> None:
        """Let orders through again."""
        self._engine.set_state(TradingState.ACTIVE, "armed by hand", actor=self._actor)

    def export(self, what: str, fmt: str, out: Path) -> None:
        """Write "trades" or "orders" as "csv" or "json"; the outcome comes as a notice."""
        self._engine.note("export", f"{what} as {fmt} to {out.name}", actor=self._actor)
        self._export(what, fmt, out)

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
