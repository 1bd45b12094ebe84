"""A simulated world runs as asyncio does, repeats itself from its seed, and can end anywhere.

Method: small programs that note what happens to them; power cuts after each of their steps.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from app.domain.times import SECOND_NS
from tests.sim.loop import Deadlock, LoopClock, PowerLost, Runaway, SimLoop
from tests.sim.world import TasksLeft, abandon, run, run_until_crash


def now_s() -> float:
    return asyncio.get_running_loop().time()


async def spawn_all(*programs: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        for number, program in enumerate(programs):
            group.create_task(program, name=f"t{number}")


class TestTime:
    def test_waiting_costs_nothing_and_ends_in_order(self) -> None:
        trace: list[tuple[str, float]] = []

        async def wait(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            trace.append((name, now_s()))

        run(SimLoop(), spawn_all(wait("month", 30 * 86_400.0), wait("ms", 0.001), wait("now", 0)))
        assert trace == [("now", 0.0), ("ms", 0.001), ("month", 2_592_000.0)]

    def test_time_stands_still_while_something_is_ready(self) -> None:
        async def main() -> float:
            timer = asyncio.get_running_loop().call_later(1, lambda: None)
            for _ in range(1000):
                await asyncio.sleep(0)
            timer.cancel()
            return now_s()

        assert run(SimLoop(), main()) == 0.0

    def test_cancelled_timer_does_not_move_time(self) -> None:
        async def main() -> None:
            asyncio.get_running_loop().call_later(1, print).cancel()
            await asyncio.Event().wait()

        with pytest.raises(Deadlock, match=", at 0 s after 1 steps; "):
            run(SimLoop(), main())

    def test_timer_set_into_the_past_does_not_turn_time_back(self) -> None:
        async def main() -> float:
            await asyncio.sleep(1)
            event = asyncio.Event()
            asyncio.get_running_loop().call_at(0.5, event.set)
            await event.wait()
            return now_s()

        assert run(SimLoop(), main()) == 1.0

    def test_timeout_ends_what_takes_too_long_when_it_is_due(self) -> None:
        async def main() -> float:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(10):
                    await asyncio.Event().wait()
            return now_s()

        assert run(SimLoop(), main()) == 10.0

    def test_loop_after_a_crash_goes_on_at_a_later_time(self) -> None:
        async def main() -> float:
            await asyncio.sleep(1)
            return now_s()

        assert run(SimLoop(start_s=41.0), main()) == 42.0

    def test_clock_follows_the_loop_and_can_be_set_without_moving_the_other(self) -> None:
        loop = SimLoop()
        clock = LoopClock(loop, 1_000)

        async def main() -> None:
            await asyncio.sleep(2.5)

        run(loop, main())
        assert (clock.now_ns(), clock.mono_ns()) == (2_500_001_000, 2_500_000_000)
        clock.offset_ns = -3600 * SECOND_NS
        assert (clock.now_ns(), clock.mono_ns()) == (
            2_500_001_000 - 3600 * SECOND_NS,
            2_500_000_000,
        )


class TestAsAsyncio:
    def test_group_cancels_the_others_when_one_fails(self) -> None:
        ends: list[str] = []

        async def wait() -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ends.append("cancelled")
                raise

        async def fail() -> None:
            await asyncio.sleep(1)
            raise ValueError("broken")

        with pytest.raises(ExceptionGroup) as caught:
            run(SimLoop(), spawn_all(wait(), fail(), wait()))
        assert ends == ["cancelled", "cancelled"]
        assert [repr(error) for error in caught.value.exceptions] == ["ValueError('broken')"]

    def test_event_wakes_all_who_wait(self) -> None:
        woken: list[int] = []

        async def main() -> None:
            event = asyncio.Event()

            async def wait(number: int) -> None:
                await event.wait()
                woken.append(number)

            async with asyncio.TaskGroup() as group:
                for number in range(3):
                    group.create_task(wait(number), name=f"w{number}")
                await asyncio.sleep(1)
                event.set()

        run(SimLoop(), main())
        assert woken == [0, 1, 2]

    def test_callbacks_run_in_the_order_they_were_given(self) -> None:
        order: list[int] = []

        async def main() -> None:
            loop = asyncio.get_running_loop()
            for number in range(0, 100, 2):
                loop.call_soon(order.append, number)
                loop.call_soon_threadsafe(order.append, number + 1)
            await asyncio.sleep(0)

        run(SimLoop(), main())
        assert order == list(range(100))

    def test_cancelled_callback_does_not_run(self) -> None:
        async def main() -> list[int]:
            order: list[int] = []
            loop = asyncio.get_running_loop()
            handles = [loop.call_soon(order.append, number) for number in range(3)]
            handles[1].cancel()
            await asyncio.sleep(0)
            return order

        assert run(SimLoop(), main()) == [0, 2]

    def test_generator_that_nobody_exhausts_is_closed(self) -> None:
        ends: list[str] = []

        async def numbers() -> AsyncIterator[int]:
            try:
                yield 1
            finally:
                await asyncio.sleep(0)
                ends.append("closed")

        async def main() -> list[str]:
            async for _ in numbers():
                break
            await asyncio.sleep(1)
            return ends

        assert run(SimLoop(), main()) == ["closed"]

    def test_generator_may_outlive_the_loop(self) -> None:
        async def main() -> AsyncIterator[int]:
            kept = numbers()
            await anext(kept)
            return kept

        kept = run(SimLoop(), main())
        del kept
        gc.collect()

    def test_standard_runner_can_use_it(self) -> None:
        with asyncio.Runner(loop_factory=SimLoop) as runner:
            assert runner.run(asyncio.sleep(1000, "done")) == "done"

    def test_thread_is_refused(self) -> None:
        async def main() -> None:
            await asyncio.to_thread(sorted, [2, 1])

        with pytest.raises(RuntimeError, match=r"^a simulated loop has no threads; .* not run$"):
            run(SimLoop(), main())

    def test_call_from_another_thread_is_refused(self) -> None:
        loop = SimLoop()
        errors: list[RuntimeError] = []

        def call() -> None:
            try:
                loop.call_soon_threadsafe(print)
            except RuntimeError as error:
                errors.append(error)

        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
        loop.close()
        assert [str(error) for error in errors] == [
            "a simulated loop was called from another thread; not scheduled"
        ]


class TestSeed:
    @staticmethod
    def trace(seed: int, *, chaotic: bool) -> list[tuple[str, float]]:
        loop = SimLoop(seed, chaotic=chaotic)
        trace: list[tuple[str, float]] = []

        async def walk(name: str) -> None:
            for _ in range(4):
                await asyncio.sleep(loop.rng.choice((0, 0, 0.5)))
                trace.append((name, loop.time()))

        run(loop, spawn_all(*(walk(name) for name in "abcd")))
        return trace

    @pytest.mark.parametrize("chaotic", [False, True], ids=["in order", "chaotic"])
    def test_same_seed_repeats_itself_and_another_differs(self, chaotic: bool) -> None:
        traces = [self.trace(seed, chaotic=chaotic) for seed in range(20)]
        assert traces == [self.trace(seed, chaotic=chaotic) for seed in range(20)]
        assert len({tuple(trace) for trace in traces}) > 15

    @staticmethod
    def order_of_ready_tasks(loop: SimLoop) -> str:
        order: list[str] = []

        async def step(name: str) -> None:
            order.append(name)
            await asyncio.sleep(0)
            order.append(name.upper())

        run(loop, spawn_all(*(step(name) for name in "abc")))
        return "".join(order)

    def test_ready_tasks_take_turns_unless_in_chaos(self) -> None:
        assert {self.order_of_ready_tasks(SimLoop(seed)) for seed in range(9)} == {"abcABC"}
        drawn = {self.order_of_ready_tasks(SimLoop(seed, chaotic=True)) for seed in range(2000)}
        assert len(drawn) == 90  # All orders of three pairs, each in its own order: 6! / 2!^3.

    def test_chaos_leaves_the_order_of_plain_callbacks(self) -> None:
        async def main() -> list[int]:
            order: list[int] = []
            for number in range(50):
                asyncio.get_running_loop().call_soon(order.append, number)
            await asyncio.sleep(1)
            return order

        for seed in range(20):
            assert run(SimLoop(seed, chaotic=True), main()) == list(range(50))


class TestGuards:
    @pytest.mark.parametrize("seconds", [None, float("inf")], ids=["no timer", "never due"])
    def test_deadlock_names_who_waits(self, seconds: float | None) -> None:
        async def wait() -> None:
            await asyncio.sleep(1)
            await (asyncio.Event().wait() if seconds is None else asyncio.sleep(seconds))

        expected = (
            r"^nothing is ready and no timer is set, at 1 s after \d+ steps; "
            r"pending tasks: '.+', 't0', 't1'$"
        )
        loop = SimLoop()
        with pytest.raises(Deadlock, match=expected):
            run(loop, spawn_all(wait(), wait()))
        assert not loop.has_power

    def test_program_without_end_is_stopped(self) -> None:
        loop = SimLoop(steps_max=100)

        async def spin() -> None:
            while True:
                await asyncio.sleep(0)

        with pytest.raises(Runaway, match=r"^the program did not end in 100 steps, .* 't0'$"):
            run(loop, spawn_all(spin()))
        assert loop.steps == 100

    def test_task_that_outlives_the_program_is_named(self) -> None:
        async def main() -> None:
            main.kept = asyncio.get_running_loop().create_task(  # type: ignore[attr-defined]
                asyncio.sleep(60), name="left over"
            )

        with pytest.raises(TasksLeft, match=r"^the program ended, its tasks did not: 'left over'$"):
            run(SimLoop(), main())

    def test_invariant_is_asked_after_each_step_and_ends_the_run(self) -> None:
        loop = SimLoop()
        seen: list[int] = []

        def check() -> None:
            seen.append(loop.steps)
            assert loop.time() < 2, "too late"

        loop.after_step = check
        with pytest.raises(AssertionError, match="^too late"):
            run(loop, asyncio.sleep(5))
        assert seen == list(range(1, loop.steps + 1))


# Power cuts


@asynccontextmanager
async def opened(name: str, effects: list[str]) -> AsyncIterator[None]:
    """Something that has to await to be closed, whatever happens."""
    try:
        await asyncio.sleep(0)
        yield
    finally:
        await asyncio.sleep(0.1)
        effects.append(f"closed {name}")


async def numbers() -> AsyncIterator[int]:
    try:
        for number in itertools.count():
            await asyncio.sleep(0.01)
            yield number
    finally:
        await asyncio.sleep(0)


async def program(effects: list[str]) -> None:
    """Have everything that is hard to throw away: groups, time-outs, generators, tasks unborn."""

    async def child(name: str) -> None:
        async with opened(name, effects), asyncio.timeout(5):
            try:
                async for number in numbers():
                    effects.append(f"{name}{number}")
                    if number == 2:
                        break
            finally:
                await asyncio.wait_for(asyncio.sleep(0.1), 1)

    async with opened("outer", effects), asyncio.TaskGroup() as outer:
        outer.create_task(child("a"), name="a")
        async with asyncio.TaskGroup() as inner:
            inner.create_task(child("b"), name="b")
        outer.create_task(asyncio.sleep(1), name="late")
    effects.append("end")


def test_power_cut_after_any_step_leaves_nothing_behind() -> None:
    whole: list[str] = []
    loop = SimLoop()
    run(loop, program(whole))
    assert whole[-2:] == ["closed outer", "end"]
    for step in range(loop.steps):
        world, effects = SimLoop(), list[str]()
        assert run_until_crash(world, program(effects), at_step=step)
        assert (world.steps, world.is_closed(), world.has_power) == (step, True, False)
        # What happened before the cut is a prefix; an `await` on the way out goes nowhere.
        assert effects == whole[: len(effects)]
    gc.collect()  # A forgotten coroutine or task would complain now.
    assert not run_until_crash(SimLoop(), program([]), at_step=loop.steps)


def test_power_cut_within_the_program_lets_its_callback_end_and_no_other() -> None:
    loop, trace = SimLoop(), list[str]()

    async def main() -> None:
        loop.call_soon(trace.append, "next")
        loop.lose_power()
        trace.append("this")
        await asyncio.sleep(0)
        trace.append("later")

    with pytest.raises(PowerLost, match=r"^the power was cut after 1 steps, at 0 s$"):
        run(loop, main())
    assert trace == ["this"]


def test_group_makes_an_error_of_its_own_of_the_way_out() -> None:
    async def main() -> None:
        async with asyncio.TaskGroup():
            await asyncio.sleep(1)

    assert run_until_crash(SimLoop(), main(), at_step=1)


def test_tasks_that_are_born_on_the_way_out_never_live() -> None:
    born: list[str] = []

    async def child() -> None:
        born.append("ran")

    async def main() -> None:
        try:
            await asyncio.sleep(1)
        finally:
            task = asyncio.get_running_loop().create_task(child(), name="late")
            born.append(task.get_name())

    assert run_until_crash(SimLoop(), main(), at_step=1)
    assert born == ["late"]
    gc.collect()


def test_failure_that_nobody_fetched_is_lost_with_the_world() -> None:
    async def main() -> None:
        future = asyncio.get_running_loop().create_future()
        future.set_exception(ValueError("unseen"))
        await asyncio.sleep(1)

    assert run_until_crash(SimLoop(), main(), at_step=1)
    gc.collect()


def test_failure_that_nobody_fetched_is_told_in_a_world_that_goes_on(expected_logs: Any) -> None:
    expected_logs("Future exception was never retrieved")

    async def main() -> None:
        asyncio.get_running_loop().create_future().set_exception(ValueError("unseen"))

    run(SimLoop(), main())
    gc.collect()


def test_coroutine_that_cannot_be_closed_is_named() -> None:
    may_end = False

    async def stubborn() -> None:
        while not may_end:
            try:
                await asyncio.sleep(1)
            except GeneratorExit:
                continue

    loop = SimLoop()
    with pytest.raises(RuntimeError, match=r"^coroutines are still open after 100 .*: 'mule'$"):
        run_until_crash(loop, spawn_named(stubborn(), "mule"), at_step=5)
    may_end = True
    abandon(loop)


async def spawn_named(coroutine: Coroutine[Any, Any, None], name: str) -> None:
    task = asyncio.get_running_loop().create_task(coroutine, name=name)
    asyncio.current_task().set_name("main")  # type: ignore[union-attr]
    await task
