"""Goal: a tick file is played whole, or says in one sentence why not; no bad line is lost."""

from __future__ import annotations

import gzip
from datetime import date
from decimal import Decimal

import pytest

from app.brokers.builtin import BuiltinBroker
from app.clock import SimClock
from app.domain.enums import ExecType
from app.domain.errors import BadInput
from app.domain.ids import AccountID
from app.domain.market import Bar, Quote, Trade
from app.feeds.tickfile import FORMATS, LINES_MIN, open_ticks
from app.feeds.tickvalues import midnight_ns
from app.hub import Hub
from tests.conformance.broker import approve, new_order

T0 = 1_381_239_000
IBM = "market/IBM_20131008_0930_1000_ticks.csv.gz"
IBM_HEADER = (
    "ms_since_midnight_ny,kind,price,size,bid,bid_size,ask,ask_size,exchange,cond,suspicious\n"
)


@pytest.fixture
def file(tmp_path):
    def write(text, name="IBM.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def trades(count, bad=()):
    """Lines of a file of trades; `bad` are the numbers of lines without a price."""
    lines = [f"{T0 + n},{'' if n in bad else 5},1" for n in range(count)]
    return "\n".join(["time,price,size", *lines]) + "\n"


class TestIbmSample:
    def test_counts_and_times(self, shared_data):
        ticks = open_ticks(shared_data / IBM)
        assert (ticks.fmt, ticks.symbols) == ("ibm", ["IBM"])
        events = list(ticks)
        assert (ticks.trades, ticks.quotes, ticks.bad_count) == (3_950, 8_938, 0)
        assert ticks.lines == len(events) == 12_888
        day_ns = midnight_ns(date(2013, 10, 8))
        assert ticks.first_ts == ticks.start_ns == day_ns + 34_200_065 * 10**6
        assert ticks.last_ts == events[-1].ts_recv_ns
        assert all(isinstance(event, Trade | Quote) for event in events)

    def test_a_limit_buy_fills_when_the_tape_first_trades_there(self, shared_data):
        day_ns = midnight_ns(date(2013, 10, 8))
        clock, hub, reports = SimClock(), Hub(), []
        broker = BuiltinBroker(clock, hub, AccountID("paper"))
        broker.connect(reports.append)
        terms = new_order(limit="181.00", symbol="IBM")
        is_sent = False
        for event in open_ticks(shared_data / IBM):
            if not is_sent and event.ts_recv_ns >= day_ns + 34_500_000 * 10**6:
                clock.advance_to(day_ns + 34_500_000 * 10**6)
                with pytest.raises(StopIteration):
                    broker.submit(approve("a", terms)).send(None)
                is_sent = True
            clock.advance_to(event.ts_recv_ns)
            hub.publish(event)
        fills = [report for report in reports if report.exec_type is ExecType.TRADE]
        assert fills[0].ts_exch_ns == day_ns + 35_406_041 * 10**6
        assert {fill.last_px for fill in fills} == {Decimal("181.00")}
        assert sum(fill.last_qty for fill in fills) == 100


def test_the_name_tells_symbol_and_day_of_the_sample_layout(file):
    rows = IBM_HEADER + "34200000,T,5,1,,,,,Z,1,0\n"
    ticks = open_ticks(file(rows, "MSFT_20260601_x.csv"))
    assert ticks.symbols == ["MSFT"]
    assert ticks.start_ns == midnight_ns(date(2026, 6, 1)) + 34_200 * 10**9
    for name in ("ticks.csv", "IBM_2013.csv", "IBM_20131399_x.csv", "20131008_IBM.csv"):
        with pytest.raises(BadInput, match="SYMBOL_yyyymmdd"):
            open_ticks(file(rows, name))


@pytest.mark.parametrize("fmt", [None, "csv"])
def test_plain_trades(file, fmt):
    ticks = open_ticks(file(trades(3)), fmt)
    assert [type(event) for event in ticks] == [Trade] * 3
    assert (ticks.trades, ticks.lines, ticks.bad_count) == (3, 3, 0)
    assert (ticks.first_ts, ticks.last_ts) == (T0 * 10**9, (T0 + 2) * 10**9)


def test_each_reading_starts_anew(file):
    ticks = open_ticks(file(trades(300, bad={5})))
    assert list(ticks) == list(ticks)
    assert (ticks.trades, ticks.bad_count, len(ticks.bad)) == (299, 1, 1)


@pytest.mark.parametrize("name", ["IBM.csv.gz", "IBM.csv"])
def test_compressed(file, name):
    assert len(list(open_ticks(file(gzip.compress(trades(3).encode()), name)))) == 3


def test_blank_lines_and_a_mark_do_no_harm(file):
    text = "\ufeff" + trades(2).replace("\n", "\r\n\r\n")
    ticks = open_ticks(file(text))
    assert len(list(ticks)) == 2
    assert ticks.bad_count == 0


class TestSymbol:
    def test_from_the_argument_before_the_name(self, file):
        assert open_ticks(file(trades(1)), symbol="msft").symbols == ["MSFT"]

    @pytest.mark.parametrize("name", ["aapl_2026.csv", "AAPL.csv.gz", "aapl-trades.txt"])
    def test_from_the_letters_of_the_name(self, file, name):
        assert open_ticks(file(trades(1), name)).symbols == ["AAPL"]

    def test_from_a_column(self, file):
        lines = ["time,ticker,price,size", *(f"{T0},{s},5,1" for s in ("B", "a", "B"))]
        assert open_ticks(file("\n".join(lines))).symbols == ["B", "A"]

    def test_of_a_later_line_is_added_while_reading(self, file, monkeypatch):
        monkeypatch.setattr("app.feeds.tickfile.SAMPLE_CHARS", 1)
        monkeypatch.setattr("app.feeds.ticklines.CHUNK_BYTES", 64)
        lines = ["time,ticker,price,size", *(f"{T0},A,5,1" for _ in range(50)), f"{T0},B,5,1"]
        ticks = open_ticks(file("\n".join(lines)))
        assert ticks.symbols == ["A"]
        assert len(list(ticks)) == 51
        assert ticks.symbols == ["A", "B"]

    def test_from_nowhere(self, file):
        with pytest.raises(BadInput, match="neither a column symbol nor a name"):
            open_ticks(file(trades(1), "2026.csv"))

    def test_that_is_none(self, file):
        with pytest.raises(BadInput, match="is not a symbol"):
            open_ticks(file(trades(1)), symbol="=x")


class TestBars:
    @staticmethod
    def bars(times):
        return "\n".join(["time,open,high,low,close,volume", *(f"{t},5,6,4,5,100" for t in times)])

    @pytest.mark.parametrize(
        ("times", "interval_s"),
        [
            ([T0, T0 + 60, T0 + 120], 60),
            ([T0, T0 + 300, T0 + 600, T0 + 6_000, T0 + 6_300], 300),
            (["2013-10-04", "2013-10-07", "2013-10-08", "2013-10-09"], 86_400),
            ([T0], 60),
        ],
        ids=["minutes", "five minutes with a gap", "days over a weekend", "one bar"],
    )
    def test_interval_is_the_usual_distance(self, file, times, interval_s):
        events = list(open_ticks(file(self.bars(times))))
        assert {event.interval_ns for event in events} == {interval_s * 10**9}
        assert len(events) == len(times)

    def test_of_two_symbols_side_by_side(self, file):
        lines = [f"{T0 + 60 * n},{s},5,6,4,5" for n in range(3) for s in "AB"]
        ticks = open_ticks(file("\n".join(["time,sym,open,high,low,close", *lines])))
        assert {event.interval_ns for event in ticks} == {60 * 10**9}

    def test_among_prints_a_bar_comes_when_it_is_complete(self, file):
        lines = ["time,kind,price,size,open,high,low,close,volume"]
        bar, trade = "bar,,7,5,6,4,5,", "t,5,1,,,,,"
        rows = ((0, bar), (1, trade), (60, trade), (60, bar), (61, trade))
        lines += [f"{T0 + seconds},{row}" for seconds, row in rows]
        events = list(open_ticks(file("\n".join(lines))))
        assert [type(event) for event in events] == [Trade, Bar, Trade, Trade, Bar]
        times = [event.ts_recv_ns for event in events]
        assert times == sorted(times)
        ticks = open_ticks(file("\n".join(lines)))
        assert list(ticks)
        assert (ticks.trades, ticks.bars, ticks.last_ts) == (3, 2, times[-1])


class TestBadLines:
    def test_are_counted_and_named_as_an_editor_counts(self, file):
        ticks = open_ticks(file(trades(500, bad={0, 7})))
        assert len(list(ticks)) == 498
        assert ticks.bad_count == 2
        assert [bad.number for bad in ticks.bad] == [2, 9]
        assert "price" in ticks.bad[0].reason

    def test_the_first_are_kept_and_all_are_counted(self, file):
        ticks = open_ticks(file(trades(2_000, bad=set(range(1_900, 1_910)))), bad_lines_max=3)
        assert len(list(ticks)) == 1_990
        assert (ticks.bad_count, len(ticks.bad)) == (10, 3)

    def test_up_to_one_percent_are_borne(self, file):
        assert len(list(open_ticks(file(trades(300, bad={1, 2, 3}))))) == 297

    def test_more_in_a_short_file_end_it_when_it_is_known(self, file):
        ticks = open_ticks(file(trades(300, bad={1, 2, 3, 4})))
        seen = []
        with pytest.raises(BadInput, match=r"4 of 300 lines .* first is line 3: price"):
            seen.extend(ticks)
        assert ticks.trades == 296

    def test_more_in_a_long_file_end_it_at_once(self, file):
        bad = set(range(2_000, 2_500))
        ticks = open_ticks(file(trades(5_000, bad=bad)))
        with pytest.raises(BadInput, match="lines are bad"):
            list(ticks)
        assert LINES_MIN < ticks.lines < 2_050

    def test_lines_out_of_order_are_bad_lines(self, file):
        text = trades(200) + f"{T0},5,1\n"
        ticks = open_ticks(file(text))
        assert len(list(ticks)) == 200
        assert "out of order" in ticks.bad[0].reason

    def test_a_file_of_nothing_else_is_refused_at_once(self, file):
        with pytest.raises(BadInput, match="3 of 3 lines are bad"):
            open_ticks(file(trades(3, bad={0, 1, 2})))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("time,price,size\n", "no ticks after it"),
        ("hello\nworld\n", "no column of times"),
        ("time,colour\n1,2\n", "no columns of trades"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "is binary"),
        (gzip.compress(trades(50_000).encode())[:-8] + bytes(8), "is damaged"),
    ],
    ids=["empty", "blank", "header only", "text", "other table", "binary", "damaged"],
)
def test_what_is_no_tick_file_says_so_in_one_sentence(file, content, sentence):
    with pytest.raises(BadInput, match=sentence) as caught:
        list(open_ticks(file(content)))
    assert "\n" not in str(caught.value)
    assert "IBM.csv" in str(caught.value)


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.1])
def test_a_file_that_was_cut_plays_up_to_the_cut_and_says_so(file, kept):
    packed = gzip.compress(trades(50_000).encode())
    ticks = open_ticks(file(packed[: int(len(packed) * kept)]))
    played = list(ticks)
    assert 0.5 * kept * 50_000 < len(played) < 50_000
    assert played == list(open_ticks(file(trades(50_000), "IBM_whole.csv")))[: len(played)]
    assert [note for note in ticks.notes if "was cut off" in note] == ticks.notes[:1]
    assert ticks.find_end_ns() == played[-1].ts_recv_ns


@pytest.mark.parametrize("count", [1, 300, 3_000])
def test_the_end_is_found_without_playing(file, count):
    ticks = open_ticks(file(trades(count) + "\n\n"))
    assert ticks.find_end_ns() == (T0 + count - 1) * 10**9


def test_formats(file):
    with pytest.raises(BadInput, match="formats are ibm, csv"):
        open_ticks(file(trades(1)), "xls")
    with pytest.raises(BadInput, match='not the header of the format "ibm"'):
        open_ticks(file(trades(1)), "ibm")
    assert FORMATS == ("ibm", "csv")
    with pytest.raises(BadInput, match="cannot be read"):
        open_ticks(file(trades(1)).with_name("none.csv"))
