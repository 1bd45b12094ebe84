"""Goal: what the station received is on disk, and plays again to the same market.

Method: the real session on Qt's loop, recording from the start; the file goes into a market store
of its own, and through the verb.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from PySide6.QtWidgets import QApplication

from app.cli import tradedeck
from app.clock import SimClock
from app.config import load_config
from app.desk import Desk
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import Quote, Trade
from app.feeds.recording import open_recording
from app.hub import Hub
from app.market.store import MarketStore
from app.paths import Paths
from app.session import Plan
from tests.e2e.session import Station, until

EVENTS = 2_000


@pytest.fixture
def station(qapp: QApplication, paths: Paths) -> Station:
    return Station(qapp, paths)


def recording(plan: Plan) -> Plan:
    recorder = msgspec.structs.replace(plan.config.recorder, is_on=True)
    config = msgspec.structs.replace(plan.config, recorder=recorder)
    return msgspec.structs.replace(plan, config=config)


def files(paths: Paths) -> list[Path]:
    return sorted(paths.recordings_dir.glob("*.tdr"))


def test_recorded_market_plays_again_to_the_same_state(station: Station) -> None:
    seen: dict[Symbol, tuple[Quote | None, Trade | None]] = {}

    async def watch(desk: Desk) -> None:
        await until(lambda: desk.recording is not None and desk.recording.events > EVENTS)
        for instrument in desk.instruments:
            symbol = instrument.symbol
            seen[symbol] = desk.market.quote(symbol), desk.market.trade(symbol)

    station.run(watch, recording(station.plan()))
    (path,) = files(station.paths)
    opened = open_recording(path)
    hub, clock = Hub(), SimClock(opened.start_ns)
    store = MarketStore(hub=hub, clock=clock, limits=load_config().limits)
    ever: dict[Symbol, set[tuple[Quote | None, Trade | None]]] = {symbol: set() for symbol in seen}
    for event in opened:
        clock.advance_to(event.ts_recv_ns)
        hub.publish(event)
        for symbol in seen:
            ever[symbol].add((store.view.quote(symbol), store.view.trade(symbol)))
    assert opened.notes == []
    # What the window saw when it looked was the state of the store at that event.
    assert all(_plain(state) in ever[symbol] for symbol, state in seen.items())


def _plain(state: tuple[Quote | None, Trade | None]) -> tuple[Quote | None, Trade | None]:
    """Return the events without what their codec calls them."""
    quote, trade = state
    return (
        None if quote is None else Quote(**{n: getattr(quote, n) for n in Quote.__struct_fields__}),
        None if trade is None else Trade(**{n: getattr(trade, n) for n in Trade.__struct_fields__}),
    )


def test_recording_goes_on_and_off_from_the_desk(station: Station) -> None:
    async def toggle(desk: Desk) -> None:
        assert desk.recording is None
        desk.toggle_recording()
        await until(lambda: desk.recording is not None and desk.recording.events)
        desk.toggle_recording()
        assert desk.recording is None

    station.run(toggle)
    assert len(files(station.paths)) == 1


def test_verb_replays_a_recording_and_says_where_it_was_cut(station: Station) -> None:
    async def watch(desk: Desk) -> None:
        await until(lambda: desk.recording is not None and desk.recording.events > EVENTS)

    station.run(watch, recording(station.plan()))
    (path,) = files(station.paths)
    options = ["--json", "--data-dir", str(station.paths.data_dir)]
    whole = CliRunner().invoke(tradedeck, ["replay", str(path), *options])
    assert (whole.exit_code, whole.stderr) == (0, "")
    opened = open_recording(path)
    list(opened)
    report = msgspec.json.decode(whole.stdout)
    assert (report["quotes"], report["trades"]) == (opened.quotes, opened.trades)
    assert report["audit"]["verified"]
    path.write_bytes(path.read_bytes()[:-3])
    cut = CliRunner().invoke(tradedeck, ["replay", str(path), *options])
    assert cut.exit_code == 0
    assert "was cut off while it was written" in cut.stderr
    path.write_bytes(path.read_bytes()[:200] + b"\0\0\0\0" + path.read_bytes()[204:])
    damaged = CliRunner().invoke(tradedeck, ["replay", str(path), *options])
    assert damaged.exit_code == 2
    assert damaged.stderr.count("\n") == 1
    assert "is damaged at byte" in damaged.stderr


def test_replay_is_not_recorded(station: Station) -> None:
    async def refuse(desk: Desk) -> None:
        with pytest.raises(BadInput, match="a replay is not recorded"):
            desk.toggle_recording()

    station.run(refuse, msgspec.structs.replace(station.plan(), recordings=None))
