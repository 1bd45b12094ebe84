"""Goal: rows open and close in place, keep their selection, and cost nothing until painted."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from widgets import outline
from widgets.cells import Column
from widgets.outline import OutlineModel, OutlineTable

KEY = Qt.Key
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@dataclass(frozen=True)
class Row:
    words: str


class Family:
    """What the outline shows: keys with keys under them, and what each says."""

    def __init__(self, **under: list[str]) -> None:
        self.under = under
        self.words: dict[str, str] = {}
        self.asked: list[str] = []

    def children(self, key: str) -> list[tuple[str, bool]]:
        return [(child, child in self.under) for child in self.under.get(key, [])]

    def row(self, key: str) -> Row:
        self.asked.append(key)
        return Row(self.words.get(key, key))

    def model(self, *roots: str) -> OutlineModel[str, Row]:
        columns = (Column[Row]("Words", lambda row: row.words, 80),) * 2
        model = OutlineModel[str, Row](columns, under=self.children, row_of=self.row)
        model.add((root, root in self.under) for root in roots)
        return model


def shown(model: OutlineModel[str, Row]) -> list[str]:
    return [f"{'.' * node.depth}{node.key}" for node in map(model.node, range(model.rowCount()))]


def open_key(model: OutlineModel[str, Row], key: str, *, is_open: bool = True) -> None:
    place = model.find(key)
    assert place is not None
    model.set_open(place, is_open=is_open)


@pytest.fixture
def family() -> Family:
    return Family(a=["a1", "a2"], a1=["a11"], c=["c1"])


def test_newest_root_stands_on_top_and_opens_in_place(qapp: object, family: Family) -> None:
    model = family.model("a", "b", "c")
    assert shown(model) == ["c", "b", "a"]
    open_key(model, "a")
    assert shown(model) == ["c", "b", "a", ".a1", ".a2"]
    open_key(model, "c")
    open_key(model, "a1")
    assert shown(model) == ["c", ".c1", "b", "a", ".a1", "..a11", ".a2"]
    assert [model.find(key) for key in ("c", "c1", "b", "a", "a11", "a2", "x")] == [
        *(0, 1, 2, 3, 5, 6),
        None,
    ]
    open_key(model, "c", is_open=False)
    assert shown(model) == ["c", "b", "a", ".a1", "..a11", ".a2"]


def test_closed_row_opens_again_as_it_was(qapp: object, family: Family) -> None:
    model = family.model("a")
    open_key(model, "a")
    open_key(model, "a1")
    open_key(model, "a", is_open=False)
    assert shown(model) == ["a"]
    open_key(model, "a")
    assert shown(model) == ["a", ".a1", "..a11", ".a2"]


def test_row_without_rows_under_it_does_not_open(qapp: object, family: Family) -> None:
    model = family.model("b")
    open_key(model, "b")
    assert not model.is_open("b")


def test_new_roots_move_what_is_open_down(qapp: object, family: Family) -> None:
    model = family.model("a")
    open_key(model, "a")
    model.add([("b", False), ("c", True)])
    assert shown(model) == ["c", "b", "a", ".a1", ".a2"]
    assert model.parent_of(4) == 2
    assert model.parent_of(2) is None


@pytest.mark.parametrize(
    ("before", "after", "inserted", "removed"),
    [
        (["a1", "a2"], ["a1", "a2", "a3"], [(3, 3)], []),
        (["a1", "a2"], ["a0", "a1", "a2"], [(1, 1)], []),
        (["a1", "a2"], ["a2"], [], [(1, 1)]),
        (["a1", "a2"], [], [], [(1, 2)]),
        (["a1", "a2", "a3"], ["a1", "b2", "a3"], [(2, 2)], [(2, 2)]),
        (["a1"], ["a1"], [], []),
    ],
)
def test_qt_hears_only_of_rows_that_come_or_go(
    qapp: object,
    before: list[str],
    after: list[str],
    inserted: list[tuple[int, int]],
    removed: list[tuple[int, int]],
) -> None:
    family = Family(a=before)
    model = family.model("a")
    open_key(model, "a")
    told: dict[str, list[tuple[int, int]]] = {"in": [], "out": []}
    model.rowsInserted.connect(lambda _parent, first, last: told["in"].append((first, last)))
    model.rowsRemoved.connect(lambda _parent, first, last: told["out"].append((first, last)))
    family.under["a"] = after
    model.renew("a", "a")
    assert shown(model) == ["a", *(f".{key}" for key in after)]
    assert told == {"in": inserted, "out": removed}


def test_only_painted_rows_are_written_and_only_changed_cells_announced(
    qapp: object, family: Family
) -> None:
    model = family.model("a", "b", "c")
    assert family.asked == []
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(
        lambda first, last, _roles: told.append((first.row(), first.column()))
    )
    family.words["b"] = "changed"
    model.rewrite("b")
    assert (family.asked, told) == ([], [])
    assert model.cell(1, 0)[0] == "changed"
    model.rewrite("b")
    assert told == []
    family.words["b"] = "again"
    model.rewrite("b")
    assert told == [(1, 0), (1, 1)]


def test_rows_under_a_changed_row_are_rewritten(qapp: object, family: Family) -> None:
    model = family.model("a")
    open_key(model, "a")
    assert model.cell(1, 0)[0] == "a1"
    family.words["a1"] = "later"
    model.renew("a", "a")
    assert model.cell(1, 0)[0] == "later"


def test_words_beyond_the_bound_are_dropped_and_said(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outline, "WORDS_KEPT_MAX", 2)
    family = Family()
    model = family.model("a", "b", "c")
    model.cell(0, 0)
    model.cell(1, 0)
    with qtbot.waitSignal(model.forgotten):
        model.cell(2, 0)
    family.asked.clear()
    model.cell(0, 0)
    assert family.asked == ["c"]


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def table(qtbot: QtBot, family: Family, parent: QWidget) -> OutlineTable:
    model = family.model("a", "b", "c")
    made = OutlineTable(model, "nothing", parent)
    parent.resize(400, 300)
    made.resize(400, 300)
    parent.show()
    qtbot.waitExposed(parent)
    return made


def test_right_and_left_walk_the_tree(qtbot: QtBot, table: OutlineTable) -> None:
    model = table._outline
    table.select_row(2)
    steps = [
        (KEY.Key_Right, "a"),  # Opens.
        (KEY.Key_Right, "a1"),  # Goes in.
        (KEY.Key_Right, "a1"),
        (KEY.Key_Right, "a11"),
        (KEY.Key_Right, "a11"),  # Nothing under it.
        (KEY.Key_Left, "a1"),
        (KEY.Key_Left, "a1"),  # Closes.
        (KEY.Key_Left, "a"),
        (KEY.Key_Left, "a"),
        (KEY.Key_Left, "a"),  # Nowhere to go.
    ]
    for key, where in steps:
        qtbot.keyClick(table, key)
        place = table.selected_row()
        assert place is not None
        assert model.node(place).key == where
    assert shown(model) == ["c", "b", "a"]
    qtbot.keyClick(table, KEY.Key_Up)
    assert table.selected_row() == 1


def test_click_on_the_arrow_opens_and_beside_it_picks(qtbot: QtBot, table: OutlineTable) -> None:
    viewport, left = table.viewport(), Qt.MouseButton.LeftButton
    qtbot.mouseClick(viewport, left, pos=table.arrow_rect(2).center())
    assert shown(table._outline) == ["c", "b", "a", ".a1", ".a2"]
    qtbot.mouseClick(viewport, left, pos=table.arrow_rect(3).center())
    assert shown(table._outline) == ["c", "b", "a", ".a1", "..a11", ".a2"]
    qtbot.mouseClick(viewport, left, pos=table.arrow_rect(2).center() + QPoint(80, 0))
    assert table.selected_row() == 2
    assert table._outline.rowCount() == 6
    qtbot.mouseClick(viewport, left, pos=table.arrow_rect(2).center())
    assert shown(table._outline) == ["c", "b", "a"]


def test_double_click_opens(qtbot: QtBot, table: OutlineTable) -> None:
    middle = table.visualRect(table._outline.index(0, 1)).center()
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert shown(table._outline) == ["c", ".c1", "b", "a"]


def test_selection_stays_with_its_row_while_rows_come(table: OutlineTable, family: Family) -> None:
    model = table._outline
    open_key(model, "a")
    place = model.find("a2")
    assert place is not None
    table.select_row(place)
    family.under["a"] = ["a0", "a1", "a2"]
    model.renew("a", "a")
    model.add([("d", False)])
    place = table.selected_row()
    assert place is not None
    assert model.node(place).key == "a2"


def test_hundred_thousand_rows_are_shown_changed_and_added_at_once(
    qtbot: QtBot, table: OutlineTable, family: Family
) -> None:
    model = table._outline
    model.add((f"n{number}", False) for number in range(100_000))
    table.grab()
    assert len(set(family.asked)) < 50  # Those in sight.
    started_s = time.perf_counter()
    for number in range(100):
        model.add([(f"m{number}", False)])
        model.rewrite(f"n{number}")
        table.grab()
    assert (time.perf_counter() - started_s) / 100 < 0.05
    assert model.node(model.rowCount() - 1).key == "a"
