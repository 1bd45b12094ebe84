"""Show that studies are found by typing, set in a form that shows every change, and removed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QSpinBox

from app.indicators.base import Pane
from widgets.chart.studies import installed
from widgets.chart.study_form import StudyForm
from widgets.theme import STUDY_ROLES

LEFT = Qt.MouseButton.LeftButton

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def words_of(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]


@pytest.fixture
def picker(panel):
    dialog = panel.study_menu.open_picker()
    yield dialog
    dialog.reject()


class TestPicker:
    def test_it_lists_all_there_are(self, picker):
        assert picker.list.count() == len(installed()) >= 60
        assert picker.said.text() == f"{len(installed())} studies"

    def test_typing_narrows_and_enter_puts_it_on_the_chart(self, qtbot, panel, picker):
        qtbot.keyClicks(picker.field, "bollinger bands")
        qtbot.keyClick(picker.field, Qt.Key.Key_Up)
        qtbot.keyClick(picker.field, Qt.Key.Key_Return)
        assert [it.spec.name for it in panel.cell.studies.chosen] == ["bbands"]
        assert picker.said.text() == "BB 20,2 is on the chart"
        assert picker.isVisible()
        assert panel.stale()
        panel.refresh()
        assert [study.title for study in panel.view.content.studies] == ["BB 20,2"]

    def test_arrows_go_over_what_is_hidden(self, qtbot, panel, picker):
        qtbot.keyClicks(picker.field, "moving average")
        first = picker.list.currentRow()
        qtbot.keyClick(picker.field, Qt.Key.Key_Down)
        second = picker.list.currentRow()
        assert second > first
        assert not picker.list.item(second).isHidden()
        qtbot.keyClick(picker.field, Qt.Key.Key_Up)
        assert picker.list.currentRow() == first

    def test_what_there_is_not_is_said(self, qtbot, panel, picker):
        qtbot.keyClicks(picker.field, "crystal ball")
        assert picker.said.text() == "no study has 'crystal ball' in its name"
        qtbot.keyClick(picker.field, Qt.Key.Key_Return)
        assert len(panel.cell.studies) == 0

    def test_a_double_click_takes(self, panel, picker):
        picker.list.itemActivated.emit(picker.list.item(3))
        assert len(panel.cell.studies) == 1


class TestMenu:
    def test_it_lists_those_there_are_with_what_can_be_done(self, qtbot, panel):
        qtbot.mouseClick(panel.study_button, LEFT)
        assert words_of(panel.study_menu) == ["Add studies…"]
        panel.study_menu.close()
        chosen = panel.cell.studies.add("rsi")
        panel.study_menu.prepare(panel.cell)
        assert words_of(panel.study_menu) == ["Add studies…", "RSI 14", "Remove all studies"]
        menu = panel.study_menu.menu_of(chosen.key)
        assert words_of(menu) == ["Settings…", "Hide", "Remove"]
        menu.actions()[1].trigger()
        assert panel.cell.studies.get(chosen.key).is_hidden
        assert words_of(panel.study_menu.menu_of(chosen.key))[1] == "Show"
        menu.actions()[2].trigger()
        assert len(panel.cell.studies) == 0
        assert panel.study_menu.menu_of(chosen.key) is None
        assert panel.study_menu.open_form(chosen.key) is None

    def test_one_that_cannot_be_made_can_be_removed(self, panel):
        panel.cell.studies.restore([{"name": "gone"}])
        panel.study_menu.prepare(panel.cell)
        remove = panel.study_menu.actions()[2]
        assert remove.text() == "Remove: there is no study 'gone'; not drawn"
        remove.trigger()
        assert len(panel.cell.studies) == 0

    def test_menus_of_before_do_not_pile_up(self, qtbot, panel):
        panel.cell.studies.add("rsi")
        for _ in range(5):
            panel.study_menu.prepare(panel.cell)
            qtbot.wait(1)
        assert len(panel.study_menu.findChildren(QMenu)) == 1


class TestLegend:
    def place(self, panel, key):
        panel.refresh()
        panel.grab()
        return panel.view.legends[key].center()

    def test_a_double_click_on_a_name_opens_its_settings_and_moves_nothing(self, qtbot, panel):
        chosen = panel.cell.studies.add("rsi")
        at, bars = self.place(panel, chosen.key), panel.view.stretch.bars
        qtbot.mouseMove(panel.view, at)
        assert panel.view.cursor().shape() is Qt.CursorShape.PointingHandCursor
        qtbot.mouseDClick(panel.view, LEFT, pos=at)
        [form] = panel.findChildren(StudyForm)
        assert form.windowTitle() == chosen.spec.title
        assert panel.view.stretch.bars == bars
        form.reject()

    def test_the_right_button_opens_the_menu_of_the_study(self, panel):
        chosen = panel.cell.studies.add("sma")
        at = self.place(panel, chosen.key)
        prices = []
        panel.view.menu_wanted.connect(lambda *it: prices.append(it))
        on_screen = panel.view.mapToGlobal(at)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, on_screen)
        QApplication.sendEvent(panel.view, event)
        [menu] = [it for it in panel.study_menu.findChildren(QMenu) if it.isVisible()]
        assert words_of(menu) == ["Settings…", "Hide", "Remove"]
        menu.actions()[2].trigger()
        menu.close()
        assert len(panel.cell.studies) == 0
        assert prices == []

    def test_a_press_beside_does_what_it_did(self, qtbot, panel):
        panel.cell.studies.add("sma")
        panel.refresh()
        panel.grab()
        assert not panel.findChildren(StudyForm)
        qtbot.mouseDClick(panel.view, LEFT, pos=panel.view.rect().center())
        assert not panel.findChildren(StudyForm)
        assert panel.study_menu.open_menu("gone") is None


class TestForm:
    @pytest.fixture
    def form(self, panel):
        chosen = panel.cell.studies.add("bbands")
        return panel.study_menu.open_form(chosen.key)

    def test_every_study_has_a_form_that_says_its_defaults(self, panel):
        for name, spec in installed().items():
            chosen = panel.cell.studies.add(name)
            dialog = panel.study_menu.open_form(chosen.key)
            assert dialog.params() == spec.params(), name
            assert all(widget.accessibleName() for widget in dialog.fields.values())
            dialog.reject()
            panel.cell.studies.remove(chosen.key)

    def test_a_change_is_on_the_chart_at_once_and_can_be_taken_back(self, qtbot, panel, form):
        length = form.fields["length"]
        assert isinstance(length, QSpinBox)
        length.setFocus()
        length.selectAll()
        qtbot.keyClicks(length, "50")
        form.color.setCurrentIndex(3)
        form.pane.setCurrentIndex(1)
        panel.refresh()
        [study] = panel.view.content.studies
        assert study.title == "BB 50,2"
        [chosen] = panel.cell.studies.chosen
        assert (chosen.role, chosen.pane) == (STUDY_ROLES[3], Pane.OWN)
        form.reject()
        [chosen] = panel.cell.studies.chosen
        assert chosen.label == "BB 20,2"
        assert chosen.pane is Pane.OVERLAY

    def test_done_keeps_it(self, qtbot, panel, form):
        form.fields["width"].setValue(2.5)
        qtbot.mouseClick(form.done_button, LEFT)
        assert panel.cell.studies.chosen[0].params.width == 2.5

    def test_what_does_not_go_together_is_said(self, panel):
        chosen = panel.cell.studies.add("psar")
        form = panel.study_menu.open_form(chosen.key)
        form.fields["most"].setValue(0.01)
        assert "must be no more than" in form.fault.text()
        assert not form.done_button.isEnabled()
        assert panel.cell.studies.get(chosen.key).params == chosen.spec.params()
        form.fields["most"].setValue(0.3)
        assert form.fault.text() == ""
        assert form.done_button.isEnabled()
        form.reject()

    def test_an_anchor_is_a_time_as_one_reads_it(self, qtbot, panel):
        chosen = panel.cell.studies.add("avwap")
        form = panel.study_menu.open_form(chosen.key)
        field = form.fields["anchor_ns"]
        qtbot.keyClicks(field, "2026-01-02 09:40")
        assert panel.cell.studies.get(chosen.key).params.anchor_ns == 1_767_364_800 * 10**9
        qtbot.keyClicks(field, " nonsense")
        assert "2026-01-02 09:40 nonsense" in form.fault.text()
        assert not form.done_button.isEnabled()
        field.clear()
        qtbot.keyClicks(field, " ")
        assert panel.cell.studies.get(chosen.key).params.anchor_ns == 0
        form.reject()

    def test_a_study_that_is_removed_meanwhile_closes_its_form(self, panel, form):
        panel.cell.studies.clear()
        form.fields["length"].setValue(7)
        assert not form.isVisible()
        assert len(panel.cell.studies) == 0
