"""What an order could cost and how much of it only closes: shared by the checks.

Source: the reachable interval [position - working sells, position + working buys] is the usual
worst case of pre-trade control (SEC Rule 15c3-5(c)(1)(i): orders entered, not fills).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.decision import Picture
from app.domain.enums import Liquidity, OrdType, Phase, Side, TimeInForce
from app.domain.instrument import Instrument
from app.domain.market import real_price
from app.domain.once import once
from app.domain.terms import ZERO, NewOrder

_ONE: Final = Decimal(1)
_COLLARS: Final = (
    (Decimal(25), Decimal("0.10")),
    (Decimal(50), Decimal("0.05")),
)
_COLLAR_ABOVE: Final = Decimal("0.03")


def collar(reference_px: Decimal, phase: Phase | None) -> Decimal:
    """Return how far from a reference price a trade may reasonably be, as a share of it.

    Source: numerical guidelines for clearly erroneous executions, FINRA Rule 11892(b)(1): 10 % up
    to 25 USD, 5 % up to 50, 3 % above; twice that outside the core session.
    """
    share = next((share for px, share in _COLLARS if reference_px <= px), _COLLAR_ABOVE)
    return share if phase is Phase.CORE else share * 2


class RiskInput(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Everything a check may look at; what several of them need is computed once."""

    order: NewOrder
    instrument: Instrument | None
    """None: the symbol is not listed."""
    picture: Picture

    @once
    def has_qty(self) -> bool:
        """Whether the quantity is a number above zero."""
        qty = self.order.order_qty
        return qty.is_finite() and qty > 0

    @once
    def has_prices(self) -> bool:
        """Whether the limit and the stop, where the order has them, are numbers above zero."""
        prices = (self.order.limit_px, self.order.stop_px)
        return all(px is None or real_price(px) is not None for px in prices)

    @once
    def has_holding(self) -> bool:
        """Whether the position and what works on the order's side are numbers."""
        return _has_holding(self.order, self.picture)

    @once
    def closable_qty(self) -> Decimal:
        """How much of the position orders of this side may still close."""
        return closable_qty(self.order, self.picture)

    @once
    def is_closing(self) -> bool:
        """Whether the whole order only reduces the position, whatever else fills first.

        A replace that lowers what the order before it could do counts as closing.
        """
        # A quantity of 0, -5 or NaN closes nothing: it must not be let off as closing.
        if not self.has_qty:
            return False
        return self.order.order_qty <= self.closable_qty or _only_lowers(self.order, self.picture)

    @once
    def open_qty(self) -> Decimal:
        """The shares that add to a position or begin one; 0 for a closing order."""
        return ZERO if self.is_closing else self.order.order_qty - self.closable_qty

    @once
    def far_px(self) -> Decimal | None:
        """The quote that the order would trade against; None without one."""
        is_buy = self.order.side is Side.BUY
        return real_price(self.picture.ask if is_buy else self.picture.bid)

    @once
    def near_px(self) -> Decimal | None:
        """The quote of its own side; None without one."""
        is_buy = self.order.side is Side.BUY
        return real_price(self.picture.bid if is_buy else self.picture.ask)

    @once
    def worst_px(self) -> Decimal | None:
        """The worst price at which the order can trade now; None without any price."""
        return worst_price(self.order, self.picture)

    @once
    def value(self) -> Decimal | None:
        """Quantity x worst price, in account currency; None without a price."""
        return None if self.worst_px is None else self.order.order_qty * self.worst_px

    @once
    def worst_qty(self) -> Decimal:
        """The largest holding, long or short, reachable with this order added."""
        return worst_qty_after(self.order, self.picture)

    @once
    def exposure_after(self) -> Decimal | None:
        """Worst-case notional of the symbol with this order added; None where it is not known."""
        before, price = known(self.picture.symbol_exposure), self.worst_px
        if before is None or price is None or not self.has_qty or not self.has_holding:
            return None
        if not self.worst_qty.is_finite():
            return None
        # A passive buy is valued at the mark as well: so the account will read it a moment later.
        mark = real_price(self.picture.bid) or real_price(self.picture.last_px)
        price = price if mark is None else max(price, mark)
        return max(before, self.worst_qty * price)

    @once
    def gross_after(self) -> Decimal | None:
        """Worst-case gross of the account with this order added; None where it is not known."""
        gross, own, after = (
            known(self.picture.gross_exposure),
            known(self.picture.symbol_exposure),
            self.exposure_after,
        )
        if gross is None or own is None or after is None:
            return None
        return gross - own + after


