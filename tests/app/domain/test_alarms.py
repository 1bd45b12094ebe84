"""Show what a person is told of a change of an order, word for word, and what passes in silence.

Method: an order before, reports after; the texts are written out.
"""

from __future__ import annotations

import msgspec
import pytest

from app.domain.alarms import Alarm, alarms_of
from app.domain.enums import Custody, ExecType, OrdStatus, TimeInForce
from tests.reported import (
    ABSENT,
    CANCELED,
    DOUBT,
    MISSING,
    NEW,
    PARTIAL,
    PENDING,
    REJECTED,
    after,
    asked,
    bust,
    correct,
    fill,
    said,
)
from tests.samples import ID, new_order, order


def texts(before, *reports):
    return [alarm.text for alarm in alarms_of(before, after(before, *reports))]


@pytest.mark.parametrize(
    ("before", "reports"),
    [
        pytest.param(NEW, [], id="nothing"),
        pytest.param(PENDING, [said(ExecType.NEW)], id="ack"),
        pytest.param(NEW, [fill(qty=100)], id="fill"),
        pytest.param(PENDING, [said(ExecType.REJECTED)], id="rejected"),
        pytest.param(NEW, [said(ExecType.EXPIRED)], id="expired"),
        pytest.param(asked(NEW), [said(ExecType.CANCELED)], id="canceled as asked"),
        pytest.param(CANCELED, [said(ExecType.NEW, 9)], id="late ack"),
        pytest.param(DOUBT, [ABSENT], id="absent"),
        pytest.param(MISSING, [ABSENT], id="still absent"),
        pytest.param(after(CANCELED, fill()), [said(ExecType.NEW, 9)], id="late fill is told once"),
        pytest.param(PARTIAL, [correct(40)], id="correction that changes nothing of weight"),
        pytest.param(
            after(NEW, fill("S1", 60, is_synthetic=True)), [fill("E2")], id="made-up fill shrinks"
        ),
        pytest.param(
            after(NEW, fill("S1", 40, is_synthetic=True)), [fill("E2")], id="made-up fill goes"
        ),
    ],
)
def test_what_has_to_be_is_not_announced(before, reports):
    assert texts(before, *reports) == []


def test_fill_beyond_the_order_is_announced_and_stops_the_symbol():
    assert alarms_of(PARTIAL, after(PARTIAL, fill("E2", 61))) == (
        Alarm(
            text=f"order {ID}: 1 shares executed beyond the 100 asked for; booked; IBM only "
            "reduces until acknowledged",
            reduces=True,
        ),
    )
    over = after(PARTIAL, fill("E2", 61))
    assert texts(over, fill("E3", 2)) == [
        f"order {ID}: 3 shares executed beyond the 100 asked for; booked; IBM only reduces until "
        "acknowledged"
    ]
    assert alarms_of(over, msgspec.structs.replace(over, text="seen")) == ()


@pytest.mark.parametrize(
    ("before", "ended"), [(CANCELED, "canceled"), (REJECTED, "rejected")], ids=lambda x: str(x)[:9]
)
def test_fill_after_the_end_is_announced(before, ended):
    assert alarms_of(before, after(before, fill())) == (
        Alarm(text=f"order {ID}: 40 at 10 executed and reported after it was {ended}; booked"),
    )
    twice = texts(before, fill(), fill("E2", 7, 11))
    assert twice == [f"order {ID}: 7 at 11 executed and reported after it was {ended}; booked"]


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (bust(), "the venue broke the fill of 40 at 10"),
        (correct(30), "the venue corrected the fill of 40 at 10 to 30 at 10"),
        (correct(40, 9), "the venue corrected the fill of 40 at 10 to 40 at 9"),
    ],
    ids=["bust", "quantity", "price"],
)
def test_what_the_venue_takes_back_is_announced(report, text):
    assert alarms_of(PARTIAL, after(PARTIAL, report)) == (Alarm(text=f"order {ID}: {text}"),)
    second = after(NEW, fill("E0", 1), fill())
    assert texts(second, report) == [f"order {ID}: {text}"]


@pytest.mark.parametrize("report", [said(ExecType.NEW), fill()], ids=["ack", "fill"])
def test_order_that_was_declared_absent_and_lives_is_announced(report):
    assert alarms_of(MISSING, after(MISSING, report)) == (
        Alarm(text=f"order {ID}: the broker has it after all; it works and counts again"),
    )


class TestUnsolicited:
    """Row 29: a cancel that nobody here asked for."""

    CANCELED = said(ExecType.CANCELED, text="halted")

    def test_is_announced_with_its_reason(self):
        assert alarms_of(PARTIAL, after(PARTIAL, self.CANCELED)) == (
            Alarm(text=f"order {ID}: canceled without being asked: halted"),
        )

    @pytest.mark.parametrize("tif", TimeInForce)
    def test_remainder_of_what_ends_at_once_is_no_news(self, tif):
        before = order(new_order(time_in_force=tif), custody=Custody.ACKNOWLEDGED, ts_ack_ns=1)
        told = bool(texts(before, self.CANCELED))
        assert told is (tif not in (TimeInForce.IOC, TimeInForce.FOK))

    @pytest.mark.parametrize("custody", [Custody.HELD, Custody.STAGED])
    def test_order_that_waits_here_is_taken_back_here(self, custody):
        before = order(custody=custody)
        done = msgspec.structs.replace(before, done=OrdStatus.CANCELED)
        assert alarms_of(before, done) == ()


def test_all_that_happened_is_told():
    assert texts(MISSING, fill(qty=101), correct(102)) == [
        f"order {ID}: 2 shares executed beyond the 100 asked for; booked; IBM only reduces until "
        "acknowledged",
        f"order {ID}: the broker has it after all; it works and counts again",
    ]
