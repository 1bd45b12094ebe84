"""Goal: the whole desk stands on replayed time: a person plays, trades, jumps and begins again, and
nothing on the screen is of a later moment.

Method: the real window and session on Qt's loop, on tick files and recordings written here; real
keys and clicks. What is later is looked for in everything the desk shows and the panels hold.
"""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel

from app.audit.reader import read_records
from app.audit.records import RunStarted
from app.audit.verify import verify
from app.config import Config, load_config
from app.desk import Desk, Transport
from app.domain.enums import FeedState, OrdStatus, OrdType, Side, Venue
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import Quote, Trade
from app.domain.orders import Order
from app.domain.terms import NewOrder
from app.domain.times import MINUTE_NS, SECOND_NS, new_york, parse_iso_ns
from app.feeds.recording import MAGIC, VERSION, ChunkPacker, Head, Recorded, frame
from app.feeds.sources import open_source
from app.paths import Paths
from app.replay import ReplayRuns, title_of
from app.tasks import spawn
from tests.loose import loose
from widgets.dialogs import Confirmation
from widgets.main_window import MainWindow
from widgets.qtloop import QtLoop
from widgets.theme import apply_theme

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
IBM = Symbol("IBM")
START_NS = parse_iso_ns("2013-10-08T09:30")
COUNT = 3_600
"""Pairs of a quote and a trade, a pair a second: an hour."""
ON_ITS_WAY = (OrdStatus.PENDING_NEW, OrdStatus.NEW)
"""NEW where a comparison with the broker, which has it, came before the answer."""
TIME_OF_DAY = re.compile(r"\b\d\d:\d\d:\d\d(?:\.\d+)?")
Scenario = Callable[[MainWindow, Desk], Awaitable[None]]


def price(number: int) -> Decimal:
    return Decimal(18_000 + (number * 7) % 90 + number // 60) / 100


def events(count: int = COUNT) -> Iterator[Recorded]:
    for number in range(count):
        ts_ns, px = START_NS + number * SECOND_NS, price(number)
        yield Quote(
            symbol=IBM,
            bid=px - Decimal("0.01"),
            bid_size=900,
            ask=px + Decimal("0.01"),
            ask_size=900,
            ts_exch_ns=ts_ns,
            ts_recv_ns=ts_ns,
        )
        yield Trade(symbol=IBM, price=px, size=400, ts_exch_ns=ts_ns, ts_recv_ns=ts_ns + 1_000_000)


def recorded(path: Path, count: int = COUNT) -> Path:
    packer, pending = ChunkPacker(), list(events(count))
    head = Head(version=VERSION, feed="test", started_ns=START_NS, program="test")
    chunks = [packer.pack(pending[n : n + 500], 0) for n in range(0, len(pending), 500)]
    path.write_bytes(MAGIC + frame(head) + b"".join(chunks))
    return path


def written(path: Path, count: int = COUNT) -> Path:
    lines = ["time,price,size"]
    lines += [f"{START_NS // SECOND_NS + n},{price(n)},400" for n in range(count)]
    path.write_text("\n".join(lines) + "\n")
    return path


class Room:
    """A place to replay in, as `tradedeck replay FILE --window` makes one."""

    def __init__(self, app: QApplication, paths: Paths) -> None:
        self._app = app
        self.paths = paths
        self.windows = 0

    def play(self, file: Path, *scenarios: Scenario, speed: float | None = 1.0) -> None:
        """Play a scenario in each run that follows the other."""
        ticks = open_source(file)
        runs = ReplayRuns(ticks, speed=speed, paths=self.paths, config=config())
        for number, scenario in enumerate(scenarios):
            window = MainWindow(
                layout_path=self.paths.replay_layout,
                venue=Venue.REPLAY,
                venue_title=title_of(ticks),
            )
            window.show()
            self.windows += 1
            try:
                with QtLoop(self._app) as loop:
                    loop.run_until_complete(self._run(window, runs, scenario))
            finally:
                window.deleteLater()
            assert runs.is_again_wanted() is (number < len(scenarios) - 1)

    async def _run(self, window: MainWindow, runs: ReplayRuns, scenario: Scenario) -> None:
        session = runs.begin().session

        async def act(desk: Desk) -> None:
            try:
                async with asyncio.timeout(30):
                    await runs.find_end(desk)
                    await scenario(window, desk)
            finally:
                window.close()

        try:
            async with asyncio.TaskGroup() as group:

                def on_ready(desk: Desk) -> None:
                    window.attach(desk)
                    spawn(group, "scenario", act(desk))

                await session.run(on_ready)
        finally:
            closed = asyncio.Event()
            window.closed.connect(closed.set)
            window.session_ended()
            await closed.wait()

    def records(self) -> list[Path]:
        """Return the log of each run, in order."""
        return sorted(self.paths.replays_dir.glob("*/audit.db"))


def config() -> Config:
    return loose(load_config())


@pytest.fixture
def room(qapp: QApplication, paths: Paths) -> Room:
    apply_theme(qapp)
    qapp.setQuitOnLastWindowClosed(False)
    return Room(qapp, paths)


def transport_of(desk: Desk) -> Transport:
    assert desk.transport is not None
    return desk.transport


async def until(is_true: Callable[[], object], what: str) -> None:
    for _ in range(2_000):
        if is_true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"never happened: {what}")


