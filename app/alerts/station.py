"""What alerts read of this station and do in it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any, Final

from app.alerts.model import AlertAction
from app.clock import Clock
from app.domain.enums import Closing, Origin
from app.domain.ids import Symbol
from app.oms.closing import Closer
from app.oms.engine import OmsEngine

ACTOR: Final = "alert"


class StationAccount:
    """The account by way of the order path: what an alert does is on record as an alert's."""

    def __init__(
        self,
        *,
        engine: OmsEngine,
        closer: Closer,
        clock: Clock,
        spawn: Callable[[str, Coroutine[Any, Any, None]], None],
    ) -> None:
        self._engine: Final = engine
        self._closer: Final = closer
        self._clock: Final = clock
        self._spawn: Final = spawn

    def now_ns(self) -> int:
        """Return the time."""
        return self._clock.now_ns()

    def day_pnl(self) -> Decimal | None:
        """Return the gain of the day; None if it is not known."""
        return self._engine.ledger.view.day_gain(self._engine.account().equity)

    def position_pnl(self, symbol: Symbol) -> Decimal | None:
        """Return the unrealised gain of a symbol; None without a position or a price of it."""
        position, mark = self._engine.ledger.view.get(symbol), self._engine.mark(symbol)
        return None if mark is None or not position.qty else position.unrealised_pnl(mark)

    def act(self, action: AlertAction, symbol: Symbol) -> None:
        """Cancel orders, or flatten; closing passes the gate as if a person had asked for it."""
        if action is AlertAction.CANCEL:
            self._engine.cancel_all(origin=Origin.SCRIPT, actor=ACTOR, symbol=symbol or None)
        elif action is AlertAction.FLATTEN:
            what = Closing.FLATTEN
            closing = self._closer.close(symbol, what, origin=Origin.SCRIPT, actor=ACTOR)
            self._spawn(f"{what.value} {symbol}", closing)

    def record(self, text: str) -> None:
        """Put into the record what became of an alert."""
        self._engine.note("alert", text, actor=ACTOR)
