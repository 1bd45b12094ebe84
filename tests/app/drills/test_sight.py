"""Goal: what was shown is found again, with the time that it took."""

from __future__ import annotations

import msgspec
import pytest

from app.clock import SimClock
from app.domain.enums import Custody, OrderState
from app.domain.events import Notice, OrderChanged
from app.domain.ids import ClOrdID
from app.drills.sight import Sight
from app.hub import Hub
from tests.samples import ID, order

MS = 1_000_000
SENT = order(custody=Custody.SENT)
DOUBTED = order(custody=Custody.UNKNOWN)
OTHER = msgspec.structs.replace(DOUBTED, cl_ord_id=ClOrdID("other"))


@pytest.fixture
def sight():
    """What two stations showed: a step each 10 ms."""
    clock = SimClock()
    made = Sight(clock)
    first, second = Hub(), Hub()
    made.watch(first)
    made.watch(second)
    for hub, event in (
        (first, OrderChanged(order=OTHER)),
        (first, OrderChanged(order=SENT)),
        (first, Notice(text="the clock was set")),
        (second, OrderChanged(order=SENT)),
        (second, OrderChanged(order=DOUBTED)),
        (second, Notice(text="the clock was set")),
    ):
        clock.advance_to(clock.now_ns() + 10 * MS)
        hub.publish(event)
    return made


def test_the_first_of_its_kind_after_a_moment_counts(sight):
    assert sight.said_s("clock", since_ns=0) == 0.03
    assert sight.said_s("clock", since_ns=31 * MS) == 0.029
    assert sight.said_s("clock", since_ns=61 * MS) is None
    assert sight.said_s("disk", since_ns=0) is None


def test_doubt_is_of_one_order(sight):
    assert sight.doubted_s(ID, since_ns=0) == 0.05
    assert sight.doubted_s(ClOrdID("other"), since_ns=0) == 0.01
    assert sight.doubted_s(ClOrdID("none"), since_ns=0) is None


def test_an_order_is_given_as_it_was_shown_each_time(sight):
    assert list(sight.orders(ID)) == [SENT, SENT, DOUBTED]
    assert sight.states(ID) == (OrderState.PENDING_NEW, OrderState.IN_DOUBT)
    assert sight.states(ClOrdID("none")) == ()
