"""What is written: one frozen record type a decision, report or action.

A record's body is canonical JSON: keys sorted, decimals as strings, times as integer nanoseconds,
enums as FIX codes, and no binary fractions. The type is the tag `kind`, stored in a column of its
own as well. Released fields are never renamed or removed; new ones have a default and raise
`SCHEMA_V`, so that an older program refuses what it would only half understand.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final, get_args

import msgspec

from app.audit.chain import Row
from app.domain.cash import CashKind, CashPosting, DayStart
from app.domain.commands import CancelOrder, ReplaceOrder, SubmitOrder
from app.domain.corporate import Split
from app.domain.decision import CheckResult, Latch, Picture
from app.domain.enums import AmendmentState, AmendmentWay, TradingState, Venue
from app.domain.errors import JournalUnreadable
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.lots import LotMethod
from app.domain.market import FeedStatus
from app.domain.movements import Movement
from app.domain.position import PositionAdjustment
from app.domain.reports import (
    AbsentAtBroker,
    CancelReject,
    ExecutionReport,
    Report,
    SendUncertain,
)
from app.domain.terms import NewOrder

SCHEMA_V: Final = 4
"""Version of the bodies; written with every row."""


class _Record(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", forbid_unknown_fields=True
):
    pass


class RunStarted(_Record, frozen=True, kw_only=True, tag="run_started"):
    """A session began. The first one of a log fixes account and opening cash."""

    version: str
    """Of this program."""
    config_hash: str
    """SHA-256 of the settings in canonical JSON."""
    mode: Venue
    account: AccountID
    cash: Decimal
    """Opening cash of the account, in its currency."""
    python: str
    sqlite: str
    feed: str
    broker: str


class RunEnded(_Record, frozen=True, kw_only=True, tag="run_ended"):
    """A session ended in order; a crash leaves none."""

    reason: str


class OrderDecided(_Record, frozen=True, kw_only=True, tag="order_decided"):
    """The gate's verdict on an order, before anything is sent."""

    command: SubmitOrder
    account: AccountID
    approved: bool
    checks: tuple[CheckResult, ...]
    picture: Picture


class OrderHeld(_Record, frozen=True, kw_only=True, tag="order_held"):
    """An order is kept on this machine until its conditions are met; the gate's view of it now."""

    command: SubmitOrder
    account: AccountID
    checks: tuple[CheckResult, ...]
    picture: Picture


class HoldMoved(_Record, frozen=True, kw_only=True, tag="hold_moved"):
    """A trailing stop that is held here follows the market."""

    cl_ord_id: ClOrdID
    watch_px: Decimal
    ts_ns: int


class HoldTriggered(_Record, frozen=True, kw_only=True, tag="hold_triggered"):
    """An order that is held here was set off; it goes as soon as it may, whatever comes next."""

    cl_ord_id: ClOrdID
    ts_ns: int
    px: Decimal | None = None
    """The price that did it; None: a time, or what it waited for had happened already."""


class HoldEnded(_Record, frozen=True, kw_only=True, tag="hold_ended"):
    """An order that was held here will not be sent."""

    cl_ord_id: ClOrdID
    ts_ns: int
    text: str


class AmendmentDecided(_Record, frozen=True, kw_only=True, tag="amendment_decided"):
    """The gate's verdict on a replace, before anything is sent."""

    command: ReplaceOrder
    order: NewOrder
    """The whole terms as they are to be."""
    way: AmendmentWay
    approved: bool
    checks: tuple[CheckResult, ...]
    picture: Picture


class AmendmentEnded(_Record, frozen=True, kw_only=True, tag="amendment_ended"):
    """What became of a replace that this station carries out itself."""

    cl_ord_id: ClOrdID
    """Of the order."""
    request_id: ClOrdID
    state: AmendmentState
    ts_ns: int
    text: str


class OrderSent(_Record, frozen=True, kw_only=True, tag="order_sent"):
    """The broker call began."""

    cl_ord_id: ClOrdID
    ts_sent_ns: int


class CancelRequested(_Record, frozen=True, kw_only=True, tag="cancel_requested"):
    """Somebody asked for a cancel."""

    command: CancelOrder


class ExecutionReported(_Record, frozen=True, kw_only=True, tag="execution_report"):
    """The broker said something of an order, as it said it."""

    report: ExecutionReport


class CancelRejected(_Record, frozen=True, kw_only=True, tag="cancel_reject"):
    """The broker did not take a cancel."""

    report: CancelReject


