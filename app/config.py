"""Settings: frozen, typed, checked while they are read.

Defaults are in `resources/default.toml`; `tradedeck.toml` in the data folder overrides them value
by value. An unknown key or a value of the wrong kind is refused with its place.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from app.domain.corporate import PAY_DAYS_MAX, Dividend, Split
from app.domain.enums import MarginRegime, QueueModel, TradingHours
from app.domain.errors import BadInput
from app.domain.fees import Schedule
from app.domain.increments import Ticks
from app.paths import resource

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=10_000)]
_RATE_MAX: Final = Decimal(10)
"""Shares that are hard to borrow have cost several times their value a year."""


class MarginFrom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A margin regime and the first day of it."""

    since: date
    regime: MarginRegime


class RatesFrom(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What borrowing costs from a day on: shares of the amount a year, counted as actual/360."""

    since: date
    debit: Decimal
    """Of cash that is borrowed."""
    credit: Decimal
    """Paid on cash that is there."""
    borrow: Decimal
    """Of the value of shares that were sold short."""

    def __post_init__(self) -> None:
        for name in ("debit", "credit", "borrow"):
            value = getattr(self, name)
            if not value.is_finite() or not (0 <= value <= _RATE_MAX):
                raise ValueError(f"{name} was {value}, must be a number from 0 to {_RATE_MAX}")


class AccountConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The paper account."""

    cash: Decimal
    """USD at the first start."""
    leverage_max: Decimal
    """Gross exposure over equity that the account may carry."""
    margin: tuple[MarginFrom, ...]
    """By which rules the broker lends, from which day on; oldest first."""
    rates: tuple[RatesFrom, ...]
    """At which rates it lends, on paper, from which day on; oldest first."""

    def __post_init__(self) -> None:
        for name, value in (("cash", self.cash), ("leverage_max", self.leverage_max)):
            if not value.is_finite() or not (value > 0):
                raise ValueError(f"{name} was {value}, must be a number above 0")
        for name, entries in (("margin", self.margin), ("rates", self.rates)):
            days = [entry.since for entry in entries]
            if not days or days != sorted(set(days)):
                text = "needs at least one entry, each of a later day than the last"
                raise ValueError(f"{name} {text}")

    def regime_on(self, day: date) -> MarginRegime:
        """Return the rules of a day; before the first entry, those of the first."""
        past = [entry.regime for entry in self.margin if entry.since <= day]
        return past[-1] if past else self.margin[0].regime

    def rates_on(self, day: date) -> RatesFrom:
        """Return the rates of a day; before the first entry, those of the first."""
        past = [entry for entry in self.rates if entry.since <= day]
        return past[-1] if past else self.rates[0]


class RiskConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the gate must have."""

    checks: dict[str, dict[str, Any]]
    """Check name -> its parameters; each named check must load, or trading is halted."""


class Latency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a message is on its way to the built-in exchange, and as long back: lognormal."""

    median_ms: Annotated[float, msgspec.Meta(ge=0, le=10_000)]
    sigma: Annotated[float, msgspec.Meta(ge=0, le=3)]
    """Standard deviation of the logarithm: 0 for always the median."""


class ExchangeConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The built-in exchange."""

    seed: int
    hours: TradingHours
    """When it trades."""
    ticks: tuple[Ticks, ...]
    """Price steps, oldest first."""
    quotes_per_s: Rate
    """Of one symbol, on average."""
    trades_per_s: Rate
    """Of one symbol, on average."""
    queue: QueueModel
    """How a paper order waits its turn at its price."""
    latency: Latency
    """How long an order is on its way."""
    fees: Schedule
    """What a paper fill costs."""
    dividends: tuple[Dividend, ...] = ()
    """Paid on what is held on paper, beside those that the built-in exchange has of its own."""
    splits: tuple[Split, ...] = ()
    """Of what is held on paper, and on the built-in exchange."""

    def __post_init__(self) -> None:
        for announced in self.dividends:
            if (announced.pay_date - announced.ex_date).days > PAY_DAYS_MAX:
                raise ValueError(f"{announced.dividend_id} is paid over {PAY_DAYS_MAX} days later")
        days = [entry.since for entry in self.ticks]
        if not days or days != sorted(set(days)):
            raise ValueError("ticks needs at least one entry, each of a later day than the last")


class RecorderConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Recording of the market data that is received."""

    is_on: bool
    """From the start; it can be turned on and off at any time."""
    megabytes_max: Count
    """Of all recordings together."""


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of everything that could grow."""

    inbox_max: Count
    journal_queue_max: Count
    journal_tail_max: Count
    trades_ring: Count
    bars_ring: Count
    symbols_max: Count
    bad_lines_max: Count


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set."""

    account: AccountConfig
    risk: RiskConfig
    exchange: ExchangeConfig
    recorder: RecorderConfig
    limits: Limits


def load_config(settings: Path | None = None) -> Config:
    """Return the defaults, overridden by a settings file if there is one.

    Raises:
        BadInput: the file is not TOML, or a key or value in it is not allowed.
    """
    tree = read_toml(resource("default.toml"))
    if settings is not None and settings.exists():
        tree = merge(tree, read_toml(settings))
    try:
        return msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise BadInput(f"settings {settings}: {error}; mend the file and start again") from error


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a file says.

    Raises:
        BadInput: it is not TOML, or cannot be read.
    """
    try:
        tree: dict[str, Any] = msgspec.toml.decode(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BadInput(f"settings {path}: {error}; mend the file and start again") from error
    return tree


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return one tree with the values of another laid over it."""
    merged = dict(base)
    for key, value in over.items():
        inner = merged.get(key)
        if isinstance(inner, dict) and isinstance(value, dict):
            merged[key] = merge(inner, value)
        else:
            merged[key] = value
    return merged
