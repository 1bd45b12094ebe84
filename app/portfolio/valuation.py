"""What the account is worth and how much risk it carries, from positions and marks.

Pure functions. A mark is conservative: what closing would bring now (the bid for a long position,
the ask for a short one). A price that is old is used and said to be old, never made up.
Source: the definitions of worst-case notional and leverage are ours; they follow the usual ones
(gross = sum of absolute notionals; leverage = gross / equity, never assets / liabilities).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from app.domain.market import Quote, real_price
from app.domain.position import Position
from app.domain.terms import ZERO


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """The price at which a position is valued."""

    px: Decimal
    is_stale: bool
    """Older than allowed, or of unknown age."""


class LastPrice(msgspec.Struct, frozen=True, kw_only=True):
    """What a symbol last traded at."""

    px: Decimal | None
    ts_ns: int | None
    """The exchange's time; None where it is not known."""


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol: what is held, what could be added, and the price it is valued at."""

    position: Position
    working_buy_qty: Decimal
    working_sell_qty: Decimal
    mark: Decimal | None
    is_stale: bool = False
    """The mark is older than allowed."""

    @property
    def worst_qty(self) -> Decimal:
        """The largest holding, long or short, that working orders could lead to."""
        longest = self.position.qty + self.working_buy_qty
        shortest = self.position.qty - self.working_sell_qty
        return max(abs(longest), abs(shortest))

    @property
    def worst_notional(self) -> Decimal | None:
        """`worst_qty` at the mark; None without one."""
        worst = self.worst_qty
        if not worst:
            return ZERO
        return None if self.mark is None else worst * self.mark


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What one symbol adds to the account's figures; None where its mark is missing."""

    value: Decimal | None
    """What is held, at the mark; negative when short."""
    unrealised_pnl: Decimal | None
    realised_pnl: Decimal
    fees: Decimal
    open_fees: Decimal
    gross: Decimal | None
    """Worst-case notional."""
    is_stale: bool
    """A mark was needed and is older than allowed."""


class AccountFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The account now. None where a needed price is missing."""

    cash: Decimal
    equity: Decimal | None
    unrealised_pnl: Decimal | None
    realised_pnl: Decimal
    fees: Decimal
    gross_exposure: Decimal | None
    """Worst case: working orders counted as if filled on their side."""
    gross_leverage: Decimal | None
    """`gross_exposure` / equity; None if equity is not above 0."""
    buying_power: Decimal | None
    """What opening orders may still use: equity x allowed leverage - gross exposure."""
    open_fees: Decimal = ZERO
    """The part of `fees` that was paid to open what is held."""
    is_stale: bool = False
    """A mark that these figures needed is older than allowed."""
    net_exposure: Decimal | None = None
    """Holdings at their marks, shorts negative."""

    @property
    def realised_pnl_after_fees(self) -> Decimal:
        """Gain of everything closed, less the fees of opening and closing it."""
        return self.realised_pnl - (self.fees - self.open_fees)

    @property
    def unrealised_pnl_after_fees(self) -> Decimal | None:
        """Gain of what is held, less the fees paid to open it."""
        return None if self.unrealised_pnl is None else self.unrealised_pnl - self.open_fees

    @property
    def pnl_after_fees(self) -> Decimal | None:
        """Both together: all gains less all fees."""
        if self.unrealised_pnl is None:
            return None
        return self.realised_pnl + self.unrealised_pnl - self.fees


def mark_of(
    position_qty: Decimal,
    quote: Quote | None,
    last: LastPrice | None,
    *,
    now_ns: int,
    age_ns_max: int,
) -> Mark | None:
    """Return the price at which a position would be closed now; the last price without a quote.

    With it comes whether it is older than a limit by the exchange's time. A price exactly as old as
    the limit is not stale, and one of the future is not: clocks differ.
    """
    px = _closing_px(position_qty, quote)
    ts_ns = quote.ts_exch_ns if quote is not None else None
    if px is None and last is not None:
        px, ts_ns = real_price(last.px), last.ts_ns
    if px is None:
        return None
    return Mark(px=px, is_stale=ts_ns is None or now_ns - ts_ns > age_ns_max)


def worth_of(exposure: Exposure) -> Worth:
    """Return what one symbol adds to the account's figures."""
    position, mark = exposure.position, exposure.mark
    value: Decimal | None = ZERO
    unrealised: Decimal | None = ZERO
    if position.qty:
        value = None if mark is None else position.qty * mark
        unrealised = None if mark is None else position.unrealised_pnl(mark)
    return Worth(
        value=value,
        unrealised_pnl=unrealised,
        realised_pnl=position.realised_pnl,
        fees=position.fees,
        open_fees=position.open_fees,
        gross=exposure.worst_notional,
        is_stale=exposure.is_stale and bool(exposure.worst_qty),
    )


def value_account(
    exposures: Iterable[Exposure], *, cash: Decimal, leverage_gross_max: Decimal
) -> AccountFigures:
    """Return the account's figures from everything it holds and could hold."""
    return account_of(
        [worth_of(exposure) for exposure in exposures],
        cash=cash,
        leverage_gross_max=leverage_gross_max,
    )


def account_of(
    worths: Sequence[Worth], *, cash: Decimal, leverage_gross_max: Decimal
) -> AccountFigures:
    """Return the account's figures from what each symbol adds to them."""
    net = _sum([worth.value for worth in worths])
    gross = _sum([worth.gross for worth in worths])
    equity = None if net is None else cash + net
    leverage = buying_power = None
    if equity is not None and gross is not None:
        leverage = gross / equity if equity > 0 else None
        buying_power = max(ZERO, equity * leverage_gross_max - gross)
    return AccountFigures(
        cash=cash,
        equity=equity,
        unrealised_pnl=_sum([worth.unrealised_pnl for worth in worths]),
        realised_pnl=sum([worth.realised_pnl for worth in worths], ZERO),
        fees=sum([worth.fees for worth in worths], ZERO),
        gross_exposure=gross,
        gross_leverage=leverage,
        buying_power=buying_power,
        open_fees=sum([worth.open_fees for worth in worths], ZERO),
        is_stale=any(worth.is_stale for worth in worths),
        net_exposure=net,
    )


def _sum(figures: list[Decimal | None]) -> Decimal | None:
    """Return the sum, or None where one of them is not known."""
    known = [figure for figure in figures if figure is not None]
    return None if len(known) < len(figures) else sum(known, ZERO)


def _closing_px(position_qty: Decimal, quote: Quote | None) -> Decimal | None:
    if quote is None:
        return None
    return real_price(quote.ask if position_qty < 0 else quote.bid)
