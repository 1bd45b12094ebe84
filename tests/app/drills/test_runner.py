"""Goal: a drill always ends with a score, and what was not shown to be kept counts as broken."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from app.domain.drill import EVERY_DRILL, Promise
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.drills.base import AGREED, OF_ALL, RECOVERED, Drill, Waits
from app.drills.runner import DRILLS, find_drills, run_drill
from app.drills.stage import Stage

FIRST, SECOND = Promise("first", "1"), Promise("second", "2")
QUICK = Waits(silence_s=1.0, fault_s=0.1, slow_s=0.1)


def score_of(play, *promises):
    drill = Drill(name="own", title="Own", what="", promises=promises, play=play)
    score = asyncio.run(run_drill(drill, QUICK))
    return {finding.promise: finding for finding in score.findings}


def test_names_are_unique_and_typed_with_ease():
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name for name in names)
    assert EVERY_DRILL not in names


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_a_drill_says_what_it_is_and_promises_something(drill):
    assert drill.title
    assert drill.what.endswith(".")
    assert drill.promises
    assert not set(drill.promises) & set(OF_ALL)
    for promise in (*drill.promises, *OF_ALL):
        assert promise.source


def test_a_drill_is_found_by_its_name():
    assert [drill.name for drill in find_drills("bust")] == ["bust"]
    assert find_drills(EVERY_DRILL) == DRILLS


def test_an_unknown_name_is_answered_with_those_there_are():
    with pytest.raises(BadInput) as caught:
        find_drills("fire")
    known = ", ".join(drill.name for drill in DRILLS)
    assert str(caught.value) == (
        f"there is no drill 'fire' (known: {known}, or all); nothing was run"
    )


def test_all_is_judged_of_a_station_that_only_recovers():
    async def play(stage: Stage):
        async with stage.station():
            stage.judge(FIRST, True, "seen")
            await stage.recover()

    found = score_of(play, FIRST)
    assert list(found) == [FIRST, *OF_ALL]
    assert all(finding.is_kept for finding in found.values()), found


def test_what_the_script_did_not_come_to_is_broken_with_the_reason():
    async def play(stage: Stage):
        async with stage.station():
            stage.judge(FIRST, True, "seen")
            await stage.until("pigs fly", lambda: False, deadline_s=0.01)
            stage.judge(SECOND, True, "never")

    found = score_of(play, FIRST, SECOND)
    assert found[FIRST].is_kept
    for promise in (SECOND, RECOVERED):
        assert not found[promise].is_kept
        assert found[promise].seen == "waited 0.0 s in vain until pigs fly"


def test_what_was_not_looked_at_is_broken():
    async def play(stage: Stage):
        async with stage.station():
            pass

    found = score_of(play, FIRST)
    assert (found[FIRST].is_kept, found[FIRST].seen) == (False, "not looked at")
    assert not found[RECOVERED].is_kept


def test_a_station_that_ends_by_a_fault_of_its_own_is_a_finding():
    async def play(stage: Stage):
        async with stage.station():
            stage.feed.instruments = _fail
            stage.clock.now_ns = _fail
            await stage.until("it is over", lambda: False)

    found = score_of(play, FIRST)
    assert not found[FIRST].is_kept
    assert found[FIRST].seen.startswith("the station ended before it is over:")


def _fail():
    raise AssertionError("broken")


@pytest.mark.parametrize("gives_up", [False, True])
def test_books_that_differ_are_found_whether_the_script_came_to_its_end_or_not(gives_up):
    async def play(stage: Stage):
        async with stage.station():
            stage.exchange._books.positions[Symbol("AAPL")] = Decimal(7)
            await stage.until("it gives up", lambda: not gives_up, deadline_s=0.01)

    found = score_of(play)
    assert [f.seen for p, f in found.items() if not f.is_kept and p is not RECOVERED] == [
        "AAPL: the record holds 0, the exchange 7"
    ]


def test_an_order_that_was_given_and_vanished_is_found():
    async def play(stage: Stage):
        async with stage.station():
            stage.given.append("lost")

    found = score_of(play)
    assert found[AGREED].seen == "order lost was given and is nowhere"
