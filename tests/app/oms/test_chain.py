"""Show that a replace by cancel and new order never leaves two orders live, nor sends one too many.

Method: the real engine on virtual time with a broker without replace; every way the cancel can end.
"""

import asyncio

import pytest

from app.domain.enums import AmendmentState, AmendmentWay, ExecType, OrdStatus, Side, TradingState
from app.domain.errors import Rejected
from app.domain.ids import ClOrdID
from app.domain.orders import Order
from app.domain.terms import Links
from tests.fakes import lose
from tests.samples import NOW_NS, new_order, report, trade_report
from tests.sim.disk import InstantDisk
from tests.station import about, play

CANCELED = report(ExecType.CANCELED)


async def chained(station, qty=150, limit="101", **kwargs) -> tuple[Order, ClOrdID]:
    """A working order of 100 with a replace under way, its cancel at the broker."""
    known = await station.working(limit="100", **kwargs)
    request = station.replace(known.cl_ord_id, qty, limit)
    await station.engine.settle()
    return station.get(known.cl_ord_id), request


def outcome(station, known):
    amendment = station.get(known.cl_ord_id).amendments[-1]
    return amendment.state, amendment.text


def live(station):
    return [order.cl_ord_id for order in station.orders.working()]


def test_new_order_goes_after_the_confirmed_end_and_not_on_the_request():
    async def story(station):
        known, request = await chained(station)
        assert known.ord_status is OrdStatus.PENDING_CANCEL
        assert known.open_amendment.way is AmendmentWay.CHAINED
        assert station.sent() == station.broker.canceled == [known.cl_ord_id]
        assert station.broker.replaced == []
        await asyncio.sleep(1)
        assert station.sent() == [known.cl_ord_id]
        await station.tell(known, CANCELED)
        await station.engine.settle()
        assert station.sent() == [known.cl_ord_id, request]
        new = station.get(request)
        assert new.order == new_order(qty=150, limit="101")
        assert new.links == Links(replaces=known.cl_ord_id)
        assert outcome(station, known) == (AmendmentState.ACCEPTED, "")
        assert live(station) == [request]
        assert station.recorded()[3:] == [
            "amendment_decided",
            "cancel_requested",
            "execution_report",
            "order_decided",
            "amendment_ended",
            "order_sent",
        ]

    play(story)


def test_cancel_is_asked_for_once_whatever_comes_before_it_is_on_record():
    async def story(station):
        known = await station.working(limit="100")
        station.replace(known.cl_ord_id, 150, "101")
        station.broker.say(about(known, trade_report(qty=10, px=100)))  # In the same breath.
        await station.engine.settle()
        assert station.broker.canceled == [known.cl_ord_id]
        assert station.recorded().count("cancel_requested") == 1

    play(story)


def test_larger_of_both_is_reserved_meanwhile():
    async def story(station):
        await chained(station, qty=150)
        assert station.engine.picture(new_order()).working_buy_qty == 150

    play(story)


@pytest.mark.parametrize(("filled", "left"), [(40, 110), (99, 51)])
def test_what_fills_during_the_cancel_is_taken_off_the_remainder(filled, left):
    async def story(station):
        known, request = await chained(station)
        await station.tell(known, trade_report(qty=filled, px=100), CANCELED)
        await station.engine.settle()
        assert station.get(request).order.order_qty == left

    play(story)


@pytest.mark.parametrize("qty", [40, 30], ids=["all that was wanted", "more than was wanted"])
def test_what_fills_up_to_the_new_quantity_leaves_nothing_to_send(qty):
    async def story(station):
        known, request = await chained(station, qty=qty)
        await station.tell(known, trade_report(qty=40, px=100), CANCELED)
        await station.engine.settle()
        assert station.sent() == [known.cl_ord_id]
        assert station.orders.get(request) is None
        assert outcome(station, known) == (
            AmendmentState.DROPPED,
            "not needed: the order is CANCELED",
        )
        assert live(station) == []

    play(story)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (trade_report(px=100), "FILLED"),
        (report(ExecType.EXPIRED), "EXPIRED"),
        (report(ExecType.REJECTED), "REJECTED"),
    ],
    ids=["filled", "expired", "rejected"],
)
def test_order_that_ends_otherwise_drops_the_replace(said, status):
    async def story(station):
        known, _ = await chained(station)
        await station.tell(known, said)
        await station.engine.settle()
        assert station.sent() == [known.cl_ord_id]
        assert outcome(station, known) == (
            AmendmentState.DROPPED,
            f"not needed: the order is {status}",
        )

    play(story)


