"""Show what counts of the reports on executions: trades less busts, as last corrected.

Method: tables of reports, and a law: whatever order they come in, the same counts.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import ExecType, Liquidity
from app.domain.executions import (
    TRADE_TYPES,
    ExecFact,
    Execution,
    execution_of,
    executions_of,
    parked,
)
from app.domain.ids import ExecID
from tests.samples import NOW_NS, trade_report


def trade(exec_id="E1", qty=40, px=10, at=1, **changes):
    stamps = {"ts_exch_ns": NOW_NS + at, "ts_recv_ns": NOW_NS + at + 1}
    return ExecFact(report=trade_report(exec_id, qty, px, **{**stamps, **changes}))


def made_up(qty, px, at=5, exec_id="S1"):
    return trade(exec_id, qty, px, at, is_synthetic=True)


def as_kind(fact, kind, ref):
    report = msgspec.structs.replace(fact.report, exec_type=kind, exec_ref_id=ExecID(ref))
    return ExecFact(report=report)


def correction(exec_id, ref, qty, px=10, at=5, **changes):
    return as_kind(trade(exec_id, qty, px, at, **changes), ExecType.TRADE_CORRECT, ref)


def bust(exec_id, ref, at=6):
    return as_kind(trade(exec_id, 0, 0, at), ExecType.TRADE_CANCEL, ref)


def counted(*facts):
    return [(e.key, e.exec_id, e.qty, e.px) for e in executions_of(facts)]


def test_reports_of_executions_are_these_three():
    assert {kind.name for kind in TRADE_TYPES} == {"TRADE", "TRADE_CORRECT", "TRADE_CANCEL"}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(
            [trade("E2"), trade("E1", 5)],
            [("E2", "E2", 40, 10), ("E1", "E1", 5, 10)],
            id="as they came",
        ),
        pytest.param([trade(), bust("B", "E1")], [], id="bust"),
        pytest.param([bust("B", "E1"), trade()], [], id="bust first"),
        pytest.param([trade(), bust("B", "E9")], [("E1", "E1", 40, 10)], id="bust of another"),
        pytest.param(
            [trade(), correction("C", "E1", 30, 9)], [("E1", "C", 30, 9)], id="correction"
        ),
        pytest.param([correction("C", "E1", 30), trade()], [("E1", "C", 30, 10)], id="it first"),
        pytest.param([correction("C", "E1", 30)], [], id="correction of nothing yet"),
        pytest.param(
            [trade(), correction("C1", "E1", 30), correction("C2", "C1", 20)],
            [("E1", "C2", 20, 10)],
            id="correction of the correction",
        ),
        pytest.param(
            [trade(), correction("C2", "E1", 20, at=7), correction("C1", "E1", 30, at=6)],
            [("E1", "C2", 20, 10)],
            id="of two the later by the broker's clock",
        ),
        pytest.param(
            [trade(), correction("C2", "E1", 20), correction("C1", "E1", 30)],
            [("E1", "C2", 20, 10)],
            id="of two of one moment the one whose name is greater",
        ),
        pytest.param([trade(), correction("C", "E1", 30), bust("B", "C")], [], id="its bust"),
        pytest.param([trade(), correction("C", "E1", 30), bust("B", "E1")], [], id="the first's"),
        pytest.param(
            [trade(), correction("C1", "E1", 30), correction("E1", "C1", 20)],
            [("E1", "E1", 20, 10)],
            id="round in a circle",
        ),
    ],
)
def test_what_counts(facts, expected):
    assert counted(*facts) == expected


def test_correction_keeps_the_place_and_the_time_of_the_trade():
    first = trade(last_mkt="XNAS", liquidity=Liquidity.ADDED, fee=Decimal("0.3"))
    late = msgspec.structs.replace(first, is_late=True)
    said = correction("C", "E1", 30, 9, at=8, fee=Decimal("0.2"), liquidity=Liquidity.REMOVED)
    expected = Execution(
        exec_id=ExecID("C"),
        qty=Decimal(30),
        px=Decimal(9),
        fee=Decimal("0.2"),
        last_mkt="XNAS",
        liquidity=Liquidity.ADDED,
        ts_exch_ns=NOW_NS + 1,
        ts_recv_ns=NOW_NS + 2,
        root_id=ExecID("E1"),
        is_late=True,
    )
    assert execution_of(said, root=late) == expected
    assert executions_of([late, trade("E2"), said])[0] == expected
    elsewhere = correction("C", "E1", 30, 9, last_mkt="XNYS")
    assert execution_of(elsewhere, root=first).last_mkt == "XNYS"


def test_trade_is_its_own_root():
    fact = ExecFact(report=trade(is_synthetic=True).report)
    for known in (execution_of(fact), execution_of(fact, root=fact)):
        assert (known.root_id, known.key, known.is_synthetic, known.is_late) == (
            "",
            "E1",
            True,
            False,
        )


class TestMadeUp:
    """An execution made up from totals goes as the real ones come."""

    @pytest.mark.parametrize(
        ("later", "left"),
        [
            pytest.param([], (60, 11), id="none yet"),
            pytest.param([trade("E2", 20, 13)], (40, 10), id="a part"),
            pytest.param([trade("E2", 20, 13), trade("E3", 10, 10)], (30, 10), id="two parts"),
            pytest.param([trade("E2", 20, 13, at=5)], (40, 10), id="of the same moment"),
            pytest.param([trade("E2", 20, 13, at=6)], (60, 11), id="traded since"),
            pytest.param([made_up(10, 9, exec_id="S2")], (60, 11), id="another made up"),
            pytest.param([trade("E2", 60, 11)], None, id="all of it"),
            pytest.param([trade("E2", 70, 11)], None, id="more than it"),
            pytest.param([trade("E2", 59, 12)], (1, 11), id="no price would make the sum right"),
            pytest.param(
                [trade("E2", 57, "10.99")], (3, Decimal("11.19")), id="the rest makes the sum"
            ),
            pytest.param([trade("E2", 53, 10)], (7, Decimal("18.57142857")), id="to eight places"),
            pytest.param([bust("B", "E9"), correction("C", "E8", 9)], (60, 11), id="no trades"),
        ],
    )
    def test_what_is_left(self, later, left):
        found = [(e.qty, e.px) for e in executions_of([made_up(60, 11), *later]) if e.key == "S1"]
        assert found == ([] if left is None else [left])

    def test_what_was_known_before_is_not_taken_off(self):
        assert counted(trade("E1", 20), made_up(60, 11))[1] == ("S1", "S1", 60, 11)

    def test_price_of_nothing_is_no_price(self):
        # 60 at 11 are 660; 55 at 12 are 660 as well: 0 for the rest would be a price of nothing.
        assert counted(made_up(60, 11), trade("E2", 55, 12))[0] == ("S1", "S1", 5, 11)


def test_parked_is_what_is_about_an_execution_never_reported():
    facts = [
        trade("E1"),
        bust("B1", "E1"),
        bust("B2", "E2"),
        correction("C1", "E3", 5),
        bust("B3", "C1"),
        bust("B4", "B1"),
    ]
    assert [fact.report.exec_id for fact in parked(facts)] == ["B2", "C1", "B4"]


@st.composite
def reports(draw):
    """Trades, corrections of any of them or of each other, and busts."""
    facts = [trade(f"E{n}", draw(st.integers(1, 9))) for n in range(draw(st.integers(0, 3)))]
    for n in range(draw(st.integers(0, 4))):
        ref = draw(st.sampled_from(["E0", "E1", "E2", "C0", "C1", "C2"]))
        if ref != f"C{n}":
            facts.append(correction(f"C{n}", ref, draw(st.integers(1, 9)), at=5 + n))
    refs = draw(st.lists(st.sampled_from(["E0", "E1", "C0", "C1"]), max_size=2, unique=True))
    return [*facts, *(bust(f"B{ref}", ref) for ref in refs)]


@given(reports(), st.data())
def test_order_of_arrival_decides_nothing(facts, data):
    shuffled = data.draw(st.permutations(facts))
    assert sorted(counted(*shuffled)) == sorted(counted(*facts))


@given(reports())
def test_no_trade_counts_twice(facts):
    keys = [execution.key for execution in executions_of(facts)]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {f.report.exec_id for f in facts if f.report.exec_type is ExecType.TRADE}