async def go_to(desk: Desk, second: float) -> None:
    """Jump, and stand there."""
    player = transport_of(desk).player
    player.pause()
    player.seek(START_NS + round(second * SECOND_NS))
    await until(lambda: not player.is_seeking, f"second {second}")


def buy(qty: int = 100, limit: Decimal | None = None) -> NewOrder:
    return NewOrder(
        symbol=IBM,
        side=Side.BUY,
        order_qty=Decimal(qty),
        ord_type=OrdType.MARKET if limit is None else OrdType.LIMIT,
        limit_px=limit,
    )


def written_later(window: MainWindow, now_ns: int) -> list[str]:
    """Return every time of day after now that stands in a cell or a label."""
    words = [label.text() for label in window.findChildren(QLabel)]
    for view in window.findChildren(QAbstractItemView):
        model = view.model()
        if model is not None:
            words += [
                str(model.index(row, column).data() or "")
                for row in range(model.rowCount())
                for column in range(model.columnCount())
            ]
    bar = window.replay_bar
    assert bar is not None
    words.remove(bar.end.text())  # When it ends is known of a file, and no price.
    now = f"{new_york(now_ns):%H:%M:%S.%f}"
    times = [found for text in words for found in TIME_OF_DAY.findall(text)]
    assert times, "the time at least is written"
    return [f"written: {time}" for time in times if time > now]


def shown_later(window: MainWindow, desk: Desk) -> list[str]:
    """Return everything on the screen, or that a panel could ask for, of a later moment."""
    now_ns, market = desk.now_ns(), desk.market
    times: list[tuple[str, int]] = [("feed", market.status.ts_recv_ns)]
    for instrument in desk.instruments:
        symbol = instrument.symbol
        for what, event in (("quote", market.quote(symbol)), ("trade", market.trade(symbol))):
            if event is not None:
                times.append((what, event.ts_exch_ns))
        times += [("print", int(ts_ns)) for ts_ns in market.prints(symbol, 100_000).ts_ns]
        for interval_ns in (SECOND_NS, MINUTE_NS, 60 * MINUTE_NS):
            times += [("bar", int(ts)) for ts in market.bars(symbol, interval_ns, 10_000).start_ns]
    for order in desk.orders.all():
        stamps = (order.ts_intent_ns, order.ts_sent_ns, order.ts_ack_ns, order.ts_last_ns)
        times += [(f"order {order.cl_ord_id}", ts_ns) for ts_ns in stamps]
    times += [("fill", fill.ts_exch_ns) for fill in desk.orders.fills_from(0)]
    times += [("record", row.utc_ns) for row in desk.journal.rows_after(0, 10_000)]
    assert window.replay_bar is not None
    times.append(("replay bar", window.replay_bar.position.now_ns))
    later = [f"{what}: {(ts - now_ns) / SECOND_NS} s" for what, ts in times if ts > now_ns]
    return later + written_later(window, now_ns)


