"""Show that every check there is keeps the contract of checks.

Method: the suite of checks over what the gate finds: a check is added, and it is tested.
"""

from pathlib import Path

import pytest

from app import plugins
from app.config import load_config
from app.domain.enums import TradingState
from app.risk.checks.base import CheckParams, CheckSpec, refuse
from app.risk.gate import Gate
from tests.conformance.check import CheckConformance
from tests.station import play

GATE = Gate(plugins.load("tradedeck.checks").specs, load_config().risk.checks)
SPECS = [spec for spec, _ in GATE.checks]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
class TestEveryCheck(CheckConformance):
    def test_it_has_a_test_of_its_own(self, spec):
        module = spec.check.__module__.rpartition(".")[2]
        tests = Path(__file__).parent
        assert (tests / "checks" / f"test_{module}.py").exists() or module == "gate"


def test_cancel_meets_no_check():
    asked = []

    def refusing(given, params):
        asked.append(given.order)
        return refuse("no", "none", "nothing goes")

    async def story(station):
        known = await station.working(limit="100")
        station.engine.set_state(TradingState.HALTED, "enough", actor="ada")
        station.gate.__init__([CheckSpec("no", "No", CheckParams, refusing)], {}, station.flag)
        station.cancel(known.cl_ord_id)
        await station.engine.settle()
        assert station.broker.canceled == [known.cl_ord_id]
        assert asked == []

    play(story)
