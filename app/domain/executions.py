"""Executions that count: trades, less those busted, as last corrected, each once.

The danger: a correction added to what it corrects, a bust that arrives before its trade and is
lost, an execution made up from totals that stays when the real one comes.
Here the reports are kept as they came, and what counts is worked out of all of them; the order in
which they came decides nothing but which trades a made-up one still stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

import msgspec

from app.domain.enums import ExecType, Liquidity
from app.domain.ids import ExecID
from app.domain.reports import ExecutionReport
from app.domain.terms import ZERO

TRADE_TYPES: Final = frozenset({ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL})
_PX_STEP: Final = Decimal("1E-8")


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One fill of one order."""

    exec_id: ExecID
    qty: Decimal
    px: Decimal
    fee: Decimal
    last_mkt: str
    liquidity: Liquidity
    ts_exch_ns: int
    ts_recv_ns: int
    root_id: ExecID = ExecID("")
    """The first report's id, where this one corrects it; by it the fill keeps its place."""
    is_synthetic: bool = False
    is_late: bool = False
    """Reported after the order had ended."""
    text: str = ""
    """What the broker says of it."""

    @property
    def key(self) -> ExecID:
        """The identity that survives corrections."""
        return self.root_id or self.exec_id


class ExecFact(msgspec.Struct, frozen=True, kw_only=True):
    """One report about an execution, and whether the order had ended when it came."""

    report: ExecutionReport
    is_late: bool = False


def executions_of(facts: Sequence[ExecFact]) -> tuple[Execution, ...]:
    """Return what counts, in the order in which the trades came."""
    busted = {f.report.exec_ref_id for f in facts if f.report.exec_type is ExecType.TRADE_CANCEL}
    corrections: dict[ExecID, list[ExecFact]] = {}
    for fact in facts:
        if fact.report.exec_type is ExecType.TRADE_CORRECT:
            corrections.setdefault(fact.report.exec_ref_id, []).append(fact)
    counted: list[Execution] = []
    for index, fact in enumerate(facts):
        if fact.report.exec_type is not ExecType.TRADE:
            continue
        last = _last_of(fact, corrections, busted)
        if last is None:
            continue
        execution = execution_of(last, root=fact)
        if fact.report.is_synthetic:
            execution = _less_known(execution, facts[index + 1 :])
        if execution.qty:
            counted.append(execution)
    return tuple(counted)


def parked(facts: Sequence[ExecFact]) -> tuple[ExecFact, ...]:
    """Return the corrections and busts of executions that were never reported."""
    known = {f.report.exec_id for f in facts if f.report.exec_type is not ExecType.TRADE_CANCEL}
    return tuple(
        f
        for f in facts
        if f.report.exec_type is not ExecType.TRADE and f.report.exec_ref_id not in known
    )


def execution_of(fact: ExecFact, *, root: ExecFact | None = None) -> Execution:
    """Return the execution that a report tells of; `root` is the one it corrects."""
    report, first = fact.report, fact if root is None else root
    return Execution(
        exec_id=report.exec_id,
        qty=report.last_qty,
        px=report.last_px,
        fee=report.fee,
        last_mkt=report.last_mkt or first.report.last_mkt,
        liquidity=first.report.liquidity,
        ts_exch_ns=first.report.ts_exch_ns,
        ts_recv_ns=first.report.ts_recv_ns,
        root_id=first.report.exec_id if first is not fact else ExecID(""),
        is_synthetic=first.report.is_synthetic,
        is_late=first.is_late,
        text=report.text,
    )


def _last_of(
    fact: ExecFact, corrections: dict[ExecID, list[ExecFact]], busted: set[ExecID]
) -> ExecFact | None:
    """Follow the corrections to the newest; None if any of the line was busted."""
    seen: set[ExecID] = set()
    while (exec_id := fact.report.exec_id) not in seen:
        if exec_id in busted:
            return None
        seen.add(exec_id)
        # Of two corrections of one execution the later one counts, by the broker's time.
        fact = max(
            corrections.get(exec_id, [fact]), key=lambda f: (f.report.ts_exch_ns, f.report.exec_id)
        )
    return fact


def _less_known(execution: Execution, later: Sequence[ExecFact]) -> Execution:
    """Take off what has come since of the trades that a made-up execution stands for."""
    real = [
        f.report
        for f in later
        if f.report.exec_type is ExecType.TRADE
        and not f.report.is_synthetic
        and f.report.ts_exch_ns <= execution.ts_exch_ns
    ]
    if not real:
        return execution
    qty = execution.qty - sum((r.last_qty for r in real), ZERO)
    if qty <= 0:
        return msgspec.structs.replace(execution, qty=ZERO)
    paid = sum((r.last_qty * r.last_px for r in real), ZERO)
    px = ((execution.qty * execution.px - paid) / qty).quantize(_PX_STEP)
    return msgspec.structs.replace(execution, qty=qty, px=px if px > 0 else execution.px)
