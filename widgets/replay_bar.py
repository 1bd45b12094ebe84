"""The transport of a replay: play, pause, step, speed, position, bookmarks, and the replayed time.

Below the top bar, in a replay only. It pulls what it shows once a frame; a gesture tells the player
and changes nothing here. A moment that was played is reached by a new run only: the window asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QWidget,
)

from app.domain.errors import BadInput
from app.domain.times import new_york
from widgets import text, theme
from widgets.palettes import Role
from widgets.replay_parts import Position, Sign, SignButton

if TYPE_CHECKING:
    from app.desk import Bookmark, Desk, Transport

HEIGHT_PX: Final = 40
STEP_S: Final = 60.0
SHOWN_EVERY_NS: Final = 100_000_000
"""Recorded time between two pictures of the time: its tenths are shown."""
HIDDEN_BELOW_PX: Final = {"file": 1180, "start": 1120, "end": 1120}
"""What a narrow window has no room for: the title says the file, a touch of the track the ends."""


class ReplayBar(QWidget):
    """The transport bar."""

    again_wanted = Signal(object)
    """A moment (UTC nanoseconds) that was played already: a new run leads there."""
    said = Signal(str)
    """Why something cannot be, in a sentence."""
    name_wanted = Signal(object)
    """A moment (UTC nanoseconds) is to get a name."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.is_failed = False
        self._transport: Transport | None = None
        self._seen: tuple[object, ...] = ()
        self._marks_seen = -1
        self.setObjectName("replayBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT_PX)
        self.play = SignButton(Sign.PLAY, "Play or pause (Space)", self)
        self.step = SignButton(Sign.STEP, "Pause, and let one more event out ( . )", self)
        self.minute = QPushButton("+1 min", self)
        self.minute.setFixedHeight(26)
        self.minute.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.minute.setToolTip("Pause a minute of recorded time later (Ctrl+.)")
        self.speed = QComboBox(self)
        self.speed.setFixedWidth(78)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("Times real time ( [ and ] )")
        self.time = QLabel(text.DASH, self)
        self.time.setFont(theme.figure_font(13, QFont.Weight.Medium))
        self.time.setAccessibleName("Replayed time")
        self.time.setToolTip("The time of the whole desk, New York")
        self.time.setFixedWidth(
            QFontMetrics(self.time.font()).horizontalAdvance("Wed 00 Mmm 0000 00:00:00.0 ET") + 6
        )
        self.state = QLabel(self)
        self.state.setProperty("dim", True)
        small = QFontMetrics(theme.text_font(theme.SMALL_PX))
        self.state.setFixedWidth(small.horizontalAdvance("going to 00:00:00") + 8)
        self.file = QLabel(self)
        self.file.setProperty("dim", True)
        self.start, self.end = QLabel(self), QLabel(text.DASH, self)
        for label in (self.start, self.end):
            label.setProperty("dim", True)
        self.position = Position(self)
        self.goto = QLineEdit(self)
        self.goto.setPlaceholderText("go to 10:15")
        self.goto.setAccessibleName("Go to a time")
        self.goto.setToolTip("10:15, 10:15:30, or with a day: 2013-10-08 10:15 (Ctrl+G)")
        self.goto.setFixedWidth(118)
        self.marks_button = QToolButton(self)
        self.marks_button.setText("Bookmarks")
        self.marks_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.marks_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.marks_button.setToolTip("Add (Ctrl+D), go to and remove bookmarks")
        self.marks_button.setStyleSheet(
            f"QToolButton {{ border: none; color: {theme.hex_of(Role.DIM)};"
            " padding: 4px 16px 4px 4px; }"
        )
        self.marks_menu: Final = QMenu(self.marks_button)
        self.marks_button.setMenu(self.marks_menu)
        self._lay_out()
        self.play.clicked.connect(self.toggle)
        self.step.clicked.connect(self.step_on)
        self.minute.clicked.connect(self.step_minute)
        self.speed.activated.connect(self._take_speed)
        self.position.wanted.connect(self.go_to)
        self.goto.returnPressed.connect(self._take_typed)
        self.goto.textEdited.connect(lambda _: self._mark_typed(is_bad=False))
        self.setEnabled(False)

    def attach(self, desk: Desk) -> None:
        """Hold the transport of a session from now on."""
        from app.desk import SPEEDS  # After the first paint.

        transport = desk.transport
        assert transport is not None, "only a replay has this bar"
        self._transport = transport
        for speed in SPEEDS:
            self.speed.addItem(_speed_words(speed), speed)
        self.position.start_ns = transport.player.start_ns
        self.file.setToolTip(transport.title)
        self._show_file()
        self.setEnabled(True)

    # What a person does

    def toggle(self) -> None:
        """Play, or pause."""
        if self._transport is not None:
            self._transport.player.toggle()

    def step_on(self) -> None:
        """Let one more event out."""
        if self._transport is not None:
            self._transport.player.step()

    def step_minute(self) -> None:
        """Go a minute on, and stand there."""
        if self._transport is not None:
            self._transport.player.step_by(STEP_S)

    def change_speed(self, steps: int) -> None:
        """Take the next faster or slower speed that is offered."""
        if self._transport is not None:
            count = self.speed.count()
            self._take_speed(min(count - 1, max(0, self.speed.currentIndex() + steps)))

    def want_time(self) -> None:
        """Let a time be typed."""
        self.goto.setFocus()
        self.goto.selectAll()

    def want_bookmark(self) -> None:
        """Let the present moment be named."""
        if self._transport is not None:
            self.name_wanted.emit(self._transport.player.now_ns)

    def go_to(self, ts_ns: int) -> None:
        """Go to a moment; one that was played is asked about first."""
        transport = self._transport
        if transport is None:
            return
        try:
            if transport.is_behind(ts_ns):
                transport.player.require_inside(ts_ns)
                self.again_wanted.emit(ts_ns)
            else:
                transport.player.seek(ts_ns)
        except BadInput as error:
            self.said.emit(str(error))

    def _take_typed(self) -> None:
        if self._transport is None:
            return
        try:
            ts_ns = self._transport.parse(self.goto.text())
        except BadInput as error:
            self._mark_typed(is_bad=True)
            self.said.emit(str(error))
            return
        self.goto.clear()
        self.goto.clearFocus()  # So that Space plays again.
        self.go_to(ts_ns)

    def _mark_typed(self, *, is_bad: bool) -> None:
        if bool(self.goto.property("invalid")) is not is_bad:
            self.goto.setProperty("invalid", is_bad)
            self.goto.style().polish(self.goto)

    def _take_speed(self, index: int) -> None:
        if self._transport is not None:
            self._transport.player.set_speed(self.speed.itemData(index))

    def _remove(self, ts_ns: int) -> None:
        if self._transport is not None:
            try:
                self._transport.bookmarks.remove(ts_ns)
            except BadInput as error:
                self.said.emit(str(error))

    # What is shown

    def stale(self) -> bool:
        """Whether the replay is elsewhere, or goes another way."""
        return self._transport is not None and self._now() != self._seen

    def refresh(self) -> None:
        """Show where it is and how it plays."""
        transport = self._transport
        assert transport is not None
        self._seen = self._now()
        player = transport.player
        now_ns = player.now_ns
        at = new_york(now_ns)
        self.time.setText(f"{at:%a %d %b %Y %H:%M:%S}.{at.microsecond // 100_000} ET")
        moves = player.is_playing or player.is_seeking
        self.play.show_sign(Sign.PAUSE if moves else Sign.PLAY)
        for part in (self.play, self.step, self.minute):
            part.setEnabled(not player.has_ended)
        self.state.setText(self._state_words(transport))
        self._show_speed(player.speed)
        self._show_ends(transport)
        marks = transport.bookmarks
        self.position.show_position(now_ns, player.end_ns, player.goal_ns, marks.marks)
        if marks.version != self._marks_seen:
            self._marks_seen = marks.version
            self._fill_marks(marks.marks)

    def fail(self, error: Exception) -> None:
        """Say that this bar stopped; the replay goes on as it was told."""
        self.is_failed = True
        self.time.setText(text.DASH)
        self.state.setText("stopped")
        self.setToolTip(f"This bar stopped: {error!r}")

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  Qt's name.
        """Draw the place fainter while nothing can be done."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange:
            self.position.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  Qt's name.
        """Leave out what there is no room for."""
        super().resizeEvent(event)
        for name, below_px in HIDDEN_BELOW_PX.items():
            getattr(self, name).setVisible(self.width() >= below_px)
        self._show_file()

    def _now(self) -> tuple[object, ...]:
        assert self._transport is not None
        player = self._transport.player
        return (
            player.now_ns // SHOWN_EVERY_NS,
            player.is_playing,
            player.is_seeking,
            player.has_ended,
            player.goal_ns,
            player.speed,
            player.end_ns,
            self._transport.bookmarks.version,
        )

    def _state_words(self, transport: Transport) -> str:
        player = transport.player
        if player.has_ended:
            return "the end"
        goal_ns = player.goal_ns
        if goal_ns is not None and (player.end_ns is None or goal_ns <= player.end_ns):
            return f"going to {new_york(goal_ns):%H:%M:%S}"
        return "plays" if player.is_playing or player.is_seeking else "paused"

    def _show_speed(self, speed: float | None) -> None:
        index = self.speed.findText(_speed_words(speed))
        if index < 0:  # The command line may give any.
            faster = [
                i for i in range(self.speed.count()) if _rank(self.speed.itemData(i)) > _rank(speed)
            ]
            index = faster[0]
            self.speed.insertItem(index, _speed_words(speed), speed)
        if index != self.speed.currentIndex() and not self.speed.view().isVisible():
            self.speed.setCurrentIndex(index)

    def _show_ends(self, transport: Transport) -> None:
        player = transport.player
        start, end_ns = new_york(player.start_ns), player.end_ns
        if end_ns is None:
            self.start.setText(f"{start:%H:%M:%S}")
            return
        end = new_york(end_ns)
        shape = "%H:%M:%S" if start.date() == end.date() else "%d %b %H:%M"
        self.start.setText(f"{start:{shape}}")
        self.end.setText(f"{end:{shape}}")

    def _show_file(self) -> None:
        if self._transport is not None:
            room = QFontMetrics(theme.text_font(theme.SMALL_PX))
            width = self.file.width()
            words = room.elidedText(self._transport.title, Qt.TextElideMode.ElideMiddle, width)
            self.file.setText(words)

    def _fill_marks(self, marks: tuple[Bookmark, ...]) -> None:
        self.marks_menu.clear()
        add = self.marks_menu.addAction("Name this moment…")
        add.triggered.connect(lambda _checked=False: self.want_bookmark())
        if not marks:
            return
        self.marks_menu.addSeparator()
        for mark in marks:
            go = self.marks_menu.addAction(f"{text.moment(mark.ts_ns)}   {mark.name}")
            go.triggered.connect(lambda _checked=False, ts_ns=mark.ts_ns: self.go_to(ts_ns))
        self.marks_menu.addSeparator()
        gone = self.marks_menu.addMenu("Remove")
        for mark in marks:
            remove = gone.addAction(f"{text.moment(mark.ts_ns)}   {mark.name}")
            remove.triggered.connect(lambda _checked=False, ts_ns=mark.ts_ns: self._remove(ts_ns))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 10, 0)
        row.setSpacing(6)
        for part in (self.play, self.step, self.minute, self.speed):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(self.time)
        row.addWidget(self.state)
        self.file.setFixedWidth(150)
        row.addWidget(self.file)
        row.addWidget(self.start)
        row.addWidget(self.position, 1)
        row.addWidget(self.end)
        row.addSpacing(4)
        row.addWidget(self.goto)
        row.addWidget(self.marks_button)


def _speed_words(speed: float | None) -> str:
    return "max" if speed is None else f"{speed:g}×"


def _rank(speed: float | None) -> float:
    return float("inf") if speed is None else speed
