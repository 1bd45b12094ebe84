"""Positions and cash against the broker's: what nothing explains is adjusted, once, and said.

The danger: a position is brought to the broker's while the fill that explains it is on its way;
the fill comes, and the shares are there twice. Or a difference is written over, and nobody ever
learns where the money went.
How this prevents it: a holding is looked at only while no execution of its symbol can be missing
here and none came within 5 s; it counts as different once two comparisons at least 5 s apart show
the same. Only at start, before anything trades, one is enough. Each correction is a record with an
identity of its own, and a symbol that was adjusted only reduces until a person has seen it.
Not guaranteed: why they differ. Both figures stay in the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from decimal import Decimal
from typing import Final

import msgspec

from app.audit.records import CashPosted, PositionAdjusted
from app.brokers.base import Snapshot
from app.clock import Clock
from app.domain.cash import CashKind, CashPosting
from app.domain.enums import TradingState
from app.domain.events import Notice
from app.domain.ids import ExecID, Symbol
from app.domain.orders import Order
from app.domain.position import Position, PositionAdjustment
from app.domain.terms import ZERO
from app.domain.times import SECOND_NS
from app.hub import Hub
from app.oms.engine import OmsEngine
from app.oms.reconcile import residual_px

ACTOR: Final = "reconciliation"
YOUNG_NS: Final = 5 * SECOND_NS
"""Differences younger than this are on their way, not differences."""
CENT: Final = Decimal("0.01")
"""Cash that differs by less is a matter of rounding."""
CASH_ALARM_MIN: Final = Decimal(1)
"""Account currency; what differs by more is announced with a warning."""
CASH_ALARM_OF_EQUITY: Final = Decimal("0.0001")
"""Share of the equity, where that is more."""


_Key = tuple[str, Decimal, Decimal]
"""A symbol, or "cash" in small letters; what is held here, and there."""


class PositionDifference(msgspec.Struct, frozen=True, kw_only=True):
    """A holding that differs."""

    symbol: Symbol
    ours: Decimal
    theirs: Decimal
    avg_px: Decimal | None = None
    """The broker's."""

    @property
    def text(self) -> str:
        """What differs, in words."""
        return f"{self.symbol}: the record holds {self.ours:f}, the broker {self.theirs:f}"


