"""Show that a recording gives back what was recorded, digit for digit, or says why it does not.

Method: drawn events packed and read again; files that are cut at every byte, and damaged at every
byte.
"""

from __future__ import annotations

import zlib
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import FeedState
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import Bar, FeedStatus, Quote, SymbolStatus, Trade
from app.feeds import recording
from app.feeds.builtin import BuiltinCodec
from app.feeds.recording import (
    FRAME,
    FRAME_MAX,
    MAGIC,
    Chunk,
    ChunkPacker,
    Head,
    Recorded,
    Recording,
    frame,
    is_recording,
    open_recording,
)
from tests.samples import IBM, NOW_NS, bar, quote, trade

HEAD = Head(version=1, feed="builtin", started_ns=NOW_NS, program="0.1")
LIVE = FeedStatus(feed="builtin", state=FeedState.LIVE, text="live", ts_recv_ns=NOW_NS)
HALT = SymbolStatus(symbol=IBM, halt="news pending", ts_exch_ns=NOW_NS, ts_recv_ns=NOW_NS)
NAMES = ("IBM", "MSFT", "BRK.B")


def written(path: Path, *chunks: list[Recorded], lost: int = 0) -> Path:
    packer = ChunkPacker()
    frames = [packer.pack(events, lost) for events in chunks]
    path.write_bytes(MAGIC + frame(HEAD) + b"".join(frames))
    return path


def later(event: Recorded, ns: int) -> Recorded:
    return msgspec.structs.replace(event, ts_recv_ns=event.ts_recv_ns + ns)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "day.tdr"


PRICES = st.one_of(
    st.decimals(Decimal("-1e12"), Decimal("1e12"), allow_nan=False),
    st.sampled_from([Decimal(t) for t in ("0", "-0", "0.00", "1E+5", "1e-30", "1e30", "0.0001")]),
    st.integers(-(10**40), 10**40).map(Decimal),
)
TIMES = st.integers(0, 2**62)
WORDS = st.text(max_size=6)
SYMBOLS = st.sampled_from(NAMES).map(Symbol)
SIZES = st.integers(0, 2**53)
EVENTS = st.one_of(
    st.builds(
        Quote,
        symbol=SYMBOLS,
        bid=st.none() | PRICES,
        bid_size=SIZES,
        ask=st.none() | PRICES,
        ask_size=SIZES,
        ts_exch_ns=TIMES,
        ts_recv_ns=TIMES,
    ),
    st.builds(
        Trade,
        symbol=SYMBOLS,
        price=PRICES,
        size=SIZES,
        exchange=WORDS,
        conditions=WORDS,
        ts_exch_ns=TIMES,
        ts_recv_ns=TIMES,
    ),
    st.builds(
        Bar,
        symbol=SYMBOLS,
        start_ns=TIMES,
        interval_ns=TIMES,
        open=PRICES,
        high=PRICES,
        low=PRICES,
        close=PRICES,
        volume=SIZES,
        ts_recv_ns=TIMES,
    ),
    st.builds(
        SymbolStatus,
        symbol=SYMBOLS,
        halt=WORDS,
        is_short_restricted=st.booleans(),
        ts_exch_ns=TIMES,
        ts_recv_ns=TIMES,
    ),
    st.builds(
        FeedStatus, feed=WORDS, state=st.sampled_from(FeedState), text=WORDS, ts_recv_ns=TIMES
    ),
)


@given(st.lists(EVENTS, min_size=1, max_size=40), st.data())
def test_what_was_recorded_comes_back_digit_for_digit(
    tmp_path_factory: pytest.TempPathFactory, events: list[Recorded], data: st.DataObject
) -> None:
    events = sorted(events, key=lambda event: event.ts_recv_ns)
    cut = data.draw(st.integers(0, len(events)))
    chunks = [part for part in (events[:cut], events[cut:]) if part]
    path = written(tmp_path_factory.mktemp("recordings") / "a.tdr", *chunks)
    opened = open_recording(path)
    found = list(opened)
    assert found == events
    # Equal prices may differ in their digits: 1.0 and 1.00.
    assert repr(found) == repr(events)
    assert opened.notes == []


