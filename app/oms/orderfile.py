"""Orders from a file: one JSON object a line, for replays.

    {"at":"2013-10-08T09:35:00-04:00","symbol":"IBM","side":"buy","qty":"100",
     "type":"limit","limit":"181.00","tif":"day"}

`at` without an offset is New York time. An error names the line, what was found and what is
allowed; nothing of a faulty file is sent.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec

from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.terms import NewOrder
from app.domain.times import parse_iso_ns

ORDERS_MAX: Final = 100_000

SIDES: Final = {"buy": Side.BUY, "sell": Side.SELL}
TYPES: Final = {"market": OrdType.MARKET, "limit": OrdType.LIMIT}
TIMES_IN_FORCE: Final = {
    "day": TimeInForce.DAY,
    "gtc": TimeInForce.GTC,
    "ioc": TimeInForce.IOC,
    "fok": TimeInForce.FOK,
}


class ScheduledOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order and when it is to be sent."""

    at_ns: int
    """UTC nanoseconds."""
    order: NewOrder


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    at: str
    symbol: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    side: Literal["buy", "sell"]
    qty: Decimal
    type: Literal["market", "limit"]
    limit: Decimal | None = None
    tif: Literal["day", "gtc", "ioc", "fok"] = "day"


def read_orders(path: Path) -> tuple[ScheduledOrder, ...]:
    """Return the orders of a file by time; orders of one time stay in their order.

    Raises:
        BadInput: the file cannot be read, or a line is not an order.
    """
    try:
        lines = path.read_text("utf-8-sig").replace("\r\n", "\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"orders {path}: {error}; nothing was replayed") from error
    if len(lines) > ORDERS_MAX:
        raise BadInput(f"orders {path}: {len(lines)} lines, limit {ORDERS_MAX}; nothing replayed")
    orders = [
        _parse_line(path, number, line)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    return tuple(sorted(orders, key=lambda scheduled: scheduled.at_ns))


def _parse_line(path: Path, number: int, text: str) -> ScheduledOrder:
    try:
        line = msgspec.json.decode(text, type=_Line)
        at_ns = parse_iso_ns(line.at)
    except (msgspec.DecodeError, ValueError, OverflowError) as error:
        raise BadInput(f"orders {path}, line {number}: {error}; nothing was replayed") from error
    if (line.type == "limit") != (line.limit is not None):
        raise BadInput(
            f"orders {path}, line {number}: a {line.type} order with limit {line.limit}; "
            "a limit order needs one, a market order has none; nothing was replayed"
        )
    return ScheduledOrder(
        at_ns=at_ns,
        order=NewOrder(
            symbol=Symbol(line.symbol),
            side=SIDES[line.side],
            order_qty=line.qty,
            ord_type=TYPES[line.type],
            time_in_force=TIMES_IN_FORCE[line.tif],
            limit_px=line.limit,
        ),
    )