class Holdings:
    """Compares what is held here with what the broker says is held."""

    def __init__(self, *, engine: OmsEngine, clock: Clock, hub: Hub) -> None:
        self._engine: Final = engine
        self._clock: Final = clock
        self._hub: Final = hub
        self._fills = self._count_fills()
        self._announced: frozenset[ExecID] = frozenset()
        """Executions that the newest comparison found: it has them in its holdings."""
        self._moved_ns: dict[Symbol, int] = {}
        """Symbol -> when a fill of it was booked, changed or taken back, monotonic clock."""
        self._since_ns: dict[_Key, int] = {}
        """Difference -> when it was first seen, monotonic clock."""
        self.texts: tuple[str, ...] = ()
        """What differed in the newest comparison, in words."""

    @property
    def is_open(self) -> bool:
        """Whether a difference waits to be seen once more."""
        return bool(self._since_ns)

    def announce(self, exec_ids: Iterable[ExecID]) -> None:
        """Say which executions of a comparison are about to be booked."""
        self._announced = frozenset(exec_ids)

    def on_order(self, order: Order) -> None:
        """Keep when the fills of a symbol last changed."""
        before, self._fills = self._fills, self._count_fills()
        if self._fills == before:
            return
        new = self._engine.blotter.view.fills_from(before[0])
        is_plain = self._fills[1] == before[1]
        if not is_plain or any(fill.exec_id not in self._announced for fill in new):
            self._moved_ns[order.symbol] = self._clock.mono_ns()

    def compare(
        self, snapshot: Snapshot, *, asked_ns: int, unsettled: Set[Symbol], at_once: bool
    ) -> None:
        """Bring positions and cash to the broker's where nothing explains the difference.

        Args:
            snapshot: what the broker says.
            asked_ns: when it was asked, by the monotonic clock.
            unsettled: symbols of which executions may be missing here.
            at_once: whether a position that differs need not be seen twice.
        """
        ledger = self._engine.ledger.view
        seen_ns, self._since_ns = self._since_ns, {}
        moving = {
            *unsettled,
            *(symbol for symbol, ns in self._moved_ns.items() if asked_ns - ns < YOUNG_NS),
        }
        texts = []
        for difference in position_differences(ledger.all(), snapshot):
            texts.append(difference.text)
            if difference.symbol in moving:
                continue
            key: _Key = (difference.symbol, difference.ours, difference.theirs)
            since_ns = self._since_ns[key] = seen_ns.get(key, asked_ns)
            if at_once or asked_ns - since_ns >= YOUNG_NS:
                self._adjust(difference, ledger.get(difference.symbol))
        cash = snapshot.cash
        if cash is not None and abs(cash - ledger.cash) >= CENT:
            texts.append(_cash_text(ledger.cash, cash))
            if not moving:
                key = ("cash", ledger.cash, cash)
                since_ns = self._since_ns[key] = seen_ns.get(key, asked_ns)
                if asked_ns - since_ns >= YOUNG_NS:
                    self._post(cash)
        self.texts = tuple(texts)

    def _adjust(self, difference: PositionDifference, position: Position) -> None:
        symbol = difference.symbol
        mark = self._engine.mark(symbol) or position.avg_px or ZERO
        adjustment = PositionAdjustment(
            adjustment_id=f"A-{symbol}-{difference.ours:f}-{difference.theirs:f}"
            f"-{self._engine.ledger.version}",
            symbol=symbol,
            qty=difference.theirs - difference.ours,
            px=adjusting_px(difference, position.cost, fallback=mark),
            ts_ns=self._clock.now_ns(),
            text="no execution explains it",
        )
        self._engine.put(PositionAdjusted(adjustment=adjustment))
        text = f"{difference.text}; adjusted. {symbol} only reduces until acknowledged"
        self._engine.tighten(TradingState.REDUCING, text, actor=ACTOR, symbol=symbol)
        self._hub.publish(Notice(text=text, is_warning=True))

    def _post(self, theirs: Decimal) -> None:
        ledger = self._engine.ledger
        amount = theirs - ledger.cash
        text = _cash_text(ledger.cash, theirs)
        posting = CashPosting(
            posting_id=f"C-{ledger.cash:f}-{theirs:f}-{ledger.version}",
            kind=CashKind.UNEXPLAINED,
            amount=amount,
            ts_ns=self._clock.now_ns(),
            text=text,
        )
        self._engine.put(CashPosted(posting=posting))
        limit = cash_alarm_limit(self._engine.account().equity)
        is_over = not (abs(amount) <= limit)
        said = f"{text}; {amount:+,.2f} posted as unexplained"
        self._hub.publish(Notice(text=said, is_warning=is_over))

    def _count_fills(self) -> tuple[int, int]:
        view = self._engine.blotter.view
        return view.fill_count, view.fills_rewritten


def position_differences(
    ours: Iterable[Position], snapshot: Snapshot
) -> tuple[PositionDifference, ...]:
    """Return the holdings that differ, by symbol."""
    here = {position.symbol: position.qty for position in ours}
    differences = []
    for symbol in sorted({*here, *snapshot.positions}):
        theirs = snapshot.positions.get(symbol)
        qty, avg_px = (ZERO, None) if theirs is None else (theirs.qty, theirs.avg_px)
        held = here.get(symbol, ZERO)
        if held != qty:
            differences.append(
                PositionDifference(symbol=symbol, ours=held, theirs=qty, avg_px=avg_px)
            )
    return tuple(differences)


def adjusting_px(
    difference: PositionDifference, our_cost: Decimal, *, fallback: Decimal
) -> Decimal:
    """Return the price of an adjustment that reproduces the broker's average.

    What takes shares away leaves the average of the rest as it is: there the price is the one
    at which the cost of all would be the broker's, so that equal averages book no gain.

    Args:
        difference: what is held here and there.
        our_cost: signed cost of what is held here.
        fallback: where the broker names no average, or none that a positive price leads to.
    """
    avg_px = difference.avg_px
    if avg_px is None:
        return fallback
    if difference.ours * difference.theirs < 0:
        return avg_px if avg_px > 0 else fallback  # The lots of the other side are all new.
    px = residual_px(
        avg_px, difference.theirs, paid=our_cost, qty=difference.theirs - difference.ours
    )
    return fallback if px is None else px


def cash_alarm_limit(equity: Decimal | None) -> Decimal:
    """Return what cash may differ by without a warning; account currency."""
    return CASH_ALARM_MIN if equity is None else max(CASH_ALARM_MIN, CASH_ALARM_OF_EQUITY * equity)


def _cash_text(ours: Decimal, theirs: Decimal) -> str:
    return f"cash: the record holds {ours:,.2f}, the broker {theirs:,.2f}"
