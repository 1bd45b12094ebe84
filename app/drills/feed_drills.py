"""Drills about market data: gone, silent, halted and crossed."""

from __future__ import annotations

from typing import Final

from app.domain.drill import Promise
from app.domain.enums import FeedState, OrderState, Side
from app.domain.orders import Order
from app.drills.base import ALARM_S, SILENCE_S, Drill
from app.drills.feedline import FeedFault, FeedTrouble
from app.drills.stage import Stage

_DROP_SAID: Final = Promise(f"the drop is shown within {ALARM_S:.0f} s", "6, 7.2, T34")
_STALE: Final = Promise(
    f"{SILENCE_S:.0f} s of silence are shown as stale within {ALARM_S:.0f} s more", "6, 7.1 P5, T34"
)
_NO_OPEN: Final = Promise("no market order opens on prices that are old", "2.4 R50, 7.1 P3")
_CANCELS: Final = Promise(f"a cancel goes through within {ALARM_S:.0f} s", "7.1 P6, 3.8 I17")


async def _judge_refusal(stage: Stage, promise: Promise) -> None:
    """Send an order at the market; it must be refused before it is sent."""
    order = await stage.answer(stage.terms())
    is_kept = order.state is OrderState.DENIED and not stage.wire.handed[order.cl_ord_id]
    stage.judge(promise, is_kept, order.text or order.state.value)


async def _judge_cancel(stage: Stage, order: Order) -> None:
    went = await stage.cancel(order.cl_ord_id)
    stage.judge(_CANCELS, bool(went), went or stage.order(order.cl_ord_id).state.value)


async def _feed_drop(stage: Stage) -> None:
    async with stage.station() as desk:
        resting = stage.order(await stage.rest())
        stage.feed.set(FeedFault(trouble=FeedTrouble.DROPPED))
        began_ns = stage.now_ns()
        await stage.until(
            "the drop is shown", lambda: desk.market.status.state is not FeedState.LIVE
        )
        took_s = stage.since_s(began_ns)
        text = desk.market.status.text
        stage.judge(_DROP_SAID, took_s <= ALARM_S, f"after {took_s * 1e3:.0f} ms: {text}")
        await _judge_refusal(stage, _NO_OPEN)
        await _judge_cancel(stage, resting)
        await stage.pause(stage.waits.fault_s)
        stage.feed.clear()
        await stage.recover()


async def _mute_feed(stage: Stage) -> None:
    async with stage.station() as desk:
        resting = stage.order(await stage.rest())
        stage.feed.set(FeedFault(trouble=FeedTrouble.MUTE))
        began_ns = stage.now_ns()
        await stage.until(
            "the silence is noticed", lambda: "silent" in desk.preview(stage.terms()).refusal
        )
        took_s = stage.since_s(began_ns)
        age_s = (desk.market.feed_age_ns or 0) / 1e9
        stage.judge(
            _STALE, took_s <= SILENCE_S + ALARM_S, f"after {took_s:.1f} s, age {age_s:.1f} s"
        )
        await _judge_refusal(stage, _NO_OPEN)
        await _judge_cancel(stage, resting)
        stage.feed.clear()
        await stage.recover()


_HALT: Final = Promise("no order opens in a halted symbol", "1.9, 2.4 R06")
_WAITS: Final = Promise("what closes is taken, and waits for the reopening", "1.9, 2.4 R06")
_QUIET: Final = Promise("nothing of it trades meanwhile", "1.9, T49")
_HELD: Final = 30
"""Shares that a drill holds when the symbol is halted."""


async def _halt(stage: Stage) -> None:
    async with stage.station() as desk:
        resting = stage.order(await stage.rest())
        await stage.reach(stage.send(stage.terms(_HELD)), OrderState.FILLED)
        stage.feed.set(
            FeedFault(trouble=FeedTrouble.HALTED, symbol=stage.symbol, text="T1: news pending")
        )
        await stage.until("the halt is known", lambda: desk.market.halt(stage.symbol))
        fills = desk.orders.fill_count
        await _judge_refusal(stage, _HALT)
        closing = await stage.answer(stage.terms(_HELD, share="0.99", side=Side.SELL))
        await stage.pause(stage.waits.fault_s)
        closing = stage.order(closing.cl_ord_id)
        stage.judge(
            _WAITS,
            closing.state is OrderState.NEW,
            f"a sale through the bid: {closing.state.value}",
        )
        more = desk.orders.fill_count - fills
        stage.judge(_QUIET, not more, f"{more} fills in {stage.waits.fault_s:.1f} s")
        await _judge_cancel(stage, resting)
        stage.feed.clear()
        await stage.reach(closing.cl_ord_id, OrderState.FILLED)
        await stage.recover()


_CROSSED: Final = Promise("no market order opens on a crossed quote", "2.4 R12, 7.1 P3")
_NO_FILL: Final = Promise("nothing is filled at a price that is none", "T49")


async def _crossed_quotes(stage: Stage) -> None:
    async with stage.station() as desk:
        resting = stage.order(await stage.rest())
        stage.feed.set(FeedFault(trouble=FeedTrouble.CROSSED, symbol=stage.symbol))

        def is_crossed() -> bool:
            quote = desk.market.quote(stage.symbol)
            return quote is not None and not quote.is_two_sided

        await stage.until("the quote is crossed", is_crossed)
        fills = desk.orders.fill_count
        await _judge_refusal(stage, _CROSSED)
        await stage.pause(stage.waits.fault_s)
        more = desk.orders.fill_count - fills
        stage.judge(_NO_FILL, not more, f"{more} fills in {stage.waits.fault_s:.1f} s")
        await _judge_cancel(stage, resting)
        stage.feed.clear()
        await stage.until("the quote has two sides", lambda: not is_crossed())
        await stage.recover()


DRILLS: Final = (
    Drill(
        name="feed-drop",
        title="Feed drops",
        what="The connection to the market data breaks, and cannot be made anew for a while.",
        promises=(_DROP_SAID, _NO_OPEN, _CANCELS),
        play=_feed_drop,
    ),
    Drill(
        name="mute-feed",
        title="Feed falls silent",
        what="The connection to the market data stands, and nothing comes any more.",
        promises=(_STALE, _NO_OPEN, _CANCELS),
        play=_mute_feed,
    ),
    Drill(
        name="halt",
        title="Trading halt",
        what="The symbol is halted while it is held, with orders at work.",
        promises=(_HALT, _WAITS, _QUIET, _CANCELS),
        play=_halt,
    ),
    Drill(
        name="crossed-quotes",
        title="Crossed quotes",
        what="The bid lies above the ask.",
        promises=(_CROSSED, _NO_FILL, _CANCELS),
        play=_crossed_quotes,
    ),
)
