"""Goal: text can be read on every surface it stands on."""

from __future__ import annotations

import pytest

from app.domain.enums import Side, Venue
from widgets import theme
from widgets.theme import Role


@pytest.mark.parametrize("surface", [Role.BACKGROUND, Role.PANEL])
@pytest.mark.parametrize("role", theme.TEXT_ROLES)
def test_text_has_contrast(role: Role, surface: Role) -> None:
    assert theme.contrast(role.value, surface.value) >= 4.5


@pytest.mark.parametrize("role", [Role.UP, Role.DOWN, Role.ACCENT, Role.TEXT])
def test_dark_words_on_a_coloured_tag_have_contrast(role: Role) -> None:
    assert theme.contrast(Role.BACKGROUND.value, role.value) >= 4.5


def test_words_on_the_selected_row_have_contrast() -> None:
    for role in theme.TEXT_ROLES:
        if role is not Role.DIM:  # Drawn as plain text there.
            assert theme.contrast(role.value, Role.SELECTED.value) >= 4.5


def test_contrast_of_black_and_white_is_21() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)


def test_venues_differ_in_colour() -> None:
    assert len({theme.venue_role(venue) for venue in Venue}) == len(Venue)
    assert theme.side_role(Side.BUY) is not theme.side_role(Side.SELL)


def test_semibold_is_wider_than_regular(qapp: object, fonts: list[str]) -> None:
    from PySide6.QtGui import QFontMetricsF

    assert {"Inter", "JetBrains Mono"} <= set(fonts)
    plain, bold = theme.text_font(20), theme.text_font(20, theme.SEMIBOLD)
    words = "Order ticket"
    assert QFontMetricsF(bold).horizontalAdvance(words) > QFontMetricsF(plain).horizontalAdvance(
        words
    )


def test_digits_have_one_width(qapp: object, fonts: list[str]) -> None:
    from PySide6.QtGui import QFontMetricsF

    for font in (theme.figure_font(), theme.text_font()):
        widths = {QFontMetricsF(font).horizontalAdvance(digit) for digit in "0123456789"}
        assert len(widths) == 1
