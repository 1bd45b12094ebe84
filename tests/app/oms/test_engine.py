"""Show that no order is sent twice, without a record, or shown as something it is not.

Method: the real gate, books and journal on disk; a broker that does as it is told. At each call of
the broker and each event on the hub the record is looked at: it must be there already.
"""

import asyncio
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from app.audit.records import (
    ReportUnreadable,
    TradingStateSet,
    UserActed,
    decode,
)
from app.domain.cash import CashKind, CashPosting
from app.domain.corporate import Split
from app.domain.enums import (
    Custody,
    ExecType,
    OrderClass,
    OrdStatus,
    OrdType,
    Origin,
    Side,
    TimeInForce,
    TradingState,
)
from app.domain.errors import Disconnected, JournalFailed, Overloaded, RefusedOrder, Rejected
from app.domain.events import Filled, HandlerFailed, OrderChanged, TradingStateChanged
from app.domain.ids import ClOrdID, ExecID
from app.domain.position import PositionAdjustment
from app.domain.reports import CancelReject, Unreadable
from app.oms.engine import BATCH_MAX
from tests.samples import (
    IBM,
    MSFT,
    NOW_NS,
    new_order,
    quote,
    report,
    trade,
    trade_report,
)
from tests.station import CONFIG, MAN, Station, about, opened, play

BUY, SELL = Side.BUY, Side.SELL


class DeadJournal:
    """A record that cannot be written."""

    async def append(self, records):
        raise JournalFailed("disk")


@pytest.mark.asyncio
class TestSubmit:
    async def test_order_is_on_disk_before_it_is_sent_and_before_it_is_shown(self, log):
        async with opened(log) as station:
            seen = []

            async def look(approved):
                seen.append((approved.durable_seq, station.journal.view.head_seq))
                row = station.journal.view.rows_after(approved.durable_seq - 1, 1)[0]
                assert (row.kind, row.cl_ord_id) == ("order_decided", approved.cl_ord_id)

            def shown(change):
                kinds = [
                    row.kind
                    for row in station.journal.view.rows_after(0, 99)
                    if row.cl_ord_id == change.order.cl_ord_id
                ]
                assert kinds[0] == "order_decided"
                assert ("order_sent" in kinds) >= (change.order.custody is Custody.SENT)

            station.broker.on_submit = look
            station.hub.subscribe(OrderChanged, shown)
            sent = await station.order()
            assert sent.custody is Custody.SENT
            assert len(seen) == 1
            assert 0 < seen[0][0] <= seen[0][1]
            assert station.hub.failures == 0

    async def test_order_goes_to_the_broker_as_it_was_decided(self, log):
        async with opened(log) as station:
            sent = await station.order(SELL, 7, "101")
            [approved] = station.broker.submitted
            assert approved.order == new_order(SELL, 7, "101")
            assert approved.cl_ord_id == sent.cl_ord_id == "P1-261123-1"

    async def test_answer_during_the_call_is_taken(self, log):
        async with opened(log) as station:

            async def fill(approved):
                station.clock.advance_to(NOW_NS + 50)
                station.broker.say(about(approved, trade_report(ts_recv_ns=NOW_NS + 50)))

            station.broker.on_submit = fill
            filled = await station.order()
            assert filled.ord_status is OrdStatus.FILLED
            assert filled.custody is Custody.ACKNOWLEDGED
            assert (filled.ts_sent_ns, filled.ts_ack_ns) == (NOW_NS, NOW_NS + 50)
            assert station.engine.round_trip_ns == 50

    async def test_refused_order_is_recorded_and_never_sent(self, log):
        async with opened(log) as station:
            refused = await station.order(BUY, 20_000)
            assert refused.ord_status is OrdStatus.REJECTED
            assert "over the limit" in refused.text
            assert station.broker.submitted == []
            assert station.recorded() == ["order_decided"]

    @pytest.mark.parametrize("qty", ["0", "-5", "NaN", "sNaN", "Infinity", "1e999999"])
    async def test_quantity_that_is_none_is_rejected_and_trading_goes_on(self, log, qty):
        async with opened(log) as station:
            assert (await station.order(BUY, qty)).ord_status is OrdStatus.REJECTED
            assert (await station.order()).custody is Custody.SENT
        async with opened(log) as station:
            assert [o.ord_status.name for o in station.orders.all()] == ["REJECTED", "PENDING_NEW"]

    async def test_more_than_a_batch_is_worked_off_in_order(self, log):
        async with opened(log) as station:
            ids = [station.submit(BUY, 1) for _ in range(2 * BATCH_MAX + 5)]
            await station.engine.settle()
            assert [approved.cl_ord_id for approved in station.broker.submitted] == ids

    async def test_nothing_is_sent_when_the_record_cannot_be_written(self, log):
        station = Station(DeadJournal())
        station.submit()
        with pytest.raises(ExceptionGroup) as ended:
            await station.engine.run()
        assert ended.group_contains(JournalFailed)
        assert station.broker.submitted == []
        assert station.orders.all() == ()


