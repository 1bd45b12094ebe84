"""Show that own studies are loaded by hand, drawn, told when they fail, and never fatal."""

from __future__ import annotations

import os

import pytest
from pytestqt.qtbot import QtBot

from tests.app.indicators.test_user import ARRAYS, GOOD
from tests.widgets.fake_desk import AAPL, FakeDesk
from widgets.dialogs import Choice
from widgets.link import LinkGroup
from widgets.panel import PanelContext
from widgets.panels.chart import ChartPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

RAISES = ARRAYS.replace("return (np.log(bars.close),)", "return (bars.nothing,)")
SLOW = ARRAYS.replace("return (np.log(bars.close),)", "while True:\n        pass")
SHORT = ARRAYS.replace("np.log(bars.close)", "np.log(bars.close)[1:]")


@pytest.fixture
def own(qtbot: QtBot, desk: FakeDesk, tmp_path) -> ChartPanel:
    link = LinkGroup()
    made = ChartPanel(PanelContext(desk, link, tmp_path))  # type: ignore[arg-type]
    link.setParent(made)
    qtbot.addWidget(made)
    made.resize(900, 520)
    made.show()
    qtbot.waitExposed(made)
    link.pick_symbol(AAPL)
    made.refresh()
    made.grab()
    made.heard = []
    link.said.connect(made.heard.append)
    return made


def write(panel, text, at=[1_700_000_000]):  # noqa: B006  A clock of its own.
    panel.own.folder.mkdir(exist_ok=True)
    path = panel.own.folder / "mine.py"
    path.write_text(text)
    at[0] += 10
    os.utime(path, (at[0], at[0]))


def load(panel, text=GOOD, words="Load, and again whenever it is saved"):
    write(panel, text)
    panel.study_menu.prepare(panel.cell)
    panel.study_menu.ask_own("mine").answers[words].click()


def words_of(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def own_menu(panel):
    panel.study_menu.prepare(panel.cell)
    return panel.study_menu.actions()[1].menu()


def test_the_menu_lists_the_files_and_loads_after_a_question(own):
    assert words_of(own_menu(own)) == ["No .py file in the folder", "Open the folder"]
    write(own, GOOD)
    menu = own_menu(own)
    assert words_of(menu) == ["mine.py: not loaded; load…", "Open the folder"]
    menu.actions()[0].trigger()
    [question] = own.findChildren(Choice)
    assert "runs with your rights" in question.words.text()
    assert own.own.specs() == {}
    question.answers["Load this text"].click()
    assert own.heard == ["mine.py is loaded: find it among the studies"]
    assert "own.mine" in own.cell.studies.catalogue()
    menu = own_menu(own)
    assert words_of(menu)[0] == "mine.py: loaded; take it away"
    menu.actions()[0].trigger()
    assert own.own.specs() == {}


def test_it_is_drawn_and_loaded_again_when_it_is_saved(own):
    load(own)
    own.cell.studies.add("own.mine")
    own.refresh()
    [study] = own.view.content.studies
    close = own.view.content.bars.close
    assert study.plots[0].values[0][-1] == pytest.approx(close[-1] * 2)
    write(own, GOOD.replace("* 2", "* 5"))
    own.every_second()
    own.refresh()
    [study] = own.view.content.studies
    assert study.plots[0].values[0][-1] == pytest.approx(close[-1] * 5)


def test_an_error_while_loading_is_said_and_the_study_waits_for_the_next_save(own):
    load(own)
    own.cell.studies.add("own.mine")
    write(own, "raise ValueError('oh')")
    own.every_second()
    own.refresh()
    assert "mine.py, line 1: ValueError: oh" in own.heard[-1]
    [study] = own.view.content.studies
    assert "there is no study 'own.mine'" in study.fault
    write(own, GOOD)
    own.every_second()
    own.refresh()
    [study] = own.view.content.studies
    assert study.fault == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RAISES, "mine.py, line 6: AttributeError"),
        (SLOW, "it took longer than"),
        (SHORT, "must"),
    ],
)
def test_an_error_while_computing_is_told_on_the_chart_once(own, monkeypatch, desk, text, words):
    monkeypatch.setattr("widgets.chart.studies.OWN_FIRST_S", 0.05)
    load(own, text)
    chosen = own.cell.studies.add("own.mine")
    own.cell.studies.add("sma")
    own.refresh()
    broken, good = own.view.content.studies
    assert words in broken.fault
    assert good.fault == ""
    assert not own.is_failed
    own.grab()
    desk.trade(AAPL, "186.7")
    own.refresh()
    assert own.view.content.studies[0].fault == broken.fault
    own.cell.studies.change(chosen.key, params=chosen.params)
    write(own, GOOD)
    own.every_second()
    own.refresh()
    assert own.view.content.studies[0].fault == ""


def test_without_a_folder_there_is_no_place_for_them(panel):
    panel.study_menu.prepare(panel.cell)
    assert words_of(panel.study_menu) == ["Add studies…"]
    panel.every_second()
