"""Records keep what they were given: every type, any values, to canonical JSON and back."""

from __future__ import annotations

import contextlib
import enum
import json
import types
import typing
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.chain import Row
from app.audit.fold import Orders, fold
from app.audit.records import (
    SCHEMA_V,
    HoldTriggered,
    OrderDecided,
    Record,
    RunEnded,
    actor_of,
    cl_ord_id_of,
    decode,
    encode,
    kind_of,
    record_of,
    report_record,
)
from app.domain.enums import OrdStatus
from app.domain.errors import JournalUnreadable
from app.domain.ids import ClOrdID

TYPES = get_args(Record)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    float: st.just(0.5),
    date: st.dates(),
    type(None): st.none(),
}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Return any value of a type that may be a field of a record."""
    kind = getattr(kind, "__supertype__", kind)
    if kind is Any:  # A setting: what TOML has, without binary fractions.
        return st.text(max_size=9) | st.integers(0, 9) | st.booleans() | st.just(["IBM"])
    if kind in SCALARS:
        return SCALARS[kind]
    if typing.get_origin(kind) is typing.Annotated:
        _, bounds = get_args(kind)
        return st.integers(bounds.ge, bounds.le)
    if typing.get_origin(kind) is dict:
        key, value = get_args(kind)
        drawn = st.dictionaries(values_of(key), values_of(value), max_size=2)
        return drawn.map(lambda table: dict(sorted(table.items())))
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return st.one_of(*map(values_of, get_args(kind)))
    if typing.get_origin(kind) is tuple:
        first, rest = get_args(kind)
        if rest is not ...:
            return st.tuples(values_of(first), values_of(rest))
        return st.lists(values_of(first), max_size=3).map(tuple)
    if issubclass(kind, enum.Enum):
        return st.sampled_from(kind)
    fields = {field.name: values_of(field.type) for field in msgspec.structs.fields(kind)}
    return st.builds(kind, **fields)


def without_use(record: Any) -> Any:
    if not hasattr(record, "checks"):
        return record
    checks = tuple(msgspec.structs.replace(check, use=None) for check in record.checks)
    return msgspec.structs.replace(record, checks=checks)


@pytest.mark.parametrize("record_type", TYPES, ids=lambda record_type: record_type.__name__)
@given(data=st.data())
def test_record_round_trips(record_type: Any, data: st.DataObject) -> None:
    record = data.draw(values_of(record_type))
    body = encode(record)
    again = decode(body)
    assert again == without_use(record)
    assert encode(again) == body
    # Equal is not enough for money: 1.0 and 1.00 are, and were not written the same.
    assert repr(again) == repr(without_use(record))


@given(record=st.sampled_from(TYPES).flatmap(values_of))
def test_body_is_canonical(record: Any) -> None:
    def refuse(text: str) -> None:
        raise AssertionError(f"the body holds the binary fraction {text}")

    body = encode(record)
    tree = json.loads(body, parse_float=refuse, parse_constant=refuse)
    canonical = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert json.loads(canonical) == tree
    assert list(_keys(tree)) == list(_keys(json.loads(canonical)))
    assert " " not in _outside_of_texts(body)


def _keys(tree: Any) -> typing.Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield key
            yield from _keys(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _keys(value)


def _outside_of_texts(body: str) -> str:
    plain = body.replace("\\\\", "").replace('\\"', "")
    return "".join(plain.split('"')[::2])


def test_kinds_are_what_was_released(writing: Any) -> None:
    # Stored in every log: a kind may be added here, never renamed or removed.
    assert [kind_of(record) for record in writing.every_type()] == [
        "run_started",
        "feed_status",
        "order_decided",
        "order_sent",
        "execution_report",
        "execution_report",
        "cancel_requested",
        "cancel_reject",
        "order_decided",
        "send_lost",
        "user_action",
        "trading_state",
        "run_ended",
        "order_held",
        "hold_moved",
        "hold_triggered",
        "hold_ended",
        "amendment_decided",
        "amendment_ended",
        "order_missing",
        "order_adopted",
        "report_unreadable",
        "position_adjusted",
        "cash_posted",
        "shares_split",
        "day_started",
        "lots_picked",
        "lot_method",
        "limit_set",
        "limits_locked",
        "limit_breached",
        "equity_peak",
    ]
    assert {type(record) for record in writing.every_type()} == set(TYPES)


def test_sample_of_every_type_round_trips(writing: Any) -> None:
    for record in writing.every_type():
        assert decode(encode(record)) == without_use(record)


def test_body_of_the_first_release_is_still_read() -> None:
    body = (
        '{"account":"PTEST","approved":true,"checks":[{"limit":"10000","name":"order_qty",'
        '"passed":true,"text":"","use":0.01,"value":"100"}],"command":{"actor":"ada","cl_ord_id":'
        '"A1","order":{"limit_px":"181.00","ord_type":"2","order_qty":"100","side":"1","stop_px":'
        'null,"symbol":"IBM","time_in_force":"0"},"origin":"manual","ts_intent_ns":1},"kind":'
        '"order_decided","picture":{"ask":null,"ask_size":0,"bid":null,"bid_size":0,"equity":null,'
        '"feed_age_ns":null,"gross_exposure":null,"last_px":null,"position_qty":"0",'
        '"symbol_exposure":null,"trading_state":"active","ts_ns":2,"working_buy_qty":"0",'
        '"working_sell_qty":"0"}}'
    )
    record = decode(body)
    assert isinstance(record, OrderDecided)
    assert str(record.command.order.limit_px) == "181.00"


def test_day_of_the_first_release_is_still_folded(writing: Any) -> None:
    """Version 1 wrote every default out; what it wrote means what it meant."""
    fill = (
        '{"kind":"execution_report","report":{"cl_ord_id":"A1","exec_id":"X1","exec_type":"F",'
        '"fee":"0.0150","last_mkt":"XNYS","last_px":"180.995","last_qty":"40","liquidity":"2",'
        '"order_id":"B-A1","text":"","ts_exch_ns":5,"ts_recv_ns":6}}'
    )
    new = (
        '{"kind":"execution_report","report":{"cl_ord_id":"A1","exec_id":"","exec_type":"0",'
        '"fee":"0","last_mkt":"","last_px":"0","last_qty":"0","liquidity":"0","order_id":"B-A1",'
        '"text":"","ts_exch_ns":3,"ts_recv_ns":4}}'
    )
    late = (
        '{"kind":"cancel_reject","report":{"cl_ord_id":"A1","text":"too late","ts_exch_ns":7,'
        '"ts_recv_ns":8}}'
    )
    sent = '{"cl_ord_id":"A1","kind":"order_sent","ts_sent_ns":2}'
    asked = (
        '{"command":{"actor":"ada","cl_ord_id":"A1","origin":"manual","ts_intent_ns":6},'
        '"kind":"cancel_requested"}'
    )
    halted = '{"actor":"ada","kind":"trading_state","reason":"lunch","state":"halted"}'
    orders = Orders()
    for body in (encode(writing.decided("A1")), sent, new, fill, asked, late, halted):
        folded = fold(record_of(row_of(body, schema_v=1)), orders)
        assert folded.problem == ""
        if folded.order is not None:
            orders.put(folded.order)
    (order,) = orders
    assert (order.ord_status, order.cum_qty, order.text) == (
        OrdStatus.PARTIALLY_FILLED,
        40,
        "too late",
    )
    assert (order.ts_sent_ns, order.ts_ack_ns, order.fees) == (2, 4, Decimal("0.0150"))
    assert (order.cancel_requested, order.amendments, order.hold) == (False, (), None)


def test_every_record_says_its_order_and_its_actor(writing: Any) -> None:
    said = [(cl_ord_id_of(record), actor_of(record)) for record in writing.every_type()]
    assert said == [
        ("", "station"),
        ("", "station"),
        ("A1", "ada"),
        ("A1", "station"),
        ("A1", "broker"),
        ("A1", "broker"),
        ("A1", "ada"),
        ("A1", "broker"),
        ("A2", "ada"),
        ("A2", "station"),
        ("", "ada"),
        ("", "ada"),
        ("", "station"),
        ("A3", "ada"),
        ("A3", "station"),
        ("A3", "station"),
        ("A3", "station"),
        ("A1", "ada"),
        ("A1", "station"),
        ("A2", "station"),
        ("X7", "broker"),
        ("", "broker"),
        ("", "station"),
        ("", "broker"),
        ("", "broker"),
        ("", "station"),
        ("", "ada"),
        ("", "ada"),
        ("", "ada"),
        ("", "ada"),
        ("", "station"),
        ("", "station"),
    ]


def test_execution_made_up_here_is_the_stations_doing(writing: Any) -> None:
    told = writing.fill("A", "X").report
    made_up = report_record(msgspec.structs.replace(told, is_synthetic=True))
    assert actor_of(made_up) == "station"


def test_report_has_its_record(writing: Any) -> None:
    for record in (writing.fill("A", "X"), writing.cancel_rejected("A"), writing.lost("A")):
        assert report_record(record.report) == record
    (missing,) = (r for r in writing.every_type() if kind_of(r) == "order_missing")
    assert report_record(missing.report) == missing


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"kind":"run_ended"}',
        b'{"kind":"run_ended","reason":"\xff"}',
        b'{"kind":"run_ended","reason":"\\ud800"}',
        b'{"kind":"run_ended","reason":1}',
        b'{"kind":"dividend_paid","amount":"1"}',
        b'{"kind":"run_ended","reason":"","by":"timer"}',
        b'{"kind":"order_sent","cl_ord_id":"A","ts_sent_ns":1e400}',
        b'{"kind":"run_ended","reason":"","x":' + b"[" * 100_000,
    ],
    ids=lambda body: body.decode("latin-1")[:60],
)
def test_body_that_is_no_record_gives_a_sentence(body: bytes) -> None:
    with pytest.raises(JournalUnreadable, match=r"^a record cannot be read: .+; nothing was ch"):
        decode(body)


@given(st.binary(max_size=60))
def test_any_bytes_give_a_record_or_a_sentence(body: bytes) -> None:
    with contextlib.suppress(JournalUnreadable):
        decode(body)


def row_of(body: str, schema_v: int = SCHEMA_V) -> Row:
    return Row(7, 1, 2, b"r", b"k", b"", b"a", schema_v, body.encode(), b"", b"")


def test_row_gives_its_record() -> None:
    ended = RunEnded(reason="stopped")
    assert record_of(row_of(encode(ended))) == ended


def test_row_of_a_newer_version_is_refused_by_number() -> None:
    with pytest.raises(JournalUnreadable, match=r"^record 7 was written by a newer version"):
        record_of(row_of(encode(RunEnded(reason="")), SCHEMA_V + 1))


def test_row_that_is_no_record_is_named() -> None:
    with pytest.raises(JournalUnreadable, match=r"^record 7: a record cannot be read"):
        record_of(row_of('{"kind":"dividend_paid"}'))


def test_trigger_says_its_order_and_is_the_stations_doing() -> None:
    record = HoldTriggered(cl_ord_id=ClOrdID("A1"), ts_ns=1, px=Decimal("94.9"))
    said = (kind_of(record), cl_ord_id_of(record), actor_of(record))
    assert said == ("hold_triggered", "A1", "station")
    assert encode(record) == '{"cl_ord_id":"A1","kind":"hold_triggered","px":"94.9","ts_ns":1}'


def test_trigger_by_a_time_has_no_price() -> None:
    record = HoldTriggered(cl_ord_id=ClOrdID("A1"), ts_ns=1)
    assert decode('{"cl_ord_id":"A1","kind":"hold_triggered","ts_ns":1}') == record
