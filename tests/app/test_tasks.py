"""Show that services come back after a failure, that calls end, and that what must stop stops.

Method: services of a few lines; the waits are replaced, so that no time passes.
"""

import asyncio

import pytest

from app import tasks
from app.domain.errors import BadInput, JournalFailed
from app.domain.events import ServiceStatus
from app.hub import Hub
from app.tasks import attempt, spawn, supervise

pytestmark = pytest.mark.asyncio

FATAL = [
    AssertionError("broken"),
    JournalFailed("disk"),
    ExceptionGroup("service", [ValueError("no"), AssertionError("broken")]),
    ExceptionGroup("service", [ExceptionGroup("inner", [JournalFailed("disk")])]),
]
FATAL_IDS = ["assertion", "journal", "assertion in a group", "journal in a nested group"]


class Service:
    """Fails in the given ways, one a run, then ends."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.runs = 0

    async def run(self):
        self.runs += 1
        if self.errors:
            raise self.errors.pop(0)


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture
def said(hub):
    heard = []
    hub.subscribe(ServiceStatus, heard.append)
    return heard


@pytest.fixture
def ceilings(monkeypatch):
    """Upper bounds of the waits that were drawn; the waits themselves take no time."""
    drawn = []

    def uniform(low, high):
        assert low == 0
        drawn.append(high)
        return 0.0

    monkeypatch.setattr(tasks.random, "uniform", uniform)
    return drawn


async def test_task_has_a_name_and_its_group_waits_for_it():
    done = []

    async def work():
        done.append(asyncio.current_task().get_name())
        return 5

    async with asyncio.TaskGroup() as group:
        task = spawn(group, "worker", work())
    assert done == ["worker"]
    assert task.result() == 5


async def test_service_that_ends_is_not_started_again(hub, said):
    service = Service()
    await supervise("feed", service.run, hub=hub)
    assert service.runs == 1
    assert [(status.is_running, status.text) for status in said] == [
        (True, "running"),
        (False, "ended"),
    ]


async def test_service_that_fails_is_reported_and_started_again(hub, said, ceilings):
    service = Service(ValueError("no"), ExceptionGroup("links", [OSError("gone")]))
    await supervise("feed", service.run, hub=hub)
    assert service.runs == 3
    assert [status.is_running for status in said] == [True, False, True, False, True, False]
    assert said[1].text == "feed failed: ValueError('no'); starts again in 0.0 s"


async def test_waits_double_up_to_a_bound(hub, ceilings):
    service = Service(*[ValueError("no")] * 20)
    await supervise("feed", service.run, hub=hub, backoff_s_min=0.5, backoff_s_max=30)
    assert ceilings == [1, 2, 4, 8, 16] + [30] * 15


@pytest.mark.parametrize("error", [*FATAL, BadInput("file")], ids=[*FATAL_IDS, "bad input"])
async def test_what_would_be_met_again_ends_the_supervision(hub, error):
    service = Service(error)
    with pytest.raises(type(error)):
        await supervise("feed", service.run, hub=hub)
    assert service.runs == 1


async def test_cancelled_service_is_not_started_again(hub):
    started = asyncio.Event()
    runs = []

    async def run():
        runs.append(1)
        started.set()
        await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = spawn(group, "feed", supervise("feed", run, hub=hub))
        await started.wait()
        task.cancel()
    assert task.cancelled()
    assert runs == [1]


async def test_call_that_works_gives_no_error():
    assert await attempt(Service().run(), deadline_s=1) is None


@pytest.mark.parametrize(
    "error", [ValueError("no"), ExceptionGroup("links", [OSError("gone")])], ids=["plain", "group"]
)
async def test_error_of_a_call_is_returned(error):
    assert await attempt(Service(error).run(), deadline_s=1) is error


async def test_call_that_does_not_end_is_cancelled_at_its_deadline():
    cancelled = []

    async def hang():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    assert isinstance(await attempt(hang(), deadline_s=0), TimeoutError)
    assert cancelled == [True]


@pytest.mark.parametrize("error", FATAL, ids=FATAL_IDS)
async def test_broken_invariant_in_a_call_is_not_returned(error):
    with pytest.raises(type(error)):
        await attempt(Service(error).run(), deadline_s=1)


async def test_cancelled_caller_is_cancelled():
    async with asyncio.TaskGroup() as group:
        task = spawn(group, "call", attempt(asyncio.Event().wait(), deadline_s=60))
        await asyncio.sleep(0)
        task.cancel()
    assert task.cancelled()
