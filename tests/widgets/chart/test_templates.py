"""Show that charts are kept as templates and used again, and that no file loses any."""

from __future__ import annotations

import json

import pytest

from app.domain.errors import BadInput
from app.files import BYTES_MAX
from tests.widgets.fake_desk import AAPL
from widgets.chart.templates import NAME_CHARS_MAX, TEMPLATES_MAX, Templates
from widgets.dialogs import Naming
from widgets.plot.styles import BarStyle

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_what_is_kept_is_there_again(tmp_path):
    path = tmp_path / "charts.json"
    templates = Templates(path)
    templates.save("  scalping  1s ", {"interval": "1s", "symbol": "AAPL", "bars": 60})
    templates.save("Days", {"interval": "1d"})
    again = Templates(path)
    assert again.names == ("Days", "scalping 1s")
    assert again.get("scalping 1s") == {"interval": "1s"}
    again.remove("Days")
    assert Templates(path).names == ("scalping 1s",)
    assert again.get("Days") == {}


@pytest.mark.parametrize("name", ["", "   ", "x" * (NAME_CHARS_MAX + 1)])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    templates = Templates(tmp_path / "charts.json")
    with pytest.raises(BadInput, match=f"must have 1 to {NAME_CHARS_MAX}"):
        templates.save(name, {})
    assert templates.names == ()


def test_there_is_a_bound():
    templates = Templates(None)
    for number in range(TEMPLATES_MAX):
        templates.save(f"{number}", {})
    with pytest.raises(BadInput, match="the most; remove one first"):
        templates.save("one more", {})
    templates.save("7", {"interval": "5m"})
    assert templates.get("7") == {"interval": "5m"}


@pytest.mark.parametrize("content", ["{", "[]", '{"version": 99}', "x" * (BYTES_MAX + 1)])
def test_a_broken_file_is_set_aside_and_said(tmp_path, content):
    path = tmp_path / "charts.json"
    path.write_text(content)
    templates = Templates(path)
    assert templates.names == ()
    assert "kept as charts.json.broken" in templates.notice
    assert (tmp_path / "charts.json.broken").read_text() == content


def test_a_file_that_cannot_be_written_changes_nothing(tmp_path):
    (tmp_path / "folder").write_text("no folder")
    templates = Templates(tmp_path / "folder" / "charts.json")
    with pytest.raises(BadInput, match="the templates are not saved"):
        templates.save("a", {})
    assert templates.names == ()


class TestMenu:
    def prepared(self, panel):
        panel.menu.prepare(panel.cell)
        return panel.menu.templates

    def words(self, menu):
        return [action.text() for action in menu.actions() if not action.isSeparator()]

    def test_a_chart_is_kept_used_and_forgotten(self, qtbot, panel):
        panel.set_interval("5m")
        panel.set_style(BarStyle.OHLC)
        panel.cell.studies.add("rsi")
        self.prepared(panel).actions()[0].trigger()
        [dialog] = panel.menu.findChildren(Naming)
        dialog.field.clear()
        qtbot.keyClicks(dialog.field, "Swing")
        dialog.accept()
        assert panel.heard == ["The template Swing is kept"]
        panel.cell.restore({"interval": "1m", "style": "candles"})
        menu = self.prepared(panel)
        assert self.words(menu) == ["Keep this chart as…", "Swing", "Forget"]
        menu.actions()[2].trigger()
        panel.refresh()
        assert (panel.cell.spec.text, panel.cell.style_chosen) == ("5m", BarStyle.OHLC)
        assert [it.spec.name for it in panel.cell.studies.chosen] == ["rsi"]
        assert panel.cell.symbol == AAPL
        self.prepared(panel).actions()[3].menu().actions()[0].trigger()
        assert self.words(self.prepared(panel)) == ["Keep this chart as…"]

    def test_a_name_that_is_refused_is_said(self, panel):
        menu = self.prepared(panel)
        menu._keep(panel.cell, " ")
        assert "must have 1 to" in panel.heard[0]


def test_a_file_of_tomorrow_is_not_written_over(tmp_path):
    path = tmp_path / "charts.json"
    path.write_text(json.dumps({"version": 2, "templates": {"a": {"depth": 1}}}))
    Templates(path).save("b", {})
    assert json.loads((tmp_path / "charts.json.broken").read_text())["version"] == 2