class SendLost(_Record, frozen=True, kw_only=True, tag="send_lost"):
    """A broker call ended without an answer."""

    report: SendUncertain


class OrderMissing(_Record, frozen=True, kw_only=True, tag="order_missing"):
    """The whole protocol found that the broker does not have an order."""

    report: AbsentAtBroker


class OrderAdopted(_Record, frozen=True, kw_only=True, tag="order_adopted"):
    """An order was found at the broker that is not from this station."""

    cl_ord_id: ClOrdID
    account: AccountID
    order: NewOrder
    order_id: OrderID
    ts_ns: int


class ReportUnreadable(_Record, frozen=True, kw_only=True, tag="report_unreadable"):
    """The broker said something of an order that cannot be read; kept as it came."""

    text: str
    raw_hex: str
    symbol: Symbol = Symbol("")
    """Empty: it may be any."""


class PositionAdjusted(_Record, frozen=True, kw_only=True, tag="position_adjusted"):
    """A position was brought to what the broker holds, because no execution explains it."""

    adjustment: PositionAdjustment


class CashPosted(_Record, frozen=True, kw_only=True, tag="cash_posted"):
    """Cash moved otherwise than by a fill."""

    posting: CashPosting


class SharesSplit(_Record, frozen=True, kw_only=True, tag="shares_split"):
    """A company split its shares."""

    split: Split


class DayStarted(_Record, frozen=True, kw_only=True, tag="day_started"):
    """A trading day began: what its profit and loss is measured from."""

    start: DayStart


class LotsPicked(_Record, frozen=True, kw_only=True, tag="lots_picked"):
    """A person chose which lots a fill closed."""

    exec_id: ExecID
    picks: tuple[tuple[ExecID, Decimal], ...]
    actor: str


class LotMethodSet(_Record, frozen=True, kw_only=True, tag="lot_method"):
    """A person chose in which order lots are closed."""

    method: LotMethod
    symbol: Symbol
    """Empty: of the account."""
    actor: str


class TradingStateSet(_Record, frozen=True, kw_only=True, tag="trading_state", omit_defaults=True):
    """What the gate lets through was changed."""

    state: TradingState
    reason: str
    actor: str
    symbol: Symbol = Symbol("")
    """Of one symbol only; empty: of the account."""
    latch: Latch | None = None
    """What holds it there."""


class LimitSet(_Record, frozen=True, kw_only=True, tag="limit_set"):
    """A person changed a parameter of a check."""

    check: str
    param: str
    value: Any
    """As in the settings: decimals as strings."""
    before: Any
    reason: str
    actor: str
    ts_ns: int


class LimitsLocked(_Record, frozen=True, kw_only=True, tag="limits_locked"):
    """A person gave away the right to loosen limits until the next session."""

    until: date
    """The trading day that lifts it."""
    until_ns: int
    """When that day begins, UTC."""
    ts_ns: int
    mono_ns: int
    """By the clock that goes on whatever the system time is set to."""
    limits: dict[str, dict[str, Any]]
    """Check -> its parameters as they were: while it is locked, settings loosen nothing either."""
    actor: str


class LimitBreached(_Record, frozen=True, kw_only=True, tag="limit_breached"):
    """The account came to lie over a limit, without an order that would have been refused."""

    check: str
    value: str
    limit: str
    text: str
    outcome: str
    """What happened then, in words."""
    ts_ns: int


class EquityPeaked(_Record, frozen=True, kw_only=True, tag="equity_peak"):
    """The account is worth more than ever in this trading week: what drawdown is measured from."""

    equity: Decimal
    week: date
    """Its Monday."""
    ts_ns: int


class UserActed(_Record, frozen=True, kw_only=True, tag="user_action"):
    """A person, or this machine, did something that is not an order."""

    action: str
    detail: str
    actor: str


class FeedChanged(_Record, frozen=True, kw_only=True, tag="feed_status"):
    """Market data began, broke off or ended."""

    status: FeedStatus


Record = (
    RunStarted
    | RunEnded
    | OrderDecided
    | OrderHeld
    | HoldMoved
    | HoldTriggered
    | HoldEnded
    | OrderSent
    | AmendmentDecided
    | AmendmentEnded
    | CancelRequested
    | ExecutionReported
    | CancelRejected
    | SendLost
    | OrderMissing
    | OrderAdopted
    | ReportUnreadable
    | PositionAdjusted
    | CashPosted
    | SharesSplit
    | DayStarted
    | LotsPicked
    | LotMethodSet
    | TradingStateSet
    | LimitSet
    | LimitsLocked
    | LimitBreached
    | EquityPeaked
    | UserActed
    | FeedChanged
)

