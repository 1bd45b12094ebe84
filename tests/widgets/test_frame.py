"""Goal: the screen pulls at its own pace, and one bad panel does not take the others along."""

from __future__ import annotations

import time

import pytest

from widgets.frame import BUDGET_MS_MIN, GIVEN_UP_MAX, FrameClock


class Probe:
    """A panel that counts."""

    def __init__(self, *, visible: bool = True, error: Exception | None = None) -> None:
        self.is_failed = False
        self.paint_ms = 0.0
        self.visible, self.error = visible, error
        self.version = self.shown = 0
        self.refreshes = 0
        self.errors: list[Exception] = []
        self.takes_s = 0.0

    def isVisible(self) -> bool:  # noqa: N802
        return self.visible

    def stale(self) -> bool:
        return self.version != self.shown

    def refresh(self) -> None:
        if self.takes_s:
            time.sleep(self.takes_s)
        if self.error is not None:
            raise self.error
        self.shown = self.version
        self.refreshes += 1

    def fail(self, error: Exception) -> None:
        self.is_failed = True
        self.errors.append(error)


@pytest.fixture
def clock(qapp: object) -> FrameClock:
    return FrameClock()


def test_many_updates_are_few_refreshes(clock: FrameClock) -> None:
    probe = Probe()
    clock.add(probe)
    for number in range(943):
        probe.version += 1
        if number % 30 == 0:
            clock.run_frame()
    clock.run_frame()
    assert probe.shown == 943
    assert probe.refreshes <= 33


def test_nothing_new_is_no_refresh(clock: FrameClock) -> None:
    probe = Probe()
    clock.add(probe)
    for _ in range(10):
        clock.run_frame()
    assert probe.refreshes == 0
    assert clock.frames == 10


def test_hidden_panel_is_left_alone(clock: FrameClock) -> None:
    probe = Probe(visible=False)
    probe.version = 1
    clock.add(probe)
    clock.run_frame()
    assert probe.refreshes == 0
    probe.visible = True
    clock.run_frame()
    assert probe.refreshes == 1


def test_panel_that_raises_is_switched_off_after_one_error(clock: FrameClock) -> None:
    bad, good = Probe(error=ValueError("no")), Probe()
    clock.add(bad)
    clock.add(good)
    for _ in range(5):
        bad.version += 1
        good.version += 1
        clock.run_frame()
    assert len(bad.errors) == 1
    assert good.refreshes == 5


def test_broken_invariant_is_not_swallowed(clock: FrameClock) -> None:
    probe = Probe(error=AssertionError("broken"))
    probe.version = 1
    clock.add(probe)
    with pytest.raises(AssertionError, match="broken"):
        clock.run_frame()


def test_who_was_left_out_of_a_frame_comes_first_in_the_next(qapp: object) -> None:
    clock = FrameClock(budget_ms=1.0)
    slow, left_out = Probe(), Probe()
    slow.takes_s = 0.003
    slow.version = left_out.version = 1
    clock.add(slow)
    clock.add(left_out)
    clock.run_frame()
    assert (slow.refreshes, left_out.refreshes) == (1, 0)
    clock.run_frame()
    assert left_out.refreshes == 1


def test_slow_panel_sits_out_some_frames(qapp: object) -> None:
    clock = FrameClock(budget_ms=2.0)
    slow = Probe()
    slow.takes_s = 0.040
    clock.add(slow)
    for _ in range(12):
        slow.version += 1
        clock.run_frame()
    assert slow.refreshes <= 3


def test_removed_panel_is_forgotten(clock: FrameClock) -> None:
    probe = Probe()
    probe.version = 1
    clock.add(probe)
    clock.remove(probe)
    clock.run_frame()
    assert probe.refreshes == 0


def test_timer_counts_frames(qtbot: object, clock: FrameClock) -> None:
    clock.start()
    qtbot.waitUntil(lambda: clock.frames >= 3, timeout=3000)  # type: ignore[attr-defined]
    clock.stop()
    assert clock.frames_per_s >= 3


def test_frames_that_come_late_leave_less_room_and_those_in_time_give_it_back(
    qapp: object,
) -> None:
    clock = FrameClock(budget_ms=10.0)
    at_s = 0.0
    for _ in range(60):
        clock._times_s.append(at_s)
        at_s += 0.030
        clock._make_room(at_s)
    assert clock._room_ms == BUDGET_MS_MIN
    for _ in range(1_000):
        clock._times_s.append(at_s)
        at_s += 0.016
        clock._make_room(at_s)
    assert clock._room_ms == 10.0


def test_painting_counts(clock: FrameClock) -> None:
    probes = [Probe() for _ in range(3)]
    for probe in probes:
        probe.version, probe.paint_ms = 1, 6.0
        clock.add(probe)
    clock.run_frame()
    assert sum(probe.refreshes for probe in probes) == 2


class Parts:
    """A panel of several probes."""

    def __init__(self, count: int) -> None:
        self.probes = [Probe() for _ in range(count)]

    def parts(self) -> list[Probe]:
        return self.probes


def test_parts_are_refreshed_within_the_budget_and_each_has_its_turn(qapp: object) -> None:
    clock, panel = FrameClock(budget_ms=4.0), Parts(6)
    clock.add(panel)
    for probe in panel.probes:
        probe.takes_s = 0.003
    for _ in range(12):
        for probe in panel.probes:
            probe.version += 1
        before = sum(probe.refreshes for probe in panel.probes)
        clock.run_frame()
        assert sum(probe.refreshes for probe in panel.probes) - before <= 2
    assert min(probe.refreshes for probe in panel.probes) >= 2
    clock.remove(panel)
    clock.run_frame()
    assert clock._panels == []


def test_a_part_that_fails_leaves_the_others(qapp: object) -> None:
    clock, panel = FrameClock(), Parts(3)
    clock.add(panel)
    panel.probes[1].error = ValueError("no")
    for probe in panel.probes:
        probe.version += 1
    clock.run_frame()
    assert [probe.is_failed for probe in panel.probes] == [False, True, False]
    assert [probe.refreshes for probe in panel.probes] == [1, 0, 1]


def test_what_is_first_is_refreshed_in_every_frame_however_slow_the_panels_are(
    qapp: object,
) -> None:
    clock, panel, bar = FrameClock(budget_ms=4.0), Parts(6), Probe()
    clock.add(panel)
    clock.add_first(bar)
    for probe in panel.probes:
        probe.takes_s = 0.003
    for frame in range(1, 8):
        for probe in (*panel.probes, bar):
            probe.version += 1
        clock.run_frame()
        assert bar.refreshes == frame


def test_frames_give_way_to_what_is_in_a_hurry_but_not_for_long(clock: FrameClock) -> None:
    probe = Probe()
    clock.add(probe)
    hurried = [True]
    clock.is_hurried = lambda: hurried[0]
    shown = []
    for _ in range(GIVEN_UP_MAX + 3):
        probe.version += 1
        clock.run_frame()
        shown.append(probe.refreshes)
    assert shown == [0] * GIVEN_UP_MAX + [1, 2, 3]
    hurried[0] = False
    clock.run_frame()
    hurried[0] = True
    probe.version += 1
    clock.run_frame()
    assert probe.shown != probe.version
