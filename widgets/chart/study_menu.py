"""The menu of a chart's studies: put some on, set, hide and remove those there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QCursor, QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.errors import BadInput
from app.indicators.user import FileState, UserStudies
from widgets import dialogs
from widgets.chart.cell import ChartCell
from widgets.chart.studies import Chosen
from widgets.chart.study_form import StudyForm
from widgets.chart.study_picker import StudyPicker

_STATE_WORDS: Final = {
    FileState.OFFERED: "not loaded",
    FileState.CHANGED: "changed since you agreed to it",
    FileState.LOADED: "loaded",
    FileState.FAILED: "does not work",
}


class StudyMenu(QMenu):
    """Studies of one chart; shown at its button."""

    own_changed = Signal()
    """Own studies were loaded or taken away."""

    def __init__(
        self,
        cell: ChartCell,
        parent: QWidget,
        say: Callable[[str], None],
        own: UserStudies | None,
    ) -> None:
        """Make it.

        Args:
            cell: the chart; `prepare` gives it another.
            parent: whose menu it is.
            say: takes what went wrong, in words.
            own: a person's own studies; None: there is no place for them.
        """
        super().__init__(parent)
        self.cell = cell
        """The chart that it acts on."""
        self._parent: Final = parent
        self._say: Final = say
        self._own: Final = own

    def prepare(self, cell: ChartCell) -> None:
        """Act on a chart from here on; what there is of it is found when the menu is shown."""
        self.cell = cell
        for old in self.findChildren(QMenu):
            old.deleteLater()
        self.clear()
        self.addAction("Add studies…").triggered.connect(self.open_picker)
        if self._own is not None:
            self._own.poll()
            self.addMenu(self._own_menu(self._own))
        if not len(cell.studies):
            return
        self.addSeparator()
        for chosen in cell.studies.chosen if cell.view.paints else ():
            self.addMenu(self._menu_of(chosen))
        for key, reason in cell.studies.lost if cell.view.paints else ():
            remove = self.addAction(f"Remove: {reason}")
            remove.triggered.connect(lambda _on=False, key=key: cell.studies.remove(key))
        self.addSeparator()
        self.addAction("Remove all studies").triggered.connect(cell.studies.clear)

    def open_picker(self) -> StudyPicker:
        """Open the list of all studies."""
        dialog = StudyPicker(self._parent, self.cell.studies.catalogue(), self._add)
        dialog.open()
        dialog.field.setFocus()
        return dialog

    def open_form(self, key: str) -> StudyForm | None:
        """Open the settings of a study; None if it is there no more."""
        chosen = self.cell.studies.get(key)
        if chosen is None:
            return None
        dialog = StudyForm(self._parent, self.cell.studies, chosen)
        dialog.open()
        return dialog

    def open_menu(self, key: str) -> QMenu | None:
        """Open the menu of a study at the mouse; None if it is there no more."""
        menu = self.menu_of(key)
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(QCursor.pos())
        return menu

    def menu_of(self, key: str) -> QMenu | None:
        """Return the menu of one study; None if it is there no more."""
        chosen = self.cell.studies.get(key)
        return None if chosen is None else self._menu_of(chosen)

    def _menu_of(self, chosen: Chosen) -> QMenu:
        menu = QMenu(chosen.label, self)
        studies, key = self.cell.studies, chosen.key
        menu.addAction("Settings…").triggered.connect(lambda: self.open_form(key))
        hide = menu.addAction("Show" if chosen.is_hidden else "Hide")
        hide.triggered.connect(lambda: studies.change(key, is_hidden=not chosen.is_hidden))
        menu.addAction("Remove").triggered.connect(lambda: studies.remove(key))
        return menu

    def _own_menu(self, own: UserStudies) -> QMenu:
        menu = QMenu("Own studies", self)
        for file in own.files:
            words = f"{file.name}.py: {_STATE_WORDS[file.state]}"
            if file.state is FileState.LOADED or file.state is FileState.FAILED:
                action = menu.addAction(f"{words}; take it away")
                action.triggered.connect(lambda _on=False, name=file.name: self._withdraw(name))
            else:
                action = menu.addAction(f"{words}; load…")
                action.triggered.connect(lambda _on=False, name=file.name: self.ask_own(name))
        if not own.files:
            menu.addAction("No .py file in the folder").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Open the folder").triggered.connect(self._open_folder)
        return menu

    def ask_own(self, name: str) -> dialogs.Choice:
        """Ask whether a file may be run."""
        words = (
            f"{name}.py is a program. It runs with your rights: it can read your files and use the "
            "network. Load it only if you know what it does."
        )
        return dialogs.ask_choice(
            self._parent,
            "Load an own study",
            words,
            {
                "Load this text": lambda: self._agree(name, reloads=False),
                "Load, and again whenever it is saved": lambda: self._agree(name, reloads=True),
            },
        )

    def _agree(self, name: str, *, reloads: bool) -> None:
        assert self._own is not None
        try:
            file = self._own.agree(name, reloads=reloads)
        except BadInput as error:
            self._say(str(error))
            return
        self._say(file.words or f"{name}.py is loaded: find it among the studies")
        self.own_changed.emit()

    def _withdraw(self, name: str) -> None:
        assert self._own is not None
        try:
            self._own.withdraw(name)
        except BadInput as error:
            self._say(str(error))
        self.own_changed.emit()

    def _open_folder(self) -> None:
        assert self._own is not None
        self._own.folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._own.folder)))

    def _add(self, name: str) -> str:
        try:
            chosen = self.cell.studies.add(name)
        except BadInput as error:
            self._say(str(error))
            return str(error)
        return f"{chosen.label} is on the chart"