class TestPractice:
    def test_paused_everything_stands_and_playing_everything_goes(
        self, room: Room, tmp_path: Path
    ) -> None:
        async def scenario(window: MainWindow, desk: Desk) -> None:
            bar = window.replay_bar
            assert bar is not None
            player = transport_of(desk).player
            assert player.is_playing
            await until(lambda: desk.market.quote(IBM), "a quote")
            window.docks.widget.setFocus()
            QTest.keyClick(window, Qt.Key.Key_Space)
            assert not player.is_playing
            await asyncio.sleep(0.1)
            stood_ns, age_ns = desk.now_ns(), desk.market.feed_age_ns
            await asyncio.sleep(0.3)
            assert (desk.now_ns(), desk.market.feed_age_ns) == (stood_ns, age_ns)
            assert desk.market.status.state is FeedState.LIVE
            for _ in range(3):
                before = desk.market.events
                QTest.mouseClick(bar.step, Qt.MouseButton.LeftButton)
                await until(lambda before=before: desk.market.events == before + 1, "a step")
            player.set_speed(100.0)
            player.play()
            await until(lambda: desk.now_ns() > stood_ns + 60 * SECOND_NS, "a minute")

        room.play(recorded(tmp_path / "day.tdr"), scenario)

    def test_one_trades_on_the_record_of_the_replay_and_no_other(
        self, room: Room, tmp_path: Path
    ) -> None:
        async def scenario(window: MainWindow, desk: Desk) -> None:
            await go_to(desk, 120)
            bought = desk.submit(buy())
            far = desk.submit(buy(limit=Decimal("179.50")))
            await until(lambda: _status(desk, far) in ON_ITS_WAY, "orders on their way")
            await asyncio.sleep(0.3)
            assert _status(desk, bought) in ON_ITS_WAY, "nothing trades in no time"
            transport_of(desk).player.step_by(2)
            await until(lambda: _status(desk, bought) is OrdStatus.FILLED, "a fill")
            await until(lambda: _status(desk, far) is OrdStatus.NEW, "a working order")
            await go_to(desk, 3_000)
            assert _status(desk, far) is OrdStatus.NEW, "a DAY order lasts the replayed day"
            assert window.top_bar.badge.text().startswith("REPLAY · 8 Oct 2013")
            assert shown_later(window, desk) == []

        room.play(recorded(tmp_path / "day.tdr"), scenario)
        (log,) = room.records()
        assert log.parent.parent == room.paths.replays_dir
        assert not room.paths.journal.exists()
        assert verify(log).is_clean
        started = [r for _, r in read_records(log) if isinstance(r, RunStarted)]
        assert [run.mode for run in started] == [Venue.REPLAY]

    def test_back_is_a_new_run_that_knows_nothing_of_the_old_one(
        self, room: Room, tmp_path: Path
    ) -> None:
        async def first(window: MainWindow, desk: Desk) -> None:
            bar = window.replay_bar
            assert bar is not None
            transport_of(desk).player.set_speed(25.0)
            await go_to(desk, 600)
            bought = desk.submit(buy())
            transport_of(desk).player.step_by(2)
            await until(lambda: _status(desk, bought) is OrdStatus.FILLED, "a fill")
            transport_of(desk).bookmarks.add(desk.now_ns(), "bought")
            bar.goto.setFocus()
            QTest.keyClicks(bar.goto, "9:35")
            QTest.keyClick(bar.goto, Qt.Key.Key_Return)
            (question,) = window.findChildren(Confirmation)
            assert "1 order in it" in question.words.text()
            QTest.mouseClick(question.confirm, Qt.MouseButton.LeftButton)

        async def second(window: MainWindow, desk: Desk) -> None:
            player = transport_of(desk).player
            await until(lambda: not player.is_seeking, "9:35")
            assert desk.now_ns() == START_NS + 300 * SECOND_NS
            assert (player.speed, player.is_playing) == (25.0, False)
            assert player.end_ns is not None
            assert desk.orders.all() == ()
            assert not desk.positions.get(IBM).qty
            assert [mark.name for mark in transport_of(desk).bookmarks.marks] == ["bought"]
            assert shown_later(window, desk) == []

        room.play(recorded(tmp_path / "day.tdr"), first, second)
        one, two = room.records()
        assert one.parent != two.parent
        assert verify(one).is_clean
        assert verify(two).is_clean
        assert room.windows == 2

    def test_window_lives_while_a_jump_is_under_way(self, room: Room, tmp_path: Path) -> None:
        async def scenario(window: MainWindow, desk: Desk) -> None:
            player = transport_of(desk).player
            frames, started_ns = window.frames.frames, desk.now_ns()
            player.seek(START_NS + 5 * COUNT * SECOND_NS)
            seen: list[int] = []
            while player.is_seeking:
                seen.append(desk.now_ns())
                await asyncio.sleep(0.005)
            assert len(set(seen)) > 3, "others run while it goes"
            assert window.frames.frames > frames
            assert desk.now_ns() > started_ns

        room.play(recorded(tmp_path / "day.tdr", 6 * COUNT), scenario)


