"""Goal: how a replay was played leaves no trace: a jump, steps and any speed give the same orders,
fills, positions and records, to the nanosecond, as playing it through.

Method: the real session without a window, on one file and one list of orders that fill at once,
later, never, by a stop that is held here, and by one that trails; records compared row by row.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.audit.reader import read_rows
from app.clock import SimClock
from app.config import load_config
from app.domain.enums import OrdType, Side, TimeInForce
from app.domain.ids import Symbol
from app.domain.terms import NewOrder
from app.domain.times import SECOND_NS, parse_iso_ns
from app.feeds.player import Player
from app.feeds.sources import open_source
from app.oms.orderfile import ScheduledOrder
from app.replay import Replay
from app.tasks import spawn
from tests.loose import loose

IBM = Symbol("IBM")
START_NS = parse_iso_ns("2013-10-08T09:30")
COUNT = 400
EXPIRES_NS = 200 * SECOND_NS + 600_000_000
"""After the start, and between two events."""
OWN_ROWS = {"run_started", "run_ended"}
"""Rows that name the run itself."""
STATUS = "I"
"""FIX 150 of an answer to a question: the station asks when the machine has time for it."""
Way = Callable[[Player], Awaitable[None]]


def order(second: float, qty: int, kind: OrdType, **terms: Any) -> ScheduledOrder:
    return ScheduledOrder(
        at_ns=START_NS + round(second * SECOND_NS),
        order=NewOrder(
            symbol=IBM,
            side=Side.BUY if qty > 0 else Side.SELL,
            order_qty=Decimal(abs(qty)),
            ord_type=kind,
            time_in_force=TimeInForce.GTD if "expire_ns" in terms else TimeInForce.DAY,
            **terms,
        ),
    )


ORDERS = (
    order(10.3, 300, OrdType.MARKET),
    order(20, 100, OrdType.LIMIT, limit_px=Decimal("180.20")),
    order(31, -50, OrdType.LIMIT, limit_px=Decimal("182.00")),
    order(61.5, -100, OrdType.STOP, stop_px=Decimal("180.30")),
    order(90.01, -100, OrdType.STOP, peg_offset=Decimal("0.40")),
    order(110, -50, OrdType.STOP, stop_px=Decimal("170.00"), expire_ns=START_NS + EXPIRES_NS),
    order(300.7, -50, OrdType.MARKET),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("day") / "IBM.csv"
    lines = ["time,kind,bid,bid_size,ask,ask_size,price,size"]
    for number in range(COUNT):
        px = Decimal(18_000 + (number * 7) % 90) / 100
        at = START_NS // SECOND_NS + number
        cent = Decimal("0.01")
        lines.append(f"{at},Q,{px - cent},900,{px + cent},900,,")
        lines.append(f"{at}.25,T,,,,,{px},400")
    path.write_text("\n".join(lines) + "\n")
    return path


def played(file: Path, folder: Path, way: Way | None, *, speed: float | None = None) -> object:
    """Return all that came of a run: report and records."""
    ticks = open_source(file)
    player = Player(SimClock(ticks.start_ns), speed=speed, is_playing=way is None)
    folder.mkdir()
    replay = Replay(
        ticks=ticks,
        orders=ORDERS,
        player=player,
        config=loose(load_config()),
        journal=folder / "audit.db",
    )

    async def live() -> None:
        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            if way is not None:
                spawn(group, "person", way(player))
            await replay.session.run()

    asyncio.run(live())
    report = replay.result(0.0).report
    rows = read_rows(folder / "audit.db", 1, 100_000, None)
    assert report["audit"]["verified"]
    kept = ("orders", "fills", "positions", "first_ts", "last_ts", "events")
    return (
        {name: report[name] for name in kept},
        [
            (row.kind, row.utc_ns, without_machine(json.loads(row.body)))
            for row in rows
            if row.kind not in OWN_ROWS and f'"exec_type":"{STATUS}"' not in row.body
        ],
    )


def without_machine(body: dict[str, Any]) -> dict[str, Any]:
    """Leave out how late the machine's loop was: it is told as the order is decided."""
    body.get("picture", {}).pop("loop_lag_ns", None)
    body["checks"] = [c for c in body.get("checks", ()) if c["name"] != "dead_man"]
    return body


async def arrived(player: Player) -> None:
    while player.is_seeking:
        await asyncio.sleep(0.002)


async def by_one_jump(player: Player) -> None:
    player.seek(START_NS + 395 * SECOND_NS)
    await arrived(player)
    player.play()


async def by_jumps(player: Player) -> None:
    for second in (10.2, 10.3, 20, 60, 61.7, 90.01, 200, 399):
        player.seek(START_NS + round(second * SECOND_NS))
        await arrived(player)
    player.play()


async def by_minutes(player: Player) -> None:
    for _ in range(6):
        player.step_by(60)
        await arrived(player)
    player.play()


async def by_steps(player: Player) -> None:
    for _ in range(2 * COUNT):
        player.step()
    player.set_speed(None)
    while not player.has_ended:
        await asyncio.sleep(0.002)


async def by_fits_and_starts(player: Player) -> None:
    for speed in (500.0, 100.0, 1.0, None, 500.0):
        player.set_speed(speed)
        player.play()
        await asyncio.sleep(0.03)
        player.pause()
        await asyncio.sleep(0.01)
        player.step()
    player.set_speed(None)
    player.play()


@pytest.fixture(scope="module")
def straight(file: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    return played(file, tmp_path_factory.mktemp("runs") / "straight", None)


def test_the_orders_do_what_they_are_there_for(straight: tuple[dict, list]) -> None:
    report, rows = straight
    states = [made["status"] for made in report["orders"]]
    assert states.count("FILLED") == 5
    assert report["orders"][2]["status"] == "NEW"
    assert report["orders"][5]["status"] == "CANCELED"
    assert START_NS + EXPIRES_NS in [utc_ns for _, utc_ns, _ in rows], "in its own instant"
    assert len(report["fills"]) >= 5
    assert len(rows) > 20


WAYS = (by_one_jump, by_jumps, by_minutes, by_steps, by_fits_and_starts)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_leaves_no_trace_how_it_was_played(
    file: Path, tmp_path: Path, straight: object, way: Way
) -> None:
    assert played(file, tmp_path / "run", way) == straight


def test_at_a_pace_it_is_the_same(file: Path, tmp_path: Path, straight: object) -> None:
    assert played(file, tmp_path / "run", None, speed=500.0) == straight
