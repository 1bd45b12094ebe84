"""Goal: every fire drill keeps every promise; the verb lists, runs and scores them.

Method: the drills as they are, on the real session and journal. Only how long what lasts is let
last is shorter: no promise is left out, and no bound is another.
"""

from __future__ import annotations

import asyncio

import pytest

from app.drills.base import Waits
from app.drills.runner import DRILLS, run_drill

SHORT = Waits(silence_s=1.0, fault_s=0.5, slow_s=0.5)


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_every_promise_is_kept(drill):
    score = asyncio.run(run_drill(drill, SHORT))
    assert score.is_passed, f"\n{score.summary()}"
