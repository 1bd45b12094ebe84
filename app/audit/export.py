"""Trades, orders and cash for a spreadsheet or a program, read from the log alone.

CSV follows RFC 4180 (CRLF, quotes doubled) in UTF-8 with a byte-order mark, which spreadsheets need
to read it as such. A text cell that a spreadsheet would take for a formula gets an apostrophe in
front; numbers are written plain. JSON says the same, with numbers as decimal strings and times as
integers. A file appears whole or not at all, and only from a log whose chain holds.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Final

import msgspec

from app.audit.anchors import anchors_path
from app.audit.chain import Row
from app.audit.fold import Orders, fold
from app.audit.reader import read_records
from app.audit.records import (
    CashPosted,
    OrderAdopted,
    OrderDecided,
    OrderHeld,
    Record,
    RunStarted,
    cl_ord_id_of,
)
from app.domain.cash import CashPosting
from app.domain.enums import Venue
from app.domain.errors import BadInput
from app.domain.fills import fill_changes
from app.domain.ids import ClOrdID
from app.domain.orders import Fill, Order
from app.domain.times import new_york, new_york_text

FORMULA_STARTS: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)
"""The last four are the full-width forms, which some spreadsheets read as the plain ones.

Source: OWASP, "CSV Injection".
"""
Cell = str | int | Decimal | None
"""Text, nanoseconds, a number, or nothing."""

TRADE_COLUMNS: Final = (
    "date",
    "time",
    "zone",
    "timestamp",
    "ts_exch_ns",
    "ts_recv_ns",
    "mode",
    "account",
    "cl_ord_id",
    "order_id",
    "exec_id",
    "kind",
    "symbol",
    "side",
    "quantity",
    "price",
    "amount",
    "fees",
    "currency",
    "venue",
    "liquidity",
    "log_seq",
    "log_hash",
)
ORDER_COLUMNS: Final = (
    "date",
    "time",
    "zone",
    "timestamp",
    "ts_intent_ns",
    "ts_sent_ns",
    "ts_ack_ns",
    "ts_last_ns",
    "mode",
    "account",
    "actor",
    "origin",
    "cl_ord_id",
    "order_id",
    "symbol",
    "side",
    "quantity",
    "type",
    "limit",
    "time_in_force",
    "status",
    "custody",
    "filled",
    "average_price",
    "fees",
    "currency",
    "decision",
    "reason",
    "log_seq",
    "log_hash",
)
CASH_COLUMNS: Final = (
    "date",
    "time",
    "zone",
    "timestamp",
    "ts_ns",
    "mode",
    "account",
    "kind",
    "symbol",
    "amount",
    "currency",
    "posting_id",
    "text",
    "log_seq",
    "log_hash",
)


def export(log: Path, what: str, fmt: str, out: Path) -> int:
    """Write "trades", "orders" or "cash" of a log as "csv" or "json"; return how many rows.

    Cash is what moved without a trade: interest, dividends, deposits; what trades moved is in them.

    Raises:
        JournalUnreadable: the log cannot be read.
        BadInput: the file cannot be written, or is the log itself.
    """
    _refuse_log(log, out)
    columns, rows = _TABLES[what]
    table = rows(log)
    write = _write_csv if fmt == "csv" else _write_json
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        count = write(part, columns, table)
        os.replace(part, out)
    except OSError as error:
        raise BadInput(
            f"{out} cannot be written: {error.strerror}; nothing was exported"
        ) from error
    finally:
        with suppress(OSError):  # Gone if all went well, and not there if it could not be made.
            part.unlink()
    return count


def _refuse_log(log: Path, out: Path) -> None:
    """Raise if an export would replace the log or a file that belongs to it."""
    log, target = log.resolve(), out.resolve()
    own = [log.with_name(log.name + end) for end in ("", "-wal", "-shm", "-journal")]
    own += [anchors_path(log), log.with_suffix(".lock")]
    if target in own:
        raise BadInput(f"{out} belongs to the audit log; nothing was exported")


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def plain(number: Decimal | None) -> str:
    """Return a number without exponent and without needless zeros; empty for None."""
    if number is None:
        return ""
    text = f"{number:f}" if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _trades(log: Path) -> Iterator[Sequence[Cell]]:
    orders = Orders()
    mode = Venue.PAPER
    for row, record in read_records(log):
        if isinstance(record, RunStarted):
            mode = record.mode
        folded = fold(record, orders)
        if folded.order is None:
            continue
        orders.put(folded.order)
        for change in fill_changes(folded.before, folded.order):
            # What the venue broke or corrected is taken back by a row of its own: sums stay right.
            if change.old is not None:
                yield _trade(change.old, row, mode, sign=-1)
            if change.new is not None:
                yield _trade(change.new, row, mode)


def _trade(fill: Fill, row: Row, mode: Venue, *, sign: int = 1) -> Sequence[Cell]:
    return (
        *_when(fill.ts_exch_ns),
        fill.ts_exch_ns,
        fill.ts_recv_ns,
        mode.value,
        fill.account,
        fill.cl_ord_id,
        fill.order_id,
        fill.exec_id,
        _trade_kind(fill, sign),
        fill.symbol,
        fill.side.name,
        sign * fill.qty,
        fill.px,
        sign * fill.qty * fill.px,
        sign * fill.fee,
        "USD",
        fill.last_mkt,
        fill.liquidity.name,
        row.seq,
        row.hash.hex(),
    )


def _trade_kind(fill: Fill, sign: int) -> str:
    if sign < 0:
        return "reversal"
    if fill.is_synthetic:
        return "synthetic"
    return "correction" if fill.key else "trade"


def _orders(log: Path) -> Iterator[Sequence[Cell]]:
    orders = Orders()
    decided: dict[ClOrdID, tuple[Row, str, Venue]] = {}
    mode = Venue.PAPER
    for row, record in read_records(log):
        if isinstance(record, RunStarted):
            mode = record.mode
        after = fold(record, orders).order
        if after is not None:
            orders.put(after)
        decision = _decision(record)
        if decision and after is not None:  # A second one that the order did not take is none.
            decided[ClOrdID(cl_ord_id_of(record))] = row, decision, mode
    for order in orders:
        yield _order(order, *decided[order.cl_ord_id])


def _cash(log: Path) -> Iterator[Sequence[Cell]]:
    mode, account = Venue.PAPER, ""
    posted: set[str] = set()
    for row, record in read_records(log):
        if isinstance(record, RunStarted):
            mode, account = record.mode, record.account
        if isinstance(record, CashPosted) and record.posting.posting_id not in posted:
            posted.add(record.posting.posting_id)  # It counts once, however often it was reported.
            yield _posting(record.posting, row, mode, account)


def _posting(posting: CashPosting, row: Row, mode: Venue, account: str) -> Sequence[Cell]:
    return (
        *_when(posting.ts_ns),
        posting.ts_ns,
        mode.value,
        account,
        posting.kind.value,
        posting.symbol,
        posting.amount,
        "USD",
        posting.posting_id,
        posting.text,
        row.seq,
        row.hash.hex(),
    )


def _decision(record: Record) -> str:
    """Return how an order came to be, in one word; empty for other records."""
    match record:
        case OrderDecided():
            return "approved" if record.approved else "refused"
        case OrderHeld():
            return "held"
        case OrderAdopted():
            return "found"
    return ""


def _order(order: Order, row: Row, decision: str, mode: Venue) -> Sequence[Cell]:
    terms = order.terms
    return (
        *_when(order.ts_intent_ns),
        order.ts_intent_ns,
        order.ts_sent_ns or None,
        order.ts_ack_ns or None,
        order.ts_last_ns,
        mode.value,
        order.account,
        order.actor,
        order.origin.value,
        order.cl_ord_id,
        order.order_id,
        order.symbol,
        terms.side.name,
        order.order_qty,
        terms.ord_type.name,
        terms.limit_px,
        terms.time_in_force.name,
        order.ord_status.name,
        order.custody.value,
        order.cum_qty,
        order.avg_px,
        order.fees,
        "USD",
        decision,
        order.text,
        row.seq,
        row.hash.hex(),
    )


def _when(ts_ns: int) -> tuple[str, str, str, str]:
    """Return date, time to the millisecond, zone and ISO-8601 text, in New York."""
    moment = new_york(ts_ns)
    time = f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}"
    return f"{moment:%Y-%m-%d}", time, f"{moment:%Z}", new_york_text(ts_ns)


def _write_csv(path: Path, columns: Sequence[str], table: Iterator[Sequence[Cell]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for count, cells in enumerate(table, start=1):  # noqa: B007  Used after the loop.
            writer.writerow([_csv_cell(cell) for cell in cells])
        _flush(file.fileno(), file.flush)
    return count


def _write_json(path: Path, columns: Sequence[str], table: Iterator[Sequence[Cell]]) -> int:
    count = 0
    with path.open("wb") as file:
        file.write(b"[")
        for count, cells in enumerate(table, start=1):
            row = dict(zip(columns, map(_json_cell, cells), strict=True))
            file.write((b"," if count > 1 else b"") + b"\n" + msgspec.json.encode(row))
        file.write(b"\n]\n")
        _flush(file.fileno(), file.flush)
    return count


def _csv_cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return safe_text(cell)
    return plain(cell) if isinstance(cell, Decimal) else "" if cell is None else str(cell)


def _json_cell(cell: Cell) -> str | int | None:
    return plain(cell) if isinstance(cell, Decimal) else cell


def _flush(descriptor: int, flush: Callable[[], None]) -> None:
    flush()
    os.fsync(descriptor)


_TABLES: Final[dict[str, tuple[Sequence[str], Callable[[Path], Iterator[Sequence[Cell]]]]]] = {
    "trades": (TRADE_COLUMNS, _trades),
    "orders": (ORDER_COLUMNS, _orders),
    "cash": (CASH_COLUMNS, _cash),
}
