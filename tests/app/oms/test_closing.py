"""Show that closing a position never crosses zero, whatever fills while it is being closed.

Method: the real engine on virtual time; fills and ends come in between, late, or not at all.
"""

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Closing, ExecType, OrdType, Side, TimeInForce, TradingState
from app.domain.errors import RefusedOrder
from app.oms.closing import CONFIRM_S, FILL_S
from tests.samples import IBM, MSFT, new_order, quote, report, trade_report
from tests.station import MAN, about, play

BUY, SELL = Side.BUY, Side.SELL
CANCELED = report(ExecType.CANCELED)
FLATTEN, HALF, REVERSE = Closing


async def hold(station, qty, exec_id="H1", symbol=IBM):
    """Come to hold so many shares."""
    side = BUY if qty > 0 else SELL
    known = await station.order(side, abs(qty), symbol=symbol)
    await station.tell(known, trade_report(exec_id, abs(qty), 100))


def closing(station, what=FLATTEN, symbol=IBM):
    return asyncio.get_running_loop().create_task(
        station.closer.close(symbol, what, **MAN), name="closing"
    )


def qty(station, symbol=IBM):
    return station.engine.ledger.view.get(symbol).qty


def last(station):
    return station.orders.all()[-1]


def fill_all(station, exec_id="C"):
    """Let the broker fill what it is handed."""

    async def fill(approved):
        n = len(station.broker.submitted)
        station.broker.say(
            about(approved, trade_report(f"{exec_id}{n}", approved.order.order_qty, 100))
        )

    station.broker.on_submit = fill


