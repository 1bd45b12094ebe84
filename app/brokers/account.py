"""The paper account: the broker's own books of cash, shares and what is owed for them.

The danger: paper trading flatters. A night costs nothing, shorts are free, the shares bought on
borrowed money earn dividends and pay no interest, and an account without money trades on.
Here each night is worked through once, in order, whether the station ran or not:

    interest    on what is borrowed (or lies there) after all settled trades; actual/360
    borrow      on the value of what is short; actual/360
    dividends   to whoever held at the end of the day before the ex-date, on the pay date; whoever
                was short pays them
    splits      more shares or fewer; what is no whole share is paid out in cash

Each entry is rounded to the cent and booked the night it falls due. (Brokers that post once a month
round once a month.) What was booked is in the record, and the record is what a restart begins with,
so a night is never booked twice and none is left out, but of an account that lay idle for more than
`NIGHTS_MAX`.
An order that opens needs the margin that the account's rules ask for at the moment it is sent.
Not done here: nobody is sold out. An account under its maintenance margin opens nothing and is
shown its call. A trade that is broken after a night does not change that night's entries.

Source: settlement, Rule 15c6-1(a) (T+1); margin as in `app.domain.margin`; payment in place of
dividends by who is short, and fractions of a split, as brokers do; as of 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

import msgspec

from app.brokers.base import Recorded
from app.calendar import Calendar
from app.config import AccountConfig, MarginFrom, RatesFrom
from app.domain.cash import CashKind, CashPosting
from app.domain.corporate import PAY_DAYS_MAX, Dividend, Split
from app.domain.enums import MarginRegime, Side
from app.domain.ids import Symbol
from app.domain.lots import EXACT, lot_of
from app.domain.margin import EQUITY_MIN, Margin, initial_share, margin_of
from app.domain.movements import Movement, movement_id
from app.domain.position import PositionAdjustment
from app.domain.terms import ZERO
from app.domain.times import midnight_ns, new_york

NIGHTS_MAX: Final = 400
"""Worked through at once; what lies further back is left out."""
_CENT: Final = Decimal("0.01")
_YEAR_DAYS: Final = 360
_DAY: Final = timedelta(days=1)

Px = Callable[[Symbol, Side], Decimal | None]
"""What a buyer (or a seller) of a symbol would pay (or get) now; None: nobody knows."""


class Actions(msgspec.Struct, frozen=True, kw_only=True):
    """What companies have announced."""

    on_ex_date: Callable[[date], Iterable[Dividend]]
    """Dividends of which this is the ex-date."""
    splits: tuple[Split, ...] = ()


NO_ACTIONS: Final = Actions(on_ex_date=lambda day: ())
OPEN_HANDED: Final = AccountConfig(
    cash=Decimal(10**12),
    leverage_max=Decimal(2),
    margin=(MarginFrom(since=date.min, regime=MarginRegime.REG_T),),
    rates=(RatesFrom(since=date.min, debit=ZERO, credit=ZERO, borrow=ZERO),),
)
"""An account that can pay for everything, and that nothing is charged."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """An order that works, or wants to: what of it may still trade."""

    symbol: Symbol
    side: Side
    qty: Decimal
    px: Decimal | None
    """Its limit; None: it takes what there is."""


class _Trade(msgspec.Struct, kw_only=True):
    """A trade that has not settled."""

    settles: date
    symbol: Symbol
    qty: Decimal
    """Signed shares."""
    amount: Decimal
    """What it adds to the cash."""


class PaperAccount:
    """Sole writer of what the paper broker knows of cash and shares. Amounts in USD."""

    def __init__(
        self, rules: AccountConfig, *, actions: Actions, calendar: Calendar, px: Px, now_ns: int
    ) -> None:
        """Open an account.

        Args:
            rules: opening cash, regime and rates.
            actions: dividends and splits.
            calendar: when trades settle.
            px: of every symbol.
            now_ns: nights before this are not its own.
        """
        self._rules: Final = rules
        self._actions: Final = actions
        self._calendar: Final = calendar
        self._px: Final = px
        self.cash = rules.cash
        self.positions: Final[dict[Symbol, Decimal]] = {}
        """Signed shares; flat ones stay."""
        self._last: Final[dict[Symbol, Decimal]] = {}
        """What this account last traded a symbol at, or paid for it on average."""
        self._unsettled: list[_Trade] = []
        self._entitled: list[tuple[Dividend, Decimal]] = []
        """Dividends that are to be paid, and on how many shares."""
        self._noted = date.min
        """Who is entitled to dividends that went ex up to this day is known from the record."""
        self._booked: frozenset[str] = frozenset()
        """Identities of entries that are in the record already."""
        self._begin_after(new_york(now_ns).date() - _DAY)

    def restore(self, recorded: Recorded) -> None:
        """Take over what the record holds; nights that it lacks are due."""
        self.cash = recorded.cash
        for position in recorded.positions:
            if position.avg_px is not None:
                self.positions[position.symbol] = position.qty
                self._last[position.symbol] = position.avg_px
        self._booked = recorded.movement_ids
        for fill in recorded.fills:
            lot = lot_of(fill)
            self._last[fill.symbol] = fill.px
            qty, amount = lot.qty, -(lot.cost + lot.fee)
            for split in self._actions.splits:
                is_after = lot.ts_open_ns < midnight_ns(split.ex_date)
                if split.symbol == fill.symbol and is_after and split.split_id in self._booked:
                    qty = split.scale(qty)
            self._wait(fill.symbol, qty, amount, lot.ts_open_ns)
        noted = self._night + _DAY
        if recorded.last_ns:
            noted = new_york(recorded.last_ns).date()
            # An entry at midnight belongs to the night that ends then: it may not be the last one.
            self._begin_after(new_york(recorded.last_ns - 1).date() - _DAY)
        for day in _days(noted - PAY_DAYS_MAX * _DAY, noted):
            for dividend in self._actions.on_ex_date(day):
                if dividend.pay_date > self._night + _DAY:
                    held = recorded.held_at(dividend.symbol, midnight_ns(day))
                    self._entitle(dividend, held)
        self._noted = noted

    # Trades

    def trade(self, symbol: Symbol, qty: Decimal, px: Decimal, fee: Decimal, ts_ns: int) -> None:
        """Book a trade, or with the opposite quantity and fee a broken one; negative is a sale."""
        amount = -(qty * px + fee)
        self.cash = EXACT.add(self.cash, amount)
        self.positions[symbol] = self.positions.get(symbol, ZERO) + qty
        self._last[symbol] = px
        self._wait(symbol, qty, amount, ts_ns)

    def refusal(self, order: Wanted, working: Sequence[Wanted], day: date) -> str:
        """Return why the account cannot carry an order; empty if it can.

        Args:
            order: that wants to work.
            working: all others that do.
            day: of trading.
        """
        symbol, others = order.symbol, [it for it in working if it.symbol == order.symbol]
        margin, regime = self.margin(), self._rules.regime_on(day)
        share = initial_share(regime, margin.equity)
        is_short = order.side is Side.SELL and self._reach(symbol, [*others, order])[1] < 0
        if is_short and share == 1:
            return _no_short(regime, margin.equity)
        before, after = (self._worst_qty(symbol, orders) for orders in (others, [*others, order]))
        if not (after > before):
            return ""
        if not (margin.excess >= 0):
            return (
                f"the equity of {margin.equity:,.2f} USD is below the maintenance margin of "
                f"{margin.maintenance:,.2f} USD: nothing may be opened"
            )
        px = self._opening_px(order)
        if px is None:
            return f"no price of {symbol} is known"
        need = (after - before) * px
        power = self._buying_power(margin, share, working)
        if not (need <= power):
            return f"it needs {need:,.2f} USD, buying power is {power:,.2f} USD"
        return ""

    def margin(self) -> Margin:
        """Return what the account comes to now, at the prices at which it could be closed."""
        held = ((symbol, qty) for symbol, qty in self.positions.items() if qty)
        return margin_of(self.cash, [(qty, self._mark(symbol, qty)) for symbol, qty in held])

    def _buying_power(self, margin: Margin, share: Decimal, working: Iterable[Wanted]) -> Decimal:
        """Return the value that may still be opened, after all that works at its worst."""
        by_symbol: dict[Symbol, list[Wanted]] = {}
        for order in working:
            by_symbol.setdefault(order.symbol, []).append(order)
        opening = ZERO
        for symbol, orders in by_symbol.items():
            more = self._worst_qty(symbol, orders) - abs(self.positions.get(symbol, ZERO))
            opening += more * max(self._opening_px(order) or ZERO for order in orders)
        return max(ZERO, margin.equity / share - margin.gross - opening)

    def _worst_qty(self, symbol: Symbol, orders: Iterable[Wanted]) -> Decimal:
        """Return the largest holding, long or short, that orders could lead to."""
        longest, shortest = self._reach(symbol, orders)
        return max(abs(longest), abs(shortest))

    def _reach(self, symbol: Symbol, orders: Iterable[Wanted]) -> tuple[Decimal, Decimal]:
        """Return the most and the least shares that orders could lead to."""
        longest = shortest = self.positions.get(symbol, ZERO)
        for order in orders:
            if order.side is Side.BUY:
                longest += order.qty
            else:
                shortest -= order.qty
        return longest, shortest

    def _opening_px(self, order: Wanted) -> Decimal | None:
        """Return what an order is valued at: a sale at the higher of its limit and the market."""
        market = self._px(order.symbol, order.side) or self._last.get(order.symbol)
        if order.px is None:
            return market
        if order.side is Side.BUY or market is None:
            return order.px
        return max(order.px, market)

    def _mark(self, symbol: Symbol, qty: Decimal) -> Decimal:
        """Return the price at which a holding would be closed; else what it was last traded at."""
        return self._px(symbol, Side.SELL if qty > 0 else Side.BUY) or self._last[symbol]

    # Nights

    def splits_due(self, now_ns: int) -> list[Split]:
        """Return the splits of the nights that `turn` would work through."""
        today = new_york(now_ns).date()
        return [it for it in self._actions.splits if self._night + _DAY < it.ex_date <= today]

    def turn(self, now_ns: int) -> list[Movement | Dividend]:
        """Work through the nights that are over.

        Returns what was booked, and the dividends without which shares trade from then on; in
        order.
        """
        if now_ns < self.due_ns:
            return []
        today = new_york(now_ns).date()
        self._begin_after(max(self._night, today - (NIGHTS_MAX + 1) * _DAY))
        found: list[Movement | Dividend] = []
        while self.due_ns <= now_ns:
            for event in self._pass_night(self._night + _DAY):
                if isinstance(event, Dividend):
                    found.append(event)
                elif movement_id(event) not in self._booked:
                    self._book(event)
                    found.append(event)
            self._begin_after(self._night + _DAY)
        return found

    def _begin_after(self, night: date) -> None:
        self._night = night
        """The last night that is done, by the day before it."""
        self.due_ns = midnight_ns(night + 2 * _DAY)

    def _pass_night(self, day: date) -> Iterator[Movement | Dividend]:
        """Give what falls due at the end of a day; each is booked before the next is asked for."""
        morning, rates = day + _DAY, self._rules.rates_on(day)
        ts_ns = midnight_ns(morning)
        self._unsettled = [trade for trade in self._unsettled if trade.settles > day]
        yield from self._interest(day, rates, ts_ns)
        yield from self._borrow(day, rates, ts_ns)
        for dividend in self._actions.on_ex_date(morning):
            if morning > self._noted:
                self._entitle(dividend, self.positions.get(dividend.symbol, ZERO))
                yield dividend
        for split in self._actions.splits:
            if split.ex_date == morning:
                yield from self._split(split, ts_ns)
        due = [entry for entry in self._entitled if entry[0].pay_date <= morning]
        self._entitled = [entry for entry in self._entitled if entry[0].pay_date > morning]
        yield from (_payment(dividend, qty, ts_ns) for dividend, qty in due)

    def _interest(self, day: date, rates: RatesFrom, ts_ns: int) -> Iterator[CashPosting]:
        own = self._settled_cash()
        rate = rates.debit if own < 0 else rates.credit
        amount = _cents(own * rate / _YEAR_DAYS)
        if amount:
            what = "borrowed" if own < 0 else "in the account"
            yield CashPosting(
                posting_id=f"interest.{day}",
                kind=CashKind.INTEREST,
                amount=amount,
                ts_ns=ts_ns,
                text=f"{day}: {abs(own):,.2f} USD {what}, {rate:.2%} a year",
            )

    def _settled_cash(self) -> Decimal:
        """Return the cash after all settled trades; the value of what is short is a pledge."""
        cash, held = self.cash, dict(self.positions)
        for trade in self._unsettled:
            cash = EXACT.subtract(cash, trade.amount)
            held[trade.symbol] = held.get(trade.symbol, ZERO) - trade.qty
        shorts = ((symbol, qty) for symbol, qty in held.items() if qty < 0)
        return cash + sum((qty * self._mark(symbol, qty) for symbol, qty in shorts), ZERO)

    def _borrow(self, day: date, rates: RatesFrom, ts_ns: int) -> Iterator[CashPosting]:
        value = self.margin().short_value
        amount = _cents(-value * rates.borrow / _YEAR_DAYS)
        if amount:
            yield CashPosting(
                posting_id=f"borrow.{day}",
                kind=CashKind.BORROW,
                amount=amount,
                ts_ns=ts_ns,
                text=f"{day}: {value:,.2f} USD of shares borrowed, {rates.borrow:.2%} a year",
            )

    def _entitle(self, dividend: Dividend, qty: Decimal) -> None:
        if qty:
            self._entitled.append((dividend, qty))

    def _split(self, split: Split, ts_ns: int) -> Iterator[Movement]:
        """Give a split, and the payment for what is then no whole share."""
        qty = self.positions.get(split.symbol, ZERO)
        if not qty:
            yield split
            return
        px = self._mark(split.symbol, qty)
        if split.split_id not in self._booked:
            px = px * split.old / split.new
        yield split
        fraction, px = self.positions[split.symbol] % 1, px.quantize(_CENT)
        if fraction:
            text = f"{split.text}: {abs(fraction):f} of a share paid out at {px}"
            yield PositionAdjustment(
                adjustment_id=f"{split.split_id}.fraction",
                symbol=split.symbol,
                qty=-fraction,
                px=px,
                ts_ns=ts_ns,
                text=text,
            )
            yield CashPosting(
                posting_id=f"{split.split_id}.cash",
                kind=CashKind.CASH_IN_LIEU,
                amount=_cents(fraction * px),
                ts_ns=ts_ns,
                text=text,
                symbol=split.symbol,
            )

    def _book(self, movement: Movement) -> None:
        match movement:
            case CashPosting():
                self.cash = EXACT.add(self.cash, movement.amount)
            case PositionAdjustment():
                self.positions[movement.symbol] += movement.qty
            case Split():
                symbol = movement.symbol
                self.positions[symbol] = movement.scale(self.positions.get(symbol, ZERO))
                if symbol in self._last:
                    self._last[symbol] = self._last[symbol] * movement.old / movement.new
                for trade in self._unsettled:
                    if trade.symbol == symbol:
                        trade.qty = movement.scale(trade.qty)

    def _wait(self, symbol: Symbol, qty: Decimal, amount: Decimal, ts_ns: int) -> None:
        """Keep a trade until it has settled."""
        settles = self._calendar.next_session(self._calendar.trading_day(ts_ns)).day
        self._unsettled.append(_Trade(settles=settles, symbol=symbol, qty=qty, amount=amount))


def _no_short(regime: MarginRegime, equity: Decimal) -> str:
    if regime is MarginRegime.CASH:
        return "a cash account cannot sell short"
    return (
        f"the equity of {equity:,.2f} USD is below {EQUITY_MIN:,} USD: "
        "nothing is lent, and nothing can be sold short"
    )


def _payment(dividend: Dividend, qty: Decimal, ts_ns: int) -> CashPosting:
    what = "on" if qty > 0 else "in place of it on"
    return CashPosting(
        posting_id=dividend.dividend_id,
        kind=CashKind.DIVIDEND,
        amount=_cents(qty * dividend.amount),
        ts_ns=ts_ns,
        text=f"{dividend.symbol}: {dividend.amount} USD a share, {what} {qty:f}, "
        f"ex {dividend.ex_date}",
        symbol=dividend.symbol,
    )


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_EVEN)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + number * _DAY
