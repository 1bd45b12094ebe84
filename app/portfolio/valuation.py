"""What the account is worth and how much risk it carries, from positions and marks.

Pure functions. A mark is conservative: what closing would bring now (the bid for a long position,
the ask for a short one).
Source: the definitions of worst-case notional and leverage are ours; they follow the usual ones
(gross = sum of absolute notionals; leverage = gross / equity, never assets / liabilities).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

from app.domain.market import Quote, real_price
from app.domain.position import Position
from app.domain.terms import ZERO


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """One symbol: what is held, what could be added, and the price it is valued at."""

    position: Position
    working_buy_qty: Decimal
    working_sell_qty: Decimal
    mark: Decimal | None

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


def mark_of(position_qty: Decimal, quote: Quote | None, last_px: Decimal | None) -> Decimal | None:
    """Return the price at which a position would be closed now; the last price without a quote."""
    side = None
    if quote is not None:
        side = quote.ask if position_qty < 0 else quote.bid
    return real_price(side) or real_price(last_px)


def value_account(
    exposures: Iterable[Exposure], *, cash: Decimal, leverage_gross_max: Decimal
) -> AccountFigures:
    """Return the account's figures from everything it holds and could hold."""
    equity: Decimal | None = cash
    unrealised: Decimal | None = ZERO
    gross: Decimal | None = ZERO
    realised = fees = ZERO
    for exposure in exposures:
        position, mark = exposure.position, exposure.mark
        realised += position.realised_pnl
        fees += position.fees
        if position.qty:
            equity = None if equity is None or mark is None else equity + position.qty * mark
            unrealised = (
                None
                if unrealised is None or mark is None
                else unrealised + position.unrealised_pnl(mark)
            )
        worst = exposure.worst_notional
        gross = None if gross is None or worst is None else gross + worst
    leverage = buying_power = None
    if equity is not None and gross is not None:
        leverage = gross / equity if equity > 0 else None
        buying_power = max(ZERO, equity * leverage_gross_max - gross)
    return AccountFigures(
        cash=cash,
        equity=equity,
        unrealised_pnl=unrealised,
        realised_pnl=realised,
        fees=fees,
        gross_exposure=gross,
        gross_leverage=leverage,
        buying_power=buying_power,
    )