class TestFlatten:
    @pytest.mark.parametrize(("held", "side"), [(100, SELL), (-100, BUY), (1, SELL)])
    def test_one_market_order_of_what_is_held_closes_it(self, held, side):
        async def story(station):
            await hold(station, held)
            await closing(station)
            await station.engine.settle()
            assert last(station).order == new_order(
                side, abs(held), time_in_force=TimeInForce.DAY, ord_type=OrdType.MARKET
            )
            assert len(station.broker.submitted) == 2
            assert station.notices() == []
            assert not station.closer.is_closing(IBM)

        play(story)

    def test_it_is_recorded_that_somebody_asked(self):
        async def story(station):
            await hold(station, 100)
            await closing(station)
            await station.engine.settle()
            row = next(
                row for row in station.journal.view.rows_after(0, 99) if row.kind == "user_action"
            )
            assert row.body == '{"action":"flatten","actor":"ada","detail":"IBM, 100 held",' + (
                '"kind":"user_action"}'
            )

        play(story)

    def test_nothing_held_is_said_and_nothing_is_sent(self):
        async def story(station):
            await closing(station)
            assert station.broker.submitted == []
            assert station.notices() == ["flatten IBM: 0 held, nothing to close"]

        play(story)

    def test_closing_waits_for_the_end_of_every_working_order_of_the_symbol(self):
        async def story(station):
            await hold(station, 100)
            first = await station.working(SELL, 100, "105")
            second = await station.working(BUY, 10, "95")
            other = await station.working(BUY, 10, "95", symbol=MSFT)
            count = len(station.broker.submitted)
            task = closing(station)
            await asyncio.sleep(1)
            assert station.closer.is_closing(IBM)
            assert station.broker.canceled == [first.cl_ord_id, second.cl_ord_id]
            await station.tell(first, CANCELED)
            await asyncio.sleep(1)
            assert len(station.broker.submitted) == count
            await station.tell(second, CANCELED)
            await task
            await station.engine.settle()
            assert len(station.broker.submitted) == count + 1
            assert not station.get(other.cl_ord_id).cancel_requested

        play(story)

    @pytest.mark.parametrize(
        ("filled", "side", "left"), [(40, SELL, 60), (100, None, 0)], ids=["part", "all"]
    )
    def test_what_fills_while_it_is_canceled_is_not_closed_again(self, filled, side, left):
        async def story(station):
            await hold(station, 100)
            known = await station.working(SELL, 100, "105")
            task = closing(station)
            await asyncio.sleep(1)
            ends = (trade_report("E9", filled, 105), *([CANCELED] if left else []))
            await station.tell(known, *ends)
            await task
            await station.engine.settle()
            assert qty(station) == left
            if side is None:
                assert last(station).cl_ord_id == known.cl_ord_id
                assert station.notices() == ["flatten IBM: 0 held, nothing to close"]
            else:
                assert last(station).order == new_order(side, left)

        play(story)

    def test_end_that_is_not_confirmed_sends_nothing_and_names_the_orders(self):
        async def story(station):
            await hold(station, 100)
            first = await station.working(SELL, 50, "105")
            second = await station.working(SELL, 50, "106")
            third = await station.working(BUY, 5, "95")
            count = len(station.broker.submitted)
            task = closing(station)
            await asyncio.sleep(1)
            await station.tell(third, CANCELED)
            await asyncio.sleep(CONFIRM_S - 1.001)
            assert not task.done()
            await asyncio.sleep(0.002)
            assert task.done()
            await task
            assert station.notices() == [
                f"flatten IBM: the end of {first.cl_ord_id}, {second.cl_ord_id} is not confirmed; "
                "nothing was sent"
            ]
            await station.tell(first, CANCELED)
            await station.tell(second, CANCELED)
            await asyncio.sleep(60)
            assert len(station.broker.submitted) == count
            assert CONFIRM_S == 30

        play(story)

    def test_second_click_is_said_and_does_nothing(self):
        async def story(station):
            await hold(station, 100)
            known = await station.working(SELL, 50, "105")
            task = closing(station)
            await asyncio.sleep(1)
            await closing(station)
            assert station.notices() == ["IBM is being closed already"]
            assert station.closer.is_closing(IBM)
            await station.tell(known, CANCELED)
            await task
            await station.engine.settle()
            assert len(station.broker.submitted) == 3

        play(story)

    def test_two_symbols_are_closed_at_once(self):
        async def story(station):
            await hold(station, 10, "H1")
            await hold(station, 10, "H2", MSFT)
            fill_all(station)
            await asyncio.gather(closing(station), closing(station, symbol=MSFT))
            await station.engine.settle()
            assert (qty(station), qty(station, MSFT)) == (0, 0)

        play(story)

    def test_what_the_broker_does_not_take_is_said(self):
        async def story(station):
            await hold(station, 100)

            def refuse(*_, **__):
                raise RefusedOrder("no market orders; order not sent")

            station.broker.capabilities = type(station.broker.capabilities)(
                ord_types=frozenset({OrdType.LIMIT}),
                times_in_force=frozenset({TimeInForce.DAY}),
                can_short=True,
                has_fractions=False,
            )
            await closing(station)
            assert station.notices() == ["flatten IBM: fake takes no MARKET orders; order not sent"]
            assert not station.closer.is_closing(IBM)

        play(story)

    def test_closing_goes_while_reducing(self):
        async def story(station):
            await hold(station, 100)
            fill_all(station)
            station.engine.set_state(TradingState.REDUCING, "by hand", actor="ada")
            await closing(station)
            await station.engine.settle()
            assert qty(station) == 0

        play(story)


class TestHalf:
    @pytest.mark.parametrize(
        ("held", "closed"), [(100, 50), (101, 50), (-7, 3), (2, 1)], ids=lambda n: str(n)
    )
    def test_half_is_closed_in_whole_shares(self, held, closed):
        async def story(station):
            await hold(station, held)
            fill_all(station)
            await closing(station, HALF)
            await station.engine.settle()
            assert last(station).order.order_qty == closed
            assert abs(qty(station)) == abs(held) - closed

        play(story)

    def test_half_of_one_share_is_nothing(self):
        async def story(station):
            await hold(station, 1)
            await closing(station, HALF)
            assert station.notices() == ["half IBM: 1 held, nothing to close"]
            assert len(station.broker.submitted) == 1

        play(story)

    def test_half_of_a_fraction_is_a_fraction(self):
        async def story(station):
            await hold(station, Decimal("1.5"))
            await closing(station, HALF)
            await station.engine.settle()
            assert last(station).order.order_qty == Decimal("0.75")

        play(story, has_fractions=True)


