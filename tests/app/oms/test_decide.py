"""Show that each command is decided on what is true then, those before it in the batch included.

Method: the real engine on virtual time; orders in every state, replaces to every terms.
"""

import asyncio
from decimal import Decimal

import msgspec
import pytest

from app.audit.records import AmendmentDecided, record_of
from app.domain.commands import SubmitOrder
from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Custody,
    ExecType,
    OrdStatus,
    OrdType,
    Origin,
    Side,
    TradingState,
)
from app.domain.errors import RefusedOrder
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment
from app.domain.terms import Hold, Links
from app.oms.decide import amended, replace_fault, replace_terms_fault
from tests.fakes import lose
from tests.samples import NOW_NS, new_order, order, report, trade_report
from tests.sim.disk import InstantDisk
from tests.station import MAN, play

BUY, SELL = Side.BUY, Side.SELL
D = Decimal
STOP = {"ord_type": OrdType.STOP, "stop_px": D(95)}


def reducing(station):
    station.engine.set_state(TradingState.REDUCING, "by hand", actor="ada")


def amendments(disk):
    return [r for r in map(record_of, disk.rows) if isinstance(r, AmendmentDecided)]


class TestNativeReplace:
    def test_it_is_on_disk_before_it_is_sent_once_with_the_identity_in_force(self):
        async def story(station):
            known = await station.working(limit="100")
            kinds = []

            async def look(_):
                kinds.append(station.recorded()[-1])

            station.broker.on_replace = look
            request = station.replace(known.cl_ord_id, 50, "101")
            await station.engine.settle()
            [sent] = station.broker.replaced
            assert kinds == ["amendment_decided"]
            assert (sent.cl_ord_id, sent.orig_cl_ord_id) == (request, known.cl_ord_id)
            assert sent.order == new_order(qty=50, limit="101")
            assert sent.durable_seq == station.recorded().index("amendment_decided") + 1
            assert station.get(known.cl_ord_id).ord_status is OrdStatus.PENDING_REPLACE
            await station.hear(report(ExecType.REPLACED, cl_ord_id=request))
            second = station.replace(known.cl_ord_id, 60, "101")
            await station.engine.settle()
            assert station.broker.replaced[-1].orig_cl_ord_id == request
            assert station.get(second) == station.get(request) == station.get(known.cl_ord_id)
            assert (request, second) == ("P1-261123-2", "P1-261123-3")

        play(story, has_replace=True)

    def test_larger_of_both_is_reserved_until_the_answer(self):
        async def story(station):
            known = await station.working(qty=100, limit="100")

            async def working_qty(qty):
                request = station.replace(known.cl_ord_id, qty, "100")
                await station.engine.settle()
                reserved = station.engine.picture(new_order()).working_buy_qty
                await station.hear(report(ExecType.REPLACED, cl_ord_id=request))
                return reserved, station.engine.picture(new_order()).working_buy_qty

            assert await working_qty(150) == (150, 150)
            assert await working_qty(30) == (150, 30)

        play(story, has_replace=True)

    def test_the_old_order_is_left_out_of_the_decision(self):
        async def story(station):
            known = await station.working(qty=2000, limit="100")
            station.replace(known.cl_ord_id, 1999, "100")  # Both together are over the limit.
            await station.engine.settle()
            [record] = amendments(station.disk)
            assert record.approved
            assert record.picture.working_buy_qty == 0
            assert (record.picture.replaced_qty, record.picture.replaced_px) == (2000, 100)

        disk = InstantDisk()

        async def with_disk(station):
            station.disk = disk
            await story(station)

        play(with_disk, disk=disk, has_replace=True)

    def test_replace_passes_the_gate_like_an_order(self):
        """T21: 10 shares become 10,000."""

        async def story(station):
            known = await station.working(qty=10, limit="100")
            station.replace(known.cl_ord_id, 10_000, "100")
            await station.engine.settle()
            after = station.get(known.cl_ord_id)
            assert station.broker.replaced == []
            assert (after.ord_status, after.order_qty) == (OrdStatus.NEW, 10)
            [amendment] = after.amendments
            assert amendment.state is AmendmentState.DENIED
            assert "over the limit" in amendment.text

        play(story, has_replace=True)

    def test_what_is_executed_is_not_counted_again(self):
        async def story(station):
            known = await station.working(qty=1500, limit="100")
            await station.tell(known, trade_report(qty=1000, px=100))
            station.replace(known.cl_ord_id, 1900, "100")  # 900 more, not 1,900.
            await station.engine.settle()
            [sent] = station.broker.replaced
            assert sent.order.order_qty == 1900

        play(story, has_replace=True)

    def test_two_replaces_of_one_breath_are_one(self):
        async def story(station):
            known = await station.working(limit="100")
            first = station.replace(known.cl_ord_id, 50, "100")
            second = station.replace(known.cl_ord_id, 60, "100")
            await station.engine.settle()
            assert [sent.cl_ord_id for sent in station.broker.replaced] == [first]
            after = station.get(known.cl_ord_id)
            assert [a.state for a in after.amendments] == [
                AmendmentState.DENIED,
                AmendmentState.PENDING,
            ]
            assert after.open_amendment == after.amendments[1]
            assert second == after.amendments[0].cl_ord_id
            assert after.amendments[0].text == (
                f"order {known.cl_ord_id} is being replaced: one change at a time; not sent"
            )

        play(story, has_replace=True)

    def test_replace_in_the_breath_of_a_cancel_is_not_sent(self):
        async def story(station):
            known = await station.working(limit="100")
            station.cancel(known.cl_ord_id)
            station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            assert station.broker.replaced == []
            [amendment] = station.get(known.cl_ord_id).amendments
            assert amendment.text == f"order {known.cl_ord_id} is being canceled; not sent"

        play(story, has_replace=True)

    def test_room_that_a_replace_asks_for_is_taken_within_the_batch(self):
        async def story(station):
            known = await station.working(qty=1000, limit="100")
            station.replace(known.cl_ord_id, 1500, "100")
            refused, sent = station.submit(BUY, 600, 100), station.submit(BUY, 500, 100)
            await station.engine.settle()
            assert station.get(refused).ord_status is OrdStatus.REJECTED
            assert station.get(sent).custody is Custody.SENT

        play(story, has_replace=True)

    def test_replace_that_asks_for_less_takes_no_room_within_the_batch(self):
        async def story(station):
            known = await station.working(qty=1500, limit="100")
            station.replace(known.cl_ord_id, 1000, "100")
            sent, refused = station.submit(BUY, 500, 100), station.submit(BUY, 1, 100)
            await station.engine.settle()
            assert station.get(sent).custody is Custody.SENT
            assert station.get(refused).ord_status is OrdStatus.REJECTED

        play(story, has_replace=True)

    def test_refusal_by_the_broker_gives_the_order_back_and_lets_it_be_changed_again(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            await station.hear(report(ExecType.REJECTED, cl_ord_id=request, text="too late"))
            after = station.get(known.cl_ord_id)
            assert (after.ord_status, after.terms) == (OrdStatus.NEW, known.terms)
            assert after.amendments[0].state is AmendmentState.REJECTED
            station.replace(known.cl_ord_id, 60, "100")
            await station.engine.settle()
            assert len(station.broker.replaced) == 2

        play(story, has_replace=True)


class TestReplaceWhileReducing:
    @pytest.mark.parametrize(
        ("qty", "limit", "passes"),
        [
            (99, "100", True),
            (100, "99", True),
            (50, "99", True),
            (101, "100", False),
            (100, "101", False),
            (50, "101", False),
        ],
    )
    def test_what_only_lowers_passes_and_what_raises_does_not(self, qty, limit, passes):
        async def story(station):
            known = await station.working(limit="100")
            reducing(station)
            station.replace(known.cl_ord_id, qty, limit)
            await station.engine.settle()
            assert len(station.broker.replaced) == passes
            [amendment] = station.get(known.cl_ord_id).amendments
            assert (amendment.state is AmendmentState.PENDING) == passes

        play(story, has_replace=True)

    @pytest.mark.parametrize(("qty", "passes"), [(90, True), (100, True), (101, False)])
    def test_what_is_executed_is_left_out_of_the_comparison(self, qty, passes):
        async def story(station):
            known = await station.working(limit="100")
            await station.tell(known, trade_report(qty=40, px=100))
            reducing(station)
            station.replace(known.cl_ord_id, qty, "99")
            await station.engine.settle()
            assert [sent.order.order_qty for sent in station.broker.replaced] == [qty] * passes

        play(story, has_replace=True)


class TestWhatCannotBeReplaced:
    @pytest.mark.parametrize(
        ("facts", "words"),
        [
            ({"done": OrdStatus.CANCELED}, "is CANCELED: nothing is left to replace"),
            ({"done": OrdStatus.REJECTED}, "is REJECTED: nothing is left to replace"),
            ({"custody": Custody.UNKNOWN}, "is in doubt: its fate has to be known first"),
            ({"cancel_requested": True}, "is being canceled"),
            ({"custody": Custody.UNSENT, "ts_ack_ns": 0}, "is not acknowledged yet"),
            ({"custody": Custody.SENT, "ts_ack_ns": 0}, "is not acknowledged yet"),
            ({}, ""),
            ({"custody": Custody.HELD, "ts_ack_ns": 0}, ""),
            ({"custody": Custody.STAGED, "ts_ack_ns": 0}, ""),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_order_in_a_state_in_which_it_cannot_be_is_named_with_the_reason(self, facts, words):
        known = order(**{"custody": Custody.ACKNOWLEDGED, "ts_ack_ns": NOW_NS, **facts})
        expected = f"order {known.cl_ord_id} {words}" if words else ""
        assert replace_fault(known) == expected

    def test_one_change_at_a_time(self):
        known = order(custody=Custody.ACKNOWLEDGED, ts_ack_ns=NOW_NS)
        under_way = Amendment(
            cl_ord_id=ClOrdID("A1"),
            order=known.order,
            origin=known.origin,
            actor="ada",
            ts_intent_ns=NOW_NS,
            way=AmendmentWay.NATIVE,
        )
        known = msgspec.structs.replace(known, amendments=(under_way,))
        words = "is being replaced: one change at a time"
        assert replace_fault(known) == f"order {known.cl_ord_id} {words}"

    @pytest.mark.parametrize(
        ("qty", "limit", "stop", "words"),
        [
            ("40", "100", None, "quantity 40 must be above the 40 executed"),
            ("41", "100", None, ""),
            ("0", "100", None, "quantity 0 must be above the 40 executed"),
            ("-5", "100", None, "quantity -5 must be above the 40 executed"),
            ("NaN", "100", None, "quantity NaN must be above the 40 executed"),
            ("sNaN", "100", None, "quantity sNaN must be above the 40 executed"),
            ("Infinity", "100", None, "quantity Infinity must be above the 40 executed"),
            ("100", None, None, "limit price None does not fit a LIMIT order"),
            ("100", "100", "95", "stop price 95 does not fit a LIMIT order"),
            ("100", "0", None, "limit price 0 must be above 0"),
            ("100", "-1", None, "limit price -1 must be above 0"),
            ("100", "NaN", None, "limit price NaN must be above 0"),
            ("100", "Infinity", None, "limit price Infinity must be above 0"),
            ("100", "100", None, "the terms are what they were"),
        ],
    )
    def test_terms_that_are_none_are_refused_with_field_value_and_limit(
        self, qty, limit, stop, words
    ):
        async def story(station):
            known = await station.working(limit="100")
            await station.tell(known, trade_report(qty=40, px=100))
            before = station.recorded()
            if words:
                with pytest.raises(RefusedOrder) as refused:
                    station.replace(known.cl_ord_id, qty, limit, stop)
                assert str(refused.value) == f"{words}; nothing was sent"
            else:
                station.replace(known.cl_ord_id, qty, limit, stop)
            await station.engine.settle()
            assert (station.recorded() == before) == bool(words)

        play(story, has_replace=True)

    def test_stop_level_follows_the_same_rule(self):
        known = order(new_order(**STOP))
        assert replace_terms_fault(known, new_order(**{**STOP, "stop_px": D(0)})) == (
            "stop price 0 must be above 0"
        )
        assert replace_terms_fault(known, new_order(**{**STOP, "stop_px": D(94)})) == ""

    @pytest.mark.parametrize(("qty", "words"), [(100, ""), (99, ""), (101, "101")])
    def test_exit_at_the_broker_never_grows(self, qty, words):
        exits = order(
            new_order(limit=100),
            links=Links(parent=ClOrdID("P")),
            custody=Custody.ACKNOWLEDGED,
        )
        fault = replace_terms_fault(exits, new_order(qty=qty, limit=99))
        assert fault == (words and "quantity 101 of an exit must not be above its 100")
        waiting = msgspec.structs.replace(exits, custody=Custody.HELD)
        assert replace_terms_fault(waiting, new_order(qty=qty, limit=99)) == ""

    def test_unknown_order_is_refused_by_its_name(self):
        async def story(station):
            with pytest.raises(RefusedOrder, match="order X is not known here; nothing was sent"):
                station.replace(ClOrdID("X"))

        play(story)

    def test_order_that_ended_while_the_request_waited_is_not_replaced(self):
        async def story(station):
            known = await station.working(limit="100")
            station.broker.say(report(ExecType.CANCELED, cl_ord_id=known.cl_ord_id))
            await asyncio.sleep(0)  # The end is on its way to the disk.
            station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            assert station.broker.replaced == []
            assert not station.get(known.cl_ord_id).is_working

        play(story, has_replace=True)

    def test_command_about_no_order_decides_nothing(self):
        async def story(station):
            known = await station.working(limit="100")
            station.replace(known.cl_ord_id, 50, "100")
            lost = station.engine._inbox.pop()
            station.engine._taken_in -= 1
            station.engine.put(msgspec.structs.replace(lost, orig_cl_ord_id=ClOrdID("X")))
            await station.engine.settle()
            assert "amendment_decided" not in station.recorded()

        play(story, has_replace=True)


class TestSecondReplace:
    def test_replace_while_another_is_open_is_refused_in_words(self):
        async def story(station):
            known = await station.working(limit="100")
            station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            with pytest.raises(RefusedOrder) as refused:
                station.replace(known.cl_ord_id, 60, "100")
            assert str(refused.value) == (
                f"order {known.cl_ord_id} is being replaced: one change at a time; nothing was sent"
            )

        play(story, has_replace=True)


class TestHeldHere:
    def test_what_waits_here_is_amended_here_without_the_broker(self):
        async def story(station):
            held = await station.order(SELL, 100, **STOP)
            assert held.custody is Custody.HELD
            station.replace(held.cl_ord_id, 80, stop="94")
            await station.engine.settle()
            after = station.get(held.cl_ord_id)
            assert (after.terms.order_qty, after.terms.stop_px) == (80, 94)
            assert (after.amendments[0].way, after.amendments[0].state) == (
                AmendmentWay.HERE,
                AmendmentState.ACCEPTED,
            )
            assert (station.broker.replaced, station.broker.submitted) == ([], [])
            assert station.recorded() == ["order_held", "amendment_decided"]

        play(story, has_replace=True)

    def test_what_the_gate_would_say_now_does_not_keep_it_from_being_amended(self):
        async def story(station):
            held = await station.order(BUY, 100, ord_type=OrdType.STOP, stop_px=D(105))
            station.engine.set_state(TradingState.HALTED, "by hand", actor="ada")
            station.replace(held.cl_ord_id, 80, stop="106")
            await station.engine.settle()
            assert station.get(held.cl_ord_id).terms.order_qty == 80

        play(story)

    def test_two_amendments_of_one_breath_are_one(self):
        async def story(station):
            held = await station.order(SELL, 100, **STOP)
            station.replace(held.cl_ord_id, 80, stop="94")
            station.replace(held.cl_ord_id, 70, stop="94")
            await station.engine.settle()
            assert station.get(held.cl_ord_id).terms.order_qty == 80

        play(story)

    def test_cancel_ends_it_at_once_and_records_both(self):
        async def story(station):
            held = await station.order(SELL, 100, **STOP)
            station.cancel(held.cl_ord_id)
            await station.engine.settle()
            ended = station.get(held.cl_ord_id)
            assert (ended.ord_status, ended.text) == (OrdStatus.CANCELED, "canceled on request")
            assert station.recorded() == ["order_held", "cancel_requested", "hold_ended"]
            assert station.broker.canceled == []
            station.cancel(held.cl_ord_id)
            await station.engine.settle()
            assert station.recorded()[-1] == "cancel_requested"

        play(story)

    def test_order_is_held_with_the_view_of_the_gate_and_takes_no_room(self):
        async def story(station):
            station.engine.submit(new_order(BUY, 2000), hold=Hold(is_staged=True), **MAN)
            sent = station.submit(BUY, 2000, 100)
            await station.engine.settle()
            assert station.get(sent).custody is Custody.SENT

        play(story)

    def test_release_goes_once_with_its_terms_and_links(self):
        async def story(station):
            staged = station.engine.submit(new_order(), hold=Hold(is_staged=True), **MAN)
            await station.engine.settle()
            for _ in range(2):
                station.engine.release(staged, new_order(qty=90), **MAN)
            await station.engine.settle()
            [sent] = station.broker.submitted
            assert (sent.cl_ord_id, sent.order.order_qty) == (staged, 90)
            station.engine.release(staged, new_order(), **MAN)
            station.engine.release(ClOrdID("X"), new_order(), **MAN)
            assert not station.engine.is_busy

        play(story)

    @pytest.mark.parametrize("first", ["cancel", "release"])
    def test_cancel_and_release_of_one_breath_send_nothing(self, first):
        async def story(station):
            staged = station.engine.submit(new_order(), hold=Hold(is_staged=True), **MAN)
            await station.engine.settle()
            deeds = [
                lambda: station.cancel(staged),
                lambda: station.engine.release(staged, new_order(), **MAN),
            ]
            for deed in deeds if first == "cancel" else reversed(deeds):
                deed()
            await station.engine.settle()
            assert station.broker.submitted == []
            assert station.get(staged).is_ended

        play(story)

    def test_release_after_the_end_decides_nothing(self):
        async def story(station):
            staged = station.engine.submit(new_order(), hold=Hold(is_staged=True), **MAN)
            await station.engine.settle()
            station.cancel(staged)
            await asyncio.sleep(0)  # The end is on its way to the disk.
            station.engine.release(staged, new_order(), **MAN)
            await station.engine.settle()
            assert "order_decided" not in station.recorded()

        play(story)


def test_decided_order_is_not_decided_again():
    async def story(station):
        sent = await station.order()
        again = SubmitOrder(
            cl_ord_id=sent.cl_ord_id,
            order=new_order(),
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
        )
        station.engine.put(again)
        await station.engine.settle()
        assert station.sent() == [sent.cl_ord_id]
        assert station.recorded().count("order_decided") == 1

    play(story)


def test_order_in_doubt_is_not_replaced():
    async def story(station):
        station.broker.on_submit = lose
        lost = await station.order(limit="100")
        with pytest.raises(RefusedOrder, match="is in doubt: its fate has to be known first"):
            station.replace(lost.cl_ord_id, 50, "100")

    play(story, has_replace=True)


def test_amended_terms_are_those_in_force_with_what_was_asked_for():
    async def story(station):
        known = await station.working(limit="100")
        station.replace(known.cl_ord_id, 50, "99")
        command = station.engine._inbox[-1]
        assert amended(known, command) == new_order(qty=50, limit="99")
        await station.engine.settle()

    play(story, has_replace=True)


class TestChainedInTheBatch:
    """What a cancel and the end of a chained replace make of each other in one batch."""

    @staticmethod
    async def chained(station):
        known = await station.working(limit="100")
        request = station.replace(known.cl_ord_id, 150, "101")
        await station.engine.settle()
        return station.get(known.cl_ord_id), request

    def new_order_of(self, known, request):
        return SubmitOrder(
            cl_ord_id=request,
            order=new_order(limit=101),
            origin=Origin.MANUAL,
            actor="ada",
            ts_intent_ns=NOW_NS,
            links=Links(replaces=known.cl_ord_id),
        )

    def test_cancel_before_the_new_order_drops_it(self):
        async def story(station):
            known, request = await self.chained(station)
            station.cancel(known.cl_ord_id)
            station.engine.put(self.new_order_of(known, request))
            await station.engine.settle()
            assert station.sent() == [known.cl_ord_id]
            assert station.get(known.cl_ord_id).amendments[0].state is AmendmentState.DROPPED
            station.engine.put(self.new_order_of(known, request))
            await station.engine.settle()
            assert station.sent() == [known.cl_ord_id]

        play(story)

    def test_cancel_that_the_chain_asks_for_drops_nothing(self):
        async def story(station):
            known, _ = await self.chained(station)
            assert station.recorded().count("amendment_ended") == 0
            assert known.open_amendment is not None

        play(story)

    def test_new_order_of_a_replace_that_is_open_goes(self):
        async def story(station):
            known, request = await self.chained(station)
            station.engine.put(self.new_order_of(known, request))
            await station.engine.settle()
            assert station.sent() == [known.cl_ord_id, request]

        play(story)


class TestBarrier:
    """The last look before an order goes, at what was decided a moment ago."""

    @staticmethod
    async def approved(station):
        sent = await station.order(limit="100")
        return station.broker.submitted[0], sent

    @pytest.mark.parametrize(
        ("stop", "words"),
        [
            (lambda s, o: s.broker.say(report(ExecType.CANCELED, cl_ord_id=o)), "has ended"),
            (lambda s, o: s.cancel(o), "was canceled"),
            (lambda s, o: None, ""),
        ],
        ids=["ended", "canceled", "neither"],
    )
    def test_order_that_ended_or_is_canceled_does_not_go(self, stop, words):
        async def story(station):
            approved, sent = await self.approved(station)
            stop(station, sent.cl_ord_id)
            await station.engine.settle()
            expected = f"order {sent.cl_ord_id} {words} before it was sent" if words else ""
            assert station.engine._decider.barrier(approved) == expected

        play(story)

    @pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
    def test_order_does_not_go_against_the_state_of_the_moment(self, state):
        async def story(station):
            approved, _ = await self.approved(station)
            station.engine.set_state(state, "by hand", actor="ada")
            assert station.engine._decider.barrier(approved) == (
                f"trading became {state.name} before it was sent"
            )

        play(story)

    def test_cancel_of_no_order_is_recorded_all_the_same(self):
        async def story(station):
            station.cancel(ClOrdID("X"))
            await station.engine.settle()
            assert station.recorded() == ["cancel_requested"]
            assert station.notices() == ["X cannot be canceled: it is not working"]

        play(story)