def test_event_of_a_codec_comes_back_as_the_event_itself(path: Path) -> None:
    texts = (
        b'{"T":"q","S":"IBM","bp":187.20,"bs":300,"ap":187.23,"as":200,"t":5}',
        b'{"T":"t","S":"IBM","p":187.230,"s":100,"x":"Q","c":"@","t":6}',
    )
    quoted, printed = BuiltinCodec().feed(b"[" + b",".join(texts) + b"]", 7)
    one_sided = msgspec.structs.replace(quoted, bid=Decimal("NaN"))
    found = list(open_recording(written(path, [quoted, printed, one_sided])))
    assert [type(event) for event in found] == [Quote, Trade, Quote]
    assert (str(found[0].bid), str(found[1].price)) == ("187.20", "187.230")
    assert found[2].bid.is_nan()


def test_recording_says_what_is_in_it(path: Path) -> None:
    msft = Symbol("MSFT")
    events = [LIVE, quote(), later(trade(), 1), later(bar(), 2), later(quote(symbol=msft), 3), HALT]
    events.sort(key=lambda event: event.ts_recv_ns)
    opened = open_recording(written(path, events))
    assert (opened.start_ns, opened.head, opened.fmt) == (events[0].ts_recv_ns, HEAD, "recording")
    assert (opened.quotes, opened.symbols) == (0, [IBM, msft])
    list(opened)
    list(opened)  # Each reading counts anew.
    assert (opened.quotes, opened.trades, opened.bars) == (2, 1, 1)
    assert (opened.first_ts, opened.last_ts) == (events[0].ts_recv_ns, events[-1].ts_recv_ns)
    assert opened.symbols == [IBM, msft]


def test_time_that_was_set_back_stands_still_instead(path: Path) -> None:
    opened = open_recording(written(path, [quote(ts_recv_ns=9)], [quote(ts_recv_ns=5), LIVE]))
    assert [event.ts_recv_ns for event in opened] == [9, 9, NOW_NS]


def test_lost_events_are_counted_and_said(path: Path) -> None:
    opened = open_recording(written(path, [quote()], [quote()], lost=3))
    assert len(list(opened)) == 2
    assert opened.lost == 6
    assert opened.notes == ["day.tdr lacks 6 events that came faster than they could be written"]


def test_chunk_of_nothing_but_a_gap_is_read(path: Path) -> None:
    opened = open_recording(written(path, [quote()], [], lost=2))
    assert len(list(opened)) == 1
    assert opened.lost == 4


class TestCut:
    """A recording that was cut plays up to the cut."""

    def test_it_plays_up_to_the_last_whole_chunk_wherever_it_is_cut(self, path: Path) -> None:
        chunks = [[quote(), trade()], [later(quote(), 1)], [later(trade(), 2)]]
        whole = written(path, *chunks).read_bytes()
        ends = _ends(whole)
        for length in range(ends[1], len(whole)):
            path.write_bytes(whole[:length])
            opened = open_recording(path)
            count = sum(1 for end in ends[1:] if end <= length)
            played = [event for chunk in chunks[:count] for event in chunk]
            assert list(opened) == played
            assert opened.find_end_ns() == played[-1].ts_recv_ns
            missing = length - max(end for end in ends if end <= length)
            assert (opened.notes != []) is bool(missing)
            if missing:
                assert f"its last {missing} bytes are no whole chunk" in opened.notes[0]

    @pytest.mark.parametrize(
        ("keep", "words"),
        [(0, "is no recording"), (5, "is no recording"), (8, "cut off before its first chunk")],
    )
    def test_without_a_head_there_is_nothing_to_play(
        self, path: Path, keep: int, words: str
    ) -> None:
        path.write_bytes(written(path, [quote()]).read_bytes()[:keep])
        with pytest.raises(BadInput, match=words):
            open_recording(path)

    def test_with_nothing_but_a_head_there_is_nothing_to_play(self, path: Path) -> None:
        path.write_bytes(MAGIC + frame(HEAD))
        with pytest.raises(BadInput, match=r"day\.tdr: holds no events; nothing was replayed"):
            open_recording(path)


