"""Goal: Qt hears of the cells that changed and of no other; selection and order stay."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from widgets import tables
from widgets.cells import Column, Face
from widgets.palettes import Role
from widgets.tables import Table, TableModel


@dataclass(frozen=True)
class Row:
    key: str
    price: float
    size: int


COLUMNS = (
    Column[Row]("Key", lambda r: r.key, 60),
    Column[Row]("Price", lambda r: f"{r.price:.2f}", 80, Face.FIGURES, fades=True),
    Column[Row](
        "Size",
        lambda r: str(r.size),
        60,
        Face.FIGURES,
        lambda r: Role.UP if r.size > 5 else Role.DOWN,
    ),
)


def make_model(*, newest_first: bool = False) -> tuple[TableModel[Row], list[tuple[int, int]]]:
    model = TableModel[Row](COLUMNS, key=lambda row: row.key, newest_first=newest_first)
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(
        lambda first, last, _roles: (
            told.append((first.row(), first.column()))
            if first == last
            else pytest.fail("a rectangle of cells was announced")
        )
    )
    return model, told


def test_only_changed_cells_are_announced(qapp: object) -> None:
    model, told = make_model()
    model.put([Row("a", 1.0, 1), Row("b", 2.0, 2)])
    assert told == []
    model.put([Row("a", 1.0, 1), Row("b", 2.5, 2)])
    assert told == [(1, 1)]
    assert model.cells_changed == 1


def test_change_that_is_not_seen_is_not_announced(qapp: object) -> None:
    model, told = make_model()
    model.put([Row("a", 1.001, 1)])
    model.put([Row("a", 1.002, 1)])
    assert told == []


def test_change_of_colour_alone_is_announced(qapp: object) -> None:
    model, told = make_model()
    model.put([Row("a", 1.0, 5)])
    model.put([Row("a", 1.0, 6)])
    assert told == [(0, 2)]


def test_newest_row_stands_on_top(qapp: object) -> None:
    model, told = make_model(newest_first=True)
    model.put([Row("a", 1.0, 1), Row("b", 2.0, 2)])
    model.put([Row("c", 3.0, 3)])
    assert [model.row(i).key for i in range(3)] == ["c", "b", "a"]
    model.put([Row("a", 9.0, 1)])
    assert told == [(2, 1)]
    assert model.find("b") == 1


@pytest.mark.parametrize("newest_first", [False, True])
def test_oldest_rows_are_dropped(qapp: object, newest_first: bool) -> None:
    model, _ = make_model(newest_first=newest_first)
    model.put([Row(str(i), float(i), i) for i in range(10)])
    model.trim(3)
    keys = [model.row(i).key for i in range(model.rowCount())]
    assert sorted(keys) == ["7", "8", "9"]
    assert model.find("2") is None
    model.put([Row("8", 80.0, 8), Row("10", 10.0, 10)])
    place = model.find("8")
    assert place is not None
    assert model.row(place).price == 80.0


def test_same_new_key_twice_in_one_batch_is_one_row(qapp: object) -> None:
    model, _ = make_model()
    model.put([Row("a", 1.0, 1), Row("a", 2.0, 1)])
    assert model.rowCount() == 1
    assert model.cell(0, 1)[0] == "2.00"


def test_mark_of_a_change_fades(qapp: object, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(tables.time, "perf_counter", lambda: now[0])
    model, told = make_model()
    model.put([Row("a", 1.0, 1)])
    model.put([Row("a", 2.0, 1)])
    assert model.freshness(0, 1) == 1.0
    assert model.freshness(0, 0) == 0.0
    now[0] += tables.FADE_S / 2
    model.fade()
    assert model.freshness(0, 1) == pytest.approx(0.5)
    now[0] += tables.FADE_S
    model.fade()
    assert not model.is_fading
    assert told == [(0, 1)] * 3


def test_selection_stays_with_its_row(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    model, _ = make_model(newest_first=True)
    table = Table(model, "nothing", parent)
    model.put([Row("a", 1.0, 1), Row("b", 2.0, 2)])
    table.select_row(1)
    model.put([Row("c", 3.0, 3), Row("a", 5.0, 1)])
    place = table.selected_row()
    assert place is not None
    assert model.row(place).key == "a"


def test_figures_are_right_aligned_and_rows_are_26_px(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    model, _ = make_model()
    table = Table(model, "nothing", parent)
    model.put([Row("a", 1.0, 1)])
    alignment = model.data(model.index(0, 1), Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight
    assert table.rowHeight(0) == 26


def test_spare_width_is_shared_and_lack_of_it_taken_from_the_elastic(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    columns = (
        Column[Row]("Key", lambda r: r.key, 100),
        Column[Row]("Words", lambda r: r.key, 100, is_elastic=True),
    )
    model = TableModel[Row](columns, key=lambda row: row.key)
    table = Table(model, "nothing", parent)
    parent.resize(400, 200)
    table.resize(400, 200)
    parent.show()
    qtbot.waitExposed(parent)
    assert table.columnWidth(0) == 150
    assert table.columnWidth(1) == 250
    table.resize(160, 200)
    assert (table.columnWidth(0), table.columnWidth(1)) == (100, 60)


def test_empty_table_says_what_will_stand_there(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    model, _ = make_model()
    table = Table(model, "Nothing yet", parent)
    table.resize(300, 200)
    empty = table.grab().toImage()
    model.put([Row("a", 1.0, 1)])
    assert table.grab().toImage() != empty
