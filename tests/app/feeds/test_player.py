"""Goal: how a replay is played changes when events go out, never which, in what order, or when by
recorded time.

Method: virtual time for the loop and a pace clock that is moved by hand, so that nothing waits for
the machine. The law draws ticks, acts that fall due, and a person who pauses, steps, jumps and
changes the speed.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SimClock
from app.domain.enums import FeedState
from app.domain.errors import BadInput
from app.domain.ids import Symbol
from app.domain.market import FeedStatus, MarketEvent, Trade
from app.domain.times import SECOND_NS
from app.feeds.player import NEVER_NS, SPEEDS, STEPS_MAX, Player
from app.feeds.replay import ReplayFeed, ReplayHooks
from tests.sim.loop import SimLoop
from tests.sim.world import run

IBM = Symbol("IBM")
START_NS = 1_381_239_000 * SECOND_NS
REST_S = 0.1
"""Some slices of the player: after them it has come to rest, unless a clock is moved."""


def trade(at_ns: int, number: int = 0) -> Trade:
    return Trade(
        symbol=IBM, price=Decimal(181), size=100 + number, ts_exch_ns=at_ns, ts_recv_ns=at_ns
    )


class Ticks:
    """A tick file."""

    def __init__(self, events: Sequence[Trade]) -> None:
        self.events = events
        self.symbols = [IBM]

    def __iter__(self) -> Iterator[MarketEvent | FeedStatus]:
        return iter(self.events)


class RealTime:
    """Real time: stands still until the test moves it, or goes on a step at each look."""

    def __init__(self, step_ns: int = 0) -> None:
        self.ns = 0
        self.step_ns = step_ns

    def mono_ns(self) -> int:
        self.ns += self.step_ns
        return self.ns

    now_ns = mono_ns


class Desk:
    """A feed with a player, and all that came of it: events and acts with their recorded time."""

    def __init__(
        self,
        events: Sequence[Trade],
        *,
        acts: Sequence[int] = (),
        speed: float | None = None,
        is_playing: bool = True,
        goal_ns: int | None = None,
    ) -> None:
        self.clock = SimClock(START_NS)
        self.real = RealTime()
        self.player = Player(
            self.clock,
            speed=speed,
            is_playing=is_playing,
            goal_ns=goal_ns,
            end_ns=events[-1].ts_recv_ns if events else None,
            real=self.real,
        )
        self.acts = sorted(acts)
        self.on_act: Callable[[], None] = lambda: None
        self.log: list[tuple[int, object]] = []
        self.states: list[FeedState] = []
        hooks = ReplayHooks(
            next_due_ns=lambda: self.acts[0] if self.acts else NEVER_NS, before=self._before
        )
        self.feed = ReplayFeed(
            Ticks(events),
            self.clock,
            player=self.player,
            hooks=hooks,
            real=RealTime(SECOND_NS),  # At each look a turn is over.
        )

    @property
    def sizes(self) -> list[int]:
        return [event.size for _, event in self.log if isinstance(event, Trade)]

    async def _before(self, ts_ns: int) -> None:
        while self.acts and self.acts[0] <= ts_ns:
            due_ns = self.acts.pop(0)
            self.clock.advance_to(due_ns)
            self.log.append((self.clock.now_ns(), "act"))
            self.on_act()
            await asyncio.sleep(0)  # An order takes its turns of the loop.

    def _publish(self, event: MarketEvent | FeedStatus) -> None:
        if isinstance(event, FeedStatus):
            self.states.append(event.state)
        else:
            self.log.append((self.clock.now_ns(), event))

    async def wait(self, real_s: float) -> None:
        """Let real time pass; the machine keeps up."""
        for _ in range(round(real_s * 10)):
            self.real.ns += SECOND_NS // 10
            await rest()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.get_running_loop().create_task(self.feed.run(self._publish))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def rest() -> None:
    await asyncio.sleep(REST_S)


def on_virtual_time(
    story: Callable[..., Coroutine[object, object, None]],
) -> Callable[..., None]:
    @functools.wraps(story)
    def test(*given: object, **named: object) -> None:
        run(SimLoop(), story(*given, **named))

    return test


def seconds(count: int) -> list[Trade]:
    """A trade a second, from the first second on; its size says its number."""
    return [trade(START_NS + number * SECOND_NS, number) for number in range(1, count + 1)]


def at(second: float) -> int:
    return START_NS + round(second * SECOND_NS)


class TestPause:
    @on_virtual_time
    async def test_what_starts_paused_stands_at_the_start(self) -> None:
        desk = Desk(seconds(9), acts=[at(1)], is_playing=False)
        async with desk.running():
            await rest()
            desk.real.ns += 3_600 * SECOND_NS
            await rest()
        assert desk.log == []
        assert desk.clock.now_ns() == START_NS
        assert not desk.player.is_playing

    @on_virtual_time
    async def test_recorded_time_stands_still_however_long_it_lasts(self) -> None:
        desk = Desk(seconds(9), acts=[at(3.5)], speed=1.0)
        async with desk.running():
            await rest()
            await desk.wait(2.5)
            desk.player.pause()
            stood_ns = desk.clock.now_ns()
            desk.real.ns += 3_600 * SECOND_NS
            await rest()
            assert desk.clock.now_ns() == stood_ns == at(2.5)
            assert desk.sizes == [101, 102]
            desk.player.play()
            await rest()
            await desk.wait(1)
        assert desk.clock.now_ns() == at(3.5), "the pause counts no time"
        assert desk.log[-1] == (at(3.5), "act")

    @on_virtual_time
    async def test_it_stops_a_replay_at_full_speed_after_the_turn(self) -> None:
        desk = Desk([trade(at(n / 1_000), n) for n in range(5_000)])
        async with desk.running():
            await asyncio.sleep(0)
            desk.player.pause()
            await rest()
            held = len(desk.log)
            await rest()
            assert 0 < len(desk.log) == held < 5_000
            desk.player.play()
            while not desk.player.has_ended:
                await rest()
        assert desk.sizes == [100 + n for n in range(5_000)]

    def test_toggle_pauses_what_plays_or_is_on_its_way(self) -> None:
        player = Player(SimClock(START_NS))
        player.toggle()
        assert not player.is_playing
        player.toggle()
        assert player.is_playing
        player.pause()
        player.seek(at(5))
        player.toggle()
        assert (player.is_playing, player.is_seeking) == (False, False)


class TestStep:
    @on_virtual_time
    async def test_one_event_a_step_even_of_the_same_moment(self) -> None:
        desk = Desk([trade(at(1), 1), trade(at(1), 2), trade(at(2), 3)], is_playing=False)
        async with desk.running():
            for count in (1, 2, 3):
                desk.player.step()
                await rest()
                assert len(desk.sizes) == count
        assert desk.states[-1] is FeedState.ENDED

    @on_virtual_time
    async def test_steps_that_were_asked_for_faster_are_all_made_up_to_a_bound(self) -> None:
        desk = Desk(seconds(STEPS_MAX + 9), is_playing=False)
        async with desk.running():
            await rest()
            for _ in range(STEPS_MAX + 5):
                desk.player.step()
            while len(desk.sizes) < STEPS_MAX:
                await rest()
            await rest()
            assert len(desk.sizes) == STEPS_MAX

    @pytest.mark.parametrize(
        ("spans", "count", "stands_s"),
        [([1], 1, 1), ([60], 9, 9), ([2.5], 2, 2.5), ([2, 2], 4, 4), ([0.25], 0, 0.25)],
    )
    @on_virtual_time
    async def test_by_time_passes_through_everything_between_and_stands_there(
        self, spans: list[float], count: int, stands_s: float
    ) -> None:
        desk = Desk(seconds(9), speed=1.0)
        async with desk.running():
            for span in spans:
                desk.player.step_by(span)
            await rest()
        assert len(desk.sizes) == count
        assert desk.clock.now_ns() == at(stands_s)
        assert not desk.player.is_playing


class TestSpeed:
    @pytest.mark.parametrize("speed", [speed for speed in SPEEDS if speed is not None])
    @on_virtual_time
    async def test_it_is_the_ratio_of_recorded_to_real_time(self, speed: float) -> None:
        desk = Desk(seconds(1_000), speed=speed)
        async with desk.running():
            await rest()
            await desk.wait(0.5)
        assert desk.clock.now_ns() == at(min(speed / 2, 1_000))

    @on_virtual_time
    async def test_a_change_counts_from_where_it_is(self) -> None:
        desk = Desk(seconds(100), speed=1.0)
        async with desk.running():
            await rest()
            await desk.wait(0.5)
            desk.player.set_speed(10.0)
            await rest()
            await desk.wait(0.5)
            assert desk.clock.now_ns() == at(5.5)
            desk.player.set_speed(None)
            await rest()
            await rest()
        assert len(desk.sizes) == 100

    @pytest.mark.parametrize("speed", [0, -1.0, float("inf"), float("nan")])
    def test_none_that_is_no_number_above_0(self, speed: float) -> None:
        player = Player(SimClock(START_NS), speed=5.0)
        with pytest.raises(BadInput, match="must be above 0; nothing changed"):
            player.set_speed(speed)
        assert player.speed == 5.0


class TestSeek:
    @on_virtual_time
    async def test_it_plays_all_between_and_stands_where_it_was_told(self) -> None:
        desk = Desk(seconds(9), acts=[at(2.5)], is_playing=False)
        async with desk.running():
            desk.player.seek(at(4.5))
            assert desk.player.is_seeking
            await rest()
            assert desk.clock.now_ns() == at(4.5)
            assert desk.sizes == [101, 102, 103, 104]
            assert (at(2.5), "act") in desk.log
            assert not desk.player.is_seeking
            assert not desk.player.is_playing

    @on_virtual_time
    async def test_what_played_plays_on_from_there_at_its_pace(self) -> None:
        desk = Desk(seconds(60), speed=1.0)
        async with desk.running():
            desk.player.seek(at(30))
            await rest()
            assert desk.clock.now_ns() == at(30)
            await desk.wait(0.5)
            assert desk.clock.now_ns() == at(30.5)

    @on_virtual_time
    async def test_a_new_goal_takes_the_place_of_the_old_one(self) -> None:
        desk = Desk(seconds(60), is_playing=False)
        async with desk.running():
            desk.player.seek(at(50))
            desk.player.seek(at(20))
            await rest()
            assert desk.clock.now_ns() == at(20)

    @on_virtual_time
    async def test_a_goal_that_is_set_while_another_is_reached_is_kept(self) -> None:
        desk = Desk(seconds(60), acts=[at(20.5)], is_playing=False)
        desk.on_act = lambda: desk.player.seek(at(50))
        async with desk.running():
            desk.player.seek(at(20.7))
            await rest()
            assert desk.clock.now_ns() == at(50)

    @on_virtual_time
    async def test_a_run_may_begin_on_its_way(self) -> None:
        desk = Desk(seconds(60), is_playing=False, goal_ns=at(20))
        async with desk.running():
            await rest()
            assert desk.clock.now_ns() == at(20)
            assert not desk.player.is_playing

    @pytest.mark.parametrize(
        ("second", "words"),
        [(-1, "before the recording"), (61, "after the recording"), (9, "needs a new run")],
    )
    def test_a_time_out_of_range_is_refused_in_one_sentence(self, second: int, words: str) -> None:
        clock = SimClock(START_NS)
        player = Player(clock, end_ns=at(60), is_playing=False)
        clock.advance_to(at(10))
        with pytest.raises(BadInput, match=words) as caught:
            player.seek(at(second))
        assert "\n" not in str(caught.value)
        assert not player.is_seeking


@on_virtual_time
async def test_the_end_is_known_once_it_is_there() -> None:
    desk = Desk(seconds(3))
    async with desk.running():
        await rest()
        await rest()
    assert desk.player.has_ended
    assert not desk.player.is_playing
    assert desk.player.end_ns == at(3)
    assert desk.player.goal_ns is None


# The law

GAPS_NS = st.lists(
    st.sampled_from([0, 1, 1_000_000, 40_000_000, SECOND_NS, 45 * SECOND_NS]), min_size=1
)
Deed = Callable[[Desk], None]


def _jump(share: float) -> Deed:
    def deed(desk: Desk) -> None:
        now_ns, end_ns = desk.clock.now_ns(), desk.player.end_ns
        if end_ns is not None and end_ns >= now_ns:
            desk.player.seek(now_ns + int((end_ns - now_ns) * share))

    return deed


def _wait(real_s: float) -> Deed:
    def deed(desk: Desk) -> None:
        desk.real.ns += int(real_s * SECOND_NS)

    return deed


DEEDS = st.lists(
    st.one_of(
        st.floats(0, 1).map(_jump),
        st.floats(0, 30).map(_wait),
        st.sampled_from(SPEEDS).map(lambda speed: lambda desk: desk.player.set_speed(speed)),
        st.floats(0.001, 90).map(lambda span_s: lambda desk: desk.player.step_by(span_s)),
        st.sampled_from(
            [
                lambda desk: desk.player.play(),
                lambda desk: desk.player.pause(),
                lambda desk: desk.player.toggle(),
                lambda desk: desk.player.step(),
            ]
        ),
    ),
    max_size=12,
)


@given(
    gaps_ns=GAPS_NS,
    acts=st.lists(st.floats(0, 1), max_size=4),
    deeds=DEEDS,
    speed=st.sampled_from(SPEEDS),
    is_playing=st.booleans(),
)
def test_however_it_was_played_what_came_of_it_is_the_same(
    gaps_ns: list[int],
    acts: list[float],
    deeds: list[Deed],
    speed: float | None,
    is_playing: bool,
) -> None:
    times = [START_NS + sum(gaps_ns[: n + 1]) for n in range(len(gaps_ns))]
    events = [trade(ts_ns, number) for number, ts_ns in enumerate(times)]
    acts_ns = [START_NS + int((times[-1] - START_NS) * share) for share in acts]

    async def straight() -> list[tuple[int, object]]:
        desk = Desk(events, acts=acts_ns)
        await desk.feed.run(desk._publish)
        return desk.log

    async def by_hand() -> list[tuple[int, object]]:
        desk = Desk(events, acts=acts_ns, speed=speed, is_playing=is_playing)
        last_ns = START_NS
        async with desk.running():
            for deed in deeds:
                deed(desk)
                await rest()
                assert last_ns <= desk.clock.now_ns() <= times[-1]
                assert all(ts_ns <= desk.clock.now_ns() for ts_ns, _ in desk.log)
                last_ns = desk.clock.now_ns()
            desk.player.play()
            desk.player.set_speed(None)
            while not desk.player.has_ended:
                await rest()
        return desk.log

    assert run(SimLoop(), by_hand()) == run(SimLoop(), straight())
