"""Show that a doubt ends with a fact or full proof, and that the books come to agree.

Method: the real order path on virtual time; the broker answers, is silent or denies as told;
restarts on the same disk with what the broker has by then.
"""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from app.audit.records import (
    CashPosted,
    ExecutionReported,
    OrderMissing,
    PositionAdjusted,
    SendLost,
)
from app.brokers.base import BrokerPosition
from app.domain.enums import (
    ExecType,
    OrdStatus,
    Origin,
    TradingState,
)
from app.domain.ids import ClOrdID
from app.domain.terms import Hold
from app.oms import steward as steward_module
from tests.order_path import (
    amend,
    at_broker,
    authoritative,
    cancel,
    nothing,
    opened,
    replacing,
    run,
    snapshot,
    started,
)
from tests.samples import IBM, MSFT, NOW_NS, new_order, order, report, trade_report
from tests.sim.disk import InstantDisk

D = Decimal
S = 1_000_000_000
HOUR_NS = 3600 * S


def by_hand(steps, **more):
    """Run steps with a path of which only the engine runs."""

    async def play():
        async with opened(InstantDisk(), **more) as path:
            await steps(path)

    run(play)


def live(steps, prepare=lambda _: None, **more):
    """Run steps with a path that was started as the session does."""

    async def play():
        async with started(InstantDisk(), prepare, **more) as path:
            await steps(path)

    run(play)