@pytest.mark.asyncio
class TestRoom:
    """Two orders must not share the same room under a limit."""

    async def test_orders_of_one_batch_do_not_share_room(self, log):  # T20
        async with opened(log) as station:
            for _ in range(3):
                station.submit(BUY, 1000, 100, symbol=IBM)
            await station.engine.settle()
            assert [order.ord_status.name for order in station.orders.all()] == [
                "PENDING_NEW",
                "PENDING_NEW",
                "REJECTED",
            ]
            assert len(station.broker.submitted) == 2

    async def test_orders_of_other_symbols_in_the_batch_use_the_same_room(self, log):
        async with opened(log) as station:
            station.submit(BUY, 1500, symbol=IBM)
            station.submit(BUY, 600, symbol=MSFT)
            await station.engine.settle()
            assert [approved.order.symbol for approved in station.broker.submitted] == [IBM]

    async def test_two_sells_of_one_batch_do_not_close_the_same_shares(self, log):
        async with opened(log) as station:
            held = await station.order(BUY, 100)
            await station.hear(about(held, trade_report()))
            station.engine.set_state(TradingState.REDUCING, "test", actor="ada")
            station.submit(SELL, 100)
            station.submit(SELL, 100)
            await station.engine.settle()
            assert len(station.broker.submitted) == 2
            assert station.orders.all()[-1].ord_status is OrdStatus.REJECTED

    async def test_refused_order_takes_no_room(self, log):
        async with opened(log) as station:
            station.submit(BUY, 3000, 100)
            station.submit(BUY, 2000, 100)
            await station.engine.settle()
            assert [approved.order.order_qty for approved in station.broker.submitted] == [2000]

    async def test_order_in_doubt_keeps_its_room(self, log):
        async with opened(log) as station:

            async def lose(_):
                raise Disconnected("gone", venue="fake")

            station.broker.on_submit = lose
            assert (await station.order(BUY, 1500)).custody is Custody.UNKNOWN
            assert (await station.order(BUY, 600)).ord_status is OrdStatus.REJECTED
            assert station.engine.picture(new_order()).working_buy_qty == 1500

    async def test_order_that_is_done_gives_its_room_back(self, log):
        async with opened(log) as station:
            first = await station.order(BUY, 2000, 100)
            await station.hear(about(first, report(ExecType.CANCELED)))
            assert (await station.order(BUY, 2000, 100)).custody is Custody.SENT


