"""Show that limits tighten at once, loosen on record, and not at all while they are locked.

Method: the keeper on a real gate with records that become durable when the test says so; a clock
whose two sides are moved apart.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from app.audit.records import UserActed
from app.calendar import us_calendar
from app.domain.errors import BadInput
from app.domain.times import SECOND_NS
from app.oms.limits import SET_BACK_NS, LimitKeeper, LimitsRecord
from app.risk.checks.base import CheckSpec, Finding
from app.risk.checks.order_qty import CHECK as ORDER_QTY
from app.risk.gate import Gate
from tests.samples import NOW_NS

HOUR_NS = 3_600 * SECOND_NS
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
TO_TUESDAY_NS = us_calendar().day_start_ns(TUESDAY) - NOW_NS


class TwoClocks:
    """Both sides stand where they are put."""

    def __init__(self):
        self.utc_ns, self.boot_ns = NOW_NS, 10 * HOUR_NS

    def now_ns(self):
        return self.utc_ns

    def mono_ns(self):
        return self.boot_ns

    def pass_time(self, ns):
        self.utc_ns += ns
        self.boot_ns += ns


class Desk:
    """A keeper on what is on record."""

    def __init__(self, record=None, clock=None, qty_max="100"):
        self.record, self.clock = record or LimitsRecord(), clock or TwoClocks()
        self.gate = Gate([ORDER_QTY], {"order_qty": {"qty_max": qty_max}})
        self.waiting = []
        self.keeper = LimitKeeper(
            gate=self.gate,
            record=self.record,
            clock=self.clock,
            calendar=us_calendar(),
            put=self.waiting.append,
        )
        self.keeper.restore()

    def set(self, typed, reason="why"):
        self.keeper.set("order_qty", "qty_max", typed, reason=reason, actor="ada")

    def lock(self):
        self.keeper.lock(actor="ada")
        self.write()

    def write(self, count=99):
        """Let the oldest records become durable."""
        for _ in range(min(count, len(self.waiting))):
            record = self.waiting.pop(0)
            self.record.on_record(record)
            if hasattr(record, "param"):
                self.keeper.on_record(record)

    def again(self, **kwargs):
        """The next run, on the same record."""
        return Desk(self.record, kwargs.pop("clock", self.clock), **kwargs)

    @property
    def qty_max(self):
        return self.gate.find("order_qty")[1].qty_max


def test_tighter_holds_at_once_and_looser_with_its_record():
    desk = Desk()
    desk.set("50")
    assert desk.qty_max == 50
    desk.write()
    desk.set("80")
    assert desk.qty_max == 50
    desk.write()
    assert desk.qty_max == 80


def test_tightening_on_its_way_is_not_undone_by_a_loosening_before_it():
    desk = Desk()
    desk.set("200")
    desk.set("50")
    desk.write(1)
    assert desk.qty_max == 50
    desk.write()
    assert desk.qty_max == 50


def test_record_says_who_what_and_why():
    desk = Desk()
    desk.set(" 1,000 ", "bigger account")
    (record,) = desk.waiting
    assert (record.check, record.param, record.value, record.before) == (
        "order_qty",
        "qty_max",
        "1000",
        "100",
    )
    assert (record.reason, record.actor) == ("bigger account", "ada")


def test_what_is_on_record_is_found_by_the_next_run():
    desk = Desk()
    desk.set("50")
    desk.set("70")
    desk.write()
    assert desk.again().qty_max == 70
    assert desk.record.version == 2


def test_rows_say_who_changed_what_when():
    desk = Desk()
    assert desk.keeper.rows()[0].changed_by == ""
    desk.set("50")
    desk.write()
    (row,) = desk.keeper.rows()
    assert (row.value, row.default) == ("50", "100")
    assert (row.changed_by, row.changed_ns) == ("ada", NOW_NS)
    assert desk.again(qty_max="80").keeper.rows()[0].default == "80"
    assert desk.keeper.version == 1


def test_record_of_something_else_is_none_of_limits():
    record = LimitsRecord()
    record.on_record(UserActed(action="a", detail="b", actor="ada"))
    assert (record.version, record.sets, record.lock) == (0, {}, None)


@pytest.mark.parametrize(("typed", "looser"), [("101", True), ("100", False), ("99", False)])
def test_it_is_said_beforehand_whether_a_change_is_looser(typed, looser):
    assert Desk().keeper.is_looser("order_qty", "qty_max", typed) is looser


@pytest.mark.parametrize(
    ("check", "param", "typed", "words"),
    [
        ("order_qty", "qty_max", "abc", "order_qty"),
        ("order_qty", "nothing", "1", "order_qty has no parameter 'nothing'"),
        ("nothing", "qty_max", "1", "there is no check 'nothing'; nothing changed"),
    ],
)
def test_what_is_no_limit_is_refused_and_not_recorded(check, param, typed, words):
    desk = Desk()
    with pytest.raises(BadInput, match=words):
        desk.keeper.set(check, param, typed, reason="r", actor="ada")
    assert (desk.waiting, desk.qty_max) == ([], 100)


def test_recorded_limit_of_a_check_that_is_gone_is_said():
    desk = Desk()
    desk.set("50")
    record = msgspec.structs.replace(desk.waiting[0], check="gone")
    desk.record.on_record(record)
    with pytest.raises(BadInput, match="there is no check 'gone'"):
        desk.again()


class TestLock:
    """What a person gave away before the open does not come back in the middle of the day."""

    def test_nothing_is_locked_at_first(self):
        assert Desk().keeper.locked_until is None

    def test_looser_is_refused_and_tighter_is_not(self):
        desk = Desk()
        desk.lock()
        assert desk.keeper.locked_until == TUESDAY
        with pytest.raises(BadInput, match="limits are locked until 2026-11-24: qty_max stays"):
            desk.set("101")
        assert desk.waiting == []
        desk.set("99")
        desk.write()
        assert desk.qty_max == 99
        with pytest.raises(BadInput, match="locked"):
            desk.set("100")

    @pytest.mark.parametrize(("short_ns", "is_locked"), [(1, True), (0, False)])
    def test_it_ends_with_the_next_trading_day(self, short_ns, is_locked):
        desk = Desk()
        desk.lock()
        desk.clock.pass_time(TO_TUESDAY_NS - short_ns)
        assert (desk.keeper.locked_until is not None) is is_locked

    def test_restart_does_not_lift_it(self):
        desk = Desk()
        desk.lock()
        again = desk.again()
        with pytest.raises(BadInput, match="locked"):
            again.set("101")

    def test_settings_do_not_loosen_what_is_locked(self):
        desk = Desk()
        desk.lock()
        assert desk.again(qty_max="1000").qty_max == 100
        assert desk.again(qty_max="10").qty_max == 10

    def test_limits_of_the_lock_hold_against_earlier_records_too(self):
        desk = Desk()
        desk.set("50")
        desk.write()
        desk.lock()
        assert desk.again(qty_max="1000").qty_max == 50

    def test_once_it_has_ended_the_settings_hold_again(self):
        desk = Desk()
        desk.lock()
        desk.clock.pass_time(TO_TUESDAY_NS)
        assert desk.again(qty_max="1000").qty_max == 1000

    def test_clock_that_is_set_to_tomorrow_does_not_lift_it(self):
        desk = Desk()
        desk.lock()
        desk.clock.utc_ns += TO_TUESDAY_NS
        assert desk.keeper.locked_until == TUESDAY
        with pytest.raises(BadInput, match="locked"):
            desk.again().set("101")

    @pytest.mark.parametrize(
        ("drift_ns", "is_locked"), [(SET_BACK_NS, False), (SET_BACK_NS + 1, True)]
    )
    def test_clocks_may_differ_a_little(self, drift_ns, is_locked):
        desk = Desk()
        desk.lock()
        desk.clock.pass_time(TO_TUESDAY_NS - drift_ns)
        desk.clock.utc_ns += drift_ns
        assert (desk.keeper.locked_until is not None) is is_locked

    def test_clock_that_is_set_back_holds_it(self):
        desk = Desk()
        desk.lock()
        desk.clock.pass_time(TO_TUESDAY_NS)
        desk.clock.utc_ns -= HOUR_NS
        assert desk.keeper.locked_until == TUESDAY

    def test_after_the_machine_was_started_anew_the_time_decides(self):
        desk = Desk()
        desk.lock()
        desk.clock.boot_ns = HOUR_NS
        assert desk.keeper.locked_until == TUESDAY
        desk.clock.utc_ns += TO_TUESDAY_NS
        assert desk.keeper.locked_until is None

    def test_lock_of_a_check_that_is_gone_is_said(self):
        desk = Desk()
        desk.lock()
        lock = desk.record.lock
        desk.record.on_record(msgspec.structs.replace(lock, limits={"gone": {}}))
        with pytest.raises(BadInput, match="there is no check 'gone'"):
            desk.again()

    def test_record_has_all_limits_as_they_were(self):
        desk = Desk()
        desk.keeper.lock(actor="ada")
        (record,) = desk.waiting
        assert record.limits["order_qty"] == {"qty_max": "100"}
        assert (record.until, record.until_ns) == (TUESDAY, NOW_NS + TO_TUESDAY_NS)
        assert (record.ts_ns, record.mono_ns, record.actor) == (NOW_NS, 10 * HOUR_NS, "ada")


def test_limits_are_read_from_the_gate_in_its_order():
    def check(given, params):
        return Finding(passed=True, value="", limit="")

    other = CheckSpec("other", "Other", ORDER_QTY.params, check)
    gate = Gate([ORDER_QTY, other], {"other": {}, "order_qty": {"qty_max": "5"}})
    assert [spec.name for spec, _ in gate.checks] == ["trading_state", "other", "order_qty"]
    assert gate.find("order_qty")[1].qty_max == Decimal(5)
    assert gate.find("nothing") is None
