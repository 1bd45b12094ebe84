"""Drills about requests to the broker: slow, lost, refused and turned away."""

from __future__ import annotations

from typing import Final

from app.domain.drill import Promise
from app.domain.enums import OrderState, OrdStatus
from app.drills.base import ALARM_S, Drill
from app.drills.line import LineFault, Trouble, Verb
from app.drills.stage import Stage

_ENDS: Final = (OrderState.FILLED, OrderState.REJECTED, OrderState.CANCELED)
_QUIET: Final = Promise("no answer yet is shown as pending, never as a guess", "3.2 row 2, T6")
_ACKED: Final = Promise("the late answer is booked for what it is", "3.2 rows 6, 7")
_DOUBT: Final = Promise(f"in doubt is shown within {ALARM_S:.0f} s", "3.5, 7.1 P5")
_BLOCKED: Final = Promise("meanwhile nothing more of the symbol is opened", "3.5 step 1, R02")
_FOUND: Final = Promise("the broker is asked, and the order is found as it is", "3.5 step 2")


async def _slow_acks(stage: Stage) -> None:
    async with stage.station():
        slow_s = stage.waits.slow_s
        stage.line.set(LineFault(trouble=Trouble.SLOW, count=2, delay_s=slow_s))
        given = [stage.send(stage.terms()), stage.send(stage.terms(share="0.97"))]
        await stage.until("both are with the exchange", lambda: stage.wire.arrived.total() == 2)
        seen = {stage.state(cl_ord_id) for cl_ord_id in given}
        words = ", ".join(sorted(state.value for state in seen if state))
        stage.judge(_QUIET, seen == {OrderState.PENDING_NEW}, f"shown as {words}")
        took_s = await stage.reach(given[0], OrderState.FILLED)
        await stage.reach(given[1], OrderState.NEW)
        fills = stage.order(given[0]).cum_qty
        stage.judge(_ACKED, True, f"{fills} shares filled, the other works, after {took_s:.1f} s")
        await stage.recover()


async def _lost_ack(stage: Stage) -> None:
    async with stage.station():
        stage.line.set(LineFault(trouble=Trouble.ANSWER_LOST))
        began_ns = stage.now_ns()
        lost = stage.send(stage.terms())

        await stage.until("it is in doubt", lambda: stage.sight.doubted_s(lost, since_ns=0))
        second = stage.desk.preview(stage.terms())
        stage.judge(_BLOCKED, "no answer yet" in second.refusal, second.refusal or "let through")
        shown_s = stage.sight.doubted_s(lost, since_ns=began_ns)
        assert shown_s is not None
        stage.judge(_DOUBT, shown_s <= ALARM_S, f"after {shown_s * 1e3:.0f} ms")
        took_s = await stage.reach(lost, *_ENDS)
        order = stage.order(lost)
        is_filled = order.ord_status is OrdStatus.FILLED
        stage.judge(
            _FOUND,
            is_filled,
            f"{order.state.value}, {order.cum_qty} at {order.avg_px}, after {took_s:.1f} s",
        )
        await stage.recover()


_EACH: Final = Promise("each refusal is shown with its reason and sent no more", "3.2 row 3")
_STORM: Final = 8


async def _reject_storm(stage: Stage) -> None:
    async with stage.station():
        text = "account is restricted to closing orders"
        stage.line.set(LineFault(trouble=Trouble.REFUSED, count=_STORM, text=text))
        given = [stage.send(stage.terms()) for _ in range(_STORM)]
        for cl_ord_id in given:
            await stage.reach(cl_ord_id, *_ENDS)
        orders = [stage.order(cl_ord_id) for cl_ord_id in given]
        told = [o for o in orders if o.ord_status is OrdStatus.REJECTED and text in o.text]
        once = all(stage.wire.handed[cl_ord_id] == 1 for cl_ord_id in given)
        stage.judge(
            _EACH,
            len(told) == _STORM and once,
            f"{len(told)} of {_STORM} rejected with the broker's words, each handed over once",
        )
        await stage.recover()


_NOT_NONE: Final = Promise("a question without an answer is not taken for none", "T37, 3.5")
_NO_FALSE: Final = Promise(
    "each ends as the exchange has it, after it was asked", "3.5 step 3, 7.1"
)


