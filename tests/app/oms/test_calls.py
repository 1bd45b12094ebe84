"""Show that each order is handed over once, and that only proof lets it be handed over again.

Method: the real engine on virtual time; a broker that refuses, hangs, breaks or never got it.
"""

import asyncio

import pytest

from app.domain.enums import AmendmentState, Custody, ExecType, OrdStatus, Side, TradingState
from app.domain.errors import Disconnected, Malformed, NeverSent, Rejected
from app.domain.events import OrderChanged
from app.domain.reports import CancelReject
from app.oms.calls import CALL_DEADLINE_S, CANCEL_AGAIN_S, RESEND_S
from tests.fakes import lose
from tests.samples import NOW_NS, report, trade_report
from tests.station import about, play

SELL = Side.SELL


async def never(_):
    raise NeverSent("no link", venue="fake")


async def hang(_):
    await asyncio.Event().wait()


def failing(*errors):
    """Raise these one after the other, then answer."""
    left = list(errors)

    async def answer(_):
        if left:
            raise left.pop(0)

    return answer


def timed(station, answer):
    """Note when each call comes, in seconds from the start."""
    times = []

    async def noted(given):
        times.append(round(asyncio.get_running_loop().time(), 6))
        await answer(given)

    return times, noted


NEVER = NeverSent("no link", venue="fake")