class TestDamage:
    """What is not what was written is refused in one sentence."""

    def test_flipped_bit_is_found_wherever_it_is(self, path: Path) -> None:
        whole = written(path, [quote(), trade()], [later(quote(), 1)]).read_bytes()
        events = list(open_recording(path))
        for place in range(len(whole)):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
            try:
                opened = open_recording(path)
            except BadInput:
                continue
            # A length that points beyond the end looks like a cut: what is before it is right.
            assert opened.notes
            assert list(opened) == events[: len(list(opened))]

    def test_checksum_names_the_place(self, path: Path) -> None:
        whole = bytearray(written(path, [quote()]).read_bytes())
        whole[-1] ^= 1
        path.write_bytes(whole)
        with pytest.raises(BadInput, match=r"damaged at byte \d+: the checksum differs; the repl"):
            open_recording(path)

    def test_length_beyond_all_measure_is_no_length(self, path: Path) -> None:
        path.write_bytes(MAGIC + frame(HEAD) + FRAME.pack(FRAME_MAX + 1, 0) + b"x")
        with pytest.raises(BadInput, match="a chunk of 67,108,865 bytes, at most are 67,108,864"):
            open_recording(path)

    def test_small_file_does_not_fill_the_memory(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(recording, "BODY_MAX", 10_000)
        body = zlib.compress(b"\0" * 20_000)
        path.write_bytes(MAGIC + FRAME.pack(len(body), zlib.crc32(body)) + body)
        with pytest.raises(BadInput, match="unpacks to more than 10,000 bytes"):
            open_recording(path)

    @pytest.mark.parametrize(
        "changes",
        [
            {"kinds": b"\0\0"},
            {"kinds": b"\1"},
            {"kinds": b"\2"},
            {"names": b"\7\0\0\0"},
            {"names": b"\7"},
            {"quotes": []},
            {"quotes": [b""] * 6},
            {"trades": [b"\0" * 8, b"\0", b"\0" * 8, b"\0" * 4, b"\0" * 4]},
            {"others": [b"\xc1"]},
            {"kinds": b"\2", "quotes": [b""] * 6, "others": [msgspec.msgpack.encode(("x", {}))]},
            {"kinds": b"\2", "quotes": [b""] * 6, "others": [msgspec.msgpack.encode(("bar", {}))]},
            {"first": 3},
            {"words": []},
        ],
        ids=str,
    )
    def test_columns_that_do_not_fit_are_refused(
        self, path: Path, changes: dict[str, object]
    ) -> None:
        """The checksum is right: whoever wrote it wrote it wrong."""
        packed = ChunkPacker().pack([quote()])
        chunk = msgspec.msgpack.decode(zlib.decompress(packed[FRAME.size :]), type=Chunk)
        path.write_bytes(MAGIC + frame(HEAD) + frame(msgspec.structs.replace(chunk, **changes)))
        with pytest.raises(BadInput, match="damaged at byte"):
            list(open_recording(path))

    def test_trade_without_a_price_is_refused(self, path: Path) -> None:
        packed = ChunkPacker().pack([trade()])
        chunk = msgspec.msgpack.decode(zlib.decompress(packed[FRAME.size :]), type=Chunk)
        no_price = [chunk.trades[0], b"\x80", *chunk.trades[2:]]
        path.write_bytes(
            MAGIC + frame(HEAD) + frame(msgspec.structs.replace(chunk, trades=no_price))
        )
        with pytest.raises(BadInput, match="a trade without a price"):
            list(open_recording(path))

    def test_later_version_is_refused(self, path: Path) -> None:
        newer = msgspec.structs.replace(HEAD, version=2)
        path.write_bytes(MAGIC + frame(newer) + ChunkPacker().pack([quote()]))
        with pytest.raises(BadInput, match="is of version 2, this program reads up to 1"):
            open_recording(path)


def test_file_that_is_not_there_is_said(path: Path) -> None:
    assert not is_recording(path)
    with pytest.raises(BadInput, match="cannot be read: No such file or directory"):
        open_recording(path)


def test_recording_is_known_by_its_beginning(path: Path) -> None:
    assert is_recording(written(path, [quote()]))
    path.write_text("symbol,price\n")
    assert not is_recording(path)


def _ends(whole: bytes) -> list[int]:
    """Return where each frame of a file ends; the head's first."""
    ends, place = [], len(MAGIC)
    while place < len(whole):
        length, _ = FRAME.unpack_from(whole, place)
        place += FRAME.size + length
        ends.append(place)
    return ends


def test_recording_is_smaller_than_text(path: Path) -> None:
    """A quote of a quiet market takes a few bytes."""
    events = [
        quote(Decimal(9_999 + n % 5) / 100, Decimal(10_001 + n % 5) / 100, ts_recv_ns=NOW_NS + n)
        for n in range(10_000)
    ]
    assert written(path, events).stat().st_size < 15 * len(events)
    assert isinstance(open_recording(path), Recording)
