"""Goal: text can be read on every surface it stands on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from PySide6.QtGui import QColor

from app.domain.enums import Side, Venue
from widgets import theme
from widgets.palettes import PALETTES, Role


@pytest.fixture(params=PALETTES)
def palette(request: pytest.FixtureRequest) -> Iterator[Mapping[Role, str]]:
    theme.use(request.param)
    yield PALETTES[request.param]
    theme.use("dark")


@pytest.mark.parametrize("surface", [Role.BACKGROUND, Role.PANEL, Role.RAISED])
@pytest.mark.parametrize("role", [*theme.TEXT_ROLES, *theme.STUDY_ROLES])
def test_text_has_contrast(palette: Mapping[Role, str], role: Role, surface: Role) -> None:
    if (role, surface) != (Role.DIM, Role.RAISED):  # The floor: 4.2 in the brief's palette.
        assert theme.contrast(palette[role], palette[surface]) >= 4.5
    else:
        assert theme.contrast(palette[role], palette[surface]) >= 4.0


@pytest.mark.parametrize("role", [Role.UP, Role.DOWN, Role.ACCENT, Role.TEXT])
def test_words_on_a_coloured_tag_have_contrast(palette: Mapping[Role, str], role: Role) -> None:
    assert theme.contrast(palette[Role.BACKGROUND], palette[role]) >= 4.5


def test_words_on_the_selected_row_have_contrast(palette: Mapping[Role, str]) -> None:
    for role in theme.TEXT_ROLES:
        if role is not Role.DIM:  # Drawn as plain text there.
            assert theme.contrast(palette[role], palette[Role.SELECTED]) >= 4.5


def test_meanings_that_stand_side_by_side_differ(palette: Mapping[Role, str]) -> None:
    side_by_side = (Role.UP, Role.DOWN, Role.ACCENT, Role.CAUTION)
    assert len({palette[role] for role in side_by_side}) == len(side_by_side)


@pytest.mark.parametrize("name", ["colour-blind", "colour-blind light"])
def test_sides_are_blue_and_orange_where_red_and_green_are_not_told_apart(name: str) -> None:
    # Blue against yellow is what stays: the difference of blue and the mean of red and green.
    def yellowness(value: str) -> float:
        color = QColor(value)
        return (color.red() + color.green()) / 2 - color.blue()

    palette = PALETTES[name]
    assert yellowness(palette[Role.DOWN]) - yellowness(palette[Role.UP]) > 100


def test_a_palette_is_taken_and_another_is_none(palette: Mapping[Role, str]) -> None:
    assert theme.color(Role.UP).name() == palette[Role.UP]
    assert palette[Role.PANEL] in theme.dock_style()
    assert theme.tint(Role.UP, 1.0).name() == palette[Role.UP]
    with pytest.raises(KeyError):
        theme.use("pink")


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
