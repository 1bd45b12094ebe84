"""Show that a station is well until somebody says otherwise, and that the gate hears of it.

Method: the pictures of a fresh order path.
"""

from app.oms.health import Health
from tests.order_path import run, started
from tests.samples import new_order
from tests.sim.disk import InstantDisk


def test_station_is_well_at_first():
    assert Health() == Health(station="", venue="", unreconciled="", loop_lag_ns=0)


def test_what_is_said_is_in_the_next_picture():
    async def story():
        async with started(InstantDisk()) as path:
            health = path.path.health
            health.station, health.venue, health.loop_lag_ns = "no disk", "paper key, live", 7
            health.unreconciled = "no answer"
            seen = path.engine.picture(new_order())
            assert (seen.station_fault, seen.venue_fault) == ("no disk", "paper key, live")
            assert (seen.unreconciled, seen.loop_lag_ns) == ("no answer", 7)

    run(story)


def test_books_are_unreconciled_until_the_broker_has_answered():
    async def story():
        def prepare(path):
            path.is_up = False

        async with started(InstantDisk(), prepare) as path:
            said = path.path.health.unreconciled
            assert said.startswith("fake did not say what it holds: ")
            path.is_up = True
            assert await path.steward.compare()
            assert path.path.health.unreconciled == ""
            path.is_up = False
            assert not await path.steward.compare()
            assert path.path.health.unreconciled == ""  # What is known is known.

    run(story)
