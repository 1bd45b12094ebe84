"""Goal: whatever the venue, a codec gives events or `Malformed`, and a feed keeps its contract."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.enums import FeedState
from app.domain.errors import Malformed
from app.domain.market import Bar, Depth, FeedStatus, MarketEvent, Quote, Trade
from app.domain.times import MINUTE_NS
from app.feeds.base import Codec, Feed

# One suite runs for several venues in one process.
_FUZZ = settings(suppress_health_check=[HealthCheck.differing_executors])
TS_RECV_NS = 1_700_000_000_000_000_000


class CodecConformance(ABC):
    """Supply a codec and some frames that it reads."""

    @abstractmethod
    def make(self) -> Codec: ...

    @abstractmethod
    def good_frames(self) -> Sequence[bytes]: ...

    def test_good_frames_give_events_with_both_time_stamps(self):
        codec = self.make()
        for frame in self.good_frames():
            events = codec.feed(frame, TS_RECV_NS)
            assert events
            for event in events:
                assert isinstance(event, MarketEvent)
                assert event.ts_recv_ns == TS_RECV_NS
                assert event.symbol

    def test_the_same_frame_gives_the_same_events(self):
        for frame in self.good_frames():
            assert self.make().feed(frame, 1) == self.make().feed(frame, 1)

    @_FUZZ
    @given(frame=st.binary(max_size=400))
    def test_any_bytes_give_events_or_malformed(self, frame):
        self._feed(frame)

    @_FUZZ
    @given(data=st.data())
    def test_damaged_frames_give_events_or_malformed(self, data):
        frame = bytearray(data.draw(st.sampled_from(list(self.good_frames()))))
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(frame) - 1))
            frame[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
            if not frame:
                break
        self._feed(bytes(frame))

    def test_what_is_malformed_says_where_from_and_what(self):
        with pytest.raises(Malformed) as caught:
            self.make().feed(b"\x00nonsense", TS_RECV_NS)
        assert caught.value.venue
        assert str(caught.value)

    def test_every_cut_of_a_frame_gives_events_or_malformed(self):
        frame = self.good_frames()[0]
        for end in range(len(frame)):
            self._feed(frame[:end])

    def _feed(self, frame: bytes) -> None:
        try:
            events: Sequence[MarketEvent] = self.make().feed(frame, TS_RECV_NS)
        except Malformed:
            return
        for event in events:
            assert isinstance(event, MarketEvent)
            _assert_plausible(event)


class FeedConformance(ABC):
    """Supply a feed; it must speak within a second of real time."""

    @abstractmethod
    def make(self) -> Feed: ...

    def test_it_names_itself_and_what_it_delivers(self):
        feed = self.make()
        assert feed.name
        symbols = [instrument.symbol for instrument in feed.instruments()]
        assert symbols
        assert len(set(symbols)) == len(symbols)

    def test_history_is_whole_and_oldest_first(self):
        feed = self.make()
        for instrument in feed.instruments():
            history = feed.history(instrument.symbol)
            if history is None:
                continue
            for rows in (history.minutes, history.days):
                starts = [row.start_ns for row in rows]
                assert starts == sorted(set(starts))
                for row in rows:
                    assert 0 < row.low <= min(row.open, row.close)
                    assert max(row.open, row.close) <= row.high
                    assert row.volume >= 0
            assert all(row.start_ns % MINUTE_NS == 0 for row in history.minutes)

    @pytest.mark.asyncio
    async def test_it_says_that_it_is_live_and_then_speaks_of_its_symbols(self):
        feed = self.make()
        seen: list[MarketEvent | FeedStatus] = []
        with pytest.raises(_Enough):
            await asyncio.wait_for(feed.run(_until_enough(seen)), 5)
        assert isinstance(seen[0], FeedStatus)
        assert seen[0].state is FeedState.LIVE
        listed = {instrument.symbol for instrument in feed.instruments()}
        events = [event for event in seen if not isinstance(event, FeedStatus)]
        assert events
        for event in events:
            assert event.symbol in listed
            _assert_plausible(event)


class _Enough(Exception):
    """Ends a feed that would go on."""


def _until_enough(seen):
    def publish(event):
        seen.append(event)
        if len(seen) >= 20:
            raise _Enough

    return publish


def _assert_plausible(event: MarketEvent) -> None:
    if isinstance(event, Trade):
        assert event.price > 0
        assert event.price.is_finite()
        assert event.size > 0
    elif isinstance(event, Quote):
        for price, size in ((event.bid, event.bid_size), (event.ask, event.ask_size)):
            assert price is None or (price > 0 and price.is_finite())
            assert size >= 0
    elif isinstance(event, Depth):
        for price, size in (*event.bids, *event.asks):
            assert price > 0
            assert size >= 0
    elif isinstance(event, Bar):
        assert 0 < event.low <= min(event.open, event.close)
        assert max(event.open, event.close) <= event.high
        assert event.volume >= 0