class TestNeverSent:
    """Row 5: proof that nothing left lets the same identity go again."""

    def test_the_same_identity_goes_again_after_each_wait_and_then_it_is_said(self):
        async def story(station):
            times, station.broker.on_submit = timed(station, never)
            refused = await station.order()
            assert times == [0, 0.5, 1.5, 3.5]
            assert station.sent() == [refused.cl_ord_id] * 4
            assert (refused.ord_status, refused.text) == (
                OrdStatus.REJECTED,
                "never sent, 4 times tried: no link",
            )
            assert station.recorded() == ["order_decided", *["order_sent"] * 4, "execution_report"]

        assert RESEND_S == (0.5, 1.0, 2.0)
        play(story)

    def test_what_arrives_at_the_second_try_is_sent(self):
        async def story(station):
            station.broker.on_submit = failing(NEVER)
            sent = await station.order()
            assert (sent.custody, sent.ord_status) == (Custody.SENT, OrdStatus.PENDING_NEW)
            assert station.sent() == [sent.cl_ord_id] * 2

        play(story)

    def test_doubt_at_the_second_try_ends_the_trying(self):
        async def story(station):
            station.broker.on_submit = failing(NEVER, Disconnected("gone", venue="fake"))
            lost = await station.order()
            assert lost.custody is Custody.UNKNOWN
            assert station.sent() == [lost.cl_ord_id] * 2

        play(story)

    @pytest.mark.parametrize(
        ("stop", "words"),
        [
            (
                lambda station, _: station.engine.set_state(TradingState.HALTED, "k", actor="ada"),
                "trading became HALTED before it was sent; order not sent",
            ),
            (
                lambda station, _: station.engine.set_state(
                    TradingState.REDUCING, "k", actor="ada"
                ),
                "trading became REDUCING before it was sent; order not sent",
            ),
            (
                lambda station, cl_ord_id: station.cancel(cl_ord_id),
                "order P1-261123-1 was canceled before it was sent; order not sent",
            ),
            (
                lambda station, cl_ord_id: station.broker.say(
                    report(ExecType.CANCELED, cl_ord_id=cl_ord_id)
                ),
                "",
            ),
        ],
        ids=["halted", "reducing", "canceled", "ended"],
    )
    def test_what_comes_between_two_tries_stops_the_next(self, stop, words):
        async def story(station):
            station.broker.on_submit = never
            cl_ord_id = station.submit()
            await asyncio.sleep(0.2)
            stop(station, cl_ord_id)
            await station.engine.settle()
            assert station.sent() == [cl_ord_id]
            assert station.broker.canceled == []
            ended = station.get(cl_ord_id)
            assert ended.is_ended
            assert ended.text == words

        play(story)

    def test_cancel_while_the_last_try_is_under_way_goes_to_the_broker(self):
        async def story(station):
            station.broker.on_submit = failing(NEVER)
            cl_ord_id = station.submit()
            await asyncio.sleep(0.7)
            station.cancel(cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [cl_ord_id]

        play(story)

    def test_order_that_was_filled_between_the_tries_is_not_handed_over_again(self):
        async def story(station):
            async def filled_even_so(approved):
                station.broker.say(about(approved, trade_report()))
                raise NEVER

            station.broker.on_submit = filled_even_so
            filled = await station.order()
            assert filled.ord_status is OrdStatus.FILLED
            assert station.sent() == [filled.cl_ord_id]

        play(story)


class TestDoubt:
    """T6, T7, T8: no answer is not a no; the order is never handed over again."""

    @pytest.mark.parametrize(
        "error",
        [
            Disconnected("gone", venue="fake"),
            Malformed("half a line", venue="fake"),
            OSError("broken"),
            ValueError("bug"),
            TimeoutError("slow"),
        ],
        ids=lambda error: type(error).__name__,
    )
    def test_any_end_that_is_no_answer_is_in_doubt_and_said_as_it_was(self, error):
        async def story(station):
            station.broker.on_submit = failing(error)
            lost = await station.order()
            await asyncio.sleep(3600)
            assert station.get(lost.cl_ord_id) == lost
            assert (lost.custody, lost.is_in_doubt) == (Custody.UNKNOWN, True)
            assert lost.text == f"sent, no answer: {error!r}"
            assert station.sent() == [lost.cl_ord_id]
            assert station.recorded() == ["order_decided", "order_sent", "send_lost"]

        play(story)

    def test_call_without_an_end_is_in_doubt_at_its_deadline(self):
        async def story(station):
            station.broker.on_submit = hang
            cl_ord_id = station.submit()
            await asyncio.sleep(CALL_DEADLINE_S - 0.001)
            assert station.get(cl_ord_id).custody is Custody.SENT
            await asyncio.sleep(0.002)
            assert station.get(cl_ord_id).custody is Custody.UNKNOWN
            assert station.get(cl_ord_id).text == "sent, no answer: TimeoutError()"
            assert station.sent() == [cl_ord_id]

        play(story)

    def test_definite_no_is_a_rejection_with_its_words(self):
        async def story(station):
            station.broker.on_submit = failing(Rejected("no such symbol", venue="fake"))
            refused = await station.order()
            assert (refused.ord_status, refused.text) == (OrdStatus.REJECTED, "no such symbol")
            assert refused.ts_ack_ns == NOW_NS
            assert len(station.broker.submitted) == 1

        play(story)


class TestBarrier:
    """What is decided is stopped by what came while the record was written."""

    @pytest.mark.parametrize("state", [TradingState.HALTED, TradingState.REDUCING])
    def test_state_that_came_meanwhile_stops_the_order(self, state):
        async def story(station):
            cl_ord_id = station.submit()
            await asyncio.sleep(0)  # The decision is on its way to the disk.
            station.engine.set_state(state, "by hand", actor="ada")
            await station.engine.settle()
            stopped = station.get(cl_ord_id)
            assert station.sent() == []
            assert stopped.ord_status is OrdStatus.REJECTED
            assert stopped.text == f"trading became {state.name} before it was sent; order not sent"

        play(story)

    def test_order_that_is_canceled_in_the_breath_it_is_submitted_never_goes(self):
        async def story(station):
            cl_ord_id = station.submit()
            station.cancel(cl_ord_id)
            await station.engine.settle()
            assert (station.sent(), station.broker.canceled) == ([], [])
            assert station.get(cl_ord_id).ord_status is OrdStatus.REJECTED

        play(story)

    def test_reducing_lets_what_closes_pass(self):
        async def story(station):
            held = await station.order()
            await station.tell(held, trade_report(px=100))
            closing = station.submit(SELL)
            await asyncio.sleep(0)
            station.engine.set_state(TradingState.REDUCING, "by hand", actor="ada")
            await station.engine.settle()
            assert station.sent() == [held.cl_ord_id, closing]

        play(story)


class TestCancel:
    def test_cancel_without_an_answer_is_asked_again_at_growing_waits_and_stays_pending(self):
        async def story(station):
            sent = await station.working()
            times, station.broker.on_cancel = timed(station, lose)
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            assert times == [0, 1, 3, 7, 15, 30]
            assert station.broker.canceled == [sent.cl_ord_id] * 6
            assert station.get(sent.cl_ord_id).ord_status is OrdStatus.PENDING_CANCEL
            assert station.notices() == [
                f"cancel of {sent.cl_ord_id} has no answer: {Disconnected('gone', venue='fake')!r}"
                "; it stays pending"
            ] * len(CANCEL_AGAIN_S)

        assert CANCEL_AGAIN_S == (1.0, 2.0, 4.0, 8.0, 15.0)
        play(story)

    def test_cancel_is_asked_again_until_it_is_taken(self):
        async def story(station):
            sent = await station.working()
            station.broker.on_cancel = failing(TimeoutError(), NEVER)
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            assert len(station.broker.canceled) == 3

        play(story)

    @pytest.mark.parametrize(
        "said",
        [
            report(ExecType.CANCELED),
            trade_report(),
            CancelReject(cl_ord_id="", ts_exch_ns=NOW_NS, ts_recv_ns=NOW_NS),
        ],
        ids=["canceled", "filled", "refused"],
    )
    def test_answer_by_another_way_ends_the_asking(self, said):
        async def story(station):
            sent = await station.working()
            station.broker.on_cancel = lose
            station.cancel(sent.cl_ord_id)
            await asyncio.sleep(0.5)
            await station.tell(sent, said)
            await station.engine.settle()
            assert station.broker.canceled == [sent.cl_ord_id]

        play(story)

    def test_second_click_while_the_cancel_is_under_way_makes_no_second_call(self):
        async def story(station):
            sent = await station.working()
            station.broker.on_cancel = hang
            station.cancel(sent.cl_ord_id)
            await asyncio.sleep(1)
            station.cancel(sent.cl_ord_id)
            await asyncio.sleep(1)
            assert station.broker.canceled == [sent.cl_ord_id]
            station.broker.on_cancel = failing()
            await station.engine.settle()
            assert station.broker.canceled == [sent.cl_ord_id] * 2  # Again, after the deadline.

        play(story)

    def test_two_clicks_in_one_breath_are_one_call(self):
        async def story(station):
            sent = await station.working()
            for _ in range(2):
                station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [sent.cl_ord_id]

        play(story)

    def test_cancel_that_was_given_up_can_be_asked_for_again(self):
        async def story(station):
            sent = await station.working()
            station.broker.on_cancel = lose
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            station.broker.on_cancel = failing()
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            assert len(station.broker.canceled) == 7

        play(story)

    def test_refusal_leaves_the_order_as_it_was_with_the_words(self):
        async def story(station):
            sent = await station.working()
            station.broker.on_cancel = failing(Rejected("too late", venue="fake"))
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            known = station.get(sent.cl_ord_id)
            assert (known.ord_status, known.text) == (OrdStatus.NEW, "too late")
            assert len(station.broker.canceled) == 1

        play(story)

    def test_cancel_of_an_order_in_doubt_goes_to_the_broker_and_the_doubt_stays(self):
        async def story(station):
            station.broker.on_submit = lose
            lost = await station.order()
            station.cancel(lost.cl_ord_id)
            await station.engine.settle()
            known = station.get(lost.cl_ord_id)
            assert station.broker.canceled == [lost.cl_ord_id]
            assert (known.ord_status, known.custody) == (OrdStatus.PENDING_CANCEL, Custody.UNKNOWN)

        play(story)


class TestCancelOfAReplace:
    """Row 27: the identity in force is canceled, and the one that may come into force."""

    def test_both_identities_are_canceled_the_one_in_force_first(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [known.cl_ord_id, request]
            assert station.get(known.cl_ord_id).ord_status is OrdStatus.PENDING_CANCEL

        play(story, has_replace=True)

    def test_refusal_of_the_other_identity_changes_nothing(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()

            async def refuse_the_other(cl_ord_id):
                if cl_ord_id == request:
                    raise Rejected("not known", venue="fake")

            station.broker.on_cancel = refuse_the_other
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.get(known.cl_ord_id).cancel_requested
            assert "cancel_reject" not in station.recorded()

        play(story, has_replace=True)

    def test_identity_in_force_is_that_of_the_accepted_replace(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            await station.hear(report(ExecType.REPLACED, cl_ord_id=request))
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [request]

        play(story, has_replace=True)

    def test_lost_answer_on_one_identity_asks_for_both_again(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            station.broker.on_cancel = failing(OSError("broken"))
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [known.cl_ord_id, request] * 2

        play(story, has_replace=True)


class TestReplace:
    @pytest.mark.parametrize(
        "error", [Rejected("too late", venue="fake"), NEVER], ids=["refused", "never sent"]
    )
    def test_definite_no_leaves_the_order_as_it_was(self, error):
        async def story(station):
            known = await station.working(limit="100")
            station.broker.on_replace = failing(error)
            station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            after = station.get(known.cl_ord_id)
            assert after.ord_status is OrdStatus.NEW
            assert after.terms == known.terms
            assert (after.amendments[0].state, after.amendments[0].text) == (
                AmendmentState.REJECTED,
                str(error),
            )
            assert len(station.broker.replaced) == 1

        play(story, has_replace=True)

    @pytest.mark.parametrize("answer", [lose, hang], ids=["broken", "no end"])
    def test_lost_answer_opens_a_question_and_is_never_sent_again(self, answer):
        async def story(station):
            known = await station.working(limit="100")
            station.broker.on_replace = answer
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            after = station.get(known.cl_ord_id)
            assert (after.ord_status, after.live_id) == (OrdStatus.PENDING_REPLACE, known.cl_ord_id)
            assert after.text.startswith("replace sent, no answer: ")
            assert station.engine.inquiries.get(known.cl_ord_id) is not None
            assert [approved.cl_ord_id for approved in station.broker.replaced] == [request]

        play(story, has_replace=True)

    @pytest.mark.parametrize(
        ("pause_s", "stop", "words"),
        [
            (
                0,
                lambda station, _: station.engine.set_state(TradingState.HALTED, "k", actor="ada"),
                "trading became HALTED before it was sent; not sent",
            ),
            (
                None,
                lambda station, cl_ord_id: station.cancel(cl_ord_id),
                "order P1-261123-1 was canceled before it was sent; not sent",
            ),
            (
                None,
                lambda station, cl_ord_id: station.broker.say(
                    report(ExecType.EXPIRED, cl_ord_id=cl_ord_id)
                ),
                "order P1-261123-1 has ended before it was sent; not sent",
            ),
        ],
        ids=["halted", "canceled", "ended"],
    )
    def test_what_comes_while_it_is_recorded_stops_it(self, pause_s, stop, words):
        async def story(station):
            known = await station.working(limit="100")
            station.replace(known.cl_ord_id, 50, "100")
            if pause_s is not None:  # Else it is recorded in one breath with the replace.
                await asyncio.sleep(pause_s)
            stop(station, known.cl_ord_id)
            await station.engine.settle()
            assert station.broker.replaced == []
            [amendment] = station.get(known.cl_ord_id).amendments
            assert (amendment.state.is_open, amendment.text) == (False, words)

        play(story, has_replace=True)


def test_each_sending_is_shown_after_its_record():
    async def story(station):
        shown = []
        station.hub.subscribe(
            OrderChanged, lambda e: shown.append((e.order.custody, station.recorded()[-1]))
        )
        await station.order()
        assert shown == [(Custody.UNSENT, "order_decided"), (Custody.SENT, "order_sent")]

    play(story)
