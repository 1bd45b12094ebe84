"""Fire drills: the list, what each does, a start, its progress and its score.

It only shows: a drill goes on when the dialog is closed, and its score is there when it is opened
again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.drill import EVERY_DRILL, verdict_of
from app.domain.errors import UserError
from widgets import theme
from widgets.palettes import Role

if TYPE_CHECKING:
    from app.desk import Desk
    from app.domain.drill import DrillRow, DrillScore, DrillsView
    from widgets.frame import FrameClock

TITLE: Final = "Fire drills"
INTRODUCTION: Final = (
    "A drill makes something go wrong on the built-in exchange or on the way to it, and scores "
    "what the station does about it. It runs on a station and a record of its own: nothing of this "
    "desk is touched."
)
COLUMNS: Final = ("", "Promise", "What was seen", "Source")
SIZE: Final = QSize(980, 560)
LIST_PX: Final = 210


class DrillDialog(QDialog):
    """What there is to run, and how it went. Refreshed by the frame clock."""

    def __init__(self, parent: QWidget, desk: Desk) -> None:
        super().__init__(parent)
        self.is_failed = False
        self._desk = desk
        self._version = -1
        self._shown: tuple[str, tuple[DrillScore, ...]] | None = None
        self.setWindowTitle(TITLE)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.drills = QListWidget(self)
        self.drills.setAccessibleName("Drills")
        self.drills.setFixedWidth(LIST_PX)
        self.what = _label(self, "What happens")
        self.what.setMinimumHeight(34)
        self.progress = _label(self, "Progress")
        self.verdict = _label(self, "Score")
        self.verdict.setFont(theme.text_font(weight=theme.SEMIBOLD))
        self.findings = _findings(self)
        buttons = QDialogButtonBox(self)
        self.begin = buttons.addButton("Start", QDialogButtonBox.ButtonRole.ActionRole)
        self.end = buttons.addButton("Stop", QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self.begin.clicked.connect(self._start)
        self.end.clicked.connect(desk.stop_drill)
        buttons.rejected.connect(self.reject)
        introduction = _label(self, "")
        introduction.setText(INTRODUCTION)
        introduction.setProperty("dim", True)
        right = QVBoxLayout()
        for part in (self.what, self.progress, self.verdict):
            right.addWidget(part)
        right.addWidget(self.findings, 1)
        row = QHBoxLayout()
        row.addWidget(self.drills)
        row.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addWidget(introduction)
        column.addLayout(row, 1)
        column.addWidget(buttons)
        self.resize(SIZE)
        self.drills.addItems([drill.title for drill in self._view.rows])
        self.drills.setCurrentRow(0)
        self.drills.currentRowChanged.connect(lambda _: self.refresh())
        self.refresh()

    @property
    def selected(self) -> DrillRow:
        """The drill whose row is chosen."""
        return self._view.rows[max(0, self.drills.currentRow())]

    def stale(self) -> bool:
        """Whether a drill has come further."""
        return self._desk.drills_version != self._version

    def refresh(self) -> None:
        """Show how far it has come."""
        view, drill = self._view, self.selected
        self._version = self._desk.drills_version
        self.what.setText(drill.what)
        running = view.running
        self.begin.setEnabled(running is None)
        self.end.setEnabled(running is not None)
        if running is not None:
            self._say(f"{running.title} runs: {view.progress}" if view.progress else running.title)
        else:
            self._say(view.fault, is_problem=True)
        scores = view.scores_of(drill.name)
        if self._shown != (drill.name, scores):
            self._shown = drill.name, scores
            self._show_scores(scores)

    def fail(self, error: Exception) -> None:
        """Say that this dialog stopped; the drill goes on."""
        self.is_failed = True
        self._say(f"This dialog stopped: {error!r}", is_problem=True)

    @property
    def _view(self) -> DrillsView:
        view = self._desk.drills
        assert view is not None, "opened where there are no drills"
        return view

    def _start(self) -> None:
        try:
            self._desk.start_drill(self.selected.name)
        except UserError as error:
            self._say(str(error), is_problem=True)
        else:
            self.refresh()

    def _say(self, words: str, *, is_problem: bool = False) -> None:
        self.progress.setText(words)
        role = Role.DOWN if is_problem else Role.CAUTION
        self.progress.setStyleSheet(f"color: {theme.hex_of(role)};")

    def _show_scores(self, scores: tuple[DrillScore, ...]) -> None:
        """Show each promise of one drill, or each drill where all were run."""
        self.findings.clear()
        is_one = self.selected.name != EVERY_DRILL
        words = scores[0].verdict if is_one and scores else verdict_of(scores) if scores else ""
        self.verdict.setText(words)
        passed = all(score.is_passed for score in scores)
        self.verdict.setStyleSheet(f"color: {(Role.UP if passed else Role.DOWN).value};")
        for score in scores:
            for finding in score.findings if is_one else ():
                promise = finding.promise
                self._add(finding.is_kept, promise.text, finding.seen, promise.source)
            if not is_one:
                kept = f"{score.kept} of {len(score.findings)} promises, {score.took_s:.1f} s"
                self._add(score.is_passed, score.row.title, kept, "")

    def _add(self, is_kept: bool, *words: str) -> None:  # noqa: FBT001  A row's first cell.
        cells = ["kept" if is_kept else "BROKEN", *words]
        item = QTreeWidgetItem(self.findings, cells)
        item.setForeground(0, theme.color(Role.UP if is_kept else Role.DOWN))
        for column, cell in enumerate(cells):
            item.setToolTip(column, cell)


def open_drills(
    parent: QWidget, desk: Desk, frames: FrameClock, say: Callable[[str], None]
) -> DrillDialog:
    """Open the dialog; `say` is told when a drill still runs as it is closed."""
    dialog = DrillDialog(parent, desk)

    def close() -> None:
        frames.remove(dialog)
        view = desk.drills
        if view is not None and view.running is not None:
            say(f"Fire drill '{view.running.title}' goes on; its score will be under Fire drills")

    frames.add(dialog)
    dialog.finished.connect(close)
    dialog.open()
    dialog.drills.setFocus()
    return dialog


def _label(parent: QWidget, name: str) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setAccessibleName(name)
    return label


def _findings(parent: QWidget) -> QTreeWidget:
    tree = QTreeWidget(parent)
    tree.setHeaderLabels(COLUMNS)
    tree.setRootIsDecorated(False)
    tree.setUniformRowHeights(True)
    tree.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    tree.setAccessibleName("Promises")
    header = tree.header()
    header.setStretchLastSection(False)
    for column in (0, 1, 3):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    return tree