async def _broker_5xx(stage: Stage) -> None:
    async with stage.station():
        line = stage.line
        line.set(LineFault(trouble=Trouble.REQUEST_LOST, text="503 Service Unavailable"))
        line.set(LineFault(trouble=Trouble.ANSWER_LOST, text="502 Bad Gateway"))
        line.set(
            LineFault(
                trouble=Trouble.REQUEST_LOST,
                verbs=(Verb.QUESTION,),
                count=2,
                text="500 Internal Server Error",
            )
        )
        began_ns = stage.now_ns()
        given = [stage.send(stage.terms()), stage.send(stage.terms())]
        for cl_ord_id in given:
            await stage.reach(cl_ord_id, OrderState.IN_DOUBT)
        took_s = stage.since_s(began_ns)
        stage.judge(_DOUBT, took_s <= ALARM_S, f"both after {took_s * 1e3:.0f} ms")
        asked = [stage.desk.inquiry(cl_ord_id) for cl_ord_id in given]
        while not sum(row.failures for row in asked if row) and all(asked):
            await stage.pause()
            asked = [stage.desk.inquiry(cl_ord_id) for cl_ord_id in given]
        failures = sum(row.failures for row in asked if row)
        stage.judge(
            _NOT_NONE,
            bool(failures) and all(stage.order(cl_ord_id).is_in_doubt for cl_ord_id in given),
            f"in doubt still after {failures} without an answer",
        )
        for cl_ord_id in given:
            await stage.reach(cl_ord_id, *_ENDS)
        absent, there = (stage.order(cl_ord_id) for cl_ord_id in given)
        stage.judge(
            _NO_FALSE,
            absent.is_absent and not absent.cum_qty and there.ord_status is OrdStatus.FILLED,
            f"503: {absent.state.value}, 502: {there.state.value} {there.cum_qty}, "
            f"after {stage.since_s(began_ns):.1f} s",
        )
        await stage.recover()


_SAME: Final = Promise("with proof the same order goes again, under its identity", "3.2 row 5, T8")
_AGAIN: Final = Promise(
    "a cancel is pending, and asked for again until it is answered", "3.2 row 21"
)


async def _broker_429(stage: Stage) -> None:
    async with stage.station():
        text = "429 Too Many Requests"
        resting = await stage.rest()
        stage.line.set(LineFault(trouble=Trouble.TURNED_AWAY, count=2, text=text))
        stage.line.set(LineFault(trouble=Trouble.TURNED_AWAY, verbs=(Verb.CANCEL,), text=text))
        again = stage.send(stage.terms())
        stage.desk.cancel(resting)
        took_s = await stage.reach(again, *_ENDS)
        wire = stage.wire
        stage.judge(
            _SAME,
            stage.state(again) is OrderState.FILLED
            and (wire.handed[again], wire.arrived[again]) == (3, 1),
            f"handed over {wire.handed[again]} times in {took_s:.1f} s, "
            f"arrived {wire.arrived[again]} times",
        )
        await stage.reach(resting, OrderState.CANCELED)
        states = stage.sight.states(resting)
        stage.judge(
            _AGAIN,
            OrderState.PENDING_CANCEL in states,
            "shown as " + ", ".join(state.value for state in states),
        )
        await stage.recover()


DRILLS: Final = (
    Drill(
        name="slow-acks",
        title="Slow acknowledgements",
        what="The exchange takes orders at once, and its answers come seconds later.",
        promises=(_QUIET, _ACKED),
        play=_slow_acks,
    ),
    Drill(
        name="lost-ack",
        title="Lost acknowledgement",
        what="The exchange fills an order, and neither its answer nor the fill comes back.",
        promises=(_DOUBT, _BLOCKED, _FOUND),
        play=_lost_ack,
    ),
    Drill(
        name="reject-storm",
        title="Reject storm",
        what="The broker refuses one order after the other.",
        promises=(_EACH,),
        play=_reject_storm,
    ),
    Drill(
        name="broker-5xx",
        title="Broker answers 5xx",
        what="One order is lost on its way, of one the answer is lost; questions fail as well.",
        promises=(_DOUBT, _NOT_NONE, _NO_FALSE),
        play=_broker_5xx,
    ),
    Drill(
        name="broker-429",
        title="Broker answers 429",
        what="The broker turns an order and a cancel away: too many requests, nothing was taken.",
        promises=(_SAME, _AGAIN),
        play=_broker_429,
    ),
)
