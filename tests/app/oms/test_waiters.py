"""Show that who waits for the books is woken when it holds, and leaves nothing behind.

Method: conditions that are switched by hand; virtual time for the deadline.
"""

import asyncio

from app.oms.waiters import Waiters
from tests.sim.loop import SimLoop
from tests.sim.world import run


def by_hand(story):
    run(SimLoop(), story())


def waiting(waiters, is_so, deadline_s=30.0):
    return asyncio.get_running_loop().create_task(
        waiters.until(is_so, deadline_s=deadline_s), name="waiter"
    )


def test_what_holds_already_is_not_waited_for():
    async def story():
        assert await Waiters().until(lambda: True, deadline_s=0.0)

    by_hand(story)


def test_it_is_woken_at_the_look_at_which_it_holds_and_not_before():
    async def story():
        waiters, facts = Waiters(), []
        task = waiting(waiters, lambda: len(facts) >= 2)
        for _ in range(2):
            facts.append("a fact")
            await asyncio.sleep(1)
            waiters.look()
        waiters.look()  # Twice before it runs.
        await asyncio.sleep(0)
        assert await task
        assert asyncio.get_running_loop().time() == 2

    by_hand(story)


def test_deadline_says_what_is_so_at_that_moment():
    async def story():
        facts = []
        missed = waiting(Waiters(), lambda: bool(facts), deadline_s=5.0)
        assert not await missed
        assert asyncio.get_running_loop().time() == 5
        unseen = waiting(Waiters(), lambda: bool(facts), deadline_s=5.0)
        await asyncio.sleep(1)
        facts.append("a fact nobody looked at")
        assert await unseen
        assert asyncio.get_running_loop().time() == 10

    by_hand(story)


def test_who_waits_no_more_is_not_asked():
    async def story():
        waiters, asked = Waiters(), []
        task = waiting(waiters, lambda: bool(asked.append(1)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        asked.clear()
        waiters.look()
        assert asked == []

    by_hand(story)


def test_each_waits_for_its_own():
    async def story():
        waiters, facts = Waiters(), []
        first = waiting(waiters, lambda: len(facts) > 0)
        second = waiting(waiters, lambda: len(facts) > 1)
        await asyncio.sleep(0)
        facts.append(1)
        waiters.look()
        assert await first
        assert not second.done()
        facts.append(2)
        waiters.look()
        assert await second

    by_hand(story)