def known(figure: Decimal | None) -> Decimal | None:
    """Return a figure of the account, or None where it is missing or not a number.

    To compare NaN raises: who looks through this first can say that the figure is not known.
    """
    return figure if figure is not None and figure.is_finite() else None


def is_broken(figure: Decimal | None) -> bool:
    """Whether a figure is there and is no number: what missing may do, this may not."""
    return figure is not None and not figure.is_finite()


def _has_holding(order: NewOrder, picture: Picture) -> bool:
    is_buy = order.side is Side.BUY
    working = picture.working_buy_qty if is_buy else picture.working_sell_qty
    return picture.position_qty.is_finite() and working.is_finite()


def worst_price(order: NewOrder, picture: Picture) -> Decimal | None:
    """Return the worst price at which the order can trade now; None without any price.

    A limit bounds it. A market order, and a stop once it is set off, pays the far quote and the
    collar on top, or the last print where a feed has no quotes. A sell's worst case for exposure
    is the higher of its limit and the bid. A limit or stop that is no price has no worst one.
    """
    limit, last = real_price(order.limit_px), real_price(picture.last_px)
    for own in (order.limit_px, order.stop_px):
        if own is not None and real_price(own) is None:
            return None
    if order.side is Side.BUY:
        if limit is not None:
            return limit
        far = real_price(picture.ask) or last
        stop = real_price(order.stop_px) if order.ord_type is OrdType.STOP else None
        far = max((px for px in (far, stop) if px is not None), default=None)
        return None if far is None else far * (_ONE + collar(far, picture.phase))
    near = real_price(picture.bid) or last
    if limit is None:
        return near
    return limit if near is None else max(limit, near)


def usual_value(order: NewOrder, picture: Picture) -> Decimal | None:
    """Return what the order costs if nothing moves: limit, far quote or last print; or None."""
    far = picture.ask if order.side is Side.BUY else picture.bid
    price = real_price(order.limit_px) or real_price(far) or real_price(picture.last_px)
    return None if price is None else order.order_qty * price


def expected_liquidity(order: NewOrder, picture: Picture) -> Liquidity:
    """Return what an order most likely does to the book if it trades: give, take or auction."""
    if order.time_in_force in (TimeInForce.OPG, TimeInForce.CLS):
        return Liquidity.AUCTION
    far = real_price(picture.ask if order.side is Side.BUY else picture.bid)
    limit = real_price(order.limit_px)
    waits = limit is not None and far is not None and order.side.sign * (limit - far) < 0
    return Liquidity.ADDED if waits else Liquidity.REMOVED


def closable_qty(order: NewOrder, picture: Picture) -> Decimal:
    """Return how much of the position orders of this side may still close."""
    if not _has_holding(order, picture):
        return ZERO  # A holding that is no number closes nothing.
    if order.side is Side.BUY:
        held = -picture.position_qty - picture.working_buy_qty
    else:
        held = picture.position_qty - picture.working_sell_qty
    return max(held, ZERO)


def is_closing(order: NewOrder, picture: Picture) -> bool:
    """Whether the whole order only reduces the position, whatever else fills first."""
    return RiskInput(order=order, instrument=None, picture=picture).is_closing


def _only_lowers(order: NewOrder, picture: Picture) -> bool:
    if is_broken(picture.replaced_qty) or not (order.order_qty <= picture.replaced_qty):
        return False
    if order.limit_px is None or picture.replaced_px is None:
        return order.limit_px is picture.replaced_px
    if is_broken(order.limit_px) or is_broken(picture.replaced_px):
        return False
    if order.side is Side.BUY:
        return order.limit_px <= picture.replaced_px
    return order.limit_px >= picture.replaced_px


def worst_qty_after(order: NewOrder, picture: Picture) -> Decimal:
    """Return the largest holding of the symbol, long or short, reachable with this order added.

    NaN where position or working orders are no numbers.
    """
    held = (picture.position_qty, picture.working_buy_qty, picture.working_sell_qty)
    if any(map(is_broken, held)):
        return Decimal("NaN")
    longest = picture.position_qty + picture.working_buy_qty
    shortest = picture.position_qty - picture.working_sell_qty
    if order.side is Side.BUY:
        longest += order.order_qty
    else:
        shortest -= order.order_qty
    return max(abs(longest), abs(shortest))
