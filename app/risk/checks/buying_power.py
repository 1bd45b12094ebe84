"""Refuse an order that the account cannot pay."""

from __future__ import annotations

from decimal import Decimal

from app.domain.enums import MarginRegime, Side
from app.risk.checks.base import (
    UNKNOWN,
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


class Params(CheckParams, frozen=True):
    """None: what may be used is data of the account."""


def check(given: RiskInput, params: Params) -> Finding:
    """What opens, at its worst price, <= buying power; of a cash account <= settled cash too.

    Buying power is the notional that openings may still use: equity x allowed leverage - gross.
    What closes needs none, and the proceeds of a short sale pay for nothing.

    Source: initial margin, Regulation T, 12 CFR 220.12(a) and (c); cash account, 12 CFR 220.8(a).
    """
    is_cash = given.picture.funds.regime is MarginRegime.CASH
    power = _power(given, is_cash=is_cash)
    limit = UNKNOWN if power is None else figure(power, 2)
    if given.is_closing:
        return closing(limit)
    price = given.worst_px
    if power is None or price is None or not given.has_qty:
        return refuse(UNKNOWN, limit, "buying power is not known: a price is missing")
    if is_cash and given.order.side is Side.SELL:
        return refuse("short", "none", "a cash account has no buying power for a short sale")
    need = given.open_qty * price
    value = figure(need, 2)
    if not (need <= power):
        text = f"the order needs {value} USD, buying power is {limit} USD"
        return refuse(value, limit, text, use=1.0)
    if is_cash:
        return _judge_settled(given, need)
    return Finding(passed=True, value=value, limit=limit, use=share(need, power))


def _power(given: RiskInput, *, is_cash: bool) -> Decimal | None:
    """Return the notional that openings may still use; nothing is lent to a cash account."""
    power = known(given.picture.funds.buying_power)
    if not is_cash:
        return power
    equity, gross = known(given.picture.equity), known(given.picture.gross_exposure)
    if power is None or equity is None or gross is None:
        return None
    return min(power, equity - gross)


def _judge_settled(given: RiskInput, need: Decimal) -> Finding:
    """Ask where the order needs proceeds of sales that have not settled.

    To sell it again before they have is a good faith violation; whether it will be, a person knows.
    """
    picture, value = given.picture, figure(need, 2)
    cash, gross, net = (
        known(picture.funds.settled_cash),
        known(picture.gross_exposure),
        known(picture.funds.net_exposure),
    )
    if cash is None or gross is None or net is None:
        return refuse(value, UNKNOWN, "settled cash is not known")
    settled = cash - (gross - net)  # The difference is what working buys are going to take.
    limit = figure(settled, 2)
    if not (need <= settled):
        text = f"the order needs {value} USD, settled cash is {limit} USD: the rest has not settled"
        return ask(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(need, settled))


CHECK = CheckSpec("buying_power", "Buying power", Params, check, "R25")
