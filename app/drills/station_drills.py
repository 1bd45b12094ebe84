"""Drills about this machine: its clock and its disk."""

from __future__ import annotations

from typing import Final

from app.audit.reader import read_records
from app.audit.records import UserActed
from app.domain.drill import Promise
from app.domain.enums import OrderState
from app.domain.errors import JournalFailed
from app.drills.base import ALARM_S, Drill
from app.drills.stage import Stage

_HOUR_S: Final = 3600.0
_JUMP_SAID: Final = Promise(f"the jump is said and on record within {ALARM_S:.0f} s", "4.4, 1.4")
_UNHARMED: Final = Promise("what works goes on working", "7.1 P4")
_BY_SEQ: Final = Promise("the record goes on by number, whatever the time", "4.4, 7.1 P2")


async def _clock_jump(stage: Stage) -> None:
    said: list[float | None] = []
    async with stage.station():
        resting = await stage.rest()
        for seconds in (_HOUR_S, -2 * _HOUR_S):
            began_ns = stage.now_ns()
            stage.clock.jump(seconds)
            await stage.pause(ALARM_S)
            said.append(stage.sight.said_s("clock was set", since_ns=began_ns))
            await stage.answer(stage.terms())
        state = stage.order(resting).state
        stage.judge(_UNHARMED, state is OrderState.NEW, f"the resting order is {state.value}")
        await stage.recover()
    records = list(read_records(stage.journal))
    rows = [row for row, _ in records]
    jumps = [
        record
        for _, record in records
        if isinstance(record, UserActed) and "clock was set" in record.detail
    ]
    times = [f"{s * 1e3:.0f} ms" for s in said if s is not None]
    stage.judge(
        _JUMP_SAID,
        len(times) == len(said) and len(jumps) == len(said),
        f"said after {' and '.join(times) or 'nothing'}; {len(jumps)} of {len(said)} on record",
    )
    back = sum(later.utc_ns < row.utc_ns for row, later in zip(rows, rows[1:], strict=False))
    stage.judge(
        _BY_SEQ,
        [row.seq for row in rows] == list(range(1, len(rows) + 1)) and back > 0,
        f"{len(rows)} records in a row, {back} of them with an earlier time than the one before",
    )


_UNSENT: Final = Promise("no order goes out that is not on record", "7.1 ENOSPC, I11")
_ENDS: Final = Promise(f"the station says why and stops within {ALARM_S:.0f} s", "4.4, 7.1 P5")
_KEPT: Final = Promise("after the restart everything that was on record is there", "7.1 P2, P4")
_LOW: Final = Promise("while room is short nothing new is sent", "4.4, 2.4 R00")
_CANCELS: Final = Promise("a cancel still goes", "4.4, 7.1 P6")
_SHORT_BYTES: Final = 100 * 2**20


async def _disk_full(stage: Stage) -> None:
    async with stage.station():
        resting = await stage.rest()
        stage.disk.leave(0)
        lost = stage.send(stage.terms())
        took_s = await stage.end_by_itself()
        is_failed = isinstance(stage.failure, JournalFailed)
        stage.judge(
            _ENDS,
            is_failed and took_s <= ALARM_S,
            f"after {took_s * 1e3:.0f} ms: {stage.failure}",
        )
        handed = stage.wire.handed[lost]
        stage.judge(_UNSENT, not handed, f"handed over {handed} times")
    stage.disk.leave(_SHORT_BYTES)
    async with stage.station():
        state = stage.state(resting)
        stage.judge(
            _KEPT,
            state is OrderState.NEW,
            f"the resting order is {state.value if state else 'gone'}",
        )
        order = await stage.answer(stage.terms())
        stage.judge(
            _LOW,
            order.state is OrderState.DENIED and not stage.wire.handed[order.cl_ord_id],
            order.text or order.state.value,
        )
        went = await stage.cancel(resting)
        stage.judge(_CANCELS, bool(went), went or stage.order(resting).state.value)
    stage.disk.leave(None)
    async with stage.station():
        await stage.recover()


DRILLS: Final = (
    Drill(
        name="clock-jump",
        title="Clock jumps",
        what="The machine's clock is set an hour forward, then two hours back.",
        promises=(_UNHARMED, _JUMP_SAID, _BY_SEQ),
        play=_clock_jump,
    ),
    Drill(
        name="disk-full",
        title="Disk full",
        what="The disk of the record fills up with an order at work; then it has little room.",
        promises=(_ENDS, _UNSENT, _KEPT, _LOW, _CANCELS),
        play=_disk_full,
    ),
)
