"""Goal: columns are known by their usual names, and what is not enough says so."""

from __future__ import annotations

import pytest

from app.feeds.tickheader import parse_header


@pytest.mark.parametrize(
    ("header", "kinds", "columns"),
    [
        ("time,price,size", ("trade",), {"time": 0, "price": 1, "size": 2}),
        ("Timestamp;Px;Qty", ("trade",), {"time": 0, "price": 1, "size": 2}),
        ("TS\tLast\tVolume\tTicker", ("trade",), {"time": 0, "price": 1, "size": 2, "symbol": 3}),
        ("date,time,sym,price,vol", ("trade",), {"date": 0, "time": 1, "symbol": 2}),
        ("date,timestamp,price,size", ("trade",), {"time": 1}),
        ("ts_ns,price,size", ("trade",), {"time": 0}),
        ("t,bp,bs,ap,as", ("quote",), {"bid": 1, "bid_size": 2, "ask": 3, "ask_size": 4}),
        ("datetime,Bid Price,Bid Size,askPrice,ask-size", ("quote",), {"bid": 1, "ask_size": 4}),
        ("time,bid,ask", ("quote",), {"bid": 1, "ask": 2}),
        ("Date,Open,High,Low,Close,Volume", ("bar",), {"date": 0, "close": 4, "size": 5}),
        ("Time,Open,High,Low,Last,Change,Volume", ("bar",), {"close": 4, "size": 6}),
        ("Date,Open,High,Low,Close,Adj Close,Volume", ("bar",), {"close": 4, "size": 6}),
        ("t,o,h,l,c,v", ("bar",), {"open": 1, "close": 4, "size": 5}),
        ('"time","price","size"', ("trade",), {"price": 1}),
        ("time,kind,price,size,bid,ask", ("trade", "quote"), {"kind": 1}),
        (
            "time,kind,price,size,bid,ask,open,high,low,close",
            ("trade", "quote", "bar"),
            {"close": 9},
        ),
    ],
)
def test_header(header, kinds, columns):
    layout = parse_header(header)
    assert layout.kinds == kinds
    assert layout.columns.items() >= columns.items()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("price,size", "no column of times"),
        ("time,colour", "no columns of trades"),
        ("time,price", "no columns of trades"),
        ("time,price,size,bid,ask", "no column kind"),
        ("2013-10-08,187.2,100", "no column of times"),
        ("hello", "no column of times"),
        ('"time,price', "no column of times|cannot be read"),
    ],
)
def test_no_header(header, reason):
    with pytest.raises(ValueError, match=reason):
        parse_header(header)


def test_unknown_columns_are_passed_over():
    assert "colour" not in parse_header("time,price,size,colour").columns
    assert parse_header("time,price,size,colour").width == 4