@pytest.mark.asyncio
class TestAnswers:
    async def test_definite_no_rejects_with_the_reason(self, log):
        async with opened(log) as station:

            async def refuse(_):
                raise Rejected("no such symbol", venue="fake")

            station.broker.on_submit = refuse
            refused = await station.order()
            assert (refused.ord_status, refused.text) == (OrdStatus.REJECTED, "no such symbol")
            assert station.recorded() == ["order_decided", "order_sent", "execution_report"]

    @pytest.mark.parametrize(
        "error",
        [Disconnected("gone", venue="fake"), OSError("broken"), ValueError("bug"), TimeoutError()],
        ids=lambda e: type(e).__name__,
    )
    async def test_any_other_end_is_unknown_and_never_sent_again(self, log, error):
        async with opened(log) as station:

            async def lose(_):
                raise error

            station.broker.on_submit = lose
            lost = await station.order()
            assert lost.custody is Custody.UNKNOWN
            assert lost.is_working
            assert lost.text.startswith("sent, no answer: ")
            await station.engine.settle()
            assert len(station.broker.submitted) == 1

    async def test_late_answer_settles_the_doubt(self, log):
        async with opened(log) as station:

            async def lose(_):
                raise Disconnected("gone", venue="fake")

            station.broker.on_submit = lose
            lost = await station.order()
            await station.hear(about(lost, trade_report()))
            filled = station.orders.get(lost.cl_ord_id)
            assert (filled.ord_status, filled.custody) == (OrdStatus.FILLED, Custody.ACKNOWLEDGED)

    async def test_broken_invariant_in_a_call_ends_the_engine(self, log):
        async def break_(_):
            raise AssertionError("broken")

        async def trade():
            async with opened(log) as station:
                station.broker.on_submit = break_
                station.submit()
                await asyncio.Event().wait()

        with pytest.raises(ExceptionGroup) as ended:
            await trade()
        assert ended.group_contains(AssertionError)


@pytest.mark.asyncio
class TestReports:
    async def test_fill_is_durable_then_booked_then_shown(self, log):
        async with opened(log) as station:
            sent = await station.order(BUY, 100)

            def shown(event):
                assert station.recorded()[-1] == "execution_report"
                assert station.engine.ledger.view.get(IBM).qty == 100

            station.hub.subscribe(Filled, shown)
            await station.hear(about(sent, trade_report(px="100")))
            assert station.hub.failures == 0
            assert station.engine.ledger.cash == 90_000
            kinds = [type(event).__name__ for event in station.said[-2:]]
            assert kinds == ["OrderChanged", "Filled"]

    async def test_repeated_fill_is_recorded_and_booked_once(self, log):
        async with opened(log) as station:
            sent = await station.order(BUY, 200)
            fill = about(sent, trade_report(qty=100))
            await station.hear(fill, fill)
            await station.hear(fill)
            assert station.recorded().count("execution_report") == 3
            assert station.engine.ledger.view.get(IBM).qty == 100
            assert len([e for e in station.said if isinstance(e, Filled)]) == 1

    async def test_report_on_an_unknown_order_is_recorded_and_said(self, log):
        async with opened(log) as station:
            await station.hear(trade_report(cl_ord_id=ClOrdID("X")))
            assert station.recorded() == ["execution_report"]
            assert "unknown order X" in station.notices()[0]

    @pytest.mark.parametrize(
        "said",
        [report(ExecType.ORDER_STATUS), trade_report(qty="NaN"), trade_report(exec_id="")],
        ids=["no status", "no number", "no identity"],
    )
    async def test_report_that_cannot_be_applied_is_recorded_and_the_order_is_in_doubt(
        self, log, said
    ):
        async with opened(log) as station:
            sent = await station.order()
            await station.hear(about(sent, said))
            doubtful = station.orders.get(sent.cl_ord_id)
            assert doubtful.custody is Custody.UNKNOWN
            assert station.notices() == [doubtful.text]
            assert station.engine.ledger.version == 0
        async with opened(log) as station:
            assert station.orders.get(sent.cl_ord_id).custody is Custody.UNKNOWN


