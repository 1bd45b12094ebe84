"""What the gate would say of an order and what it would cost, before it is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import msgspec

from app.domain.decision import CheckResult, Picture
from app.domain.fees import Schedule, fee_of
from app.domain.instrument import Instrument
from app.domain.terms import ZERO, NewOrder
from app.domain.times import new_york
from app.oms.engine import OmsEngine
from app.risk.exposure import expected_liquidity, is_closing, usual_value
from app.risk.gate import Gate


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate would say of an order now, without recording or sending it."""

    checks: tuple[CheckResult, ...]
    value: Decimal | None
    """Account currency, at its limit or the far quote; None without a price."""
    fees: Decimal | None
    """If all of it fills at that price; None where they are not known beforehand."""
    buying_power_after: Decimal | None

    @property
    def refusal(self) -> str:
        """The first refusal in words; empty if none."""
        refused = [check for check in self.checks if not check.passed]
        return next((c.text for c in sorted(refused, key=lambda c: c.can_confirm)), "")

    @property
    def asked(self) -> tuple[str, ...]:
        """What a person may let through with a reason, in words; empty if anything refuses."""
        failed = [check for check in self.checks if not check.passed]
        return tuple(c.text for c in failed) if all(c.can_confirm for c in failed) else ()


class Previewer:
    """Asks the gate without recording or sending anything."""

    def __init__(self, engine: OmsEngine, gate: Gate, fees: Schedule | None) -> None:
        self._engine: Final = engine
        self._gate: Final = gate
        self._schedule: Final = fees

    def of(
        self,
        order: NewOrder,
        instrument: Instrument | None,
        buying_power: Decimal | None,
        now_ns: int,
    ) -> Preview:
        """Return what holds for an order now, with so much to buy with."""
        picture = self._engine.picture(order)
        verdict = self._gate.check(order, picture, instrument)
        value = usual_value(order, picture)
        used = ZERO if is_closing(order, picture) else value
        after = None if buying_power is None or used is None else buying_power - used
        return Preview(
            checks=verdict.checks,
            value=value,
            fees=self._fees(order, picture, value, now_ns),
            buying_power_after=after,
        )

    def _fees(
        self, order: NewOrder, picture: Picture, value: Decimal | None, now_ns: int
    ) -> Decimal | None:
        qty = order.order_qty
        if self._schedule is None or value is None or not (qty.is_finite() and qty > 0):
            return None
        return fee_of(
            self._schedule,
            side=order.side,
            liquidity=expected_liquidity(order, picture),
            qty=qty,
            px=value / qty,
            day=new_york(now_ns).date(),
        )
