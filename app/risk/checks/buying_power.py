"""Refuse an order that the account cannot pay."""

from __future__ import annotations

from decimal import Decimal

from app.domain.enums import MarginRegime, Side
from app.risk.checks.base import (
    CheckParams,
    CheckSpec,
    Finding,
    ask,
    closing,
    figure,
    refuse,
    share,
)
from app.risk.exposure import RiskInput, known

_UNKNOWN = "unknown"


class Params(CheckParams, frozen=True):
    """None: what may be used is data of the account."""


def check(given: RiskInput, params: Params) -> Finding:
    """What opens, at its worst price, <= buying power; in a cash account <= settled cash too.

    Buying power is the notional that openings may still use: equity x allowed leverage - gross.
    What closes needs none, and the proceeds of a short sale pay for nothing.

    Source: initial margin, Regulation T, 12 CFR 220.12(a) and (c); cash account, 12 CFR 220.8(a).
    """
    funds = given.picture.funds
    power = known(funds.buying_power)
    limit = _UNKNOWN if power is None else figure(power, 2)
    if given.is_closing:
        return closing(limit)
    is_cash = funds.regime is MarginRegime.CASH
    if is_cash and given.order.side is Side.SELL:
        text = "a cash account cannot sell short: more would be sold than is held"
        return refuse("short", "none", text)
    price = given.worst_px
    if power is None or price is None or not given.has_qty:
        return refuse(_UNKNOWN, limit, "buying power is not known: a price is missing")
    need = given.open_qty * price
    value = figure(need, 2)
    if not (need <= power):
        text = f"the order needs {value} USD, buying power is {limit} USD"
        return refuse(value, limit, text, use=1.0)
    if is_cash:
        return _settled(need, known(funds.settled_cash))
    return Finding(passed=True, value=value, limit=limit, use=share(need, power))


def _settled(need: Decimal, settled: Decimal | None) -> Finding:
    value = figure(need, 2)
    if settled is None:
        return refuse(value, _UNKNOWN, "settled cash is not known")
    limit = figure(settled, 2)
    if not (need <= settled):
        # To sell it before those sales have settled is a good faith violation, so a person says.
        text = f"the order needs {value} USD, settled cash is {limit} USD: the rest has not settled"
        return ask(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(need, settled))


CHECK = CheckSpec("buying_power", "Buying power", Params, check, "R25")