def test_cancel_that_is_refused_ends_the_replace_and_the_order_works_on():
    async def story(station):
        known = await station.working(limit="100")

        async def refuse(_):
            raise Rejected("too late", venue="fake")

        station.broker.on_cancel = refuse
        station.replace(known.cl_ord_id, 150, "101")
        await station.engine.settle()
        assert outcome(station, known) == (
            AmendmentState.REJECTED,
            "the order could not be canceled: too late",
        )
        assert station.get(known.cl_ord_id).ord_status is OrdStatus.NEW
        await station.tell(known, trade_report(px=100))
        await station.engine.settle()
        assert station.sent() == [known.cl_ord_id]

    play(story)


def test_cancel_without_an_answer_sends_nothing_for_ever():
    async def story(station):
        known = await station.working(limit="100")
        station.broker.on_cancel = lose
        station.replace(known.cl_ord_id, 150, "101")
        await station.engine.settle()
        await asyncio.sleep(86_400)
        assert station.sent() == [known.cl_ord_id]
        assert len(station.broker.canceled) == 6
        assert station.get(known.cl_ord_id).open_amendment is not None

    play(story)


def test_only_the_identity_in_force_is_canceled_the_new_one_was_never_there():
    async def story(station):
        known, _ = await chained(station)
        station.cancel(known.cl_ord_id)
        await station.engine.settle()
        assert station.broker.canceled == [known.cl_ord_id] * 2

    play(story)


def test_fill_that_is_reported_after_the_end_counts_and_nothing_else_is_sent():
    async def story(station):
        known, request = await chained(station)
        await station.tell(known, CANCELED, trade_report(qty=10, px=100))
        await station.engine.settle()
        assert station.sent() == [known.cl_ord_id, request]
        assert station.get(known.cl_ord_id).cum_qty == 10
        assert "reported after it was canceled" in station.notices()[-1]

    play(story)


class TestCancelWins:
    """Row 27: a person who cancels wants nothing in its place."""

    def test_cancel_while_the_chain_cancels_drops_the_replace(self):
        async def story(station):
            known, _ = await chained(station)
            station.cancel(known.cl_ord_id)
            await station.tell(known, CANCELED)
            await station.engine.settle()
            assert station.sent() == [known.cl_ord_id]
            assert outcome(station, known) == (AmendmentState.DROPPED, "canceled on request")
            assert live(station) == []

        play(story)

    def test_cancel_in_the_breath_of_the_end_drops_the_new_order(self):
        async def story(station):
            known, _ = await chained(station)
            station.broker.say(about(known, CANCELED))
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.sent() == [known.cl_ord_id]
            assert live(station) == []

        play(story)

    def test_cancel_after_the_new_order_went_cancels_that_one(self):
        async def story(station):
            known, request = await chained(station)
            await station.tell(known, CANCELED)
            await station.engine.settle()
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [known.cl_ord_id, request]
            assert station.get(request).ord_status is OrdStatus.PENDING_CANCEL

        play(story)

    def test_cancel_at_any_step_leaves_nothing_live_that_is_not_being_canceled(self):
        async def story(station):
            for steps in range(12):
                known, _ = await chained(station, qty=120)
                station.broker.say(about(known, CANCELED))
                for _ in range(steps):
                    await asyncio.sleep(0)
                station.cancel(known.cl_ord_id)
                await station.engine.settle()
                assert all(order.cancel_requested for order in station.orders.working())
                for left in station.orders.working():
                    await station.tell(left, CANCELED)

        play(story)


