"""Show that studies come, change, go and come back as they were, and that none is lost."""

from __future__ import annotations

import numpy as np
import pytest

from app.domain.errors import BadInput
from app.indicators.base import Kind, Pane
from tests.widgets.plot.bars_made import walk
from widgets.chart.studies import STUDIES_MAX, BarFacts, Studies, installed
from widgets.palettes import Role
from widgets.plot.content import MAIN_PANE, PlotKind
from widgets.theme import STUDY_ROLES


def days(starts_ns):
    return starts_ns // (86_400 * 10**9)


FACTS = BarFacts(days)


def drawn(studies, count=300):
    return studies.series(walk(count), FACTS, "history")


@pytest.mark.parametrize("name", installed())
def test_every_study_can_be_drawn(name):
    studies = Studies()
    chosen = studies.add(name)
    [study] = drawn(studies)
    spec = chosen.spec
    assert study.title == spec.label(spec.params())
    needs = {"bought", "sold"} & set(spec.needs(spec.params()))
    assert bool(study.fault) == bool(needs)
    shown = [output for output in spec.outputs if output.kind not in (Kind.HIDDEN, Kind.PROFILE)]
    assert bool(study.plots) == (bool(shown) and not study.fault)
    assert all(len(row) == 300 for plot in study.plots for row in plot.values)
    assert study.pane == (MAIN_PANE if spec.pane is Pane.OVERLAY else chosen.key)


def test_a_band_is_drawn_once_with_both_its_edges():
    studies = Studies()
    studies.add("bbands")
    [study] = drawn(studies)
    kinds = [(plot.kind, len(plot.values)) for plot in study.plots]
    assert sorted(kinds) == [(PlotKind.BAND, 2), (PlotKind.LINE, 1)]


def test_each_gets_a_colour_of_its_own_and_its_lines_the_next():
    studies = Studies()
    roles = [studies.add("sma").role for _ in STUDY_ROLES]
    assert roles == list(STUDY_ROLES)
    macd = studies.add("macd")
    *_, study = drawn(studies)
    assert {plot.role for plot in study.plots} >= {macd.role, Role.UP}


def test_settings_change_the_values_and_the_title():
    studies = Studies()
    chosen = studies.add("sma")
    [before] = drawn(studies)
    studies.change(chosen.key, params=chosen.spec.params(length=50), pane=Pane.OWN)
    [after] = drawn(studies)
    assert (before.title, after.title) == ("SMA 20", "SMA 50")
    assert (before.pane, after.pane) == (MAIN_PANE, chosen.key)
    rows = [study.plots[0].values[0] for study in (before, after)]
    assert [int(np.isnan(row).sum()) for row in rows] == [19, 49]


def test_settings_that_do_not_go_together_are_refused_and_nothing_changes():
    studies = Studies()
    chosen = studies.add("psar")
    wrong = chosen.spec.params(step=0.5, most=0.1)
    with pytest.raises(BadInput, match="nothing changed"):
        studies.change(chosen.key, params=wrong)
    assert studies.get(chosen.key) == chosen


def test_hidden_ones_are_not_drawn_and_removed_ones_are_gone():
    studies = Studies()
    one, other = studies.add("sma"), studies.add("ema")
    studies.change(one.key, is_hidden=True)
    assert [study.key for study in drawn(studies)] == [other.key]
    studies.remove(other.key)
    assert drawn(studies) == ()
    assert [chosen.key for chosen in studies.chosen] == [one.key]
    studies.clear()
    assert len(studies) == 0


def test_there_is_a_bound():
    studies = Studies()
    for _ in range(STUDIES_MAX):
        studies.add("sma")
    with pytest.raises(BadInput, match=f"{STUDIES_MAX} studies are the most"):
        studies.add("sma")
    assert len(studies) == STUDIES_MAX


def test_an_unknown_one_is_refused():
    with pytest.raises(BadInput, match="no study 'magic'"):
        Studies().add("magic")


class TestLayout:
    def test_they_come_back_as_they_were(self):
        studies, other = Studies(), Studies()
        chosen = studies.add("bbands")
        studies.add("rsi")
        studies.change(
            chosen.key,
            params=chosen.spec.params(length=10, width=1.5),
            role=Role.STUDY_LIME,
            pane=Pane.OWN,
            is_hidden=True,
        )
        other.restore(studies.state())
        assert other.state() == studies.state()  # Also before they were ever drawn.
        kept = [(it.spec, it.params, it.role, it.pane, it.is_hidden) for it in studies.chosen]
        assert [(it.spec, it.params, it.role, it.pane, it.is_hidden) for it in other.chosen] == kept
        assert other.state() == studies.state()

    def test_what_cannot_be_made_is_said_and_kept(self):
        saved = [
            {"name": "of a plug-in that is gone", "params": {"length": 3}},
            {"name": "sma", "params": {"length": -3}},
            {"name": "sma", "params": {"size": 3}},
            "not a study",
            {"name": "sma"},
        ]
        studies = Studies()
        studies.restore(saved)
        series = drawn(studies)
        assert len(series) == 5
        faults = [study.fault for study in series]
        assert [bool(fault) for fault in faults] == [False, True, True, True, True]
        assert "there is no study 'of a plug-in that is gone'" in faults[1]
        state = studies.state()
        assert saved[0] in state
        assert saved[1] in state
        for key, _ in studies.lost:
            studies.remove(key)
        assert len(studies) == 1

    @pytest.mark.parametrize("state", [None, 7, "sma", {"name": "sma"}])
    def test_junk_is_no_study(self, state):
        studies = Studies()
        studies.restore(state)
        assert drawn(studies) == ()


def test_what_grows_is_computed_bar_by_bar_and_equals_the_whole():
    grown, whole = Studies(), Studies()
    for name in ("sma", "vwap", "macd", "ichimoku"):
        grown.add(name)
        whole.add(name)
    bars = walk(400)
    for end in (350, 351, 352, 370, 400):
        part = type(bars)(**{n: getattr(bars, n)[:end] for n in bars.__struct_fields__})
        series = grown.series(part, FACTS, 1)
    for one, other in zip(series, whole.series(bars, FACTS, 1), strict=True):
        for mine, theirs in zip(one.plots, other.plots, strict=True):
            for row, expected in zip(mine.values, theirs.values, strict=True):
                np.testing.assert_allclose(row, expected, rtol=1e-9, atol=1e-9)
