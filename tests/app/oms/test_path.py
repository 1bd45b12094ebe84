"""Show that the path starts in order, stops what only waits, and ends with what is under way.

Method: the real order path on virtual time and a simulated disk.
"""

from __future__ import annotations

import asyncio

import pytest

from app.domain.enums import Custody, OrdStatus, Origin
from app.domain.terms import Hold, TimeCondition
from app.domain.times import SECOND_NS
from tests.order_path import at_broker, authoritative, opened, run, started
from tests.samples import NOW_NS, new_order, report
from tests.sim.disk import SimDisk


def test_start_asks_the_broker_before_anything_else_and_ends_compared():
    async def story():
        async with started(SimDisk()) as path:
            assert len(path.lists) == 1
            assert path.steward.is_reconciled

    run(story)


def test_what_works_is_handed_to_a_broker_of_this_process_before_it_is_compared():
    disk = SimDisk()

    async def first():
        async with opened(disk) as path:
            sent = await path.order(limit="90")
            await path.hear(sent, report())

    async def second():
        handed = []

        def prepare(path):
            authoritative(path)
            path.broker.restore = lambda recorded: handed.extend(recorded.working)
            path.listed_first = path.listed

        async with started(disk, prepare) as path:
            [order] = handed
            assert order.custody is Custody.ACKNOWLEDGED
            assert path.get(order.cl_ord_id).ord_status is OrdStatus.CANCELED

    run(first)
    run(second)


def test_stop_ends_what_waits_and_not_what_is_under_way():
    async def story():
        ended = asyncio.Event()

        async def wait_for_ever() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        async with started(SimDisk()) as path:
            path.path.care("patience", wait_for_ever())
            await asyncio.sleep(0)
            sent = await path.order(limit="90")
            path.lists_of(at_broker(sent))
        assert ended.is_set()

    run(story)


def test_nothing_is_cared_for_before_the_start():
    async def story():
        async def never() -> None:
            raise AssertionError("it ran")

        async with opened(SimDisk()) as path:
            coroutine = never()
            with pytest.raises(AssertionError, match="start comes first"):
                path.path.care("early", coroutine)
            coroutine.close()

    run(story)


def test_where_time_comes_with_the_feed_nothing_is_done_by_the_wall():
    at = TimeCondition(at_ns=NOW_NS + 30 * SECOND_NS)
    looks = []

    def prepare(path):
        path.path._is_fed_time = True
        look = path.path.watch.look

        def counted() -> None:
            looks.append(path.clock.now_ns())
            look()

        path.path.watch.look = counted

    async def story():
        async with started(SimDisk(), prepare) as path:
            path.engine.submit(
                new_order(), origin=Origin.MANUAL, actor="me", hold=Hold(conditions=(at,))
            )
            await path.engine.settle()
            looks.clear()
            assert path.path.due_ns <= at.at_ns
            await asyncio.sleep(60)
            assert looks == []
            assert path.broker.submitted == []
            path.path.pass_time()
            await path.engine.settle()
            assert len(path.broker.submitted) == 1
            assert len(looks) == 1
            path.path.pass_time()
            assert len(looks) == 1, "what is not due was looked at"

    run(story)
