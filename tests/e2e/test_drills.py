"""Goal: every fire drill keeps every promise; the verb lists, runs and scores them.

Method: the drills as they are, on the real session and journal. Only how long what lasts is let
last is shorter: no promise is left out, and no bound is another.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from click.testing import CliRunner, Result

from app.cli import tradedeck
from app.domain.drill import Promise
from app.drills import runner
from app.drills.base import Drill, Waits
from app.drills.runner import DRILLS, run_drill
from app.drills.stage import Stage

DRILLS_BY_NAME = {drill.name: drill for drill in DRILLS}
SHORT = Waits(silence_s=1.0, fault_s=0.5, slow_s=0.5)


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_every_promise_is_kept(drill):
    score = asyncio.run(run_drill(drill, SHORT))
    assert score.is_passed, f"\n{score.summary()}"


def verb(*arguments: str) -> Result:
    return CliRunner().invoke(tradedeck, ["drill", *arguments], prog_name="tradedeck")


class TestVerb:
    def test_without_a_name_it_lists_every_drill_and_what_it_does(self):
        done = verb()
        assert done.exit_code == 0
        lines = done.output.splitlines()
        assert [line.split()[0] for line in lines] == [*(d.name for d in DRILLS), "all"]
        for drill, line in zip(DRILLS, lines, strict=False):
            assert line.endswith(drill.what)

    def test_an_unknown_name_is_one_sentence_with_the_known_ones(self):
        done = verb("fire")
        assert done.exit_code == 2
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("tradedeck: there is no drill 'fire' (known: feed-drop,")

    def test_a_drill_that_keeps_everything_exits_with_0(self):
        done = verb("reject-storm")
        assert done.exit_code == 0, done.output
        first, *findings = done.output.splitlines()
        assert re.fullmatch(r"Reject storm: 7 of 7 promises kept in \d+\.\d s", first)
        assert len(findings) == 7
        assert all(line.startswith("  kept    ") for line in findings)

    def test_one_broken_promise_exits_with_1(self, monkeypatch):
        promise = Promise("nothing ever breaks", "nowhere")

        async def play(stage: Stage) -> None:
            async with stage.station():
                stage.judge(promise, False, "it broke")
                await stage.recover()

        own = Drill(name="own", title="Own", what="It breaks.", promises=(promise,), play=play)
        monkeypatch.setattr(runner, "DRILLS", (own, DRILLS_BY_NAME["reject-storm"]))
        done = verb("all")
        assert done.exit_code == 1, done.output
        assert "  BROKEN  nothing ever breaks" in done.output
        assert done.output.splitlines()[-1] == "1 of 2 drills kept every promise"

    def test_the_persons_own_record_is_not_touched(self, paths):
        assert verb("bust").exit_code == 0
        assert not paths.data_dir.exists()
