"""Records become orders, whatever came: facts are added, nothing that was said ends the program."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from app.audit import fold as module
from app.audit.fold import Folded, Orders, fold
from app.audit.records import (
    AmendmentDecided,
    AmendmentEnded,
    HoldEnded,
    HoldMoved,
    HoldTriggered,
    OrderAdopted,
    OrderHeld,
    Record,
)
from app.domain.commands import ReplaceOrder
from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    ExecType,
    OrderState,
    OrdStatus,
    OrdType,
    Origin,
    PegOffsetType,
)
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.terms import Hold


def fold_all(records: list[Record]) -> tuple[dict[ClOrdID, Order], list[str]]:
    orders: dict[ClOrdID, Order] = {}
    problems = []
    for record in records:
        folded = fold(record, orders)
        if folded.order is not None:
            orders[folded.order.cl_ord_id] = folded.order
        if folded.problem:
            problems.append(folded.problem)
    return orders, problems


def test_day_folds_into_its_orders(writing: Any) -> None:
    orders, problems = fold_all(writing.one_of_each())
    assert problems == []
    first, second = orders.values()
    assert (first.ord_status, first.cum_qty, first.text) == (
        OrdStatus.PARTIALLY_FILLED,
        Decimal(40),
        "too late",
    )
    assert (second.ord_status, second.custody) == (OrdStatus.PENDING_NEW, Custody.UNKNOWN)


@pytest.mark.parametrize("name", ["started", "ended", "acted", "halted", "feed_up"])
def test_record_of_no_order_changes_nothing(writing: Any, name: str) -> None:
    assert fold(getattr(writing, name)(), {}) == Folded()


def test_refused_order_is_done_and_says_why(writing: Any) -> None:
    orders, _ = fold_all([writing.decided("A", approved=False)])
    assert orders["A"].ord_status is OrdStatus.REJECTED
    assert orders["A"].text.endswith("order not sent")
    assert orders["A"].custody is Custody.UNSENT


def test_second_decision_on_an_order_does_not_drop_its_fills(writing: Any) -> None:
    orders, problems = fold_all(
        [writing.decided("A"), writing.fill("A", "X"), writing.decided("A")]
    )
    assert orders["A"].cum_qty == 100
    assert problems == ["order A was decided twice; the first stands"]


def test_sending_is_noted_once(writing: Any) -> None:
    decided, sent = writing.decided("A"), writing.sent("A")
    orders, _ = fold_all([decided, sent])
    assert (orders["A"].custody, orders["A"].ts_sent_ns) == (Custody.SENT, sent.ts_sent_ns)
    assert fold(sent, orders).order is None


def test_answer_that_overtakes_the_sending_stands(writing: Any) -> None:
    orders, _ = fold_all([writing.decided("A"), writing.fill("A", "X"), writing.sent("A")])
    assert orders["A"].custody is Custody.ACKNOWLEDGED


def test_cancel_is_asked_for_once_and_only_while_working(writing: Any) -> None:
    orders, _ = fold_all([writing.decided("A"), writing.cancel("A")])
    assert orders["A"].ord_status is OrdStatus.PENDING_CANCEL
    assert fold(writing.cancel("A"), orders).order is None
    filled, _ = fold_all([writing.decided("A"), writing.fill("A", "X")])
    assert fold(writing.cancel("A"), filled).order is None


@pytest.mark.parametrize("name", ["sent", "cancel"])
def test_step_of_an_unknown_order_changes_nothing(writing: Any, name: str) -> None:
    assert fold(getattr(writing, name)("Z"), {}) == Folded()


def test_report_for_an_unknown_order_is_a_problem(writing: Any) -> None:
    folded = fold(writing.fill("Z", "X"), {})
    assert folded == Folded(problem="report for the unknown order Z; recorded only")


def test_repeated_fill_changes_nothing(writing: Any) -> None:
    orders, _ = fold_all([writing.decided("A"), writing.fill("A", "X", "40")])
    assert fold(writing.fill("A", "X", "40"), orders) == Folded(before=orders["A"])


def test_fill_after_a_cancel_counts(writing: Any) -> None:
    orders, problems = fold_all(
        [
            writing.decided("A"),
            writing.report("A", ExecType.CANCELED),
            writing.fill("A", "X", "40"),
        ]
    )
    assert (orders["A"].cum_qty, orders["A"].done) == (Decimal(40), OrdStatus.CANCELED)
    assert problems == []


def test_contradiction_puts_the_order_in_doubt(writing: Any) -> None:
    orders, problems = fold_all(
        [writing.decided("A"), writing.fill("A", "X", "40"), writing.fill("A", "X", "60")]
    )
    assert orders["A"].cum_qty == 40
    assert orders["A"].custody is Custody.UNKNOWN
    assert problems == [orders["A"].text]
    assert "without a correction" in problems[0]


@pytest.mark.parametrize("number", ["NaN", "sNaN"])
@pytest.mark.parametrize("field", ["last_qty", "last_px"])
def test_number_that_is_none_puts_the_order_in_doubt(writing: Any, field: str, number: str) -> None:
    fill = writing.fill("A", "X")
    odd = msgspec.structs.replace(
        fill, report=msgspec.structs.replace(fill.report, **{field: Decimal(number)})
    )
    orders, problems = fold_all([writing.decided("A"), odd])
    assert orders["A"].custody is Custody.UNKNOWN
    assert orders["A"].cum_qty == 0
    assert len(problems) == 1


def test_number_that_breaks_the_arithmetic_leaves_the_order_in_doubt(
    writing: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overflow(*_: object) -> None:
        raise decimal.Overflow

    monkeypatch.setattr(module, "apply_report", overflow)
    orders, problems = fold_all([writing.decided("A"), writing.fill("A", "X")])
    assert problems == ["order A: a number of the report is none; not applied"]
    assert (orders["A"].custody, orders["A"].cum_qty) == (Custody.UNKNOWN, 0)


class TestHolds:
    """What is recorded of an order that waits on this machine."""

    PEG = {"ord_type": OrdType.STOP, "limit_px": None, "peg_offset": Decimal(1)}

    def held(self, writing: Any, **hold: Any) -> dict[ClOrdID, Order]:
        decided = writing.decided("A")
        terms = msgspec.structs.replace(decided.command.order, **self.PEG)
        command = msgspec.structs.replace(decided.command, order=terms, hold=Hold(**hold))
        record = OrderHeld(
            command=command, account=decided.account, checks=(), picture=decided.picture
        )
        return fold_all([record])[0]

    @staticmethod
    def triggered(ts_ns: int) -> HoldTriggered:
        return HoldTriggered(cl_ord_id=ClOrdID("A"), ts_ns=ts_ns, px=Decimal(95))

    def amended(self, writing: Any, *, approved: bool = True, **changes: Any) -> AmendmentDecided:
        decided = writing.decided("A")
        old = msgspec.structs.replace(decided.command.order, **self.PEG)
        terms = msgspec.structs.replace(old, **changes)
        command = ReplaceOrder(
            cl_ord_id=ClOrdID("A-1"),
            orig_cl_ord_id=ClOrdID("A"),
            order_qty=terms.order_qty,
            limit_px=None,
            stop_px=None,
            origin=decided.command.origin,
            actor="ada",
            ts_intent_ns=writing.t0,
        )
        return AmendmentDecided(
            command=command,
            order=terms,
            way=AmendmentWay.HERE,
            approved=approved,
            checks=(),
            picture=decided.picture,
        )

    def test_trigger_is_noted_once_and_the_level_stays(self, writing: Any) -> None:
        orders = self.held(writing, watch_px=Decimal(96))
        after = fold(self.triggered(7), orders).order
        assert after is not None
        assert after.hold == Hold(watch_px=Decimal(96), triggered_ns=7)
        assert (after.custody, after.ts_last_ns) == (Custody.HELD, 7)
        assert fold(self.triggered(8), {"A": after}) == Folded(before=after)

    def test_trigger_of_what_is_not_held_changes_nothing(self, writing: Any) -> None:
        assert fold(self.triggered(7), {}) == Folded()
        sent, _ = fold_all([writing.decided("A")])
        assert fold(self.triggered(7), sent).order is None
        ended = HoldEnded(cl_ord_id=ClOrdID("A"), ts_ns=6, text="taken back")
        done = fold(ended, self.held(writing)).order
        assert fold(self.triggered(7), {"A": done}).order is None

    @pytest.mark.parametrize(
        ("changes", "level"),
        [
            ({"peg_offset": Decimal(2)}, None),
            ({"peg_offset_type": PegOffsetType.TICKS}, None),
            ({"order_qty": Decimal(50)}, Decimal(96)),
            ({"approved": False, "peg_offset": Decimal(2)}, Decimal(96)),
        ],
        ids=["other offset", "other unit", "same trail", "refused"],
    )
    def test_another_trail_takes_its_level_anew(
        self, writing: Any, changes: dict[str, Any], level: Decimal | None
    ) -> None:
        orders = self.held(writing, watch_px=Decimal(96))
        after = fold(self.amended(writing, **changes), orders).order
        assert after is not None
        assert after.hold == Hold(watch_px=level)

    def test_change_of_what_waits_no_more_leaves_no_hold(self, writing: Any) -> None:
        orders, _ = fold_all([writing.decided("A")])
        after = fold(self.amended(writing), orders).order
        assert after is not None
        assert after.hold is None

    def test_waits_staged_or_held_with_all_that_was_asked(self, writing: Any) -> None:
        record = writing.held("A")
        (held,) = fold_all([record])[0].values()
        assert held == Order(
            cl_ord_id=ClOrdID("A"),
            account=record.account,
            order=record.command.order,
            origin=record.command.origin,
            actor="ada",
            ts_intent_ns=writing.t0,
            hold=Hold(),
            custody=Custody.HELD,
            ts_last_ns=writing.t0 + 1_000,
        )
        (staged,) = fold_all([writing.held("A", is_staged=True)])[0].values()
        assert staged.custody is Custody.STAGED

    def test_what_is_known_or_waits_for_nothing_is_not_held(self, writing: Any) -> None:
        orders, problems = fold_all([writing.decided("A"), writing.held("A")])
        assert problems == ["order A cannot be held; as it was"]
        assert orders["A"].custody is Custody.UNSENT
        nothing = msgspec.structs.replace(writing.held("B"), command=writing.decided("B").command)
        assert fold(nothing, Orders()) == Folded(problem="order B cannot be held; as it was")

    @pytest.mark.parametrize("approved", [True, False])
    def test_goes_out_as_what_was_decided(self, writing: Any, approved: bool) -> None:
        decided = writing.decided("A", limit=None, approved=approved, ts_ns=writing.t0 + 5)
        (gone,) = fold_all([writing.held("A"), decided])[0].values()
        assert (gone.custody, gone.hold) == (Custody.UNSENT, None)
        assert (gone.sent, gone.terms) == (decided.command.order, decided.command.order)
        assert gone.order == writing.held("A").command.order
        assert gone.ts_last_ns == writing.t0 + 1_005
        assert gone.state is (OrderState.PENDING_NEW if approved else OrderState.DENIED)

    def test_what_was_taken_back_is_not_sent(self, writing: Any) -> None:
        ended = HoldEnded(cl_ord_id=ClOrdID("A"), ts_ns=6, text="taken back")
        orders, problems = fold_all([writing.held("A"), ended, writing.decided("A"), ended])
        assert problems == ["order A was decided twice; the first stands"]
        known = orders["A"]
        assert (known.done, known.text, known.ts_last_ns) == (OrdStatus.CANCELED, "taken back", 6)
        assert fold(ended, orders).order is None
        assert fold(ended, fold_all([writing.decided("A")])[0]).order is None
        assert fold(ended, {}) == Folded()

    def test_level_moves_while_it_waits(self, writing: Any) -> None:
        moved = HoldMoved(cl_ord_id=ClOrdID("A"), watch_px=Decimal(97), ts_ns=8)
        orders = self.held(writing, watch_px=Decimal(96))
        after = fold(moved, orders).order
        assert after is not None
        assert (after.hold, after.ts_last_ns) == (Hold(watch_px=Decimal(97)), 8)
        assert fold(moved, {}) == Folded()
        assert fold(moved, fold_all([writing.decided("A")])[0]).order is None
        ended = HoldEnded(cl_ord_id=ClOrdID("A"), ts_ns=6, text="")
        done = fold(ended, orders).order
        assert fold(moved, {"A": done}).order is None


class TestAmendments:
    """What is recorded of a request to replace."""

    @staticmethod
    def ended(request: str = "A-R", state: Any = AmendmentState.REJECTED) -> AmendmentEnded:
        return AmendmentEnded(
            cl_ord_id=ClOrdID("A"), request_id=ClOrdID(request), state=state, ts_ns=9, text="no"
        )

    @pytest.mark.parametrize(
        ("approved", "state"),
        [(True, AmendmentState.PENDING), (False, AmendmentState.DENIED)],
    )
    def test_request_is_kept_whatever_became_of_it(
        self, writing: Any, approved: bool, state: AmendmentState
    ) -> None:
        record = writing.amended("A", "150", approved=approved)
        (order,) = fold_all([writing.decided("A"), record])[0].values()
        text = "" if approved else "order value 18,100.00 USD is over the limit; order not sent"
        assert order.amendments == (
            Amendment(
                cl_ord_id=ClOrdID("A-R"),
                order=record.order,
                origin=record.command.origin,
                actor="ada",
                ts_intent_ns=writing.t0,
                way=AmendmentWay.NATIVE,
                state=state,
                ts_last_ns=writing.t0 + 1_000,
                text=text,
            ),
        )
        assert order.ts_last_ns == writing.t0 + 1_000
        assert fold(record, {"A": order}).order is None
        assert fold(record, {}) == Folded()

    def test_end_is_of_the_open_request(self, writing: Any) -> None:
        orders, _ = fold_all([writing.decided("A"), writing.amended("A", "150")])
        after = fold(self.ended(), orders).order
        assert after is not None
        (request,) = after.amendments
        assert (request.state, request.text, request.ts_last_ns) == (
            AmendmentState.REJECTED,
            "no",
            9,
        )
        assert after.ts_last_ns == 9
        assert fold(self.ended(), {"A": after}).order is None
        assert fold(self.ended("other"), orders).order is None
        assert fold(self.ended(), {}) == Folded()

    def test_orders_are_found_by_all_their_identities(self, writing: Any) -> None:
        orders = Orders()
        assert orders.get(ClOrdID("A")) is None
        for record in (writing.decided("A"), writing.amended("A", "150"), writing.decided("B")):
            change = fold(record, orders)
            assert change.order is not None
            orders.put(change.order)
        assert orders.get(ClOrdID("A-R")) is orders.get(ClOrdID("A"))
        assert [order.cl_ord_id for order in orders] == ["A", "B"]
        assert orders.get(ClOrdID("A~1")) is None
        replaced = writing.report("A-R", ExecType.REPLACED)
        after = fold(replaced, orders).order
        assert after is not None
        assert (after.cl_ord_id, after.live_id, after.order_qty) == ("A", "A-R", 150)


def test_adopted_order_is_external_and_adopted_once(writing: Any) -> None:
    (record,) = (r for r in writing.every_type() if isinstance(r, OrderAdopted))
    orders, problems = fold_all([record])
    assert problems == []
    assert (orders["X7"].origin, orders["X7"].order_id) == (Origin.EXTERNAL, "B-X7")
    assert fold(record, orders) == Folded(before=orders["X7"])


def test_contradiction_about_an_ended_order_leaves_it_ended(writing: Any) -> None:
    orders, _ = fold_all([writing.decided("A"), writing.fill("A", "X")])
    change = fold(writing.fill("A", "X", "60"), orders)
    assert change.order is None
    assert change.problem.endswith("without a correction; not booked")


def test_finding_that_cannot_be_applied_changes_nothing(writing: Any) -> None:
    orders = {ClOrdID("Z"): fold_all([writing.decided("A")])[0][ClOrdID("A")]}
    assert fold(writing.lost("Z"), orders) == Folded(problem="report for Z was applied to A")


def test_reasons_of_a_denial_are_told_all(writing: Any) -> None:
    record = writing.decided("A", approved=False)
    (check,) = record.checks
    passed = msgspec.structs.replace(check, passed=True, text="not told")
    second = msgspec.structs.replace(check, text="too fast")
    record = msgspec.structs.replace(record, checks=(check, passed, second))
    (order,) = fold_all([record])[0].values()
    assert order.text == f"{check.text} · too fast"
    assert (order.is_denied, order.state) == (True, OrderState.DENIED)
