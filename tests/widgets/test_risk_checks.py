"""Goal: of many checks those that matter are seen, and all of them with one click.

Method: the list at several heights; keys and clicks; what is painted is compared.
"""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QMouseEvent
from pytestqt.qtbot import QtBot

from app.domain.decision import CheckResult
from widgets.risk_checks import CHECK_HEIGHT_PX, CHECKS_MAX, CHECKS_MIN, HEADING_PX, CheckList

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key
USES = (0.1, 0.9, None, 0.5, 0.3, 0.2, 0.7, 0.4, None, 0.6)


def passing(name: str, use: float | None = None) -> CheckResult:
    return CheckResult(name=name, passed=True, value="7", limit="10", use=use)


def refusing(name: str) -> CheckResult:
    return CheckResult(name=name, passed=False, value="11", limit="10", text=f"{name} says no")


def asking(name: str) -> CheckResult:
    return CheckResult(
        name=name, passed=False, value="11", limit="10", text=f"{name} asks", can_confirm=True
    )


def many(*grave: CheckResult) -> tuple[CheckResult, ...]:
    return (*(passing(f"check_{n}", use) for n, use in enumerate(USES)), *grave)


@pytest.fixture
def checks(qtbot: QtBot) -> CheckList:
    made = CheckList(None)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(250, HEADING_PX + 9 * CHECK_HEIGHT_PX)
    made.show()
    qtbot.waitExposed(made)
    return made


def names(checks: CheckList) -> list[str]:
    return [check.name for check in checks.rows]


def test_fullest_limits_come_first_and_the_rest_is_counted(checks: CheckList) -> None:
    checks.show_checks(many())
    assert [check.use for check in checks.rows] == [0.9, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert checks.rest == "… 2 more pass"
    assert checks.heading == "Risk  10 of 10 pass"


def test_what_refuses_comes_first_then_what_asks_and_all_of_it_is_shown(checks: CheckList) -> None:
    grave = [refusing(f"bad_{n}") for n in range(12)]
    checks.show_checks(many(asking("q"), *grave))
    checks.resize(250, checks.sizeHint().height())
    assert names(checks) == [*(check.name for check in grave), "q"]
    assert checks.heading == "Risk  10 of 23 pass, 1 asks, 12 refuse"
    assert checks.rest == "… 10 more pass"


@pytest.mark.parametrize(
    ("grave", "words"),
    [
        ((), "10 of 10 pass"),
        ((refusing("a"),), "10 of 11 pass, 1 refuses"),
        ((asking("a"), asking("b")), "10 of 12 pass, 2 ask"),
        ((asking("a"), refusing("b"), refusing("c")), "10 of 13 pass, 1 asks, 2 refuse"),
    ],
)
def test_heading_says_how_they_stand(
    checks: CheckList, grave: tuple[CheckResult, ...], words: str
) -> None:
    checks.show_checks(many(*grave))
    assert checks.heading == f"Risk  {words}"
    assert checks.accessibleDescription().startswith(checks.heading)


@pytest.mark.parametrize("rows", [1, 2, 5, 9, 10, 20])
def test_as_many_are_shown_as_there_is_room_for(checks: CheckList, rows: int) -> None:
    """One line is kept for what is not shown."""
    checks.show_checks(many())
    checks.resize(250, HEADING_PX + rows * CHECK_HEIGHT_PX)
    assert len(checks.rows) == (10 if rows > 10 else rows - 1)


def test_what_does_not_pass_is_shown_without_room_too(checks: CheckList) -> None:
    checks.show_checks(many(refusing("a"), refusing("b")))
    checks.resize(250, HEADING_PX)
    assert names(checks) == ["a", "b"]
    least = checks.minimumSizeHint().height()
    assert least == HEADING_PX + (max(2, CHECKS_MIN) + 1) * CHECK_HEIGHT_PX


@pytest.mark.parametrize("by", ["click", KEY.Key_Space, KEY.Key_Return, KEY.Key_Enter])
def test_it_opens_and_folds(qtbot: QtBot, checks: CheckList, by: Any) -> None:
    def toggle() -> None:
        if by == "click":
            qtbot.mouseClick(checks, LEFT)
        else:
            qtbot.keyClick(checks, by)
        checks.resize(250, checks.sizeHint().height())

    checks.show_checks(many())
    folded = checks.sizeHint().height()
    toggle()
    assert (len(checks.rows), checks.rest) == (10, "Show fewer")
    assert checks.minimumSizeHint() == checks.sizeHint()
    toggle()
    assert (len(checks.rows), checks.sizeHint().height()) == (CHECKS_MAX, folded)


def test_other_keys_are_not_for_it(qtbot: QtBot, checks: CheckList) -> None:
    checks.show_checks(many())
    qtbot.keyClick(checks, KEY.Key_A)
    assert not checks.is_open


@pytest.mark.parametrize(("count", "can_fold"), [(CHECKS_MAX, False), (CHECKS_MAX + 1, True)])
def test_only_what_can_fold_takes_the_keyboard(
    checks: CheckList, count: int, can_fold: bool
) -> None:
    checks.show_checks(tuple(passing(f"c{n}") for n in range(count)))
    assert (checks.focusPolicy() is Qt.FocusPolicy.TabFocus) is can_fold
    assert checks.rest == ("… 1 more pass" if can_fold else "")


def test_check_under_the_mouse_is_explained(checks: CheckList) -> None:
    checks.show_checks(many(refusing("bad_one")))

    def hint_at(y: int) -> str:
        at = QPoint(20, y)
        move = QMouseEvent(
            QMouseEvent.Type.MouseMove,
            at,
            checks.mapToGlobal(at),
            Qt.MouseButton.NoButton,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
        )
        checks.mouseMoveEvent(move)
        return checks.toolTip()

    assert hint_at(HEADING_PX + 2) == "Bad one: bad_one says no"
    assert hint_at(HEADING_PX + CHECK_HEIGHT_PX + 2) == "Check 1: 7, limit 10"
    assert hint_at(HEADING_PX + 8 * CHECK_HEIGHT_PX + 2) == "… 3 more pass"
    assert hint_at(2) == "… 3 more pass"


def test_found_value_without_a_limit_is_said_alone(checks: CheckList) -> None:
    checks.show_checks((CheckResult(name="settlement", passed=True, value="T+1", limit=""),))
    before = checks.grab().toImage()
    checks.show_checks((CheckResult(name="settlement", passed=False, value="T+1", limit=""),))
    assert checks.grab().toImage() != before
    assert checks.accessibleDescription() == "Risk  0 of 1 pass, 1 refuses. Settlement: T+1"


def test_each_verdict_looks_different(checks: CheckList) -> None:
    looks = []
    for check in (passing("a", 0.5), passing("a", 0.6), passing("a"), asking("a"), refusing("a")):
        checks.show_checks((check,))
        looks.append(checks.grab().toImage())
    assert all(one != other for n, one in enumerate(looks) for other in looks[n + 1 :])


def test_without_checks_it_takes_no_room_and_paints_nothing(checks: CheckList) -> None:
    assert (checks.rows, checks.sizeHint().height(), checks.rest) == ((), 0, "")
    image = checks.grab().toImage()
    assert len({image.pixel(x, y) for x in range(0, 250, 5) for y in range(0, 180, 5)}) == 1


def test_same_checks_again_change_nothing(qtbot: QtBot, checks: CheckList) -> None:
    checks.show_checks(many())
    ordered = checks._ordered
    checks.show_checks(many())
    assert checks._ordered is ordered
