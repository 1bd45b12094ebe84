"""Show that limits, and what went over them, go through the record of the order path.

Method: the real engine on virtual time; what a run has changed is looked for in the next one.
"""

from decimal import Decimal

import pytest

from app.domain.enums import OrdStatus, Origin, Side
from app.domain.errors import RefusedOrder
from tests.samples import new_order
from tests.sim.disk import InstantDisk
from tests.station import MAN, play

WHY = "smaller for today"


def set_most(station, typed):
    station.engine.limits.set("order_qty", "qty_max", typed, reason=WHY, actor="ada")


async def is_sent(station, qty):
    cl_ord_id = station.submit(Side.BUY, qty, "100")
    await station.engine.settle()
    return cl_ord_id in station.sent()


def test_tighter_limit_holds_for_the_next_order_and_looser_once_it_is_on_disk():
    async def story(station):
        set_most(station, "5")
        assert not await is_sent(station, 6)
        set_most(station, "10")
        early = station.submit(Side.BUY, 6, "100")
        await station.engine.settle()
        assert early not in station.sent()
        assert await is_sent(station, 6)

    play(story)


def test_order_of_the_same_moment_as_a_loosening_is_decided_before_it():
    """A loosening that is not durable yet lets nothing through."""

    async def story(station):
        set_most(station, "5")
        await station.engine.settle()
        set_most(station, "10")
        station.submit(Side.BUY, 6, "100")
        await station.engine.settle()
        assert station.sent() == []

    play(story)


def test_changes_of_one_moment_end_with_the_last():
    async def story(station):
        for typed in ("5", "50", "7"):
            set_most(station, typed)
        await station.engine.settle()
        assert await is_sent(station, 7)
        assert not await is_sent(station, 8)

    play(story)


@pytest.mark.parametrize("override", ["", "I know"])
def test_question_of_a_check_is_answered_by_a_reason_only_and_both_are_kept(override):
    """The price is far from the market: a check asks."""

    async def story(station):
        order = new_order(Side.BUY, 10, "102")
        cl_ord_id = station.engine.submit(order, **MAN, override=override)
        await station.engine.settle()
        assert (cl_ord_id in station.sent()) is bool(override)
        kept = station.engine.breaches.newest_first()
        assert [(b.what, b.reason, b.cl_ord_id) for b in kept] == (
            [("price_collar", override, cl_ord_id)] if override else []
        )

    play(story)


def test_script_cannot_answer_a_question():
    async def story(station):
        order = new_order(Side.BUY, 10, "102")
        cl_ord_id = station.engine.submit(
            order, origin=Origin.SCRIPT, actor="robot", override="because"
        )
        await station.engine.settle()
        assert station.sent() == []
        assert station.get(cl_ord_id).ord_status is OrdStatus.REJECTED

    play(story)


def test_next_run_has_the_limits_and_the_breaches_of_this_one():
    disk = InstantDisk()

    async def first(station):
        set_most(station, "50")
        station.engine.submit(new_order(Side.BUY, 10, "102"), **MAN, override="I know")
        await station.engine.settle()

    async def again(station):
        station.engine.limits.restore()  # As the start of the order path does.
        (limit,) = [r for r in station.engine.limits.rows() if r.param == "qty_max"]
        assert (Decimal(limit.value), limit.changed_by, limit.changed_ns > 0) == (50, "ada", True)
        assert [b.reason for b in station.engine.breaches.newest_first()] == ["I know"]
        assert not await is_sent(station, 51)

    play(first, disk=disk)
    play(again, disk=disk)


def test_refused_order_is_no_breach():
    async def story(station):
        set_most(station, "5")
        assert not await is_sent(station, 6)
        assert station.engine.breaches.newest_first() == ()

    play(story)


def test_nothing_is_taken_that_the_broker_cannot_do_whatever_the_reason():
    async def story(station):
        with pytest.raises(RefusedOrder):
            station.engine.submit(new_order(qty="1.5"), **MAN, override="I know")

    play(story)
