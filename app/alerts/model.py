"""What an alert is, and which ones there cannot be."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

import msgspec

from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.times import new_york

NOTE_CHARS_MAX: Final = 120


class AlertKind(StrEnum):
    """What is watched."""

    PRICE = "price"
    """Of the last trade, USD."""
    CHANGE = "change"
    """Since the prior close, percent."""
    VOLUME = "volume"
    """Of the day, shares."""
    SPREAD = "spread"
    """Ask less bid, USD."""
    POSITION_PNL = "position P&L"
    """Unrealised, of one symbol, USD."""
    DAY_PNL = "day P&L"
    """Of the account, USD."""
    FEED_AGE = "feed age"
    """Seconds since the feed said anything."""
    HALT = "halt"
    """The symbol, or the market, stops trading."""
    ORDER = "order"
    """An order is filled, rejected, canceled, or in doubt."""
    TIME = "time"
    """A moment."""


class AlertSign(StrEnum):
    """On which side of the level it holds."""

    ABOVE = ">="
    BELOW = "<="


class AlertRepeat(StrEnum):
    """How often it is told."""

    ONCE = "once"
    ALWAYS = "always"


class AlertAction(StrEnum):
    """What is done besides telling."""

    TELL = "tell"
    CANCEL = "cancel orders"
    """Of the symbol; without one, all."""
    FLATTEN = "flatten"
    """The position of the symbol, once its orders are canceled."""


class AlertState(StrEnum):
    """How it stands with an alert."""

    WAITING = "waiting"
    WENT_OFF = "went off"
    EXPIRED = "expired"
    MISSED = "missed"
    """Its moment passed while the station was not there: nothing was done."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to be told, and what is to be done then."""

    alert_id: int
    kind: AlertKind
    symbol: Symbol = Symbol("")
    """Empty: of the account, the feed, or any symbol."""
    sign: AlertSign = AlertSign.ABOVE
    level: float = 0.0
    """In the unit of its kind; of a time nothing."""
    at_ns: int | None = None
    """Of a time: when."""
    repeat: AlertRepeat = AlertRepeat.ONCE
    until_ns: int | None = None
    """From then on it is not watched any more; None: always."""
    action: AlertAction = AlertAction.TELL
    has_sound: bool = True
    note: str = ""

    @property
    def words(self) -> str:
        """The condition as one reads it: AAPL price >= 187.50."""
        whose = f"{self.symbol} " if self.symbol else ""
        if self.kind is AlertKind.TIME:
            at = "" if self.at_ns is None else f" {new_york(self.at_ns):%d %b %H:%M:%S} ET"
            return f"{whose}time{at}"
        if self.kind in (AlertKind.HALT, AlertKind.ORDER):
            return f"{whose or 'any '}{self.kind.value}"
        return f"{whose}{self.kind.value} {self.sign.value} {level_words(self.kind, self.level)}"


class AlertEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an alert."""

    alert: Alert
    state: AlertState
    ts_ns: int
    text: str


OF_SYMBOL: Final = {
    AlertKind.PRICE,
    AlertKind.CHANGE,
    AlertKind.VOLUME,
    AlertKind.SPREAD,
    AlertKind.POSITION_PNL,
}
"""What there is of one symbol only."""
WITH_LEVEL: Final = OF_SYMBOL | {AlertKind.DAY_PNL, AlertKind.FEED_AGE}
_UNITS: Final = {AlertKind.CHANGE: " %", AlertKind.FEED_AGE: " s"}
_POSITIVE: Final = {AlertKind.PRICE, AlertKind.VOLUME, AlertKind.FEED_AGE}


def level_words(kind: AlertKind, level: float) -> str:
    """Return a level with its unit."""
    figures = f"{level:,.0f}" if kind is AlertKind.VOLUME else f"{level:,.2f}"
    return f"{figures}{_UNITS.get(kind, '')}"


def check_alert(alert: Alert, now_ns: int) -> None:
    """Make sure that there can be such an alert.

    Raises:
        BadInput: a symbol, level or time is missing or is none; nothing was set.
    """
    kind = alert.kind
    if kind in OF_SYMBOL and not alert.symbol:
        raise BadInput(f"an alert on {kind.value} needs a symbol; not set")
    if alert.action is AlertAction.FLATTEN and not alert.symbol:
        raise BadInput("an alert that flattens needs a symbol; not set")
    if kind in WITH_LEVEL and not math.isfinite(alert.level):
        raise BadInput(f"the level of {kind.value} is {alert.level}, must be a number; not set")
    if kind in _POSITIVE and not (alert.level > 0):
        raise BadInput(f"the level of {kind.value} is {alert.level:g}, must be above 0; not set")
    if kind is AlertKind.TIME and (alert.at_ns is None or not (alert.at_ns > now_ns)):
        raise BadInput("the time of an alert must be one to come; not set")
    if alert.until_ns is not None and not (alert.until_ns > now_ns):
        raise BadInput("an alert cannot end before it begins; not set")
    if len(alert.note) > NOTE_CHARS_MAX:
        raise BadInput(f"a note has at most {NOTE_CHARS_MAX} characters; not set")
