"""Drills about executions: in parts, late, and taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from app.audit.reader import read_records
from app.audit.records import ExecutionReported
from app.brokers.builtin import BuiltinBroker
from app.domain.drill import Promise
from app.domain.enums import ExecType, OrderState
from app.domain.ids import ClOrdID
from app.domain.terms import ZERO
from app.drills.base import ALARM_S, Drill
from app.drills.feedline import FeedFault, FeedTrouble
from app.drills.stage import Stage

_LARGE: Final = 400
"""Shares: more than a thin market gives while a drill looks on."""
_THIN: Final = 5
"""Shares of each quote and print."""
_PARTS: Final = 3
_THROUGH: Final = "1.0002"
"""Of the bid: a limit some cents through the market, which rests when that is used up."""

_PART: Final = Promise("a part filled is shown as a part, never as the whole", "T1, 3.8 I2")
_EXACT: Final = Promise("quantity and average price are those of the executions", "T2, T3, I22")
_REST: Final = Promise("a cancel takes only what is left, once it is confirmed", "T4, 3.8 I9")


def _executed(stage: Stage, cl_ord_id: ClOrdID) -> tuple[Decimal, Decimal]:
    """Return quantity and value of what is on record as executed of an order and stands."""
    parts: dict[str, tuple[Decimal, Decimal]] = {}
    for _, record in read_records(stage.journal):
        report = record.report if isinstance(record, ExecutionReported) else None
        if report is None or report.cl_ord_id != cl_ord_id:
            continue
        if report.exec_type is ExecType.TRADE:
            parts[report.exec_id] = report.last_qty, report.last_qty * report.last_px
        elif report.exec_type is ExecType.TRADE_CANCEL:
            parts.pop(report.exec_ref_id, None)
    return sum((q for q, _ in parts.values()), ZERO), sum((v for _, v in parts.values()), ZERO)


def _is_whole(stage: Stage, cl_ord_id: ClOrdID) -> bool:
    """Whether, whenever the order was shown, filled and open made up what was asked for."""
    return all(
        order.cum_qty + order.leaves_qty == order.order_qty
        and (order.state is OrderState.FILLED) is (order.cum_qty == order.order_qty)
        for order in stage.sight.orders(cl_ord_id)
        if order.done is None
    )


async def _partial_fills(stage: Stage) -> None:
    async with stage.station():
        stage.feed.set(FeedFault(trouble=FeedTrouble.THIN, symbol=stage.symbol, size_max=_THIN))
        await stage.thin_quote(_THIN)
        given = stage.send(stage.terms(_LARGE, share=_THROUGH))
        await stage.until("it is filled in parts", lambda: _parts(stage, given) >= _PARTS)
        state = stage.order(given).state
        stage.judge(
            _PART,
            state is OrderState.PARTIALLY_FILLED and _is_whole(stage, given),
            f"{state.value}: {stage.order(given).cum_qty} of {_LARGE}",
        )
        stage.desk.cancel(given)
        await stage.reach(given, OrderState.CANCELED)
        stage.feed.clear()
        states = stage.sight.states(given)
        order = stage.order(given)
        stage.judge(
            _REST,
            states[-2:] == (OrderState.PENDING_CANCEL, OrderState.CANCELED) and order.cum_qty > 0,
            f"{states[-2].value}, then {states[-1].value} with {order.cum_qty} kept",
        )
        await stage.recover()
    qty, value = _executed(stage, given)
    assert order.avg_px is not None
    stage.judge(
        _EXACT,
        (order.cum_qty, order.avg_px) == (qty, value / qty),
        f"{len(order.executions)} parts, {qty} at {value / qty:.4f}",
    )


def _parts(stage: Stage, cl_ord_id: ClOrdID) -> int:
    order = stage.desk.orders.get(cl_ord_id)
    return 0 if order is None else len(order.executions)


_BOOKED: Final = Promise("a fill that comes after the end is booked", "3.2 row 31, T40")
_ENDED: Final = Promise("the order does not come back to life", "3.8 I8")
_SAID: Final = Promise(f"it is said within {ALARM_S:.0f} s", "3.2 rows 31, 34; 7.2")


async def _late_fill(stage: Stage) -> None:
    async with stage.station():
        stage.feed.set(FeedFault(trouble=FeedTrouble.THIN, symbol=stage.symbol, size_max=_THIN))
        await stage.thin_quote(_THIN)
        stage.line.hold_fills()
        given = stage.send(stage.terms(_LARGE, share=_THROUGH))
        await stage.until("something is executed unheard", lambda: stage.line.held_fills)
        stage.desk.cancel(given)
        await stage.reach(given, OrderState.CANCELED)
        before = stage.order(given).cum_qty
        stage.feed.clear()
        began_ns = stage.now_ns()
        stage.line.release_fills()
        there = await stage.exchange.query(given)
        assert there is not None
        await stage.until(
            "the late fills are booked", lambda: stage.order(given).cum_qty == there.cum_qty
        )
        order = stage.order(given)
        held = stage.desk.positions.get(stage.symbol)
        stage.judge(
            _BOOKED,
            order.cum_qty == held.qty == there.cum_qty,
            f"{before} shares when it ended, {order.cum_qty} now, {held.qty} held",
        )
        states = stage.sight.states(given)
        after = states[states.index(OrderState.CANCELED) :]
        stage.judge(_ENDED, set(after) == {OrderState.CANCELED}, f"shown as {order.state.value}")
        await stage.pause()
        _judge_said(stage, "reported after it was canceled", began_ns)
        await stage.recover()


_REVERSED: Final = Promise("quantity and position go back", "3.2 row 34")
_CENT: Final = Promise("cash is exact to the cent", "3.8 I6")


async def _bust(stage: Stage) -> None:
    async with stage.station():
        cash = stage.desk.account().cash
        given = stage.send(stage.terms())
        await stage.reach(given, OrderState.FILLED)
        filled = stage.order(given).cum_qty
        exchange = stage.exchange
        assert isinstance(exchange, BuiltinBroker)
        began_ns = stage.now_ns()
        exchange.bust(given)
        await stage.until("the bust is booked", lambda: stage.order(given).cum_qty < filled)
        await stage.reach(given, OrderState.CANCELED)
        order, held = stage.order(given), stage.desk.positions.get(stage.symbol)
        kept = ZERO if held is None else held.qty
        stage.judge(
            _REVERSED,
            order.cum_qty == kept,
            f"{filled} shares filled, {order.cum_qty} now, {kept} held; {order.state.value}",
        )
        now = stage.desk.account().cash
        qty, value = _executed(stage, given)
        stage.judge(
            _CENT,
            now == cash - value - order.fees,
            f"{cash:,.2f} before, {now:,.2f} after, {qty} shares paid",
        )
        _judge_said(stage, "the venue broke the fill", began_ns)
        await stage.recover()


def _judge_said(stage: Stage, words: str, since_ns: int) -> None:
    said_s = stage.sight.said_s(words, since_ns=since_ns)
    is_kept = said_s is not None and said_s <= ALARM_S
    seen = "not said" if said_s is None else f"after {said_s * 1e3:.0f} ms"
    stage.judge(_SAID, is_kept, seen)


DRILLS: Final = (
    Drill(
        name="partial-fills",
        title="Partial fills",
        what="The market shows a few shares at a time; an order fills in parts and is canceled.",
        promises=(_PART, _EXACT, _REST),
        play=_partial_fills,
    ),
    Drill(
        name="late-fill",
        title="Late fill after a cancel",
        what="A cancel is confirmed before the executions that came first are reported.",
        promises=(_BOOKED, _ENDED, _SAID),
        play=_late_fill,
    ),
    Drill(
        name="bust",
        title="Bust",
        what="The exchange breaks a fill that was reported and booked.",
        promises=(_REVERSED, _CENT, _SAID),
        play=_bust,
    ),
)
