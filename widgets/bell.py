"""Lets an alert be heard, and seen when the window is not: sound, task bar, notification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

if TYPE_CHECKING:
    from app.desk import Desk

SHOWN_MS: Final = 8_000


class Bell:
    """Asked once a frame; rings for alerts that went off since."""

    def __init__(self, desk: Desk, window: QWidget) -> None:
        self.is_failed = False
        self.rung = 0
        """How often it rang."""
        self._desk: Final = desk
        self._window: Final = window
        self._heard = desk.alerts.went_off
        self._tray: QSystemTrayIcon | None = None

    def isVisible(self) -> bool:  # noqa: N802  Qt's name.
        """It is heard, too, while nothing can be seen."""
        return True

    def stale(self) -> bool:
        """Whether an alert went off."""
        return self._desk.alerts.went_off != self._heard

    def refresh(self) -> None:
        """Ring once, however many went off in this frame."""
        alerts = self._desk.alerts
        self._heard = alerts.went_off
        self.rung += 1
        if alerts.has_sound:
            QApplication.beep()
        if not self._window.isActiveWindow():
            QApplication.alert(self._window)
            self._notify(alerts.events[-1].text if alerts.events else "An alert went off")

    def fail(self, error: Exception) -> None:  # noqa: ARG002  The clock's contract.
        """Be silent; the panel and the status line still tell."""
        self.is_failed = True

    def _notify(self, words: str) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(QIcon(), self._window)
        self._tray.show()
        information = QSystemTrayIcon.MessageIcon.Information
        self._tray.showMessage("Tradedeck", words, information, SHOWN_MS)
