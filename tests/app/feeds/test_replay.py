"""Goal: a replay plays every event once, on recorded time, and stands still while others work.

Method: a list for a tick file, a clock moved by the feed, and hooks that write down what happened.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from app.clock import SimClock
from app.domain.enums import FeedState
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import FeedStatus, Trade
from app.feeds.player import NEVER_NS, Player
from app.feeds.replay import ReplayFeed, ReplayHooks

pytestmark = pytest.mark.asyncio
SECOND_NS = 1_000_000_000
START_NS = 1_381_239_000 * SECOND_NS


def trade(second, symbol="IBM"):
    ts_ns = START_NS + int(second * SECOND_NS)
    return Trade(
        symbol=Symbol(symbol), price=Decimal(181), size=100, ts_exch_ns=ts_ns, ts_recv_ns=ts_ns
    )


class Ticks:
    def __init__(self, *events, fails=False):
        self.events, self.fails = events, fails
        self.symbols = [Symbol("IBM")]

    def __iter__(self):
        for event in self.events:
            if event.symbol not in self.symbols:
                self.symbols.append(event.symbol)
            yield event
        if self.fails:
            raise BadInput("2 of 3 lines are bad")


async def play(ticks, *, speed=None, real=None, **settings):
    clock, seen = SimClock(START_NS), []
    player = Player(clock, speed=speed, real=real)
    feed = ReplayFeed(ticks, clock, player=player, **settings)
    await feed.run(lambda event: seen.append((clock.now_ns(), event)))
    return seen


def ticks_of(seen):
    return [event for _, event in seen if isinstance(event, Trade)]


async def test_every_event_is_played_once_at_its_own_time():
    events = [trade(n) for n in range(300)]
    seen = await play(Ticks(*events))
    assert ticks_of(seen) == events
    assert all(now == event.ts_recv_ns for now, event in seen if isinstance(event, Trade))
    states = [event.state for _, event in seen if isinstance(event, FeedStatus)]
    assert states == [FeedState.LIVE, FeedState.ENDED]


async def test_what_is_due_comes_before_the_event_of_the_same_moment():
    deeds = []
    due = [START_NS + 2 * SECOND_NS, NEVER_NS]

    async def before(ts_ns):
        deeds.append(("order", ts_ns))
        due.pop(0)

    clock = SimClock(START_NS)
    hooks = ReplayHooks(next_due_ns=lambda: due[0], before=before)
    feed = ReplayFeed(Ticks(trade(1), trade(2), trade(3)), clock, hooks=hooks)
    await feed.run(
        lambda event: deeds.append(("tick", clock.now_ns())) if isinstance(event, Trade) else None
    )
    assert [kind for kind, _ in deeds] == ["tick", "order", "tick", "tick"]


async def test_time_stands_still_until_others_have_settled():
    clock, times, busy = SimClock(START_NS), [], [False]

    def publish(event):
        busy[0] = isinstance(event, Trade)

    async def settle():
        await asyncio.sleep(0)
        times.append(clock.now_ns())
        busy[0] = False

    hooks = ReplayHooks(busy=lambda: busy[0], settle=settle)
    await ReplayFeed(Ticks(trade(1), trade(2)), clock, hooks=hooks).run(publish)
    assert times == [START_NS + SECOND_NS, START_NS + 2 * SECOND_NS]


async def test_symbol_that_appears_later_is_listed():
    listed = []
    await play(Ticks(trade(1), trade(2, "MSFT")), hooks=ReplayHooks(listed=listed.append))
    assert [instrument.symbol for instrument in listed] == ["MSFT"]


async def test_pace_follows_recorded_time():
    loop = asyncio.get_running_loop()
    started_s = loop.time()
    seen = await play(Ticks(trade(0), trade(10), trade(20)), speed=100.0)
    assert len(ticks_of(seen)) == 3
    assert loop.time() - started_s >= 0.19


class RealClock:
    """Real time that passes a step at every look."""

    def __init__(self, step_s):
        self.step_ns, self.mono = int(step_s * SECOND_NS), 0

    def mono_ns(self):
        self.mono += self.step_ns
        return self.mono

    now_ns = mono_ns


async def test_recorded_time_moves_and_acts_fall_due_between_two_events():
    due, done = [START_NS + 5 * SECOND_NS, NEVER_NS], []

    async def before(ts_ns):
        done.append(ts_ns)
        due.pop(0)

    hooks = ReplayHooks(next_due_ns=lambda: due[0], before=before)
    real = RealClock(0.0015)
    await play(Ticks(trade(0), trade(10)), speed=1_000.0, hooks=hooks, real=real)
    (at_ns,) = done
    assert START_NS + 5 * SECOND_NS <= at_ns < START_NS + 10 * SECOND_NS


async def test_a_machine_that_was_asleep_does_not_hurry():
    real = RealClock(0.001)
    seen = []

    def publish(event):
        if isinstance(event, Trade):
            seen.append(real.mono)
            if len(seen) == 2:
                real.mono += 3_600 * SECOND_NS

    events = [trade(n) for n in range(10)]
    clock = SimClock(START_NS)
    feed = ReplayFeed(Ticks(*events), clock, player=Player(clock, speed=100.0, real=real))
    await feed.run(publish)
    waits = [b - a for a, b in zip(seen, seen[1:], strict=False)]
    assert all(wait >= 0.008 * SECOND_NS for wait in waits[2:])


async def test_fast_replay_lets_others_run():
    turns = 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        other = group.create_task(count())
        await play(Ticks(*(trade(n / 100) for n in range(60_000))))
        other.cancel()
    assert turns > 3


async def test_bad_file_puts_the_feed_down_and_says_so():
    clock, seen = SimClock(START_NS), []
    with pytest.raises(BadInput, match="lines are bad"):
        await ReplayFeed(Ticks(trade(1), fails=True), clock).run(seen.append)
    assert seen[-1].state is FeedState.DOWN
    assert "lines are bad" in seen[-1].text


async def test_bad_file_of_a_person_is_said_and_the_run_stands_there():
    clock, said, seen = SimClock(START_NS), [], []
    player = Player(clock)
    feed = ReplayFeed(
        Ticks(trade(1), fails=True), clock, player=player, hooks=ReplayHooks(failed=said.append)
    )
    await feed.run(seen.append)
    assert said == ["2 of 3 lines are bad"]
    assert seen[-1].state is FeedState.DOWN
    assert player.has_ended
    assert clock.now_ns() == START_NS + SECOND_NS


async def test_what_is_practised_on_may_be_sold_short():
    feed = ReplayFeed(Ticks(), SimClock(START_NS))
    assert [each.is_shortable for each in feed.instruments()] == [True]
