"""Goal: drills for the window run one at a time, beside the desk, and never end it.

Method: real drills with short waits, each on its own thread, started from a loop as the desk does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from app.domain.drill import EVERY_DRILL
from app.domain.errors import BadInput
from app.drills import runner
from app.drills.base import Drill, Waits
from app.drills.hall import DrillHall
from app.drills.runner import DRILLS
from app.drills.stage import Stage

SHORT = Waits(silence_s=1.0, fault_s=0.2, slow_s=0.2)
QUICK = "reject-storm"


class Desk:
    """What starts drills."""

    def __init__(self) -> None:
        self.hall = DrillHall(SHORT)
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, name: str) -> None:
        self.hall.start(name, self._spawn)

    def _spawn(self, name, coroutine):
        self.tasks.append(asyncio.get_running_loop().create_task(coroutine, name=name))

    async def until(self, is_so: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not is_so():
                await asyncio.sleep(0.005)


def a_drill(name: str, play: Callable[[Stage], Awaitable[None]]) -> Drill:
    return Drill(name=name, title=name.title(), what="", promises=(), play=play)


async def for_ever(stage: Stage) -> None:
    async with stage.station():
        await stage.until("the end of the world", lambda: False, deadline_s=60)


async def broken(_stage: Stage) -> None:
    raise ZeroDivisionError("a fault of the drill")


@pytest.fixture
def own_drills(monkeypatch):
    drills = (a_drill("for ever", for_ever), a_drill("broken", broken), *DRILLS)
    monkeypatch.setattr(runner, "DRILLS", drills)


def test_every_drill_is_listed_and_all_of_them_come_last():
    names = [row.name for row in DrillHall().view.rows]
    assert names == [*(drill.name for drill in DRILLS), EVERY_DRILL]


@pytest.mark.asyncio
async def test_a_drill_runs_beside_and_its_score_stays():
    desk = Desk()
    desk.start(QUICK)
    assert desk.hall.view.running.name == QUICK
    with pytest.raises(BadInput, match="^'Reject storm' runs; one drill at a time$"):
        desk.start("bust")
    seen = set()

    def has_ended():
        seen.add(desk.hall.view.progress)
        return desk.tasks[0].done()

    await desk.until(has_ended)
    view = desk.hall.view
    assert (view.running, view.progress, view.fault) == (None, "", "")
    (score,) = view.scores
    assert score.row.name == QUICK
    assert score.is_passed
    assert "waiting until the market opens" in seen
    version = desk.hall.version
    desk.start(QUICK)
    assert desk.hall.version > version
    await desk.until(lambda: desk.tasks[1].done())
    assert len(desk.hall.view.scores) == 1


@pytest.mark.asyncio
async def test_an_unknown_drill_starts_nothing():
    desk = Desk()
    with pytest.raises(BadInput, match="there is no drill 'fire'"):
        desk.start("fire")
    assert not desk.tasks
    assert desk.hall.view.running is None


@pytest.mark.asyncio
async def test_it_can_be_stopped_and_has_no_score_then(own_drills):
    desk = Desk()
    desk.hall.stop()
    desk.start("for ever")
    await desk.until(lambda: "the end of the world" in desk.hall.view.progress)
    desk.hall.stop()
    await desk.until(lambda: desk.tasks[0].done())
    assert desk.hall.view.scores == ()
    assert desk.hall.view.running is None


@pytest.mark.asyncio
async def test_a_desk_that_ends_takes_its_drill_with_it(own_drills):
    desk = Desk()
    desk.start("for ever")
    await desk.until(lambda: "the end of the world" in desk.hall.view.progress)
    desk.tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await desk.tasks[0]
    assert desk.hall.view.running is None


@pytest.mark.asyncio
async def test_a_drill_that_breaks_is_said_and_the_desk_goes_on(own_drills):
    desk = Desk()
    desk.start("broken")
    await desk.tasks[0]
    assert desk.hall.view.fault == (
        "the drill broke off by a fault of the program: ZeroDivisionError('a fault of the drill')"
    )
    desk.start(QUICK)
    assert desk.hall.view.fault == ""
    await desk.tasks[1]
    assert desk.hall.view.scores[0].is_passed
