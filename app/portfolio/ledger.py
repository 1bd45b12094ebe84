"""Positions and cash: written by the engine only, exact to the last digit.

The danger: a fill that the venue breaks or corrects is booked the other way round, a difference to
the broker is written over what is here, and from then on nobody can say where a figure comes from.
Here everything that counts is a row: a fill, an adjustment, a split, a posting. A broken fill
leaves the rows, a corrected one takes its place, and the figures are those of the rows that are
left (`portfolio.history`). Cash follows fills and postings only; an adjustment moves none.
What an account is worth is therefore cash and holdings, and at any mark this holds to the digit:
cash + holdings = opening cash + postings + realised + unrealised - fees + adjusted qty x px.
Not guaranteed here: that a fill is booked once. The engine answers for that.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.cash import CashKind, CashPosting, DayStart, check_day_start, check_posting
from app.domain.corporate import Split
from app.domain.errors import BadInput
from app.domain.ids import ExecID, Symbol
from app.domain.lots import EXACT, ClosedLot, Lot, LotMethod, Picks, lot_of
from app.domain.orders import Fill
from app.domain.position import Position, PositionAdjustment, adjustment_lot
from app.domain.terms import ZERO
from app.domain.times import midnight_ns
from app.portfolio.history import History, Row


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What the account has made and been given, over some time; account currency."""

    realised_pnl: Decimal = ZERO
    """Fees not included."""
    realised_pnl_after_fees: Decimal = ZERO
    fees: Decimal = ZERO
    """Of trades, those of open lots included."""
    deposits: Decimal = ZERO
    """Less withdrawals."""

    def since(self, start: Totals) -> Totals:
        """Return what has been added since earlier totals."""
        return Totals(
            **{
                name: EXACT.subtract(getattr(self, name), getattr(start, name))
                for name in self.__struct_fields__
            }
        )


