"""The trading state, changed: less is let through at once, more when it is on record.

The danger: a halt waits for the disk while orders go out; or an arming that was on its way to the
disk undoes a halt that came after it.
How this prevents it: tightening takes effect in the call; loosening with the durable record, and
then the tightest state that is still on its way holds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from app.audit.records import TradingStateSet
from app.domain.decision import Latch
from app.domain.enums import TradingState
from app.domain.errors import BadInput
from app.domain.events import TradingStateChanged
from app.domain.ids import Symbol
from app.hub import Hub
from app.risk.gate import Gate


class TradingSwitch:
    """Sets the gate's state, of the account or of one symbol."""

    def __init__(
        self,
        gate: Gate,
        hub: Hub,
        put: Callable[[TradingStateSet], None],
        today: Callable[[], date],
    ) -> None:
        """Take what it sets.

        Args:
            gate: whose state it is.
            hub: told of each change.
            put: the engine's inbox.
            today: the trading day that it is.
        """
        self._gate: Final = gate
        self._today: Final = today
        self._hub: Final = hub
        self._put: Final = put
        self._waiting: list[TradingStateSet] = []
        """Changes that are not durable yet, in order."""

    def set(
        self,
        state: TradingState,
        reason: str,
        *,
        actor: str,
        symbol: Symbol | None,
        latch: Latch | None = None,
    ) -> None:
        """Let more or less through: less at once, more when it is durable.

        Raises:
            BadInput: the account is latched, and the day that lifts it has not come.
        """
        if symbol is None:
            latch = self._latch(state, latch)
        if state.is_tighter_than(self._now(symbol)):
            if symbol is not None:
                self._gate.set_symbol_state(symbol, state, reason)
            else:
                self._gate.set_state(state, reason, actor, latch)
        elif symbol is None and latch is not None:
            self._gate.latch = latch
        wanted = TradingStateSet(
            state=state, reason=reason, actor=actor, symbol=symbol or Symbol(""), latch=latch
        )
        self._waiting.append(wanted)
        self._put(wanted)

    def tighten(
        self,
        state: TradingState,
        reason: str,
        *,
        actor: str,
        symbol: Symbol | None,
        latch: Latch | None = None,
    ) -> None:
        """Let less through; what is as tight already stays as it is, with its reason.

        A latch is added to it all the same.

        An arming that is on its way to the record is looked ahead to: it does not undo this.
        """
        coming = [w.state for w in self._waiting if w.symbol == (symbol or "")]
        if state.is_tighter_than(coming[-1] if coming else self._now(symbol)):
            self.set(state, reason, actor=actor, symbol=symbol, latch=latch)
        elif latch is not None and symbol is None:
            present = coming[-1] if coming else self._gate.state
            self.set(present, self._gate.state_reason, actor=actor, symbol=None, latch=latch)

    def on_record(self, record: TradingStateSet) -> None:
        """Put a change that is durable now into force, and tell the hub."""
        if record in self._waiting:
            self._waiting.remove(record)
        # A halt that is still on its way to the disk holds against an arming before it.
        waiting = [wanted for wanted in self._waiting if wanted.symbol == record.symbol]
        tightest = max((record, *waiting), key=lambda wanted: wanted.state.tightness)
        if record.symbol:
            self._gate.set_symbol_state(record.symbol, tightest.state, tightest.reason)
        else:
            latch = next((w.latch for w in reversed(waiting) if w.latch), record.latch)
            self._gate.set_state(tightest.state, tightest.reason, tightest.actor, latch)
        self._hub.publish(
            TradingStateChanged(state=self._gate.state, reason=self._gate.state_reason)
        )

    def _latch(self, state: TradingState, latch: Latch | None) -> Latch | None:
        """Return what is to hold the account there: a latch outlasts any tightening."""
        held = self._gate.latch
        if state is not TradingState.ACTIVE:
            return _later(held, latch)
        if held is not None and held.until is not None and self._today() < held.until:
            raise BadInput(
                f"trading stays {self._gate.state.name} until {held.until}: "
                f"{self._gate.state_reason}"
            )
        return None

    def _now(self, symbol: Symbol | None) -> TradingState:
        if symbol is None:
            return self._gate.state
        return self._gate.symbol_states.get(symbol, TradingState.ACTIVE)


def _later(one: Latch | None, other: Latch | None) -> Latch | None:
    """Return the latch that holds longer."""
    if one is None or other is None:
        return one or other
    if one.until is None or other.until is None:
        return one if other.until is None else other
    return one if one.until >= other.until else other
