"""Watches for a person: prices at each trade, the account once a second, orders as they change.

An alert on prices costs a look-up in a dict at each trade, and nothing where no alert is on the
symbol. Every alert has at most one condition; it is told at the moment the condition comes to hold.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol

import msgspec

from app.alerts.model import (
    Alert,
    AlertAction,
    AlertEvent,
    AlertKind,
    AlertRepeat,
    AlertSign,
    AlertState,
    check_alert,
    level_words,
)
from app.alerts.shelf import Kept, read_alerts, write_alerts
from app.domain.enums import OrderState
from app.domain.errors import BadInput
from app.domain.events import Notice, OrderChanged
from app.domain.ids import ClOrdID, Symbol
from app.domain.market import Quote, SymbolStatus, Trade
from app.hub import Hub
from app.market.store import MarketView

ALERTS_MAX: Final = 200
EVENTS_MAX: Final = 500
"""Newest things that became of alerts."""
ORDERS_MAX: Final = 5_000
"""Orders that changed last: of those it is known what was told."""
REST_NS: Final = 5_000_000_000
"""An alert that is told always is told no sooner again."""
LOOK_S: Final = 1.0
_AT_TRADES: Final = {AlertKind.PRICE, AlertKind.CHANGE, AlertKind.VOLUME}
_AT_LOOKS: Final = {AlertKind.POSITION_PNL, AlertKind.DAY_PNL, AlertKind.FEED_AGE}
_TOLD_STATES: Final = {
    OrderState.FILLED: "filled",
    OrderState.REJECTED: "rejected",
    OrderState.DENIED: "denied",
    OrderState.CANCELED: "canceled",
    OrderState.EXPIRED: "expired",
    OrderState.IN_DOUBT: "in doubt",
}


class Account(Protocol):
    """What alerts read of the account, and may do."""

    def now_ns(self) -> int:
        """Return the time."""
        ...

    def day_pnl(self) -> Decimal | None:
        """Return the gain of the day; None if it is not known."""
        ...

    def position_pnl(self, symbol: Symbol) -> Decimal | None:
        """Return the unrealised gain of a symbol; None if it is not known."""
        ...

    def act(self, action: AlertAction, symbol: Symbol) -> None:
        """Cancel or flatten."""
        ...

    def record(self, text: str) -> None:
        """Put into the record what became of an alert."""
        ...


class AlertWatch:
    """All alerts of one station; their one writer."""

    def __init__(
        self, *, account: Account, market: MarketView, hub: Hub, path: Path | None
    ) -> None:
        """Take the alerts that were kept, and watch.

        Args:
            account: what is read and done.
            market: prices.
            hub: where trades, quotes and orders are heard.
            path: file that keeps them; None: nowhere, as in a replay.
        """
        self._account: Final = account
        self._market: Final = market
        self._hub: Final = hub
        self._path: Final = path
        kept, notice = (Kept(), "") if path is None else read_alerts(path)
        self._alerts: dict[int, Alert] = {alert.alert_id: alert for alert in kept.alerts}
        self.events: Final[deque[AlertEvent]] = deque(kept.events, maxlen=EVENTS_MAX)
        """What became of alerts, the oldest first."""
        self.version = 0
        """Grows with every change."""
        self.went_off = 0
        """How many have been told since the start."""
        self.has_sound = False
        """Whether the one that was told last wants to be heard."""
        self._held: set[int] = set()
        """Those whose condition holds and was told."""
        self._told_ns: dict[int, int] = {}
        self._order_states: dict[ClOrdID, OrderState] = {}
        self._by_symbol: dict[Symbol, tuple[Alert, ...]] = {}
        self._spreads: dict[Symbol, tuple[Alert, ...]] = {}
        self._index()
        if notice:
            hub.publish(Notice(text=notice, is_warning=True))
        hub.subscribe(Trade, self._on_trade)
        hub.subscribe(Quote, self._on_quote)
        hub.subscribe(SymbolStatus, self._on_status)
        hub.subscribe(OrderChanged, self._on_order)

    async def run(self) -> None:
        """Look at what no event tells, once a second, until canceled."""
        self._miss()
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def active(self) -> tuple[Alert, ...]:
        """Return what is watched, the oldest first."""
        return tuple(self._alerts.values())

    def add(self, alert: Alert) -> Alert:
        """Watch from now on; return the alert with its number.

        Raises:
            BadInput: there cannot be such an alert, it holds already, or there are too many.
        """
        check_alert(alert, self._account.now_ns())
        if len(self._alerts) >= ALERTS_MAX:
            raise BadInput(f"{ALERTS_MAX} alerts are the most; delete some first; not set")
        value = self._value(alert)
        if value is not None and _holds(alert, value):
            now = level_words(alert.kind, value)
            raise BadInput(f"{alert.words} holds already, it is {now} now; not set")
        numbers = [*self._alerts, *(event.alert.alert_id for event in self.events)]
        added = msgspec.structs.replace(alert, alert_id=max(numbers, default=0) + 1)
        self._alerts[added.alert_id] = added
        self._changed()
        return added

    def remove(self, alert_id: int) -> None:
        """Watch no more; an unknown number is ignored."""
        if self._alerts.pop(alert_id, None) is not None:
            self._held.discard(alert_id)
            self._changed()

    def clear_events(self) -> None:
        """Forget what became of alerts; it stays in the record."""
        self.events.clear()
        self._changed()

    def look(self) -> None:
        """Look at the account, the feed and the time now."""
        now_ns = self._account.now_ns()
        for alert in tuple(self._alerts.values()):
            if alert.until_ns is not None and now_ns >= alert.until_ns:
                self._end(alert, AlertState.EXPIRED, f"{alert.words}: its time is over")
            elif alert.kind is AlertKind.TIME:
                if alert.at_ns is not None and now_ns >= alert.at_ns:
                    self._tell(alert, alert.words)
            elif alert.kind in _AT_LOOKS:
                self._weigh(alert, self._value(alert))

    def _miss(self) -> None:
        """Do nothing about moments that passed while nobody was here, and say so."""
        now_ns = self._account.now_ns()
        for alert in tuple(self._alerts.values()):
            if alert.kind is AlertKind.TIME and alert.at_ns is not None and alert.at_ns < now_ns:
                text = f"{alert.words} passed while the station was not running: nothing was done"
                self._end(alert, AlertState.MISSED, text)

    def _on_trade(self, trade: Trade) -> None:
        for alert in self._by_symbol.get(trade.symbol, ()):
            is_price = alert.kind is AlertKind.PRICE
            self._weigh(alert, float(trade.price) if is_price else self._value(alert))

    def _on_quote(self, quote: Quote) -> None:
        for alert in self._spreads.get(quote.symbol, ()):
            self._weigh(alert, self._value(alert))

    def _on_status(self, status: SymbolStatus) -> None:
        for alert in tuple(self._alerts.values()):
            if alert.kind is not AlertKind.HALT or alert.symbol not in ("", status.symbol):
                continue
            if not status.halt:
                self._held.discard(alert.alert_id)
            elif alert.alert_id not in self._held:
                self._held.add(alert.alert_id)
                self._tell(alert, f"{status.symbol or 'the market'} does not trade: {status.halt}")

    def _on_order(self, changed: OrderChanged) -> None:
        order = changed.order
        before = self._order_states.get(order.cl_ord_id)
        self._order_states.pop(order.cl_ord_id, None)
        self._order_states[order.cl_ord_id] = order.state
        while len(self._order_states) > ORDERS_MAX:
            del self._order_states[next(iter(self._order_states))]
        told = _TOLD_STATES.get(order.state)
        if told is None or order.state is before:
            return
        for alert in tuple(self._alerts.values()):
            if alert.kind is AlertKind.ORDER and alert.symbol in ("", order.symbol):
                qty = f"{order.order_qty.normalize():f}"
                side = order.terms.side.name.lower()
                self._tell(alert, f"order to {side} {qty} {order.symbol} is {told}")

    def _weigh(self, alert: Alert, value: float | None) -> None:
        """Tell if the condition comes to hold; what is not known changes nothing."""
        if value is None:
            return
        if not _holds(alert, value):
            self._held.discard(alert.alert_id)
        elif alert.alert_id not in self._held:
            now_ns = self._account.now_ns()
            if now_ns - self._told_ns.get(alert.alert_id, -REST_NS) < REST_NS:
                return
            self._held.add(alert.alert_id)
            self._told_ns[alert.alert_id] = now_ns
            self._tell(alert, f"{alert.words}, it is {level_words(alert.kind, value)}")

    def _tell(self, alert: Alert, text: str) -> None:
        if alert.alert_id not in self._alerts:
            return  # It was told a moment ago, by what it did itself.
        words = f"{text} ({alert.note})" if alert.note else text
        self.went_off += 1
        self.has_sound = alert.has_sound
        if alert.repeat is AlertRepeat.ONCE or alert.kind is AlertKind.TIME:
            self._forget(alert)
        done = "" if alert.action is AlertAction.TELL else f"; {alert.action.value}"
        self._note(alert, AlertState.WENT_OFF, f"{words}{done}")
        if alert.action is not AlertAction.TELL:
            self._account.act(alert.action, alert.symbol)

    def _end(self, alert: Alert, state: AlertState, text: str) -> None:
        self._forget(alert)
        self._note(alert, state, text)

    def _forget(self, alert: Alert) -> None:
        del self._alerts[alert.alert_id]
        self._held.discard(alert.alert_id)
        self._told_ns.pop(alert.alert_id, None)

    def _note(self, alert: Alert, state: AlertState, text: str) -> None:
        now_ns = self._account.now_ns()
        self.events.append(AlertEvent(alert=alert, state=state, ts_ns=now_ns, text=text))
        self._account.record(f"{state.value}: {text}")
        self._hub.publish(Notice(text=f"Alert: {text}", is_warning=True))
        self._changed()

    def _changed(self) -> None:
        self._index()
        self.version += 1
        if self._path is not None:
            kept = Kept(alerts=tuple(self._alerts.values()), events=tuple(self.events))
            problem = write_alerts(self._path, kept)
            if problem:
                self._hub.publish(Notice(text=problem, is_warning=True))

    def _index(self) -> None:
        self._by_symbol, self._spreads = {}, {}
        for alert in self._alerts.values():
            if alert.kind in _AT_TRADES:
                told = self._by_symbol.get(alert.symbol, ())
                self._by_symbol[alert.symbol] = (*told, alert)
            elif alert.kind is AlertKind.SPREAD:
                self._spreads[alert.symbol] = (*self._spreads.get(alert.symbol, ()), alert)

    def _value(self, alert: Alert) -> float | None:
        """Return what an alert looks at now; None if it is not known or no number."""
        read = _READERS.get(alert.kind)
        return None if read is None else read(self._market, self._account, alert.symbol)


def _holds(alert: Alert, value: float) -> bool:
    """Whether the condition holds; never of what is no number."""
    return value >= alert.level if alert.sign is AlertSign.ABOVE else value <= alert.level


_Reader = Callable[[MarketView, Account, Symbol], float | None]


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _change(market: MarketView, _account: Account, symbol: Symbol) -> float | None:
    day = market.day(symbol)
    return None if day is None else day.change_pct


def _volume(market: MarketView, _account: Account, symbol: Symbol) -> float | None:
    day = market.day(symbol)
    return None if day is None else day.volume


def _spread(market: MarketView, _account: Account, symbol: Symbol) -> float | None:
    quote = market.quote(symbol)
    if quote is None or quote.bid is None or quote.ask is None:
        return None
    return float(quote.ask - quote.bid)


def _feed_age(market: MarketView, _account: Account, _symbol: Symbol) -> float | None:
    age_ns = market.feed_age_ns
    return None if age_ns is None else age_ns / 1e9


_READERS: Final[dict[AlertKind, _Reader]] = {
    AlertKind.PRICE: lambda market, _account, symbol: _number(market.last_px(symbol)),
    AlertKind.CHANGE: _change,
    AlertKind.VOLUME: _volume,
    AlertKind.SPREAD: _spread,
    AlertKind.POSITION_PNL: lambda _market, account, symbol: _number(account.position_pnl(symbol)),
    AlertKind.DAY_PNL: lambda _market, account, _symbol: _number(account.day_pnl()),
    AlertKind.FEED_AGE: _feed_age,
}
