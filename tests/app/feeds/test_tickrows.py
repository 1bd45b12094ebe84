"""Goal: a line becomes its event, or a reason; a line that fails changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.market import Bar, Quote, Trade
from app.feeds.tickheader import parse_header
from app.feeds.tickrows import CsvRows, IbmRows, in_order, parse_symbol, parse_traded

D = Decimal
MIDNIGHT_NS = 1_381_204_800 * 10**9
MS = 10**6


def ibm():
    return IbmRows("IBM", date(2013, 10, 8))


def rows(header, symbol="X", interval_ns=60 * 10**9):
    return CsvRows(parse_header(header), symbol, interval_ns)


def test_a_one_sided_quote_leaves_the_other_side_as_it_was():
    parser = ibm()
    first = parser.parse("34200065,Q,,,181.75,500,,0,K,1,0")
    assert (first.bid, first.bid_size, first.ask, first.ask_size) == (D("181.75"), 500, None, 0)
    second = parser.parse("34200065,Q,,,,0,182.05,100,K,1,0")
    assert (second.bid, second.bid_size, second.ask, second.ask_size) == (
        D("181.75"),
        500,
        D("182.05"),
        100,
    )
    assert second.ts_exch_ns == second.ts_recv_ns == MIDNIGHT_NS + 34_200_065 * MS


def test_a_print_of_the_sample():
    trade = ibm().parse("34203268,T,181.89,184,,,,,Z,1,0")
    assert trade == Trade(
        symbol="IBM",
        price=D("181.89"),
        size=184,
        ts_exch_ns=MIDNIGHT_NS + 34_203_268 * MS,
        ts_recv_ns=MIDNIGHT_NS + 34_203_268 * MS,
        exchange="Z",
        conditions="1",
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("34203268,T,181.89,184", "4 columns where 11"),
        ("x,T,181.89,184,,,,,Z,1,0", "milliseconds"),
        ("-5,T,181.89,184,,,,,Z,1,0", "milliseconds"),
        ("86400000,T,181.89,184,,,,,Z,1,0", "past the end of the day"),
        ("34203268,X,181.89,184,,,,,Z,1,0", "neither T nor Q"),
        ("34203268,T,NaN,184,,,,,Z,1,0", "price"),
        ("34203268,T,-1,184,,,,,Z,1,0", "price"),
        ("34203268,T,,184,,,,,Z,1,0", "price"),
        ("34203268,T,1,0,,,,,Z,1,0", "no shares"),
        ("34203268,T,1,-5,,,,,Z,1,0", "size"),
        ("34203268,T,1,1.5,,,,,Z,1,0", "size"),
        ("34203268,Q,,,,0,,0,Z,1,0", "neither bid nor ask"),
        ("34203268,Q,,,1.0,x,,0,Z,1,0", "size"),
        ("34199999,T,1,5,,,,,Z,1,0", "out of order: 0.001 s"),
        ("34199999,Q,,,1,5,,,Z,1,0", "out of order"),
    ],
)
def test_bad_lines_of_the_sample_change_nothing(line, reason):
    parser = ibm()
    parser.parse("34200000,Q,,,181.75,500,,0,K,1,0")
    with pytest.raises(ValueError, match=reason):
        parser.parse(line)
    after = parser.parse("34200000,Q,,,,0,182.05,100,K,1,0")
    assert (after.bid, after.bid_size, after.ask) == (D("181.75"), 500, D("182.05"))


def test_csv_trade():
    parser = rows("time,symbol,price,qty,exchange,cond", symbol=None)
    trade = parser.parse("2013-10-08T09:30:00.5,ibm,181.89,100,N,@")
    assert isinstance(trade, Trade)
    assert (trade.symbol, trade.price, trade.size) == ("IBM", D("181.89"), 100)
    assert (trade.exchange, trade.conditions) == ("N", "@")
    assert trade.ts_exch_ns == MIDNIGHT_NS + 34_200_500 * MS


@pytest.mark.parametrize(
    ("line", "sides"),
    [
        ("1381239000,10.00,5,10.02,7", (D("10.00"), 5, D("10.02"), 7)),
        ("1381239000,,,10.02,7", (None, 0, D("10.02"), 7)),
        ("1381239000,10.00,5,0,7", (D("10.00"), 5, None, 0)),
        ("1381239000,0,0,0,0", (None, 0, None, 0)),
    ],
    ids=["both", "blank bid", "zero ask", "empty book"],
)
def test_csv_quote(line, sides):
    quote = rows("ts,bid,bid_size,ask,ask_size").parse(line)
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.bid_size, quote.ask, quote.ask_size) == sides


def test_csv_bar_is_known_at_its_end():
    bar = rows("ts,open,high,low,close,volume").parse("1381239000,10,12,9,11,500")
    assert isinstance(bar, Bar)
    assert (bar.open, bar.high, bar.low, bar.close, bar.volume) == (10, 12, 9, 11, 500)
    assert bar.ts_recv_ns - bar.start_ns == 60 * 10**9


def test_bars_without_volume_have_none():
    assert rows("ts,open,high,low,close").parse("1381239000,10,12,9,11").volume == 0


def test_mixed_lines_go_by_their_kind():
    parser = rows("time,kind,price,size,bid,ask,open,high,low,close")
    kinds = [
        type(parser.parse(line))
        for line in (
            "1381239000,T,5,1,,,,,,",
            "1381239001,Quote,,,5,6,,,,",
            "1381239002,bar,,7,,,1,2,1,2",
        )
    ]
    assert kinds == [Trade, Quote, Bar]


def test_date_and_time_columns_are_one_time():
    trade = rows("date,time,price,size").parse("10/8/2013,9:30,5,1")
    assert trade.ts_exch_ns == MIDNIGHT_NS + 34_200_000 * MS


def test_quoted_fields():
    trade = rows("time;symbol;price;size", symbol=None).parse('"2013-10-08 09:30";"IBM";"5";"1"')
    assert trade.symbol == "IBM"


@pytest.mark.parametrize(
    ("header", "line", "reason"),
    [
        ("time,price,size", "1381239000,5", "2 columns where the header has 3"),
        ("time,price,size", "1381239000,5,1,9", "4 columns where the header has 3"),
        ("time,price,size", '1381239000,"5,1', "quoting is broken|columns"),
        ("time,price,size", "1381239000,-5,1", "price"),
        ("time,price,size", "1381239000,inf,1", "price"),
        ("time,price,size", "1381239000,5,-1", "size"),
        ("time,price,size", "1381239000,5,0", "no shares"),
        ("time,price,size", "1381239000,5,1.5", "size"),
        ("time,price,size", "later,5,1", "time"),
        ("time,bid,ask", "1381239000,,", "neither bid nor ask"),
        ("time,bid,ask", "1381239000,-1,5", "price"),
        ("time,open,high,low,close", "1381239000,10,9,8,9", "not both between"),
        ("time,open,high,low,close", "1381239000,10,11,9,12", "not both between"),
        ("time,kind,price,size,bid,ask", "1381239000,what,5,1,,", "none of trade, quote"),
        ("time,kind,price,size,bid,ask", "1381239000,bar,5,1,,", "none of trade, quote"),
    ],
)
def test_bad_lines_of_csv(header, line, reason):
    with pytest.raises(ValueError, match=reason):
        rows(header).parse(line)


def test_csv_order_of_time():
    parser = rows("time,price,size")
    parser.parse("1381239000,5,1")
    parser.parse("1381239000,6,1")
    with pytest.raises(ValueError, match=r"out of order: 1.000 s"):
        parser.parse("1381238999,5,1")
    parser.parse("1381239000,7,1")
    with pytest.raises(ValueError, match="price"):
        parser.parse("1381240000,bad,1")
    parser.parse("1381239001,8,1")


@pytest.mark.parametrize(
    ("text", "symbol"), [("ibm", "IBM"), (" brk.b ", "BRK.B"), ("BF-A", "BF-A"), ("^GSPC", "^GSPC")]
)
def test_symbol(text, symbol):
    assert parse_symbol(text) == symbol


@pytest.mark.parametrize("text", ["", " ", "a b", "=1+1", "ÄÖ", "X" * 17, "a;b", "\u200bA"])
def test_no_symbol(text):
    with pytest.raises(ValueError, match="symbol"):
        parse_symbol(text)


def test_small_rules():
    assert parse_traded("5") == 5
    assert in_order(5, 5) == 5


HEADERS = ("time,symbol,price,size", "ts;bid;bs;ask;as", "date\to\th\tl\tc\tv")


@pytest.mark.parametrize("header", HEADERS)
@given(line=st.text(max_size=60) | st.lists(st.text(max_size=12), max_size=7).map(",".join))
def test_any_line_is_an_event_or_a_reason(header, line):
    for parser in (rows(header), ibm()):
        try:
            event = parser.parse(line)
        except ValueError:
            continue
        assert isinstance(event, Trade | Quote | Bar)