class TestGate:
    def test_new_order_passes_the_gate_of_its_moment(self):
        async def story(station):
            known, request = await chained(station)
            station.engine.set_state(TradingState.HALTED, "by hand", actor="ada")
            await station.tell(known, CANCELED)
            await station.engine.settle()
            assert station.sent() == [known.cl_ord_id]
            assert station.get(request).ord_status is OrdStatus.REJECTED
            assert live(station) == []

        play(story)

    def test_replace_that_the_gate_refuses_cancels_nothing(self):
        async def story(station):
            known, _ = await chained(station, qty=100_000)
            assert outcome(station, known)[0] is AmendmentState.DENIED
            assert station.broker.canceled == []
            assert known.ord_status is OrdStatus.NEW

        play(story)


class TestRestart:
    """What an earlier run left open is closed: nothing is sent that nobody sees coming."""

    @staticmethod
    def left_open(disk, *said):
        async def story(station):
            known, _ = await chained(station)
            for one in said:
                station.broker.say(about(known, one))

        play(story, disk=disk)

    @staticmethod
    def again(disk, then):
        async def story(station):
            station.chains.restore()
            await station.engine.settle()
            await then(station)

        play(story, disk=disk)

    def test_open_replace_is_dropped_and_nothing_is_sent(self):
        disk = InstantDisk()
        self.left_open(disk)

        async def then(station):
            [known] = station.orders.all()
            assert outcome(station, known) == (
                AmendmentState.DROPPED,
                "the station stopped before the new order was sent",
            )
            assert known.ord_status is OrdStatus.PENDING_CANCEL
            await station.tell(known, CANCELED)
            await station.engine.settle()
            assert station.sent() == []
            assert live(station) == []

        self.again(disk, then)

    def test_new_order_that_is_on_record_counts_as_the_replacement(self):
        disk = InstantDisk()
        self.left_open(disk, CANCELED)
        # The crash came between the new order's record and that of the replace's end.
        cut = [row.kind for row in disk.rows].index(b"amendment_ended")
        del disk.rows[cut:]

        async def then(station):
            known, new = station.orders.all()
            assert outcome(station, known) == (AmendmentState.ACCEPTED, "")
            assert new.links.replaces == known.cl_ord_id
            assert station.sent() == []

        self.again(disk, then)

    def test_orders_without_a_replace_are_left_alone(self):
        disk = InstantDisk()

        async def story(station):
            await station.working()

        play(story, disk=disk)

        async def then(station):
            assert len(disk.rows) == 3

        self.again(disk, then)


def test_native_replace_is_none_of_its_business():
    async def story(station):
        known = await station.working(limit="100")
        station.replace(known.cl_ord_id, 50, "100")
        await station.engine.settle()
        assert station.broker.canceled == []
        assert station.get(known.cl_ord_id).ts_ack_ns == NOW_NS + 2

    play(story, has_replace=True)


@pytest.mark.parametrize("side", Side)
def test_sum_of_both_orders_is_what_was_asked_for(side):
    async def story(station):
        known, request = await chained(station, qty=150, side=side)
        await station.tell(known, trade_report("E1", 40, 100), CANCELED)
        await station.engine.settle()
        await station.tell(station.get(request), trade_report("E2", 110, 100))
        position = station.engine.ledger.view.get(known.symbol).qty
        assert position == 150 * side.sign

    play(story)


def test_what_fills_before_the_cancel_is_on_record_changes_nothing_of_the_plan():
    async def story(station):
        known = await station.working(limit="100")
        request = station.replace(known.cl_ord_id, 150, "101")
        station.broker.say(about(known, trade_report(qty=40, px=100)))
        await station.engine.settle()
        assert station.recorded().count("cancel_requested") == 1
        assert station.broker.canceled == [known.cl_ord_id]
        await station.tell(known, CANCELED)
        await station.engine.settle()
        assert station.get(request).order.order_qty == 110

    play(story)
