"""Runs drills and scores them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from app.config import Config, load_config
from app.domain.drill import EVERY_DRILL, DrillScore, Finding
from app.domain.errors import BadInput
from app.drills import broker_drills, feed_drills, fill_drills, judge, station_drills
from app.drills.base import RECOVERED, RECOVERY_S, Drill, Waits
from app.drills.stage import Gone, Stage

DRILLS: Final[tuple[Drill, ...]] = (
    *feed_drills.DRILLS,
    *broker_drills.DRILLS,
    *fill_drills.DRILLS,
    *station_drills.DRILLS,
)
"""In the order of the list."""
QUOTES_PER_S: Final = 8.0
TRADES_PER_S: Final = 4.0


def find_drills(name: str) -> tuple[Drill, ...]:
    """Return the drill of a name, or all.

    Raises:
        BadInput: there is none; the sentence names those there are.
    """
    if name == EVERY_DRILL:
        return DRILLS
    found = tuple(drill for drill in DRILLS if drill.name == name)
    if not found:
        known = ", ".join(drill.name for drill in DRILLS)
        raise BadInput(
            f"there is no drill '{name}' (known: {known}, or {EVERY_DRILL}); nothing was run"
        )
    return found


async def run_drill(
    drill: Drill, waits: Waits | None = None, say: Callable[[str], None] | None = None
) -> DrillScore:
    """Run a drill on a station of its own, in a folder that is gone afterwards; return the score.

    The station has the settings that the program comes with, whatever a person's own are.

    Args:
        drill: which.
        waits: how long what lasts is let last; None: as a person is shown it.
        say: called with a sentence whenever it waits for something else; on this thread.
    """
    waits = waits or Waits()
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    with TemporaryDirectory(prefix="tradedeck-drill-") as folder:
        stage = Stage(Path(folder), _config(waits), waits, say or (lambda _text: None))
        why = ""
        try:
            await drill.play(stage)
        except Gone as error:
            why = str(error)
        findings = await asyncio.to_thread(_findings, drill, stage, why)
    return DrillScore(row=drill.row, findings=findings, took_s=loop.time() - began_s)


def _findings(drill: Drill, stage: Stage, why: str) -> tuple[Finding, ...]:
    """Return what was judged; a promise that the script did not come to is not kept."""
    judged = {finding.promise: finding for finding in stage.findings}
    assert judged.keys() <= set(drill.promises), "judged by what it does not promise"
    missing = why or (str(stage.failure) if stage.failure else "not looked at")
    own = (judged.get(promise) or Finding(promise, False, missing) for promise in drill.promises)
    return (*own, *_common(stage, missing))


def _common(stage: Stage, missing: str) -> Sequence[Finding]:
    is_back = bool(stage.recovered) and stage.recovery_s <= RECOVERY_S
    return (
        judge.once(stage.wire),
        judge.recorded(stage.journal, stage.wire),
        judge.agreed(stage.differences, stage.books),
        judge.replayed(stage.journal, stage.books),
        Finding(RECOVERED, is_back, stage.recovered or missing),
        judge.clean(stage.journal),
    )


def _config(waits: Waits) -> Config:
    """Return the settings of a drill's station: a livelier market, all limits as they come."""
    config = load_config()
    exchange = msgspec.structs.replace(
        config.exchange, quotes_per_s=QUOTES_PER_S, trades_per_s=TRADES_PER_S
    )
    checks = dict(config.risk.checks)
    silence = {"silence_s_max": str(waits.silence_s)}
    checks["market_data"] = {**checks.get("market_data", {}), **silence}
    return msgspec.structs.replace(
        config, exchange=exchange, risk=msgspec.structs.replace(config.risk, checks=checks)
    )
