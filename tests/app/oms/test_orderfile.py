"""Show that an orders file gives exactly its orders, or one sentence that says which line is wrong.

Method: files of a few lines, whole ones and each fault by itself.
"""

import json
from decimal import Decimal

import pytest

from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.errors import BadInput
from app.domain.terms import NewOrder
from app.oms import orderfile
from app.oms.orderfile import ScheduledOrder, read_orders

LINE = {
    "at": "2013-10-08T09:35:00-04:00",
    "symbol": "IBM",
    "side": "buy",
    "qty": "100",
    "type": "limit",
    "limit": "181.00",
    "tif": "day",
}
AT_NS = 1_381_239_300_000_000_000


@pytest.fixture
def read(tmp_path):
    def write_and_read(*lines):
        path = tmp_path / "orders.jsonl"
        text = "\n".join(json.dumps(one) if isinstance(one, dict) else one for one in lines)
        path.write_text(text, encoding="utf-8")
        return read_orders(path)

    return write_and_read


def test_line_gives_its_order(read):
    assert read(LINE) == (
        ScheduledOrder(
            at_ns=AT_NS,
            order=NewOrder(
                symbol="IBM",
                side=Side.BUY,
                order_qty=Decimal(100),
                ord_type=OrdType.LIMIT,
                time_in_force=TimeInForce.DAY,
                limit_px=Decimal("181.00"),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"side": "sell"}, "side", Side.SELL),
        ({"type": "market", "limit": None}, "ord_type", OrdType.MARKET),
        ({"tif": "gtc"}, "time_in_force", TimeInForce.GTC),
        ({"tif": "ioc"}, "time_in_force", TimeInForce.IOC),
        ({"tif": "fok"}, "time_in_force", TimeInForce.FOK),
        ({"qty": 100.5}, "order_qty", Decimal("100.5")),
        ({"limit": "0.0001"}, "limit_px", Decimal("0.0001")),
    ],
)
def test_every_term_is_read(read, changes, field, expected):
    assert getattr(read({**LINE, **changes})[0].order, field) == expected


def test_time_in_force_is_of_the_day_unless_it_says_otherwise(read):
    line = {name: value for name, value in LINE.items() if name != "tif"}
    assert read(line)[0].order.time_in_force is TimeInForce.DAY


def test_time_without_an_offset_is_of_new_york(read):
    assert read({**LINE, "at": "2013-10-08 09:35"})[0].at_ns == AT_NS


def test_orders_come_by_time_and_those_of_one_time_in_their_order(read):
    later = {**LINE, "at": "2013-10-08T09:36:00-04:00"}
    orders = read(
        {**later, "qty": "1"}, {**LINE, "qty": "2"}, {**later, "qty": "3"}, {**LINE, "qty": "4"}
    )
    assert [scheduled.order.order_qty for scheduled in orders] == [2, 4, 1, 3]


def test_empty_lines_and_a_byte_order_mark_are_passed_over(read):
    assert len(read("\ufeff" + json.dumps(LINE), "", "   ", LINE, "")) == 2
    assert read("") == ()


def test_windows_line_ends_are_line_ends(tmp_path):
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b"\r\n".join([json.dumps(LINE).encode()] * 2))
    assert len(read_orders(path)) == 2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"at": "noon"}, "noon", id="time"),
        pytest.param({"at": "9999-12-31T23:59"}, "out of range", id="time beyond the calendar"),
        pytest.param({"symbol": ""}, "length", id="no symbol"),
        pytest.param({"symbol": "X" * 33}, "length", id="long symbol"),
        pytest.param({"side": "short"}, "short", id="side"),
        pytest.param({"qty": "many"}, "qty", id="quantity"),
        pytest.param({"qty": None}, "qty", id="no quantity"),
        pytest.param({"type": "stop"}, "stop", id="type"),
        pytest.param({"tif": "week"}, "week", id="time in force"),
        pytest.param({"limit": None}, "a limit order with limit None", id="limit without limit"),
        pytest.param(
            {"type": "market"}, "a market order with limit 181.00", id="market with limit"
        ),
        pytest.param({"stop": "5"}, "stop", id="unknown key"),
    ],
)
def test_faulty_line_is_refused_with_its_number_and_nothing_is_sent(read, changes, reason):
    with pytest.raises(BadInput, match=r"line 3: ") as refused:
        read(LINE, "", {**LINE, **changes}, LINE)
    assert reason in str(refused.value)
    assert "nothing was replayed" in str(refused.value)


@pytest.mark.parametrize("line", ["{", "[]", "5", '{"at": "\\ud800"}', "at,symbol"])
def test_line_that_is_no_order_at_all_is_refused(read, line):
    with pytest.raises(BadInput, match="line 2: "):
        read(LINE, line)


def test_missing_key_is_named(read):
    line = {name: value for name, value in LINE.items() if name != "qty"}
    with pytest.raises(BadInput, match="qty"):
        read(line)


def test_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadInput, match=r"absent\.jsonl: .*nothing was replayed"):
        read_orders(tmp_path / "absent.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="nothing was replayed"):
        read_orders(tmp_path / "binary")


def test_file_of_more_orders_than_allowed_is_refused(read, monkeypatch):
    monkeypatch.setattr(orderfile, "ORDERS_MAX", 2)
    assert len(read(LINE, LINE)) == 2
    with pytest.raises(BadInput, match="3 lines, limit 2"):
        read(LINE, LINE, LINE)
