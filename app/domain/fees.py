"""What a fill costs: the exchange's own fee or rebate, and the fees of the regulators.

All rates are data with the day from which they hold; the settings may add later ones. Amounts are
exact Decimals in USD, rounded once for each fill, up to the cent where the rule says so.

Source: Securities Exchange Act Section 31 (sales only; rates by SEC fee rate advisories, FY 2024
no. 1, FY 2025 no. 2, FY 2026 release 34-104909 of 2026-02-27); FINRA By-Laws, Schedule A, Section 1
(Trading Activity Fee: sales only, by share, with a cap by trade; SR-FINRA-2024-019).
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Final, TypeVar

import msgspec

from app.domain.enums import Liquidity, Side
from app.domain.terms import ZERO

_CENT: Final = Decimal("0.01")
_EXACT: Final = Decimal("0.000001")
"""An exchange bills in fractions of a cent."""


class ExchangeFees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one share at 1 USD or more; below, a share of the value. Negative: a rebate."""

    since: date
    maker: Decimal
    """USD for a share that rested in the book."""
    taker: Decimal
    """USD for a share that met one there. Capped by Regulation NMS Rule 610(c)."""
    sub_dollar_taker: Decimal
    """Share of the value, of prices below 1 USD; a maker pays and gets nothing there."""
    auction: Decimal
    """USD for a share of an opening or closing auction."""


class RegulatoryFees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of sales."""

    since: date
    section_31: Decimal
    """Share of the value."""
    taf: Decimal
    """USD for a share."""
    taf_max: Decimal
    """USD for a trade."""


R = TypeVar("R", ExchangeFees, RegulatoryFees)


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All rates, each list by day.

    Raises: ValueError: a list is empty or not by day (a bad setting).
    """

    exchange: tuple[ExchangeFees, ...]
    regulatory: tuple[RegulatoryFees, ...]

    def __post_init__(self) -> None:
        for name in ("exchange", "regulatory"):
            days = [rates.since for rates in getattr(self, name)]
            if not days or days != sorted(set(days)):
                raise ValueError(f"{name} fees need at least one entry, each of a later day")


FREE: Final = Schedule(
    exchange=(
        ExchangeFees(since=date.min, maker=ZERO, taker=ZERO, sub_dollar_taker=ZERO, auction=ZERO),
    ),
    regulatory=(RegulatoryFees(since=date.min, section_31=ZERO, taf=ZERO, taf_max=ZERO),),
)
"""Nothing costs anything."""


def fee_of(  # noqa: PLR0913  What a fee depends on.
    schedule: Schedule, *, side: Side, liquidity: Liquidity, qty: Decimal, px: Decimal, day: date
) -> Decimal:
    """Return what a fill costs in USD; negative is money back.

    Args:
        schedule: the rates.
        side: of the order; only sales pay the regulators.
        liquidity: whether it rested, met a resting order, or traded in an auction.
        qty: shares.
        px: USD for a share.
        day: the trade date; before the first entry the first one holds.
    """
    fee = _exchange_fee(_on(schedule.exchange, day), liquidity, qty, px)
    if side is not Side.SELL:
        return fee
    rates = _on(schedule.regulatory, day)
    section_31 = (qty * px * rates.section_31).quantize(_CENT, ROUND_CEILING)
    taf = min(rates.taf_max, (qty * rates.taf).quantize(_CENT, ROUND_CEILING))
    return fee + section_31 + taf


def _exchange_fee(rates: ExchangeFees, liquidity: Liquidity, qty: Decimal, px: Decimal) -> Decimal:
    if liquidity is Liquidity.AUCTION:
        fee = qty * rates.auction
    elif px < 1:
        fee = ZERO if liquidity is Liquidity.ADDED else qty * px * rates.sub_dollar_taker
    else:
        fee = qty * (rates.maker if liquidity is Liquidity.ADDED else rates.taker)
    return fee.quantize(_EXACT)


def _on(rates: tuple[R, ...], day: date) -> R:
    past = [entry for entry in rates if entry.since <= day]
    return past[-1] if past else rates[0]