_encoder: Final = msgspec.json.Encoder(order="sorted")
_decoder: Final[msgspec.json.Decoder[Record]] = msgspec.json.Decoder(Record)
_KINDS: Final = {
    record_type: str(record_type.__struct_config__.tag) for record_type in get_args(Record)
}


def encode(record: Record) -> str:
    """Return the canonical JSON of a record.

    `CheckResult.use` is left out: it is a float for the screen, and follows from value and limit.
    """
    if isinstance(record, OrderDecided | OrderHeld | AmendmentDecided):
        checks = tuple(msgspec.structs.replace(check, use=None) for check in record.checks)
        record = msgspec.structs.replace(record, checks=checks)
    return _encoder.encode(record).decode()


def decode(body: str | bytes) -> Record:
    """Return the record of a body.

    Raises:
        JournalUnreadable: it is not a record of this or an earlier version.
    """
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise JournalUnreadable(f"a record cannot be read: {error}; nothing was changed") from error


def record_of(row: Row) -> Record:
    """Return the record of a stored row.

    Raises:
        JournalUnreadable: a newer version wrote it, or its body is not a record.
    """
    if row.schema_v > SCHEMA_V:
        raise JournalUnreadable(
            f"record {row.seq} was written by a newer version of this program (records of version "
            f"{row.schema_v}, this one reads {SCHEMA_V}); nothing was changed"
        )
    try:
        return decode(row.body)
    except JournalUnreadable as error:
        raise JournalUnreadable(f"record {row.seq}: {error}") from error


def row_of(record: Record, *, utc_ns: int, mono_ns: int, run_id: bytes) -> Row:
    """Return the row that stores a record, without the place in the chain that the writer gives."""
    return Row(
        seq=0,
        utc_ns=utc_ns,
        mono_ns=mono_ns,
        run_id=run_id,
        kind=kind_of(record).encode(),
        cl_ord_id=cl_ord_id_of(record).encode(),
        actor=actor_of(record).encode(),
        schema_v=SCHEMA_V,
        body=encode(record).encode(),
        prev=b"",
        hash=b"",
    )


def kind_of(record: Record) -> str:
    """Return the stable name of a record's type."""
    return _KINDS[type(record)]


def cl_ord_id_of(record: Record) -> str:
    """Return the order a record is about, by the identity it names; empty if none."""
    match record:
        case OrderDecided() | OrderHeld() | CancelRequested():
            return record.command.cl_ord_id
        case AmendmentDecided():
            return record.command.orig_cl_ord_id
        case OrderSent() | HoldMoved() | HoldTriggered() | HoldEnded():
            return record.cl_ord_id
        case AmendmentEnded() | OrderAdopted():
            return record.cl_ord_id
        case ExecutionReported() | CancelRejected() | SendLost() | OrderMissing():
            return record.report.cl_ord_id
    return ""


def actor_of(record: Record) -> str:
    """Return who caused a record: a login, a file, "broker" or "station"."""
    match record:
        case OrderDecided() | OrderHeld() | AmendmentDecided() | CancelRequested():
            return record.command.actor
        case TradingStateSet() | UserActed() | LotsPicked() | LotMethodSet():
            return record.actor
        case LimitSet() | LimitsLocked():
            return record.actor
        case ExecutionReported(report=ExecutionReport(is_synthetic=True)):
            return "station"
        case ExecutionReported() | CancelRejected() | OrderAdopted() | ReportUnreadable():
            return "broker"
        case SharesSplit():
            return "broker"
        case CashPosted(posting=posting) if posting.kind is not CashKind.UNEXPLAINED:
            return "broker"
    return "station"


def report_record(report: Report) -> Record:
    """Return the record of a broker's report."""
    match report:
        case ExecutionReport():
            return ExecutionReported(report=report)
        case CancelReject():
            return CancelRejected(report=report)
        case AbsentAtBroker():
            return OrderMissing(report=report)
    return SendLost(report=report)


def movement_record(movement: Movement) -> Record:
    """Return the record of what moved without an order."""
    match movement:
        case CashPosting():
            return CashPosted(posting=movement)
        case PositionAdjustment():
            return PositionAdjusted(adjustment=movement)
    return SharesSplit(split=movement)