@pytest.mark.asyncio
class TestCancel:
    async def test_request_is_durable_before_it_is_sent_and_shows_until_confirmed(self, log):
        async with opened(log) as station:
            sent = await station.order()

            async def look(_):
                assert station.recorded()[-1] == "cancel_requested"

            station.broker.on_cancel = look
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [sent.cl_ord_id]
            assert station.orders.get(sent.cl_ord_id).ord_status is OrdStatus.PENDING_CANCEL
            await station.hear(about(sent, report(ExecType.CANCELED)))
            assert station.orders.get(sent.cl_ord_id).ord_status is OrdStatus.CANCELED

    async def test_cancel_that_is_not_taken_leaves_the_order_working(self, log):
        async with opened(log) as station:
            sent = await station.order()
            await station.hear(about(sent, report()))

            async def refuse(_):
                raise Rejected("too late", venue="fake")

            station.broker.on_cancel = refuse
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            working = station.orders.get(sent.cl_ord_id)
            assert (working.ord_status, working.text) == (OrdStatus.NEW, "too late")
            assert station.recorded()[-1] == "cancel_reject"

    async def test_reject_by_a_report_says_the_same(self, log):
        async with opened(log) as station:
            sent = await station.order()
            station.cancel(sent.cl_ord_id)
            await station.hear(
                CancelReject(cl_ord_id=sent.cl_ord_id, ts_exch_ns=NOW_NS, ts_recv_ns=NOW_NS)
            )
            assert not station.orders.get(sent.cl_ord_id).cancel_requested

    async def test_cancel_of_what_does_not_work_is_recorded_and_not_sent(self, log):
        async with opened(log) as station:
            done = await station.order(BUY, 0)
            station.cancel(done.cl_ord_id)
            station.cancel(ClOrdID("X"))
            await station.engine.settle()
            assert station.broker.canceled == []
            assert station.recorded()[-2:] == ["cancel_requested", "cancel_requested"]

    async def test_cancel_all_asks_for_every_working_order(self, log):
        async with opened(log) as station:
            first, second, third = [await station.order(BUY, 1) for _ in range(3)]
            await station.hear(about(second, report(ExecType.CANCELED)))
            assert station.engine.cancel_all(origin=Origin.MANUAL, actor="ada") == 2
            await station.engine.settle()
            assert station.broker.canceled == [first.cl_ord_id, third.cl_ord_id]


@pytest.mark.asyncio
class TestMovements:
    async def test_cash_and_shares_that_move_without_an_order_are_recorded_and_booked_once(
        self, log
    ):
        async with opened(log) as station:
            posting = CashPosting(
                posting_id="C1", kind=CashKind.INTEREST, amount=Decimal("-1.25"), ts_ns=NOW_NS
            )
            fraction = PositionAdjustment(
                adjustment_id="A1", symbol=IBM, qty=Decimal("0.5"), px=Decimal(9), ts_ns=NOW_NS
            )
            await station.hear(posting, fraction, posting, fraction)
            assert station.recorded()[-4:] == ["cash_posted", "position_adjusted"] * 2
            ledger = station.engine.ledger.view
            assert ledger.cash == CONFIG.account.cash - Decimal("1.25")
            assert ledger.get(IBM).qty == Decimal("0.5")

    async def test_a_split_ends_the_orders_of_old_shares_and_is_said(self, log):
        async with opened(log) as station:
            mine, other = await station.working(BUY, 10), await station.working(BUY, 5)
            await station.tell(mine, trade_report("E1", 10, 100))
            await station.hear(Split(symbol=IBM, ex_date=date(2026, 11, 24), new=2, old=1))
            await station.engine.settle()
            assert station.engine.ledger.view.get(IBM).qty == 20
            assert station.broker.canceled == [other.cl_ord_id]
            assert station.notices()[-1] == (
                "IBM splits 2 for 1 on 2026-11-24; 1 order is canceled, "
                "price and quantity were of the old shares"
            )


@pytest.mark.asyncio
class TestRefusedHere:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"cash_qty": Decimal(500)}, "takes no orders by value"),
            ({"time_in_force": TimeInForce.FOK}, "takes no FOK orders"),
            ({"limit_px": Decimal(5)}, "a MARKET order with limit price 5"),
            ({"ord_type": OrdType.LIMIT}, "a LIMIT order with limit price None"),
        ],
        ids=["by value", "time in force", "market with limit", "limit without limit"],
    )
    async def test_order_this_broker_does_not_take_is_refused_unrecorded(self, log, changes, words):
        async with opened(log) as station:
            with pytest.raises(RefusedOrder, match=words):
                station.submit(**changes)
            await station.engine.settle()
            assert station.recorded() == []

    async def test_full_inbox_refuses_orders_and_nothing_else(self, log):
        limits = msgspec.structs.replace(CONFIG.limits, inbox_max=2)
        config = msgspec.structs.replace(CONFIG, limits=limits)
        async with opened(log, config) as station:
            taken = [station.submit(BUY, 1), station.submit(BUY, 1)]
            with pytest.raises(Overloaded, match="2 orders are waiting, limit 2"):
                station.submit(BUY, 1)
            station.cancel(taken[0])
            station.broker.say(report(cl_ord_id=taken[1]))
            station.engine.note("export", "trades", actor="ada")
            await station.engine.settle()
            assert station.get(taken[0]).text.endswith(
                "canceled before it was sent; order not sent"
            )
            assert station.orders.get(taken[1]).ord_status is OrdStatus.NEW
            assert (await station.order(BUY, 1)).cl_ord_id == "P1-261123-3"