class Ledger:
    """Sole writer of positions and cash of one account."""

    def __init__(self, cash: Decimal) -> None:
        self.opening_cash: Final = cash
        self.cash = cash
        """Account currency, after every booked fill, its fees, and every posting."""
        self.version = 0
        self._histories: dict[Symbol, History] = {}
        self._adjusted: set[str] = set()
        """Identities of adjustments and splits."""
        self._postings: dict[str, CashPosting] = {}
        self.deposits = ZERO
        """Less withdrawals, over all the time of the account."""
        self._method = LotMethod.FIFO
        self._methods: dict[Symbol, LotMethod] = {}
        self._day: DayStart | None = None
        self._day_base = Totals()
        self.view: Final = PositionsView(self)

    def book(self, fill: Fill) -> None:
        """Book one fill in its place in time. The caller answers for booking each fill once."""
        self._add(fill.symbol, lot_of(fill), fill)
        self._move_cash(_flow(fill))
        self.version += 1

    def withdraw(self, exec_id: ExecID) -> None:
        """Take back a fill that the venue broke: all is as if it had never happened.

        The caller answers for the fill being booked.
        """
        history, place, old = self._booked(exec_id)
        history.remove(place)
        if not history.rows:
            del self._histories[history.symbol]
        self._move_cash(_flow(old).copy_negate())
        self.version += 1

    def correct(self, exec_id: ExecID, fill: Fill) -> None:
        """Put a fill in the place of another: all is as if it had happened so.

        The caller answers for the other one being booked.
        """
        history, place, old = self._booked(exec_id)
        assert fill.symbol == history.symbol, (fill.symbol, history.symbol)
        row = msgspec.structs.replace(history.rows[place], trade=lot_of(fill), fill=fill)
        history.replace(place, row)
        self._move_cash(EXACT.subtract(_flow(fill), _flow(old)))
        self.version += 1

    def adjust(self, adjustment: PositionAdjustment) -> bool:
        """Book a difference to the broker's holding; cash stays. False: it was booked before.

        Raises:
            BadInput: quantity or price is no number, or the quantity is 0.
        """
        trade = adjustment_lot(adjustment)
        if adjustment.adjustment_id in self._adjusted:
            return False
        self._adjusted.add(adjustment.adjustment_id)
        self._add(adjustment.symbol, trade, None)
        self.version += 1
        return True

    def split(self, split: Split) -> bool:
        """Book a split in its place in time; cash stays. False: it was booked before."""
        if split.split_id in self._adjusted:
            return False
        self._adjusted.add(split.split_id)
        self.version += 1
        if split.symbol not in self._histories:
            return True
        nothing = Lot(
            exec_id=ExecID(split.split_id), qty=ZERO, px=ZERO, ts_open_ns=midnight_ns(split.ex_date)
        )
        self._add(split.symbol, nothing, None, split)
        return True

    def post(self, posting: CashPosting) -> bool:
        """Move cash without a trade. False: it was posted before.

        Raises:
            BadInput: the amount is no number, or its sign is not that of its kind.
        """
        check_posting(posting)
        if posting.posting_id in self._postings:
            return False
        self._postings[posting.posting_id] = posting
        if posting.kind.is_flow:
            self.deposits = EXACT.add(self.deposits, posting.amount)
        self._move_cash(posting.amount)
        self.version += 1
        return True

    def set_method(self, method: LotMethod, symbol: Symbol | None = None) -> None:
        """Choose lots so from the next trade on, in one symbol or wherever none is set for it.

        Closes that are booked keep the method they were booked under.
        """
        if symbol is None:
            self._method = method
        else:
            self._methods[symbol] = method
        self.version += 1

    def pick(self, exec_id: ExecID, picks: Picks) -> None:
        """Choose the lots of a booked close by hand; without picks its method chooses again.

        Raises:
            BadInput: there is no such fill, the picks do not fit, or lots that were picked for a
                later close would be gone.
        """
        found = self._find(exec_id)
        if found is None:
            raise BadInput(f"no fill {exec_id} is booked; the lots stay as they were")
        history, place = found
        history.pick(place, picks)
        self.version += 1

    def start_day(self, day: DayStart) -> bool:
        """Count gains of the day from here on. False: that day or a later one has begun before.

        Raises:
            BadInput: equity or cash is no number.
        """
        check_day_start(day)
        if self._day is not None and day.trading_day <= self._day.trading_day:
            return False
        self._day, self._day_base = day, self.view.totals
        self.version += 1
        return True

    def _add(
        self, symbol: Symbol, trade: Lot, fill: Fill | None, split: Split | None = None
    ) -> None:
        history = self._histories.get(symbol)
        if history is None:
            history = self._histories[symbol] = History(symbol)
        history.add(
            Row(
                trade=trade,
                fill=fill,
                split=split,
                method=self.view.method(symbol),
                ts_ns=trade.ts_open_ns,
                number=self.version,
            )
        )

    def _booked(self, exec_id: ExecID) -> tuple[History, int, Fill]:
        found = self._find(exec_id)
        assert found is not None, f"fill {exec_id} is not booked"
        history, place = found
        fill = history.rows[place].fill
        assert fill is not None
        return history, place, fill

    def _find(self, exec_id: ExecID) -> tuple[History, int] | None:
        for history in self._histories.values():
            place = history.find(exec_id)
            if place is not None:
                return history, place
        return None

    def _move_cash(self, amount: Decimal) -> None:
        self.cash = EXACT.add(self.cash, amount)


