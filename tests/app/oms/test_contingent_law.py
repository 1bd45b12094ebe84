"""Show that exits never come to more than their entry, and that two legs are never both live.

Method: drawn days of fills, busts, cancels, refusals, prices, seconds and restarts around one
bracket or pair; what is due is done late, in drawn order of facts. The broker of this suite fills
what it has at any time until it has said that an order ended.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.enums import AmendmentState, Side
from app.oms.contingent import Release, Resize
from app.oms.family import Families
from tests.held import SECOND_NS, Station, bracket, stop, trailing
from tests.samples import new_order

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("fill"), st.sampled_from("ETS"), st.integers(1, 100)),
        st.tuples(st.just("end"), st.sampled_from("ETS"), st.just(0)),
        st.tuples(st.just("ask"), st.sampled_from("ETS"), st.just(0)),
        st.tuples(st.just("refuse"), st.sampled_from("TS"), st.just(0)),
        st.tuples(st.sampled_from(["replaced", "kept"]), st.sampled_from("TS"), st.just(0)),
        st.tuples(st.just("print"), st.just(""), st.integers(90, 110)),
        st.tuples(st.just("wait"), st.just(""), st.integers(1, 3)),
        st.tuples(st.just("do"), st.just(""), st.integers(1, 3)),
        st.tuples(st.just("restart"), st.just(""), st.just(0)),
    ),
    max_size=40,
)


FAULTS = st.one_of(
    st.tuples(st.just("bust"), st.sampled_from("ETS"), st.just(0)),
    st.tuples(st.just("late"), st.sampled_from("TS"), st.integers(1, 100)),
)


class Day:
    """A station whose actions are done when the day comes to it, oldest first."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.waiting = station.restart()

    def step(self, kind, name, number):
        station = self.station
        if kind == "do":
            now, self.waiting = self.waiting[:number], self.waiting[number:]
            for action in now:
                known = station.order(action.cl_ord_id)
                # As the engine: what cannot be done any more is let go.
                if isinstance(action, Release) and not known.is_here:
                    continue
                if isinstance(action, Resize) and not (known.is_working and known.leaves_qty):
                    continue
                self.waiting += station.do(action)
        elif kind == "print":
            self.waiting += station.print(number)
        elif kind == "wait":
            self.waiting += station.wait(number * SECOND_NS)
        elif kind == "restart":
            self.waiting = station.restart()
        else:
            self.waiting += self._said(kind, name, number)

    def _said(self, kind, name, number):
        station, known = self.station, self.station.blotter.get(name)
        if known is None or known.is_here:
            return []
        works = known.is_working
        can, say = {
            "fill": (
                works and known.leaves_qty,
                lambda: station.fill(name, min(Decimal(number), known.leaves_qty)),
            ),
            "late": (known.done is not None, lambda: station.fill(name, number)),
            "bust": (known.executions, lambda: station.bust(name)),
            "end": (works, lambda: station.cancel(name)),
            "ask": (works, lambda: station.ask_cancel(name)),
            "refuse": (works and known.cancel_requested, lambda: station.refuse_cancel(name)),
            "replaced": (known.open_amendment is not None, lambda: station.accept_replace(name)),
            "kept": (
                known.open_amendment is not None,
                lambda: station.settle(name, AmendmentState.REJECTED),
            ),
        }[kind]
        return say() if can else []

    def check(self, entry):
        exits = [self.station.order(name) for name in "TS"]
        live = [known for known in exits if known.is_working and not known.is_here]
        assert len(live) <= 1
        most = Decimal(100) if entry is None else self.station.order(entry).cum_qty
        assert (
            sum(known.cum_qty + known.leaves_qty for known in live)
            + sum(known.cum_qty for known in exits if known not in live)
            <= most
        )
        families = Families(self.station.blotter)
        for known in exits:
            assert families.allowed_qty(known) >= 0


def run(station, steps, entry):
    day = Day(station)
    for step in steps:
        day.step(*step)
        day.check(entry)
    # Left to itself the day comes to rest: nothing is given for ever.
    for _ in range(12):
        day.step("do", "", 99)
        day.check(entry)
    day.waiting = [a for a in day.waiting if not isinstance(a, Resize)]
    assert day.waiting == []


FAMILIES = {
    "bracket": (bracket, "E"),
    "after the entry": (lambda: bracket(protect_partial=False), "E"),
}


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_exits_never_exceed_their_entry_and_never_both_live(family, steps):
    make, entry = FAMILIES[family]
    run(make(), steps, entry)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS, kind=st.sampled_from([stop, trailing]))
def test_legs_of_no_entry_never_both_live(steps, kind):
    station = Station()
    station.hold("T", new_order(Side.SELL, limit=105), oco="G")
    station.hold("S", kind(5 if kind is trailing else 95), oco="G")
    run(station, steps, None)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.one_of(STEPS.map(tuple), st.tuples(FAULTS)), max_size=12))
def test_what_the_broker_takes_back_or_adds_late_is_made_good(steps):
    day = Day(bracket())
    for step in (one for drawn in steps for one in drawn):
        day.step(*step)
    for _ in range(12):
        day.step("do", "", 99)
        for name in "ETS":
            day.step("replaced", name, 0)
            if day.station.order(name).cancel_requested:
                day.step("end", name, 0)
        day.step("wait", "", 1)
    entry, *exits = (day.station.order(name) for name in "ETS")
    live = [known for known in exits if known.is_working and not known.is_here]
    assert len(live) <= 1
    left = entry.cum_qty - sum(known.cum_qty for known in exits)
    assert sum(known.leaves_qty for known in live) <= max(left, 0)
