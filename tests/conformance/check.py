"""Goal: whatever the rule, a check decides by what it is given, in words, and by numbers only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from math import isfinite

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.domain.decision import CheckResult
from app.domain.enums import Side
from app.domain.errors import BadInput
from app.risk.checks.base import CheckParams, CheckSpec, run_check
from app.risk.exposure import RiskInput
from app.risk.gate import make_params
from app.risk.limits import is_looser, rows_of, table_of
from tests.risk_inputs import (
    NUMBER_PATHS,
    PROBES,
    SITUATIONS,
    Path,
    changed,
    givens,
    params_of,
    value_at,
)
from tests.samples import NOT_NUMBERS, blind_picture, instrument, new_order

SHOWN_MAX = 64
"""Characters of a found value and of a limit: what a row of the ticket has room for."""
TEXT_MAX = 400
NAN = Decimal("NaN")

LETS_CLOSE = {
    *("R02", "R13", "R15", "R20", "R21", "R22", "R23", "R24", "R25", "R26", "R27", "R28", "R29"),
    *("R40", "R41", "R50", "R52"),
}
"""Codes of rules on what is opened: what only closes passes, whatever else is known."""

CLOSING = [name for name, base in SITUATIONS.items() if base.is_closing]
PRICES = {("picture", "bid"), ("picture", "ask"), ("picture", "last_px")}
"""One that is no number is as one that is missing: another stands in for it, or nothing does."""


def severity(result: CheckResult) -> int:
    """Return 0 for passed, 1 for asks, 2 for refused."""
    return 0 if result.passed else 1 if result.can_confirm else 2


def words_with_digits(shown: str) -> list[str]:
    """Return the figures of a text; of one that was cut, what is there."""
    return [word.rstrip("…") for word in shown.split() if re.search(r"\d", word)]


class CheckConformance:
    """What every check has to do; a subclass gives the fixture or parameter `spec`."""

    @staticmethod
    def run(spec: CheckSpec, given_: RiskInput, params: CheckParams | None = None) -> CheckResult:
        return run_check(spec, spec.params() if params is None else params, given_)

    # What it says of itself

    def test_it_says_what_it_is_in_a_sentence(self, spec):
        assert re.fullmatch(r"R\d\d", spec.code)
        assert re.fullmatch(r"[a-z][a-z_]*", spec.name)
        assert spec.title.strip() == spec.title != ""
        rule = (spec.check.__doc__ or "").partition("\n")[0]
        assert 10 <= len(rule) <= 100, rule
        assert rule.endswith(".")

    def test_every_parameter_has_title_unit_and_a_default_that_settings_can_hold(self, spec):
        default = spec.params()
        for row in rows_of(spec, default, default):
            assert row.param_title != row.param.replace("_", " "), row.param
            assert row.unit, row.param
            assert row.rule
        assert make_params(spec, {}) == default
        assert make_params(spec, table_of(default)) == default

    def test_no_parameter_is_a_number_that_is_none(self, spec):
        for name, value in msgspec.structs.asdict(spec.params()).items():
            if isinstance(value, Decimal):
                for number in (*map(str, NOT_NUMBERS), "-1"):
                    with pytest.raises(BadInput):
                        make_params(spec, {name: number})

    # What it finds

    @given(data=st.data())
    def test_whatever_is_given_gets_an_answer_that_can_be_shown(self, spec, data):
        params, given_ = data.draw(params_of(spec.params)), data.draw(givens())
        before = repr((given_, params))
        for rule in filter(None, (spec.check, spec.meter)):
            found = rule(given_, params)
            again = rule(msgspec.structs.replace(given_), params)
            assert found == rule(given_, params) == again
            assert found.use is None or (isfinite(found.use) and found.use >= 0)
        assert repr((given_, params)) == before
        result = self.run(spec, given_, params)
        assert max(len(result.value), len(result.limit)) <= SHOWN_MAX
        assert len(result.text) <= TEXT_MAX
        self.assert_says_why(result)
        msgspec.json.encode(result)  # It can be recorded.

    @staticmethod
    def assert_says_why(result: CheckResult) -> None:
        """A refusal names what was found, what is allowed, and what happens now."""
        if result.passed:
            assert result.text == ""
            return
        assert result.value
        assert result.text.endswith("; order not sent")
        found, allowed = words_with_digits(result.value), words_with_digits(result.limit)
        if found:
            assert any(word in result.text for word in found), result
            assert not allowed or any(word in result.text for word in allowed), result

    def test_what_it_reads_and_is_no_number_never_passes(self, spec):
        assert list(self.read_and_passed(spec)) == []

    def read_and_passed(self, spec: CheckSpec) -> Iterator[str]:
        """Yield fields on which a verdict hangs and whose NaN passes, each with a situation."""
        params = spec.params()
        for path, (name, base) in product(NUMBER_PATHS, SITUATIONS.items()):

            def judged(value: Decimal | None, path: Path = path, base: RiskInput = base) -> int:
                return severity(self.run(spec, changed(base, path, value), params))

            if value_at(base, path[:-1]) is None or judged(NAN) > 0:
                continue
            is_read = any(judged(value) > 0 for value in PROBES)
            if is_read and not (path in PRICES and judged(None) == 0):
                yield f"{'.'.join(path)} of {name}"

    # When it lets go

    @pytest.mark.parametrize("limit", [None, "100"])
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_what_closes_passes_in_the_dark(self, spec, side, limit):
        seen = blind_picture(position_qty=str(-100 * side.sign))
        dark = RiskInput(order=new_order(side, 100, limit), instrument=instrument(), picture=seen)
        assert self.run(spec, dark).passed

    @given(data=st.data())
    def test_what_only_closes_passes_a_rule_on_what_is_opened(self, spec, data):
        if spec.code not in LETS_CLOSE:
            return
        given_ = data.draw(givens(CLOSING))
        assume(given_.is_closing)
        assert self.run(spec, given_, data.draw(params_of(spec.params))).passed

    @given(data=st.data())
    def test_tighter_parameters_let_nothing_more_through(self, spec, data):
        one, other = (data.draw(params_of(spec.params)) for _ in range(2))
        given_ = data.draw(givens())
        for before, after in ((one, other), (other, one)):
            if not is_looser(before, after):
                loose, tight = self.run(spec, given_, before), self.run(spec, given_, after)
                assert severity(tight) >= severity(loose)