class PositionsView:
    """Reading of positions and cash."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._ledger.version

    @property
    def cash(self) -> Decimal:
        """Account currency."""
        return self._ledger.cash

    @property
    def opening_cash(self) -> Decimal:
        """Cash before the first fill."""
        return self._ledger.opening_cash

    @property
    def day(self) -> DayStart | None:
        """The account when the trading day began; None before the first one did."""
        return self._ledger._day

    @property
    def totals(self) -> Totals:
        """Over all the time of the account."""
        realised = after_fees = fees = ZERO
        for position in self.all():
            realised = EXACT.add(realised, position.realised_pnl)
            after_fees = EXACT.add(after_fees, position.realised_pnl_after_fees)
            fees = EXACT.add(fees, position.fees)
        return Totals(
            realised_pnl=realised,
            realised_pnl_after_fees=after_fees,
            fees=fees,
            deposits=self._ledger.deposits,
        )

    @property
    def day_totals(self) -> Totals:
        """Since the trading day began; over all the time before the first one did.

        The gain of the day is equity now, less equity at the start of `day`, less `deposits`.
        """
        return self.totals.since(self._ledger._day_base)

    def day_gain(self, equity: Decimal | None) -> Decimal | None:
        """Return equity less what it was when the trading day began, deposits since left out.

        None while either is unknown. Survives a restart: the day's start is on record.
        """
        if equity is None or self.day is None:
            return None
        return equity - self.day.equity - self.day_deposits

    @property
    def day_deposits(self) -> Decimal:
        """Deposits less withdrawals since the trading day began."""
        return EXACT.subtract(self._ledger.deposits, self._ledger._day_base.deposits)

    def get(self, symbol: Symbol) -> Position:
        """Return the position of a symbol; a flat one if there never was one."""
        history = self._ledger._histories.get(symbol)
        return Position(symbol=symbol) if history is None else history.tally.position

    def qty_at(self, symbol: Symbol, ts_ns: int) -> Decimal:
        """Return the shares of a symbol held just before a time; negative is short."""
        history = self._ledger._histories.get(symbol)
        return ZERO if history is None else history.qty_at(ts_ns)

    def all(self) -> tuple[Position, ...]:
        """Return every position that was ever opened, flat ones included, oldest first."""
        histories = sorted(self._ledger._histories.values(), key=lambda history: history.since)
        return tuple(history.tally.position for history in histories)

    def lots(self, symbol: Symbol) -> tuple[Lot, ...]:
        """Return the open lots of a symbol, oldest first."""
        return self.get(symbol).lots

    def closed_lots(self, symbol: Symbol) -> tuple[ClosedLot, ...]:
        """Return the realised pieces of a symbol, oldest close first."""
        history = self._ledger._histories.get(symbol)
        return () if history is None else tuple(history.tally.closed)

    def lapsed_picks(self, symbol: Symbol) -> dict[ExecID, str]:
        """Return the closes whose lots, picked by hand, are there no more, and why."""
        history = self._ledger._histories.get(symbol)
        return {} if history is None else dict(history.tally.lapsed)

    def method(self, symbol: Symbol) -> LotMethod:
        """Return how the next close of a symbol will choose its lots."""
        return self._ledger._methods.get(symbol, self._ledger._method)

    def fills(self, since_ns: int) -> tuple[Fill, ...]:
        """Return the fills since a time, as they are booked now, by symbol."""
        return tuple(
            row.fill
            for history in self._ledger._histories.values()
            for row in history.rows_from(since_ns)
            if row.fill is not None
        )

    @property
    def last_ns(self) -> int:
        """When the newest trade or movement was; 0 if there never was one."""
        rows = [history.rows[-1].ts_ns for history in self._ledger._histories.values()]
        return max([*rows, *(posting.ts_ns for posting in self.postings())], default=0)

    @property
    def movement_ids(self) -> frozenset[str]:
        """Identities of all adjustments, splits and postings."""
        return frozenset(self._ledger._adjusted | self._ledger._postings.keys())

    def postings(self, kind: CashKind | None = None) -> tuple[CashPosting, ...]:
        """Return the movements of cash without a trade, of one kind or all, as they came."""
        every = self._ledger._postings.values()
        return tuple(posting for posting in every if kind in (None, posting.kind))


def _flow(fill: Fill) -> Decimal:
    paid = EXACT.add(lot_of(fill).cost, fill.fee)
    return paid.copy_negate()
