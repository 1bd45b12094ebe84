"""Show that any kind of bars can be picked or typed, and that nonsense is said."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.domain.bar_spec import BarKind
from widgets.chart.intervals import PRESETS
from widgets.plot.styles import BarStyle

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize("name", [it for names in PRESETS.values() for it in names])
def test_every_preset_is_drawn(panel, name):
    panel.spec_menu.presets[name].trigger()
    panel.refresh()
    panel.grab()
    assert panel.cell.spec.text == name
    assert panel.view.content.series == f"AAPL {name} "
    is_chip = name in panel._chips
    assert panel.spec_button.text() == ("▾" if is_chip else f"{name} ▾")
    assert [chip for chip, button in panel._chips.items() if button.isChecked()] == (
        [name] if is_chip else []
    )


def test_bars_with_a_look_of_their_own_have_it(panel):
    panel.spec_menu.presets["KAGI 0.1%"].trigger()
    panel.refresh()
    assert panel.view.content.style is BarStyle.KAGI
    panel.spec_menu.presets["PF 0.1x3"].trigger()
    panel.refresh()
    assert panel.view.content.style is BarStyle.POINT_FIGURE
    assert len(panel.view.content.bars) > 3


def test_what_is_typed_is_taken(qtbot, panel):
    qtbot.mouseClick(panel.spec_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(panel.spec_menu.field, "25T")
    qtbot.keyClick(panel.spec_menu.field, Qt.Key.Key_Return)
    assert panel.cell.spec.kind is BarKind.TICK
    assert not panel.spec_menu.isVisible()
    panel.refresh()
    assert len(panel.view.content.bars) == 4


def test_nonsense_is_said_and_nothing_changes(qtbot, panel):
    qtbot.mouseClick(panel.spec_button, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(panel.spec_menu.field, "7 parsecs")
    qtbot.keyClick(panel.spec_menu.field, Qt.Key.Key_Return)
    assert panel.heard == [
        "bars were '7 parsecs', must be like 5m, 1d, 500T, 10kV, 1M$, R0.10, RENKO 0.5, KAGI 1%, "
        "PF 0.5x3 or LB3"
    ]
    assert panel.cell.spec.text == "1m"
    panel.spec_menu.close()
