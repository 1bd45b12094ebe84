"""Show that every check there is keeps the contract of checks.

Method: the suite of checks over what the gate finds: a check is added, and it is tested.
"""

import pytest

from app import plugins
from app.config import load_config
from app.risk.gate import Gate
from tests.conformance.check import CheckConformance

GATE = Gate(plugins.load("tradedeck.checks").specs, load_config().risk.checks)
SPECS = [spec for spec, _ in GATE.checks]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
class TestEveryCheck(CheckConformance):
    pass
