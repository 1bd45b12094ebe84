"""The contract of a panel: what a plug-in under `tradedeck.panels` gives and gets."""

from __future__ import annotations

import platform
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from widgets.link import LinkGroup

if TYPE_CHECKING:
    from app.desk import Desk

PANELS_GROUP: Final = "tradedeck.panels"


class Area(StrEnum):
    """Where a panel opens first."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"
    FAR_RIGHT = "far right"
    """Beside what is at the right; in a narrow window, behind it."""
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom right"
    """Below what is at the right; in a narrow window, among what is at the bottom."""


@dataclass(frozen=True)
class PanelContext:
    """What every panel is made with."""

    desk: Desk
    link: LinkGroup
    """The group the panel belongs to."""
    folder: Path | None = None
    """Where panels keep what a person made in them, each in a folder of its own; None: nowhere."""


@dataclass(frozen=True)
class PanelSpec:
    """What a plug-in gives under `tradedeck.panels`."""

    name: str
    """Stable id; stored in layouts."""
    title: str
    area: Area
    make: Callable[[PanelContext], Panel]
    follows_link: bool = False
    """Whether it shows the link group's symbol: such panels carry the group's dot."""


class Panel(QWidget):
    """A part of the window that pulls what it shows from the desk, once a frame.

    The frame clock asks `stale()` of every visible panel and calls `refresh()` where it says yes.
    A panel that raises shows an error card instead of its body, until somebody retries.
    """

    def __init__(self, context: PanelContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk: Final = context.desk
        self.link: Final = context.link
        self.body: Final = QWidget(self)
        self.body.setObjectName("panelBody")
        self.body.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.header: Final = QWidget(self)
        """Small controls; the dock host puts them at the right of the title bar."""
        self.header_row: Final = QHBoxLayout(self.header)
        self.header_row.setContentsMargins(0, 0, 6, 0)
        self.header_row.setSpacing(2)
        self.header.hide()
        self.is_failed = False
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.body)
        self._card: ErrorCard | None = None

    def stale(self) -> bool:
        """Whether what is shown differs from what the desk knows. Cheap: asked every frame."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Show what the desk knows now."""
        raise NotImplementedError

    def every_second(self) -> None:
        """Do what need not be done every frame."""

    def take_keyboard(self) -> None:
        """Put the keyboard into the first part that takes it."""
        for part in self.body.findChildren(QWidget):
            takes = bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes and part.isEnabled() and part.isVisibleTo(self.body):
                part.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def headline(self) -> str:
        """Return the words of the title bar; empty for the spec's title.

        Cheap: asked every frame, of hidden panels too.
        """
        return ""

    def state(self) -> dict[str, object]:
        """Return what a saved layout keeps of this panel, as JSON values."""
        return {}

    def restore(self, state: Mapping[str, object]) -> None:
        """Take a saved state back; what is unknown or broken in it is ignored."""

    def fail(self, error: Exception) -> None:
        """Show an error card instead of the body; the panel is not refreshed until a retry."""
        self.is_failed = True
        if self._card is None:
            self._card = ErrorCard(self)
            self._card.retry.clicked.connect(self.retry)
            self._stack.addWidget(self._card)
        self._card.show_error(type(self).__name__, error)
        self._stack.setCurrentWidget(self._card)

    def retry(self) -> None:
        """Show the body again; the next frame tries to refresh it."""
        self.is_failed = False
        self._stack.setCurrentWidget(self.body)


class ErrorCard(QWidget):
    """What failed, what goes on, a retry and a report to copy."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.report = ""
        """Everything a bug report needs: names, versions, the trace. No data of the account."""
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.retry = QPushButton("Try again", self)
        self.copy = QPushButton("Copy report", self)
        self.copy.clicked.connect(self._copy_report)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self.retry)
        buttons.addWidget(self.copy)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.addStretch()
        column.addWidget(self.text)
        column.addLayout(buttons)
        column.addStretch()

    def show_error(self, panel: str, error: Exception) -> None:
        """Describe an error."""
        self.text.setText(
            f"This panel stopped: {type(error).__name__}: {error}\nEverything else goes on."
        )
        trace = "".join(traceback.format_exception(error))
        self.report = f"{panel} on Python {platform.python_version()}\n{trace}"

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
