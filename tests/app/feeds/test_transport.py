"""Goal: what a person types is a moment of the recording or one sentence; back is by a new run."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.clock import SimClock
from app.domain.errors import BadInput
from app.domain.times import parse_iso_ns
from app.feeds.bookmarks import Bookmarks
from app.feeds.player import Player
from app.feeds.transport import Transport

START_NS = parse_iso_ns("2013-10-08T09:30")
NOON_NS = parse_iso_ns("2013-10-08T12:00")
END_NS = parse_iso_ns("2013-10-09T16:00")


@pytest.fixture
def transport(tmp_path: Path) -> Transport:
    clock = SimClock(START_NS)
    player = Player(clock, is_playing=False, end_ns=END_NS)
    clock.advance_to(NOON_NS)
    marks = Bookmarks(tmp_path / "bookmarks.json", name="IBM.csv", start_ns=START_NS)
    return Transport(player, marks, title="IBM.csv")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("10:15", "2013-10-08T10:15"),
        ("12:00:30", "2013-10-08T12:00:30"),
        ("2013-10-09 10:15", "2013-10-09T10:15"),
    ],
)
def test_a_time_is_of_the_day_that_is_played(transport: Transport, text: str, meant: str) -> None:
    ts_ns = transport.parse(text)
    assert ts_ns == parse_iso_ns(meant)
    assert transport.is_behind(ts_ns) is (ts_ns < NOON_NS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("soon", "'soon' is no time such as 10:15, 10:15:30 or 2013-10-08 10:15"),
        ("9:29", "before the recording"),
        ("2013-10-09 16:00:01", "after the recording"),
        ("x" * 500, "is no time"),
    ],
)
def test_what_is_no_moment_of_it_gets_one_sentence(
    transport: Transport, text: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        transport.parse(text)
    assert len(str(caught.value)) < 160


def test_back_is_by_a_new_run(transport: Transport) -> None:
    assert transport.again_ns is None
    with pytest.raises(BadInput, match="before the recording"):
        transport.begin_again(START_NS - 1)
    assert transport.again_ns is None
    transport.begin_again(START_NS + 1)
    assert transport.again_ns == START_NS + 1
    assert transport.player.now_ns == NOON_NS, "this run goes no other way"