class TestNothingLater:
    def test_wherever_it_stands_and_however_it_came_there(self, room: Room, tmp_path: Path) -> None:
        async def scenario(window: MainWindow, desk: Desk) -> None:
            player = transport_of(desk).player
            for second in (0.5, 3, 59.999, 61, 600.25, 1_799, 3_599):
                await go_to(desk, second)
                if second in (3, 61):
                    desk.submit(buy())
                player.step()
                await asyncio.sleep(0.03)
                for name in ("orders", "fills", "positions", "risk", "audit"):
                    window.docks.show(name)
                    window.refresh_now()
                assert shown_later(window, desk) == []
            player.play()
            player.set_speed(None)
            await until(lambda: player.has_ended, "the end")
            assert shown_later(window, desk) == []

        room.play(recorded(tmp_path / "day.tdr"), scenario)

    def test_while_it_plays(self, room: Room, tmp_path: Path) -> None:
        async def scenario(window: MainWindow, desk: Desk) -> None:
            player = transport_of(desk).player
            for speed in (1.0, 50.0, 500.0, None):
                player.set_speed(speed)
                for _ in range(4):
                    await asyncio.sleep(0.02)
                    window.refresh_now()
                    assert shown_later(window, desk) == []

        room.play(written(tmp_path / "IBM.csv", 900), scenario)


class TestFaults:
    @pytest.mark.parametrize("kind", ["recording", "text"])
    def test_a_file_that_was_cut_plays_up_to_the_cut_and_says_so(
        self, room: Room, tmp_path: Path, kind: str
    ) -> None:
        if kind == "recording":
            path = recorded(tmp_path / "day.tdr")
            path.write_bytes(path.read_bytes()[:-700])
        else:
            whole = gzip.compress(written(tmp_path / "IBM.csv").read_bytes())
            path = tmp_path / "IBM.csv.gz"
            path.write_bytes(whole[:-700])

        async def scenario(window: MainWindow, desk: Desk) -> None:
            player = transport_of(desk).player
            player.set_speed(None)
            await until(lambda: player.has_ended, "the cut")
            assert desk.market.events > 1_000
            assert "was cut off" in desk.notice.text
            await until(lambda: "was cut off" in window.status_line.words.text(), "the sentence")
            with pytest.raises(BadInput, match="after the recording"):
                player.seek(START_NS + (COUNT + 60) * SECOND_NS)

        room.play(path, scenario)

    def test_a_damage_in_the_middle_is_said_and_the_desk_stands_there(
        self, room: Room, tmp_path: Path
    ) -> None:
        lines = written(tmp_path / "IBM.csv").read_text().splitlines()
        lines[2_000:] = ["rubbish"] * 1_600
        (tmp_path / "IBM.csv").write_text("\n".join(lines))

        async def scenario(window: MainWindow, desk: Desk) -> None:
            player = transport_of(desk).player
            player.set_speed(None)
            await until(lambda: player.has_ended, "the damage")
            assert desk.market.status.state is FeedState.DOWN
            await until(lambda: "lines are bad" in window.status_line.words.text(), "the sentence")

        room.play(tmp_path / "IBM.csv", scenario)


def _status(desk: Desk, cl_ord_id: str) -> OrdStatus | None:
    order: Order | None = next((o for o in desk.orders.all() if o.cl_ord_id == cl_ord_id), None)
    return None if order is None else order.ord_status