@pytest.mark.asyncio
class TestTradingState:
    async def test_less_is_let_through_at_once_and_more_when_it_is_durable(self, log):
        async with opened(log) as station:
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            assert station.gate.state is TradingState.HALTED
            await station.engine.settle()
            station.engine.set_state(TradingState.ACTIVE, "armed", actor="ada")
            assert station.gate.state is TradingState.HALTED
            await station.engine.settle()
            assert station.gate.state is TradingState.ACTIVE
            changes = [e.state for e in station.said if isinstance(e, TradingStateChanged)]
            assert changes == [TradingState.HALTED, TradingState.ACTIVE]
            assert station.recorded() == ["trading_state", "trading_state"]

    async def test_order_waiting_when_trading_is_halted_is_refused(self, log):
        async with opened(log) as station:
            cl_ord_id = station.submit()
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            await station.engine.settle()
            assert station.orders.get(cl_ord_id).ord_status is OrdStatus.REJECTED
            assert station.broker.submitted == []

    async def test_halt_holds_while_an_earlier_arm_is_being_written(self, log):
        async with opened(log) as station:
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            await station.engine.settle()
            station.engine.set_state(TradingState.ACTIVE, "armed", actor="ada")
            await asyncio.sleep(0)  # The arm is on its way to the disk.
            station.submit()
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            await station.engine.settle()
            assert station.broker.submitted == []

    async def test_cancels_go_out_while_trading_is_halted(self, log):
        async with opened(log) as station:
            sent = await station.order()
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            station.cancel(sent.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [sent.cl_ord_id]


@pytest.mark.asyncio
class TestReading:
    async def test_picture_is_what_is_known_now(self, log):
        async with opened(log) as station:
            station.hub.publish(trade(99))
            station.clock.advance_to(NOW_NS + 7)
            held = await station.order(BUY, 100)
            await station.hear(about(held, trade_report(px="100")))
            await station.order(SELL, 30)
            seen = station.engine.picture(new_order())
            assert (seen.bid, seen.ask, seen.last_px) == (100, 100, 99)
            assert (seen.bid_size, seen.ask_size) == (300, 500)
            assert (seen.ts_ns, seen.feed_age_ns) == (NOW_NS + 7, 7)
            assert (seen.position_qty, seen.working_sell_qty) == (100, 30)
            assert (seen.equity, seen.gross_exposure, seen.symbol_exposure) == (
                100_000,
                10_000,
                10_000,
            )

    async def test_picture_of_an_unknown_symbol_makes_nothing_up(self, log):
        async with opened(log) as station:
            seen = station.engine.picture(new_order(symbol="NEW"))
            assert seen.bid is seen.ask is seen.last_px is None
            assert (seen.bid_size, seen.ask_size, seen.position_qty) == (0, 0, 0)
            assert (seen.symbol_exposure, seen.equity) == (0, 100_000)

    async def test_busy_until_nothing_is_under_way(self, log):
        async with opened(log) as station:
            release = asyncio.Event()

            async def wait(_):
                await release.wait()

            station.broker.on_submit = wait
            assert not station.engine.is_busy
            station.submit()
            assert station.engine.is_busy
            while not station.broker.submitted:
                await asyncio.sleep(0)
            assert station.engine.is_busy
            release.set()
            await station.engine.settle()
            assert not station.engine.is_busy


@pytest.mark.asyncio
class TestEnd:
    async def test_what_waits_when_the_end_is_asked_for_is_still_worked_off(self, log):
        async with opened(log) as station:

            async def fill(approved):
                await asyncio.sleep(0)
                station.broker.say(about(approved, trade_report()))

            station.broker.on_submit = fill
            cl_ord_id = station.submit()
        assert station.orders.get(cl_ord_id).ord_status is OrdStatus.FILLED
        assert station.recorded() == ["order_decided", "order_sent", "execution_report"]

    async def test_notes_are_recorded(self, log):
        async with opened(log) as station:
            station.engine.note("export", "trades as csv", actor="ada")
            await station.engine.settle()
            assert station.recorded() == ["user_action"]


@pytest.mark.asyncio
class TestUnderWay:
    async def test_halt_stops_what_is_decided_and_not_yet_sent(self, log):
        async with opened(log) as station:
            station.submit()
            await asyncio.sleep(0)  # The decision is on its way to the disk.
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            station.engine.cancel_all(origin=Origin.MANUAL, actor="ada")
            await station.engine.settle()
            assert station.broker.submitted == []

    async def test_reducing_does_not_loosen_a_halt_at_once(self, log):
        async with opened(log) as station:
            station.engine.set_state(TradingState.HALTED, "kill switch", actor="ada")
            await station.engine.settle()
            station.engine.set_state(TradingState.REDUCING, "difference", actor="reconciliation")
            assert station.gate.state is TradingState.HALTED

    async def test_round_trip_is_of_calls_of_this_run(self, log):
        async with opened(log) as station:
            sent = await station.order()
        hour_ns = 3_600_000_000_000
        async with opened(log) as station:
            late = report(ExecType.CANCELED, ts_recv_ns=NOW_NS + hour_ns)
            await station.hear(about(sent, late))
            assert station.engine.round_trip_ns is None

    @pytest.mark.parametrize(
        "terms",
        [{"side": SELL, "qty": 1}, {"qty": "0.5"}, {"stop_px": Decimal(5)}],
        ids=["short", "fraction", "stop price"],
    )
    async def test_everything_the_broker_does_not_take_is_refused_before_the_gate(self, log, terms):
        async with opened(log) as station:
            station.broker.capabilities = msgspec.structs.replace(
                station.broker.capabilities, can_short=False
            )
            with pytest.raises(RefusedOrder):
                station.submit(**terms)

    async def test_announced_state_is_the_one_the_gate_is_in(self, log):
        risk = msgspec.structs.replace(CONFIG.risk, checks={**CONFIG.risk.checks, "gone": {}})
        async with opened(log, msgspec.structs.replace(CONFIG, risk=risk)) as station:
            station.engine.set_state(TradingState.ACTIVE, "armed by hand", actor="ada")
            await station.engine.settle()
            assert station.gate.state is TradingState.HALTED
            assert [e.state for e in station.said if isinstance(e, TradingStateChanged)] in (
                [],
                [TradingState.HALTED],
            )


class TestFollowers:
    """What acts on orders may fail; the order path goes on, and it is said."""

    def test_followers_act_after_the_hub_and_before_the_next_record(self):
        async def story(station):
            told = []
            station.hub.subscribe(OrderChanged, lambda e: told.append(("hub", e.order.custody)))
            for name in ("first", "second"):
                station.engine.follow(lambda o, name=name: told.append((name, o.custody)))
            await station.order()
            assert told == [
                (name, custody)
                for custody in (Custody.UNSENT, Custody.SENT)
                for name in ("hub", "first", "second")
            ]

        play(story)

    def test_follower_that_fails_is_named_and_stops_neither_the_others_nor_the_engine(self):
        async def story(station):
            told, failed = [], []

            def fall(order):
                raise ValueError("a bug")

            station.hub.subscribe(HandlerFailed, failed.append)
            station.engine.follow(fall)
            station.engine.follow(lambda order: told.append(order.custody))
            sent = await station.order()
            assert sent.custody is Custody.SENT
            assert told == [Custody.UNSENT, Custody.SENT]
            assert [(f.handler.split(".")[-1], f.error) for f in failed] == [
                ("fall", "ValueError('a bug')")
            ] * 2
            assert (await station.order()).custody is Custody.SENT

        play(story)

    @pytest.mark.parametrize("kind", [OrderChanged, Filled])
    def test_handler_on_the_hub_that_fails_stops_nothing(self, kind):
        async def story(station):
            def fall(event):
                raise KeyError("a bug in a panel")

            station.hub.subscribe(kind, fall)
            sent = await station.order()
            filled = await station.tell(sent, trade_report(px=100))
            assert filled.ord_status is OrdStatus.FILLED
            assert station.hub.failures > 0

        play(story)

    def test_broken_invariant_in_a_follower_ends_the_session(self):
        async def story(station):
            def fall(order):
                raise AssertionError("broken")

            station.engine.follow(fall)
            station.submit()
            await asyncio.sleep(60)

        with pytest.raises(ExceptionGroup) as ended:
            play(story)
        assert ended.group_contains(AssertionError, match="broken")


class TestSymbolStates:
    def test_reducing_of_one_symbol_leaves_the_others_alone_until_acknowledged(self):
        async def story(station):
            engine = station.engine
            engine.set_state(TradingState.REDUCING, "look", actor="ada", symbol=IBM)
            refused = await station.order()
            assert (refused.ord_status, refused.text) == (
                OrdStatus.REJECTED,
                "trading is REDUCING; order not sent",
            )
            assert (await station.order(symbol=MSFT)).custody is Custody.SENT
            engine.set_state(TradingState.ACTIVE, "seen", actor="ada", symbol=IBM)
            await engine.settle()
            assert (await station.order()).custody is Custody.SENT
            assert station.books.trading_states[IBM].reason == "seen"

        play(story)

    def test_overfill_is_booked_said_and_reduces_the_symbol(self):
        async def story(station):
            sent = await station.order(BUY, 100)
            await station.tell(sent, trade_report(qty=101, px=100))
            await station.engine.settle()
            assert station.engine.ledger.view.get(IBM).qty == 101
            text = f"order {sent.cl_ord_id}: 1 shares executed beyond the 100 asked for; booked"
            assert station.notices() == [f"{text}; IBM only reduces until acknowledged"]
            assert station.gate.symbol_states == {IBM: TradingState.REDUCING}
            assert (await station.order(BUY, 1)).ord_status is OrdStatus.REJECTED
            assert (await station.order(SELL, 101)).custody is Custody.SENT
            assert station.recorded().count("trading_state") == 1

        play(story)

    @pytest.mark.parametrize("symbol", [IBM, ""], ids=["symbol", "account"])
    def test_report_that_cannot_be_read_is_kept_as_it_came_and_reduces(self, symbol):
        async def story(station):
            station.broker.say(
                Unreadable(text="no quantity", raw=b"\x00{", symbol=symbol, ts_recv_ns=NOW_NS)
            )
            await station.engine.settle()
            kept = decode(station.journal.view.rows_after(0, 9)[0].body)
            assert kept == ReportUnreadable(text="no quantity", raw_hex="007b", symbol=symbol)
            assert station.recorded() == ["report_unreadable", "trading_state"]
            assert station.gate.state_of(IBM) is TradingState.REDUCING
            expected = TradingState.ACTIVE if symbol else TradingState.REDUCING
            assert station.gate.state_of(MSFT) is expected

        play(story)


class TestEveryVerb:
    """Each public verb of the engine, once round; the details have tests of their own."""

    def test_replace_goes_to_the_broker_and_its_answer_comes_into_force(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            assert station.broker.replaced[0].orig_cl_ord_id == known.cl_ord_id
            await station.hear(report(ExecType.REPLACED, cl_ord_id=request))
            assert station.get(known.cl_ord_id).order_qty == 50

        play(story, has_replace=True)

    def test_list_is_recorded_and_what_waits_is_released(self):
        async def story(station):
            stop = new_order(SELL, ord_type=OrdType.STOP, stop_px=Decimal(95))
            ids = station.engine.submit_list((new_order(), stop), OrderClass.OTO, **MAN)
            await station.engine.settle()
            assert station.sent() == [ids[0]]
            station.engine.release(ids[1], new_order(SELL), **MAN)
            await station.engine.settle()
            assert station.sent() == list(ids)

        play(story)

    def test_full_inbox_takes_no_replace(self):
        async def story(station):
            known = await station.working(limit="100")
            for _ in range(CONFIG.limits.inbox_max):
                station.engine.note("a", "b", actor="ada")
            with pytest.raises(Overloaded):
                station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()

        play(story, has_replace=True)

    def test_cancel_of_what_was_replaced_by_a_new_order_cancels_that(self):
        async def story(station):
            known = await station.working(limit="100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.tell(known, report(ExecType.CANCELED))
            await station.engine.settle()
            assert (station.sent(), station.notices()[1:]) == ([known.cl_ord_id, request], [])
            station.cancel(known.cl_ord_id)
            await station.engine.settle()
            assert station.broker.canceled == [request]

        play(story)

    def test_chain_that_comes_too_late_to_cancel_says_nothing(self):
        async def story(station):
            known = await station.working(limit="100")
            station.replace(known.cl_ord_id, 50, "100")
            await asyncio.sleep(0)  # The decision is on its way to the disk.
            station.cancel(known.cl_ord_id)
            station.broker.say(about(known, report(ExecType.CANCELED)))
            await station.engine.settle()
            assert station.recorded().count("cancel_requested") == 2
            assert station.notices() == []
            assert station.sent() == [known.cl_ord_id]

        play(story)

    def test_broken_fill_is_no_fill_on_the_hub(self):
        async def story(station):
            sent = await station.order()
            bust = report(ExecType.TRADE_CANCEL, exec_id=ExecID("E2"), exec_ref_id=ExecID("E1"))
            await station.tell(sent, trade_report(px=100), bust)
            assert len([e for e in station.said if isinstance(e, Filled)]) == 1
            assert station.engine.ledger.view.get(IBM).qty == 0

        play(story)


class TestReadingMore:
    def test_cancel_all_can_be_of_a_symbol_or_a_side(self):
        async def story(station):
            buy, sell, other = (
                await station.working(BUY, 1, "90"),
                await station.working(SELL, 1, "110"),
                await station.working(BUY, 1, "90", symbol=MSFT),
            )
            cancel_all = station.engine.cancel_all
            assert cancel_all(**MAN, symbol=IBM, side=SELL) == 1
            assert cancel_all(**MAN, symbol=MSFT) == 1
            await station.engine.settle()
            assert station.broker.canceled == [sell.cl_ord_id, other.cl_ord_id]
            assert cancel_all(**MAN, side=BUY) == 2
            await station.engine.settle()
            assert station.broker.canceled[2:] == [buy.cl_ord_id, other.cl_ord_id]

        play(story)

    def test_cancel_all_ends_what_waits_here(self):
        async def story(station):
            held = await station.order(SELL, 5, ord_type=OrdType.STOP, stop_px=Decimal(95))
            assert station.engine.cancel_all(**MAN) == 1
            await station.engine.settle()
            assert station.get(held.cl_ord_id).ord_status is OrdStatus.CANCELED

        play(story)

    def test_mark_and_account_are_those_of_the_books(self):
        async def story(station):
            held = await station.order(BUY, 100)
            await station.tell(held, trade_report(px=100))
            station.hub.publish(quote("110", "110"))
            assert station.engine.mark(IBM) == 110
            assert station.engine.account().equity == 101_000

        play(story)

    def test_waiting_for_the_books_ends_with_them_or_with_its_deadline(self):
        async def story(station):
            sent = await station.order()
            is_done = lambda: station.get(sent.cl_ord_id).is_ended  # noqa: E731
            assert not await station.engine.until(is_done, deadline_s=5)
            station.broker.say(about(sent, trade_report()))
            assert await station.engine.until(is_done, deadline_s=5)
            assert asyncio.get_running_loop().time() == 5

        play(story)

    def test_waiting_for_everything_put_in_waits_for_what_came_meanwhile(self):
        async def story(station):
            sent = await station.order()
            station.engine.follow(lambda _: station.engine.note("a", "meanwhile", actor="ada"))
            station.broker.say(about(sent, report()))
            await station.engine.drained()
            assert station.recorded()[-1] == "user_action"

        play(story)


@pytest.mark.asyncio
async def test_record_items_pass_through_as_they_are(log):
    async with opened(log) as station:
        station.engine.put(UserActed(action="a", detail="d", actor="ada"))
        station.engine.put(TradingStateSet(state=TradingState.REDUCING, reason="r", actor="ada"))
        await station.engine.settle()
        assert station.gate.state is TradingState.REDUCING