class TestDoubt:
    def test_a_positive_answer_settles_it_and_ends_the_questions(self):
        async def steps(path):
            lost = await path.lost()
            assert lost.is_in_doubt
            await asyncio.sleep(3)
            assert [s for s, _ in path.queries] == [0.5, 1, 2]
            path.found[lost.cl_ord_id] = at_broker(lost)
            path.lists_of(at_broker(lost))
            await asyncio.sleep(60)
            assert path.get(lost.cl_ord_id).ord_status is OrdStatus.NEW
            assert [s for s, _ in path.queries] in ([0.5, 1, 2], [0.5, 1, 2, 4])
            assert len(path.broker.submitted) == 1

        live(steps)

    def test_a_report_settles_it_and_ends_the_questions(self):
        async def steps(path):
            lost = await path.lost()
            await asyncio.sleep(3)
            await path.hear(lost, report())
            path.lists_of(at_broker(lost))
            await asyncio.sleep(60)
            assert len(path.queries) == 3

        live(steps)

    def test_denials_alone_never_settle_it(self):
        async def steps(path):
            path.broker.connected_since_ns = None
            lost = await path.lost()
            await asyncio.sleep(3600)
            assert path.get(lost.cl_ord_id).is_in_doubt
            assert len(path.queries) == 244
            assert path.recorded(OrderMissing) == []

        live(steps)

    def test_the_whole_protocol_rejects_it_with_the_evidence(self):
        async def steps(path):
            lost = await path.lost()
            await asyncio.sleep(37.9)
            assert path.get(lost.cl_ord_id).is_in_doubt
            await asyncio.sleep(0.2)
            gone = path.get(lost.cl_ord_id)
            assert (gone.ord_status, gone.is_absent) == (OrdStatus.REJECTED, True)
            assert gone.text == (
                "not at the broker: 7 questions over 38 s and a list of all orders had no "
                "trace of it"
            )
            assert [s for s, _ in path.queries] == [0.5, 1, 2, 4, 8, 23, 38]
            assert len(path.recorded(OrderMissing)) == 1
            await asyncio.sleep(60)
            assert len(path.queries) == 7
            risen = await path.hear(gone, report())
            assert risen.ord_status is OrdStatus.NEW

        live(steps)

    def test_the_list_reaches_back_beyond_the_send(self):
        async def steps(path):
            await asyncio.sleep(3600)
            lost = await path.lost()
            await asyncio.sleep(60)
            assert path.get(lost.cl_ord_id).is_absent
            assert all(since_ns <= lost.ts_sent_ns - 60 * S for _, since_ns in path.lists[-3:])

        live(steps)

    def test_an_order_on_the_list_is_there_whatever_the_queries_deny(self):
        async def steps(path):
            lost = await path.lost()
            await asyncio.sleep(30)
            path.lists_of(at_broker(lost))
            await asyncio.sleep(60)
            assert path.get(lost.cl_ord_id).ord_status is OrdStatus.NEW

        live(steps)

    def test_a_question_without_an_answer_is_no_denial(self):
        async def steps(path):
            lost = await path.lost()
            path.is_up = False
            await asyncio.sleep(120)
            [inquiry] = path.engine.inquiries
            assert (inquiry.negatives, inquiry.failures) == ((), inquiry.asked)
            assert inquiry.asked == 12
            assert path.get(lost.cl_ord_id).is_in_doubt

        live(steps)

    @pytest.mark.parametrize("cum", ["NaN", "sNaN", "Infinity"])
    def test_an_answer_that_is_no_number_is_no_answer(self, cum):
        async def steps(path):
            lost = await path.lost()
            path.found[lost.cl_ord_id] = at_broker(lost, cum=cum)
            await path.steward.ask()
            await asyncio.sleep(1)
            [inquiry] = path.engine.inquiries
            assert inquiry.failures == inquiry.asked > 0
            assert path.get(lost.cl_ord_id).is_in_doubt

        live(steps)

    def test_an_authoritative_broker_settles_it_with_its_first_answer(self):
        async def steps(path):
            lost = await path.lost()
            await asyncio.sleep(0.6)
            gone = path.get(lost.cl_ord_id)
            assert (gone.ord_status, gone.text) == (OrdStatus.REJECTED, "not at fake")
            assert len(path.queries) == 1

        live(steps, authoritative)

    def test_an_authoritative_broker_that_lists_an_order_has_it(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            path.found[known.cl_ord_id] = at_broker(known)
            path.lists_of(at_broker(known))
            cancel(path, known)
            await path.engine.settle()
            await asyncio.sleep(60)
            assert path.get(known.cl_ord_id).ord_status is OrdStatus.PENDING_CANCEL
            assert path.recorded(OrderMissing) == []

        live(steps, authoritative)

    def test_what_was_executed_is_fetched_at_once(self):
        async def steps(path):
            lost = await path.lost()
            said = at_broker(lost, OrdStatus.FILLED, 100, 100)
            path.found[lost.cl_ord_id] = said
            fill = trade_report(cl_ord_id=lost.cl_ord_id, px=100)
            path.lists_of(said, executions=(fill,), positions={IBM: BrokerPosition(qty=D(100))})
            await asyncio.sleep(0.6)
            assert path.get(lost.cl_ord_id).ord_status is OrdStatus.FILLED
            assert path.qty() == 100
            await asyncio.sleep(120)
            assert path.qty() == 100
            assert len(path.engine.blotter.view.fills_from(0)) == 1

        live(steps)

    @pytest.mark.parametrize("jump_s", [3600, -3600])
    def test_the_wall_clock_neither_hastens_nor_stalls_it(self, jump_s):
        async def steps(path):
            lost = await path.lost()
            await asyncio.sleep(3)
            path.clock.offset_ns = jump_s * S
            await asyncio.sleep(34.9)
            assert path.get(lost.cl_ord_id).is_in_doubt
            await asyncio.sleep(0.2)
            assert path.get(lost.cl_ord_id).is_absent
            assert [s for s, _ in path.queries] == [0.5, 1, 2, 4, 8, 23, 38]

        live(steps)


class TestPace:
    def test_a_round_has_ten_questions_a_tenth_of_a_second_apart(self):
        async def steps(path):
            for _ in range(12):
                await path.lost(qty=1)
            await asyncio.sleep(0.5)
            await path.steward.ask()
            times = [s for s, _ in path.queries]
            assert len(times) == len({cl_ord_id for _, cl_ord_id in path.queries}) == 10
            assert times == [round(0.5 + n / 10, 6) for n in range(10)]
            await path.steward.ask()
            assert len(path.queries) == 10
            await asyncio.sleep(4.099)
            await path.steward.ask()
            assert len(path.queries) == 10
            await asyncio.sleep(0.001)
            await path.steward.ask()
            assert [s for s, _ in path.queries[10:]] == [5.5]
            await asyncio.sleep(0.1)
            await path.steward.ask()
            assert [s for s, _ in path.queries[10:]] == [5.5, 5.6]
            assert {cl_ord_id for _, cl_ord_id in path.queries[10:12]} == {
                o.cl_ord_id for o in path.engine.blotter.working()[10:]
            }

        by_hand(steps)

    def test_in_no_five_seconds_are_there_more_than_ten(self):
        async def steps(path):
            path.broker.connected_since_ns = None
            for _ in range(30):
                await path.lost(qty=1)
            await asyncio.sleep(120)
            times = [s for s, _ in path.queries]
            assert len(times) > 150
            for n in range(len(times) - 10):
                assert times[n + 10] - times[n] > 4.99
            assert min(b - a for a, b in zip(times, times[1:], strict=False)) > 0.0999

        live(steps)

    def test_both_identities_of_an_order_count(self):
        async def steps(path):
            replacing(path)
            path.broker.on_replace = nothing
            for _ in range(6):
                known = await path.hear(await path.order(qty=1, limit=99), report())
                amend(path, known, qty=2, limit=D(99))
                await path.engine.settle()
            await asyncio.sleep(0.5)
            await path.steward.ask()
            assert [s for s, _ in path.queries] == [round(0.5 + n / 10, 6) for n in range(10)]

        by_hand(steps)

    def test_what_is_settled_meanwhile_is_not_asked_about(self):
        async def steps(path):
            first, second = [await path.lost(qty=1) for _ in range(2)]

            async def tell(_):
                path.broker.say(report(cl_ord_id=second.cl_ord_id))

            path.broker.on_query = tell
            await asyncio.sleep(0.5)
            await path.steward.ask()
            assert path.get(second.cl_ord_id).ord_status is OrdStatus.NEW
            assert path.engine.inquiries.get(first.cl_ord_id).asked == 1

        by_hand(steps)

    @pytest.mark.parametrize("prepare", [lambda _: None, authoritative], ids=["other", "own"])
    def test_a_denial_that_a_report_overtook_counts_for_nothing(self, prepare):
        async def steps(path):
            prepare(path)
            lost = await path.lost()

            async def tell(cl_ord_id):
                path.broker.say(report(cl_ord_id=cl_ord_id))

            path.broker.on_query = tell
            await asyncio.sleep(0.5)
            await path.steward.ask()
            assert path.get(lost.cl_ord_id).ord_status is OrdStatus.NEW
            assert path.recorded(OrderMissing) == []

        by_hand(steps)

    def test_comparisons_come_every_five_seconds_while_an_order_works_and_every_thirty_else(self):
        async def steps(path):
            await asyncio.sleep(61)
            assert [s for s, _ in path.lists] == [0, 30, 60]
            known = await path.hear(await path.order(), report())
            path.lists_of(at_broker(known))
            await asyncio.sleep(45)
            assert [s for s, _ in path.lists[3:]] == [90, 95, 100, 105]
            await path.hear(known, report(ExecType.CANCELED))
            path.lists_of()
            await asyncio.sleep(66)
            assert [s for s, _ in path.lists[7:]] == [110, 140, 170]

        live(steps)

    def test_what_waits_here_works_at_no_broker(self):
        async def steps(path):
            path.engine.submit(
                new_order(), origin=Origin.MANUAL, actor="ada", hold=Hold(is_staged=True)
            )
            await path.engine.settle()
            await asyncio.sleep(61)
            assert [s for s, _ in path.lists] == [0, 30, 60]

        live(steps)

    def test_a_difference_is_looked_at_again_after_five_seconds(self):
        async def steps(path):
            await asyncio.sleep(1)
            path.lists_of(positions={IBM: BrokerPosition(qty=D(7))})
            await asyncio.sleep(40)
            assert [s for s, _ in path.lists] == [0, 30, 35, 40]
            assert path.qty() == 7

        live(steps)


class TestStart:
    def test_without_an_answer_trading_only_reduces_until_there_is_one(self):
        async def steps(path):
            assert not path.steward.is_reconciled
            assert path.gate.state is TradingState.REDUCING
            assert path.gate.state_reason == (
                f"fake did not say what it holds: {path.steward.last_error.split(': ', 1)[1]}; "
                "trading only reduces until it does"
            )
            assert "Disconnected" in path.gate.state_reason
            await asyncio.sleep(60)
            assert len([t for t in path.texts() if "did not say" in t]) == 1
            path.is_up = True
            await asyncio.sleep(31)
            assert path.steward.is_reconciled
            assert path.steward.last_error == ""
            assert (path.gate.state, path.gate.state_reason) == (
                TradingState.ACTIVE,
                "reconciled",
            )

        live(steps, _down)

    @pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
    def test_what_a_person_set_meanwhile_stays(self, state):
        async def steps(path):
            path.engine.set_state(state, "by hand", actor="ada")
            await path.engine.settle()
            path.is_up = True
            await asyncio.sleep(31)
            assert path.steward.is_reconciled
            assert (path.gate.state, path.gate.state_reason) == (state, "by hand")

        live(steps, _down)

    @pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
    def test_what_was_set_before_stays_with_its_reason(self, state):
        def prepare(path):
            path.is_up = False
            path.gate.set_state(state, "loss of the day", "station")

        async def steps(path):
            assert path.gate.state_reason == "loss of the day"
            path.is_up = True
            await asyncio.sleep(31)
            assert path.steward.is_reconciled
            assert (path.gate.state, path.gate.state_reason) == (state, "loss of the day")

        live(steps, prepare)

    def test_its_own_state_of_an_earlier_run_is_taken_back(self):
        async def play():
            disk = InstantDisk()
            async with started(disk, _down):
                pass
            async with started(disk) as path:
                assert path.gate.state is TradingState.ACTIVE

        run(play)

    def test_a_failure_after_the_first_answer_changes_nothing_but_what_is_said(self):
        async def steps(path):
            path.is_up = False
            await asyncio.sleep(65)
            assert path.gate.state is TradingState.ACTIVE
            assert "Disconnected" in path.steward.last_error
            assert len(path.notices) == 1
            assert path.notices[0].is_warning
            path.is_up = True
            await asyncio.sleep(31)
            path.is_up = False
            await asyncio.sleep(31)
            assert len(path.notices) == 2

        live(steps)

    def test_a_failed_question_is_never_flat(self):
        async def steps(path):
            known = await path.hear(await path.order(), trade_report(px=100))
            path.is_up = False
            await asyncio.sleep(600)
            assert path.qty() == 100
            assert path.get(known.cl_ord_id).ord_status is OrdStatus.FILLED
            assert path.recorded(PositionAdjusted) == []

        live(steps)

    def test_a_list_with_a_figure_that_is_no_number_is_no_answer(self):
        def prepare(path):
            path.lists_of(positions={IBM: BrokerPosition(qty=D("NaN"))})

        async def steps(path):
            assert not path.steward.is_reconciled
            assert path.steward.last_error == (
                "fake did not say what it holds: position of IBM: NaN is no number"
            )

        live(steps, prepare)

    def test_a_call_that_never_ends_is_no_answer(self, monkeypatch):
        monkeypatch.setattr(steward_module, "SNAPSHOT_DEADLINE_S", 15.0)

        def prepare(path):
            async def hang(_):
                await asyncio.Event().wait()

            path.broker.on_snapshot = hang

        async def steps(path):
            assert "TimeoutError" in path.steward.last_error
            assert path.now_s == 15

        live(steps, prepare)

    def test_what_was_under_way_when_the_station_stopped_is_in_doubt(self):
        async def play():
            disk = InstantDisk()
            async with opened(disk) as path:
                sent = await path.order()
                held = path.engine.submit(
                    new_order(), origin=Origin.MANUAL, actor="ada", hold=Hold(is_staged=True)
                )
                await path.engine.settle()
            async with started(disk) as path:
                [lost] = path.recorded(SendLost)
                assert lost.report.cl_ord_id == sent.cl_ord_id
                assert lost.report.text == "the station stopped while it was on its way"
                assert path.get(sent.cl_ord_id).is_in_doubt
                assert path.get(held).is_here

        run(play)

    def test_the_first_list_is_of_everything_on_an_empty_record(self):
        async def steps(path):
            assert path.lists == [(0, 0)]

        live(steps)

    def test_the_first_list_looks_back_a_day_and_further_ones_five_minutes(self):
        async def play():
            disk = InstantDisk()
            async with started(disk) as path:
                await path.hear(await path.order(), trade_report(px=100, ts_exch_ns=NOW_NS))
            said = {"positions": {IBM: BrokerPosition(qty=D(100))}}
            async with started(disk, lambda path: path.lists_of(**said)) as path:
                await asyncio.sleep(31)
                assert [ns for _, ns in path.lists] == [NOW_NS - 24 * HOUR_NS, NOW_NS - 300 * S]

        run(play)

    @pytest.mark.parametrize("jump_s", [3600, -3600])
    def test_lists_follow_the_earlier_of_the_brokers_word_and_our_clock(self, jump_s):
        async def steps(path):
            await path.hear(
                await path.order(), trade_report(px=100, ts_exch_ns=NOW_NS), report(ts_exch_ns=5)
            )
            path.lists_of(positions={IBM: BrokerPosition(qty=D(100))})
            path.clock.offset_ns = jump_s * S
            await asyncio.sleep(31)
            earliest_ns = min(NOW_NS, NOW_NS + (30 + jump_s) * S)
            assert path.lists[-1][1] == earliest_ns - 300 * S

        live(steps)


def _down(path):
    path.is_up = False


class TestComparison:
    def test_executions_missed_are_booked_exactly_once(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            fills = tuple(
                trade_report(f"E{n}", 50, 100, cl_ord_id=known.cl_ord_id) for n in range(2)
            )
            said = at_broker(known, OrdStatus.FILLED, 100, 100)
            path.lists_of(said, executions=fills, positions={IBM: BrokerPosition(qty=D(100))})
            await asyncio.sleep(31)
            assert path.get(known.cl_ord_id).ord_status is OrdStatus.FILLED
            await path.hear(known, *fills)
            await asyncio.sleep(120)
            assert path.qty() == 100
            assert len(path.engine.blotter.view.fills_from(0)) == 2
            missed = [text for text in path.texts() if "was missed" in text]
            assert len(missed) == 2
            assert path.recorded(PositionAdjusted) == []

        live(steps)

    def test_what_the_broker_cannot_itemise_is_made_up_after_five_seconds(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            said = at_broker(known, OrdStatus.FILLED, 100, 101, ts_ns=NOW_NS + 5)
            path.lists_of(said, positions={IBM: BrokerPosition(qty=D(100))})
            await asyncio.sleep(30.5)
            assert path.qty() == 0
            await asyncio.sleep(5)
            assert path.qty() == 100
            [booked] = path.engine.blotter.view.fills_from(0)
            assert booked.is_synthetic
            assert (booked.exec_id, booked.px) == (f"S-{known.cl_ord_id}-0-100", 101)
            await path.hear(known, trade_report("E1", 100, 101))
            await asyncio.sleep(120)
            assert [f.exec_id for f in path.engine.blotter.view.fills_from(0)] == ["E1"]
            assert path.qty() == 100
            assert path.recorded(PositionAdjusted) == []

        live(steps)

    @pytest.mark.parametrize("jump_s", [3600, -3600])
    def test_the_wall_clock_makes_up_nothing_sooner_or_later(self, jump_s):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            path.lists_of(
                at_broker(known, OrdStatus.FILLED, 100, 101),
                positions={IBM: BrokerPosition(qty=D(100))},
            )
            await path.steward.compare()
            path.clock.offset_ns = jump_s * S
            await asyncio.sleep(4.999)
            await path.steward.compare()
            assert path.qty() == 0
            await asyncio.sleep(0.001)
            await path.steward.compare()
            assert path.qty() == 100

        by_hand(steps)

    def test_an_order_of_others_is_adopted_with_its_fills_at_start(self):
        fill = trade_report("E9", 40, 100, cl_ord_id=ClOrdID("APP-1"))

        def prepare(path):
            said = at_broker_external(OrdStatus.PARTIALLY_FILLED, 40)
            path.lists_of(said, executions=(fill,), positions={IBM: BrokerPosition(qty=D(40))})

        async def steps(path):
            known = path.get(ClOrdID("APP-1"))
            assert (known.origin, known.cum_qty, known.leaves_qty) == (Origin.EXTERNAL, 40, 60)
            assert path.qty() == 40
            assert path.recorded(PositionAdjusted) == []
            await asyncio.sleep(60)
            assert len([t for t in path.texts() if "adopted" in t]) == 1

        live(steps, prepare)

    def test_one_without_its_executions_is_made_up_and_its_position_never_adjusted(self):
        def prepare(path):
            said = at_broker_external(OrdStatus.CANCELED, 40)
            path.lists_of(said, positions={IBM: BrokerPosition(qty=D(40))})

        async def steps(path):
            await asyncio.sleep(60)
            assert path.qty() == 40
            assert path.recorded(PositionAdjusted) == []
            assert len(path.engine.blotter.view.fills_from(0)) == 1

        live(steps, prepare)

    def test_an_order_that_left_the_list_is_asked_about_and_ends_on_proof(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            await asyncio.sleep(36)
            assert path.get(known.cl_ord_id).is_in_doubt
            text = "the broker's list of orders lacks it; it is being asked about"
            assert f"order {known.cl_ord_id}: {text}" in path.texts()
            await asyncio.sleep(60)
            gone = path.get(known.cl_ord_id)
            assert (gone.ord_status, gone.is_absent) == (OrdStatus.CANCELED, True)

        live(steps)

    def test_a_contradiction_is_recorded_and_said_once(self):
        async def steps(path):
            known = await path.hear(await path.order(), trade_report(px=100))
            other = trade_report(px=101, cl_ord_id=known.cl_ord_id)
            path.lists_of(
                at_broker(known, OrdStatus.FILLED, 100, 100),
                executions=(other,),
                positions={IBM: BrokerPosition(qty=D(100))},
            )
            await asyncio.sleep(120)
            assert len(path.lists) > 3
            reports = [record.report for record in path.recorded(ExecutionReported)]
            assert reports.count(msgspec.structs.replace(other)) == 1
            said = [text for text in path.texts() if "without a correction" in text]
            assert len(said) == 1
            assert path.steward.differences == (said[0],)

        live(steps)

    def test_what_was_found_and_settled_is_looked_at_again_soon_not_when_idle(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            fill = trade_report("E9", 100, 100, cl_ord_id=known.cl_ord_id)
            path.lists_of(
                at_broker(known, OrdStatus.FILLED, 100, 100),
                executions=(fill,),
                positions={IBM: BrokerPosition(qty=D(100))},
            )
            await asyncio.sleep(31)
            assert path.get(known.cl_ord_id).ord_status is OrdStatus.FILLED
            assert path.steward.differences != ()
            await asyncio.sleep(5)
            assert path.steward.differences == ()

        live(steps)

    def test_a_sentence_is_said_again_when_its_reason_comes_back(self):
        async def steps(path):
            stray = trade_report(cl_ord_id=ClOrdID("Q"))
            for executions in ((stray,), (stray,), (), (stray,)):
                path.lists_of(executions=executions)
                await path.steward.compare()
            assert len(path.notices) == 2

        by_hand(steps)

    def test_reports_that_came_with_the_list_come_first(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            said = at_broker(known, OrdStatus.FILLED, 100, 100)
            path.lists_of(said)
            await path.steward.compare()
            assert path.steward.differences == ()

            def answer(_):
                path.broker.say(trade_report(px=100, cl_ord_id=known.cl_ord_id))
                return snapshot(
                    said, ts_ns=path.clock.now_ns(), positions={IBM: BrokerPosition(qty=D(100))}
                )

            path.listed = answer
            await asyncio.sleep(6)
            await path.steward.compare()
            assert [f.exec_id for f in path.engine.blotter.view.fills_from(0)] == ["E1"]
            assert path.steward.differences == ()

        by_hand(steps)

    def test_a_position_waits_for_an_order_in_doubt_of_its_symbol_only(self):
        async def steps(path):
            path.broker.connected_since_ns = None
            await path.lost()
            held = {s: BrokerPosition(qty=D(7)) for s in (IBM, MSFT)}
            path.lists_of(positions=held)
            await asyncio.sleep(60)
            assert [r.adjustment.symbol for r in path.recorded(PositionAdjusted)] == [MSFT]
            assert path.gate.state_of(MSFT) is TradingState.REDUCING
            assert path.gate.state_of(IBM) is TradingState.ACTIVE
            assert path.steward.differences == ("IBM: the record holds 0, the broker 7",)

        live(steps)

    def test_a_position_waits_for_a_replacement_that_may_have_traded(self):
        async def steps(path):
            path.broker.connected_since_ns = None
            known = await path.hear(await path.order(limit=99), report())
            amend(path, known, limit=D(99))
            await path.engine.settle()
            await path.hear(known, trade_report(px=100))
            held = {IBM: BrokerPosition(qty=D(200))}
            path.lists_of(at_broker(known, OrdStatus.FILLED, 100, 100), positions=held)
            await asyncio.sleep(120)
            assert path.recorded(PositionAdjusted) == []

        live(steps, replacing)

    def test_a_bust_of_nothing_known_holds_its_symbol_for_a_minute(self):
        async def steps(path):
            await asyncio.sleep(100)
            known = await path.hear(await path.order(), report())
            await path.hear(known, report(ExecType.TRADE_CANCEL, exec_id="X", exec_ref_id="Q"))
            known = await path.hear(known, report(ts_exch_ns=NOW_NS + 9))
            assert not known.is_in_doubt
            path.found[known.cl_ord_id] = at_broker(known)
            path.lists_of(at_broker(known), positions={IBM: BrokerPosition(qty=D(7))})
            await asyncio.sleep(59)
            assert path.recorded(PositionAdjusted) == []
            await asyncio.sleep(12)
            assert len(path.recorded(PositionAdjusted)) == 1

        live(steps)

    def test_a_fill_that_overtook_the_first_list_is_not_taken_for_a_difference(self):
        async def steps(path):
            known = await path.hear(await path.order(), report())
            said = at_broker(known)

            def answer(_):
                path.broker.say(trade_report(px=100, cl_ord_id=known.cl_ord_id))
                return snapshot(said, ts_ns=path.clock.now_ns())

            path.listed = answer
            await path.steward.compare()
            assert path.steward.is_reconciled
            assert path.qty() == 100
            assert path.recorded(PositionAdjusted) == []

        by_hand(steps)

    def test_at_start_one_comparison_is_enough(self):
        def prepare(path):
            path.lists_of(positions={IBM: BrokerPosition(qty=D(7), avg_px=D(90))})

        async def steps(path):
            assert path.qty() == 7
            assert path.gate.state_of(IBM) is TradingState.REDUCING
            assert path.gate.state is TradingState.ACTIVE

        live(steps, prepare)

    def test_a_rerun_finds_nothing_left(self):
        def prepare(path):
            path.lists_of(positions={IBM: BrokerPosition(qty=D(7), avg_px=D(90))})

        async def play():
            disk = InstantDisk()
            for _ in range(3):
                async with started(disk, prepare) as path:
                    await asyncio.sleep(40)
                    assert path.qty() == 7
                    assert path.gate.state_of(IBM) is TradingState.REDUCING
                    assert len(path.recorded(PositionAdjusted)) == 1

        run(play)

    def test_cash_is_posted_after_two_comparisons(self):
        def prepare(path):
            path.lists_of(cash=D("999.50"))

        async def steps(path):
            assert path.recorded(CashPosted) == []
            await asyncio.sleep(6)
            assert [r.posting.amount for r in path.recorded(CashPosted)] == [D("-0.50")]
            assert path.engine.ledger.cash == D("999.50")
            await asyncio.sleep(120)
            assert len(path.recorded(CashPosted)) == 1

        live(steps, prepare, cash=1_000)


def at_broker_external(status, cum):
    return at_broker(order(cl_ord_id=ClOrdID("APP-1")), status, cum, 100)
