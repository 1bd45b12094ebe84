"""Goal: what refuses or asks is never hidden, and the list takes no more room than there is."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.domain.decision import CheckResult
from tests.widgets.fake_desk import passing, refusing
from tests.widgets.pictures import Paints, count_of, picture
from widgets.palettes import Role
from widgets.risk_checks import (
    CHECK_HEIGHT_PX,
    CHECK_TITLE_PX,
    CHECKS_MAX,
    CHECKS_MIN,
    HEADING_PX,
    CheckList,
)

KEY = Qt.Key
WIDTH_PX = 280
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

Make = Callable[..., CheckList]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    boxes = []  # The bot alone does not keep them.

    def made(*checks: CheckResult, rows: int | None = None) -> CheckList:
        """Show a list; `rows`: how many lines it has under its heading, None: all it asks for."""
        box = QWidget()
        boxes.append(box)
        qtbot.addWidget(box)
        shown = CheckList(box)
        shown.show_checks(checks)
        height = shown.sizeHint().height() if rows is None else height_of(rows)
        shown.resize(WIDTH_PX, height)
        box.resize(WIDTH_PX, max(height, 1))
        box.show()
        qtbot.waitExposed(box)
        return shown

    return made


def height_of(rows: int) -> int:
    return HEADING_PX + rows * CHECK_HEIGHT_PX


def asking(name: str) -> CheckResult:
    return CheckResult(
        name=name, passed=False, value="12x", limit="10x", text="", can_confirm=True, use=1.2
    )


def many(count: int) -> tuple[CheckResult, ...]:
    return tuple(passing(f"check_{n}", n / 100) for n in range(count))


def refit(shown: CheckList) -> None:
    """Give a list the room it asks for."""
    shown.resize(WIDTH_PX, shown.sizeHint().height())
    shown.window().resize(shown.size())


def names(checks: CheckList) -> list[str]:
    return [check.name for check in checks.rows]


def middle_of(line: int) -> QPoint:
    """Return the middle of a line under the heading."""
    return QPoint(WIDTH_PX // 2, height_of(line) + CHECK_HEIGHT_PX // 2)


def test_refusals_come_first_then_questions_then_the_fullest(make: Make) -> None:
    shown = make(
        passing("symbol", None),
        passing("order_value", 0.2),
        asking("habit"),
        passing("order_qty", 0.9),
        refusing("price_collar", "too far"),
    )
    assert names(shown) == ["price_collar", "habit", "order_qty", "order_value", "symbol"]


@pytest.mark.parametrize(
    ("checks", "words"),
    [
        (many(3), "Risk  3 of 3 pass"),
        ((*many(2), asking("a")), "Risk  2 of 3 pass, 1 asks"),
        ((asking("a"), asking("b")), "Risk  0 of 2 pass, 2 ask"),
        ((passing("a", 0.1), refusing("b", "")), "Risk  1 of 2 pass, 1 refuses"),
        (
            (refusing("a", ""), refusing("b", ""), asking("c")),
            "Risk  0 of 3 pass, 1 asks, 2 refuse",
        ),
    ],
)
def test_heading_counts(make: Make, checks: tuple[CheckResult, ...], words: str) -> None:
    assert make(*checks).heading == words


def test_screen_reader_hears_what_does_not_pass(make: Make) -> None:
    shown = make(*many(3), refusing("order_value", "300,000 is over 200,000"), asking("habit"))
    assert shown.accessibleDescription() == (
        "Risk  3 of 5 pass, 1 asks, 1 refuses. Order value: 300,000 is over 200,000."
        " Habit: 12x, limit 10x"
    )


@pytest.mark.parametrize(
    ("count", "room", "shown", "last"),
    [
        (4, 4, 4, ""),  # All stand there, and nothing is to be said of others.
        (4, 3, 2, "… 2 more pass"),  # The last line is among those there is room for.
        (4, 1, 0, "… 4 more pass"),
        (4, 0, 0, "… 4 more pass"),
        (12, 9, 8, "… 4 more pass"),
        (12, 12, 12, ""),
        (1, 1, 1, ""),
    ],
)
def test_rows_follow_the_room(make: Make, count: int, room: int, shown: int, last: str) -> None:
    checks = make(*many(count), rows=room)
    assert (len(checks.rows), checks.rest) == (shown, last)


def test_what_refuses_or_asks_is_shown_without_room(make: Make) -> None:
    shown = make(*many(3), refusing("a", ""), asking("b"), refusing("c", ""), rows=0)
    assert names(shown) == ["a", "c", "b"]
    assert shown.rest == "… 3 more pass"


@given(
    kinds=st.lists(st.sampled_from(["pass", "plain", "ask", "refuse"]), max_size=30),
    height=st.integers(0, 700),
    is_open=st.booleans(),
)
def test_no_verdict_is_lost(
    qapp: QApplication, kinds: list[str], height: int, is_open: bool
) -> None:
    verdicts = {
        "pass": passing("a", 0.5),
        "plain": passing("b", None),
        "ask": asking("c"),
        "refuse": refusing("d", "no"),
    }
    shown = CheckList(None)  # type: ignore[arg-type]
    shown.show_checks(tuple(verdicts[kind] for kind in kinds))
    shown.fold(is_open=is_open)
    shown.resize(WIDTH_PX, height)
    bad = sum(kind in ("ask", "refuse") for kind in kinds)
    assert sum(not check.passed for check in shown.rows) == bad
    assert [check.passed for check in shown.rows] == sorted(check.passed for check in shown.rows)
    assert shown.minimumSizeHint().height() <= shown.sizeHint().height()
    lines = len(shown.rows) + bool(shown.rest)
    assert len(shown.rows) == bad or height >= height_of(lines)  # Only verdicts go beyond.
    hidden = len(kinds) - len(shown.rows)
    assert (f"{hidden} more" in shown.rest) == bool(hidden)
    # What it asks for is what it needs: nothing is cut off there.
    shown.resize(WIDTH_PX, shown.minimumSizeHint().height())
    lines = len(shown.rows) + bool(shown.rest)
    assert not kinds or shown.height() >= height_of(lines)
    shown.deleteLater()


class TestRoom:
    def test_no_checks_take_no_height(self, make: Make) -> None:
        shown = make()
        assert shown.sizeHint().height() == shown.minimumSizeHint().height() == 0
        shown.show_checks(many(3))
        assert shown.sizeHint().height() > 0
        shown.show_checks(())
        shown.fold(is_open=True)
        assert shown.sizeHint().height() == 0
        shown.resize(WIDTH_PX, 40)
        image = picture(shown)
        ground = image.pixel(0, 0)
        assert all(image.pixel(x, y) == ground for x in range(WIDTH_PX) for y in range(40))

    def test_folded_it_asks_for_the_gravest_and_needs_fewer(self, make: Make) -> None:
        shown = make(*many(20))
        assert shown.sizeHint().height() == height_of(CHECKS_MAX + 1)
        assert shown.minimumSizeHint().height() == height_of(CHECKS_MIN + 1)
        assert len(shown.rows) == CHECKS_MAX

    def test_more_refusals_than_rows_are_all_asked_for(self, make: Make) -> None:
        shown = make(*(refusing(f"r{n}", "") for n in range(11)), *many(4))
        assert shown.minimumSizeHint().height() == height_of(12) == shown.sizeHint().height()
        assert len(shown.rows) == 11

    def test_layout_squeezes_it_before_others(self, qtbot: QtBot) -> None:
        box = QWidget()
        qtbot.addWidget(box)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        shown, other = CheckList(box), QWidget(box)
        other.setFixedHeight(100)
        column.addWidget(shown)
        column.addWidget(other)
        shown.show_checks(many(8))
        for height, rows in ((400, 8), (100 + height_of(5), 4), (100 + height_of(3), 2)):
            box.resize(WIDTH_PX, height)
            box.show()
            qtbot.waitExposed(box)
            column.activate()
            assert len(shown.rows) == rows
            assert other.height() == 100


class TestFolding:
    """Wherever checks are hidden a click, Space and Enter bring them, and take them back."""

    def test_click_opens_and_folds(self, qtbot: QtBot, make: Make) -> None:
        shown = make(*many(12))
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)
        assert shown.is_open
        assert shown.sizeHint() == shown.minimumSizeHint()
        refit(shown)
        assert len(shown.rows) == 12
        assert shown.rest == "Show fewer"
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)
        refit(shown)
        assert len(shown.rows) == CHECKS_MAX

    @pytest.mark.parametrize("key", [KEY.Key_Space, KEY.Key_Return, KEY.Key_Enter])
    def test_keys_open_and_fold(self, qtbot: QtBot, make: Make, key: Qt.Key) -> None:
        shown = make(*many(12))
        shown.setFocus()
        qtbot.keyClick(shown, key)
        assert shown.is_open
        qtbot.keyClick(shown, key)
        assert not shown.is_open

    @pytest.mark.parametrize("key", [KEY.Key_A, KEY.Key_Escape, KEY.Key_F5])
    def test_other_keys_go_on_to_the_window(self, make: Make, key: Qt.Key) -> None:
        assert_goes_on(make(*many(12)), key.value)

    @pytest.mark.parametrize("key", [0, ord("Ж"), ord("あ"), 0x01FF_FFFE])
    def test_keys_without_a_name_go_on_to_the_window(self, make: Make, key: int) -> None:
        assert_goes_on(make(*many(12)), key)

    def test_nothing_opens_where_nothing_is_hidden(self, qtbot: QtBot, make: Make) -> None:
        shown = make(*many(4))
        before = shown.sizeHint()
        assert shown.focusPolicy() is Qt.FocusPolicy.NoFocus
        assert shown.cursor().shape() is Qt.CursorShape.ArrowCursor
        qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)
        assert not shown.is_open
        assert shown.sizeHint() == before

    def test_few_checks_open_where_there_is_no_room(self, qtbot: QtBot, make: Make) -> None:
        shown = make(*many(4), rows=3)
        assert shown.rest == "… 2 more pass"
        assert shown.focusPolicy() is Qt.FocusPolicy.TabFocus
        assert shown.cursor().shape() is Qt.CursorShape.PointingHandCursor
        shown.setFocus()
        qtbot.keyClick(shown, KEY.Key_Space)
        shown.resize(WIDTH_PX, shown.minimumSizeHint().height())
        assert len(shown.rows) == 4
        assert shown.rest == "Show fewer"

    def test_tab_reaches_it_once_something_is_hidden(self, make: Make) -> None:
        shown = make(*many(4))
        shown.resize(WIDTH_PX, height_of(2))
        assert shown.focusPolicy() is Qt.FocusPolicy.TabFocus
        shown.resize(WIDTH_PX, height_of(4))
        assert shown.focusPolicy() is Qt.FocusPolicy.NoFocus

    def test_what_folds_it_has_its_line_too(self, make: Make) -> None:
        shown = make(*many(4), rows=3)
        shown.fold(is_open=True)
        shown.resize(WIDTH_PX, height_of(4))
        assert (len(shown.rows), shown.rest) == (3, "… 1 more pass")
        shown.resize(WIDTH_PX, height_of(5))
        assert (len(shown.rows), shown.rest) == (4, "Show fewer")

    def test_open_stays_open_when_checks_change(self, make: Make) -> None:
        shown = make(*many(12))
        shown.fold(is_open=True)
        shown.show_checks(many(14))
        refit(shown)
        assert len(shown.rows) == 14


def assert_goes_on(shown: CheckList, key: int) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "")
    event.accept()
    shown.keyPressEvent(event)
    assert not event.isAccepted()
    assert not shown.is_open


class TestTooltip:
    def test_row_under_the_mouse_is_explained(self, qtbot: QtBot, make: Make) -> None:
        plain = CheckResult(name="symbol", passed=True, value="AAPL", limit="", text="")
        shown = make(
            refusing("order_value", "300,000 is over 200,000"),
            passing("order_qty", 0.5),
            plain,
            *many(9),
        )
        for line, words in (
            (0, "Order value: 300,000 is over 200,000"),
            (1, "Order qty: 1, limit 2"),
            (CHECKS_MAX, "… 4 more pass"),
        ):
            qtbot.mouseMove(shown, middle_of(line))
            assert shown.toolTip() == words
        shown.fold(is_open=True)
        refit(shown)
        qtbot.mouseMove(shown, middle_of(names(shown).index("symbol")))
        assert shown.toolTip() == "Symbol: AAPL"
        qtbot.mouseMove(shown, middle_of(12))
        assert shown.toolTip() == "Show fewer"

    def test_heading_has_the_words_of_the_last_line(self, qtbot: QtBot, make: Make) -> None:
        shown = make(*many(12))
        qtbot.mouseMove(shown, QPoint(20, HEADING_PX // 2))
        assert shown.toolTip() == "… 4 more pass"


class TestPicture:
    def test_colour_of_the_heading_is_that_of_the_gravest(self, make: Make) -> None:
        for gravest, role in (
            (passing("a", 0.1), Role.UP),
            (asking("a"), Role.CAUTION),
            (refusing("a", ""), Role.DOWN),
        ):
            shown = make(gravest, passing("b", None))
            assert count_of(picture(shown).copy(0, 0, WIDTH_PX, HEADING_PX), role), role

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (passing("a", 0.2), passing("a", 0.9)),
            (passing("a", 0.9), refusing("a", "")),
            (asking("a"), refusing("a", "")),
            (passing("a", None), passing("a", 0.0)),
        ],
    )
    def test_verdicts_look_different(
        self, make: Make, one: CheckResult, other: CheckResult
    ) -> None:
        assert row_of(make(one)) != row_of(make(other))

    @pytest.mark.parametrize(
        ("use", "like"), [(-1.0, 0.0), (1.01, 1.0), (1e308, 1.0), (float("inf"), 1.0)]
    )
    def test_bar_is_never_less_than_empty_nor_more_than_full(
        self, make: Make, use: float, like: float
    ) -> None:
        assert row_of(make(passing("a", use))) == row_of(make(passing("a", like)))

    def test_long_words_are_elided_in_their_room(self, make: Make) -> None:
        long = CheckResult(name="a", passed=False, value="9" * 500, limit="", text="")
        short = CheckResult(name="a", passed=False, value="9", limit="", text="")
        strip = picture(make(long)).copy(0, HEADING_PX, CHECK_TITLE_PX - 2, CHECK_HEIGHT_PX)
        assert strip == picture(make(short)).copy(
            0, HEADING_PX, CHECK_TITLE_PX - 2, CHECK_HEIGHT_PX
        )

    def test_keyboard_is_seen_at_the_last_line(self, qtbot: QtBot, make: Make) -> None:
        shown = make(*many(12))
        before = picture(shown)
        with qtbot.waitActive(shown.window()):
            shown.window().activateWindow()
        shown.setFocus()
        assert shown.hasFocus()
        assert picture(shown) != before

    def test_same_checks_paint_nothing(self, make: Make) -> None:
        shown = make(*many(4))
        paints = Paints(shown)
        shown.show_checks(many(4))
        assert paints.count == 0
        shown.show_checks(many(3))
        assert paints.count == 1


def row_of(shown: CheckList) -> QImage:
    return picture(shown).copy(0, HEADING_PX, WIDTH_PX, CHECK_HEIGHT_PX)