class TestReverse:
    @pytest.mark.parametrize("held", [100, -100])
    def test_other_side_is_opened_once_flat(self, held):
        async def story(station):
            await hold(station, held)
            fill_all(station)
            await closing(station, REVERSE)
            await station.engine.settle()
            assert qty(station) == -held
            assert [o.order_qty for o in station.orders.all()] == [100, 100, 100]

        play(story)

    def test_nothing_is_opened_before_the_closing_order_has_filled(self):
        async def story(station):
            await hold(station, 100)
            task = closing(station, REVERSE)
            await asyncio.sleep(1)
            close = last(station)
            await station.tell(close, trade_report("E8", 60, 100))
            await asyncio.sleep(1)
            assert len(station.broker.submitted) == 2
            await station.tell(close, trade_report("E9", 40, 100))
            await task
            await station.engine.settle()
            assert len(station.broker.submitted) == 3
            assert last(station).order == new_order(SELL, 100)

        play(story)

    def test_closing_order_that_does_not_fill_in_time_opens_nothing(self):
        async def story(station):
            await hold(station, 100)
            task = closing(station, REVERSE)
            await asyncio.sleep(1)
            await station.tell(last(station), trade_report("E9", 60, 100))
            await asyncio.sleep(FILL_S - 1.001)
            assert not task.done()
            await asyncio.sleep(0.002)
            await task
            assert station.notices() == ["reverse IBM: 40 still held; the other side is not opened"]
            assert len(station.broker.submitted) == 2
            assert FILL_S == 30

        play(story)

    @pytest.mark.parametrize(
        "ends",
        [(CANCELED,), (trade_report("E9", 60, 100), CANCELED), (report(ExecType.REJECTED),)],
        ids=["canceled", "part", "rejected"],
    )
    def test_closing_order_that_ends_otherwise_opens_nothing(self, ends):
        async def story(station):
            await hold(station, 100)
            task = closing(station, REVERSE)
            await asyncio.sleep(1)
            await station.tell(last(station), *ends)
            await task
            held = qty(station)
            assert station.notices()[-1] == (
                f"reverse IBM: {held} still held; the other side is not opened"
            )
            assert len(station.broker.submitted) == 2

        play(story)

    def test_closing_that_the_gate_refuses_opens_nothing(self):
        async def story(station):
            await hold(station, 100)
            station.engine.set_state(TradingState.HALTED, "by hand", actor="ada")
            await closing(station, REVERSE)
            assert station.notices() == [
                "reverse IBM: 100 still held; the other side is not opened"
            ]
            assert len(station.broker.submitted) == 1

        play(story)


DEEDS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 60), st.floats(0, 5)), min_size=1, max_size=8
)


@given(st.sampled_from([-100, 100]), st.sampled_from([FLATTEN, HALF]), DEEDS)
def test_position_never_grows_nor_changes_its_side(held, what, deeds):
    """I15, of orders that only close."""

    async def story(station):
        await hold(station, held)
        side = SELL if held > 0 else BUY
        for part in (30, 70):
            await station.working(side, part, "105" if held > 0 else "95")
        task = closing(station, what)
        for n, (which, size, pause_s) in enumerate(deeds):
            await asyncio.sleep(pause_s)
            working = station.orders.working()
            if not working:
                break
            known = working[which % len(working)]
            if which % 2:
                size = min(known.leaves_qty, size)
                await station.tell(known, trade_report(f"D{n}", size, 100))
            elif known.cancel_requested:
                await station.tell(known, CANCELED)
            assert 0 <= qty(station) * (1 if held > 0 else -1) <= abs(held)
        for known in station.orders.working():
            station.cancel(known.cl_ord_id)
            await station.tell(known, CANCELED)
        station.hub.publish(quote("100", "100"))
        await task
        fill_all(station, "Z")
        await station.engine.settle()
        assert 0 <= qty(station) * (1 if held > 0 else -1) <= abs(held)

    play(story)
