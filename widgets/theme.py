"""Colours and fonts by meaning, as the chosen palette has them.

Every colour is opaque: translucent pens and brushes cost the raster engine many times the price of
solid ones, so tints are blended here, once.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from app.domain.enums import Side, TradingState, Venue
from widgets.palettes import DARK, PALETTES, Role

TEXT_FAMILY: Final = "Inter"
FIGURE_FAMILY: Final = "JetBrains Mono"
TEXT_PX: Final = 12
SMALL_PX: Final = 11
ROW_HEIGHT_PX: Final = 26
CAUTION_USE: Final = 0.8
"""Share of a limit from which its bar turns amber."""

_WEIGHT_AXIS: Final = QFont.Tag("wght")
_FONT_FILES: Final = {"fontpkg_inter": "Inter[", "fontpkg_jetbrains_mono": "JetBrainsMono["}


STUDY_ROLES: Final = (
    Role.STUDY,
    Role.STUDY_CYAN,
    Role.STUDY_ORANGE,
    Role.STUDY_PINK,
    Role.STUDY_LIME,
    Role.STUDY_BLUE,
)
"""From which a study's colour is picked."""
TEXT_ROLES: Final = (Role.TEXT, Role.DIM, Role.UP, Role.DOWN, Role.ACCENT, Role.CAUTION, Role.HERE)


_TRADING_ROLES: Final = {
    TradingState.ACTIVE: Role.UP,
    TradingState.REDUCING: Role.CAUTION,
    TradingState.HALTED: Role.DOWN,
}


_now: dict[Role, str] = dict(DARK)
"""The palette that is in force; `use` is its one writer."""


def use(name: str) -> None:
    """Take a palette, before anything is made or drawn with another.

    Raises:
        KeyError: there is none of that name.
    """
    _now.update(PALETTES[name])
    color.cache_clear()
    tint.cache_clear()


def hex_of(role: Role) -> str:
    """Return the colour of a role as #rrggbb."""
    return _now[role]


def blend(role: Role, base: Role, share: float) -> str:
    """Return the opaque colour of `share` (0 to 1) of a role laid over a base, as #rrggbb."""
    over, under = QColor(hex_of(role)), QColor(hex_of(base))
    return QColor(
        round(over.red() * share + under.red() * (1 - share)),
        round(over.green() * share + under.green() * (1 - share)),
        round(over.blue() * share + under.blue() * (1 - share)),
    ).name()


@cache
def color(role: Role) -> QColor:
    """Return the colour of a role; shared, not to be changed."""
    return QColor(hex_of(role))


@cache
def tint(role: Role, share: float, base: Role = Role.PANEL) -> QColor:
    """Return a role blended into a base; shared, not to be changed."""
    return QColor(blend(role, base, share))


def side_role(side: Side) -> Role:
    """Return the colour of a side."""
    return Role.UP if side is Side.BUY else Role.DOWN


def sign_role(value: object) -> Role:
    """Return the colour of a gain or loss; None and zero are plain."""
    if value is None or value == 0:
        return Role.DIM if value is None else Role.TEXT
    return Role.UP if value > 0 else Role.DOWN  # type: ignore[operator]  # Decimal or float.


def use_role(use: float) -> Role:
    """Return the colour of a bar by the share of its limit that is used."""
    return Role.UP if use < CAUTION_USE else Role.CAUTION


def trading_role(state: TradingState) -> Role:
    """Return the colour of a trading state."""
    return _TRADING_ROLES[state]


def venue_role(venue: Venue) -> Role:
    """Return the colour of the window's frame: paper amber, live red, replay blue."""
    return {Venue.PAPER: Role.CAUTION, Venue.LIVE: Role.DOWN, Venue.REPLAY: Role.ACCENT}[venue]


@cache
def text_font(px: int = TEXT_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the text face, with digits of one width."""
    font = QFont(TEXT_FAMILY)
    font.setPixelSize(px)
    font.setWeight(weight)
    # The files are variable: Qt takes the weight from the axis, not from the style.
    font.setVariableAxis(_WEIGHT_AXIS, float(weight))
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


@cache
def figure_font(px: int = TEXT_PX, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the face of figures; ligatures off, so that no two signs become one."""
    font = QFont(FIGURE_FAMILY)
    font.setPixelSize(px)
    font.setWeight(weight)
    font.setVariableAxis(_WEIGHT_AXIS, float(weight))
    font.setFeature(QFont.Tag("calt"), 0)
    font.setStyleHint(QFont.StyleHint.Monospace)
    return font


def load_fonts() -> list[str]:
    """Register the shipped fonts with Qt; return the families that are there now."""
    families: list[str] = []
    for package, prefix in _FONT_FILES.items():
        # The package itself need not be imported to find its files.
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            for path in sorted((Path(root) / "files").glob("*.ttf")):
                if path.name.startswith(prefix):
                    number = QFontDatabase.addApplicationFont(str(path))
                    families += QFontDatabase.applicationFontFamilies(number)
    return families


def apply_theme(app: QApplication) -> None:
    """Give the whole program its fonts, palette and style. Call once, before the window."""
    load_fonts()
    app.setStyle("Fusion")
    app.setPalette(_palette())
    app.setFont(text_font())
    app.setStyleSheet(_qss(_STYLE))


def _palette() -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: Role.BACKGROUND,
        QPalette.ColorRole.WindowText: Role.TEXT,
        QPalette.ColorRole.Base: Role.PANEL,
        QPalette.ColorRole.AlternateBase: Role.RAISED,
        QPalette.ColorRole.Text: Role.TEXT,
        QPalette.ColorRole.Button: Role.RAISED,
        QPalette.ColorRole.ButtonText: Role.TEXT,
        QPalette.ColorRole.BrightText: Role.TEXT,
        QPalette.ColorRole.Highlight: Role.SELECTED,
        QPalette.ColorRole.HighlightedText: Role.TEXT,
        QPalette.ColorRole.PlaceholderText: Role.DIM,
        QPalette.ColorRole.ToolTipBase: Role.RAISED,
        QPalette.ColorRole.ToolTipText: Role.TEXT,
        QPalette.ColorRole.Link: Role.ACCENT,
        QPalette.ColorRole.Light: Role.LINE,
        QPalette.ColorRole.Midlight: Role.LINE,
        QPalette.ColorRole.Mid: Role.LINE,
        QPalette.ColorRole.Dark: Role.BACKGROUND,
        QPalette.ColorRole.Shadow: Role.BACKGROUND,
        QPalette.ColorRole.Accent: Role.ACCENT,
    }
    for place, role in roles.items():
        palette.setColor(place, color(role))
    for place in (
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.WindowText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, place, color(Role.DIM))
    return palette


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (#rrggbb), 1 to 21.

    Source: WCAG 2.1, "relative luminance" and "contrast ratio".
    """
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(value: str) -> float:
    shown = QColor(value)
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in (shown.redF(), shown.greenF(), shown.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _qss(template: str) -> str:
    # Longest names first, so that no name is replaced inside another.
    for role in sorted(Role, key=lambda r: -len(r.name)):
        template = template.replace(f"@{role.name.lower()}@", hex_of(role))
    for name in ("check", "chevron-down"):
        template = template.replace(f"@{name}@", _icon(f"{name}.svg"))
    return template


def _icon(name: str) -> str:
    path = Path(__file__).parent.parent / "resources" / "icons" / name
    return path.as_posix()


def dock_style() -> str:
    """Return the style of the docks."""
    return _qss(_DOCK_STYLE)


def venue_style(venue: Venue) -> str:
    """Return the style of the window's frame and badge."""
    role = venue_role(venue)
    soft = blend(role, Role.RAISED, 0.18)
    return (
        f"#frame {{ border: 2px solid {blend(role, Role.BACKGROUND, 0.75)}; }}"
        f"#badge {{ color: {hex_of(role)}; background: {soft}; border: 1px solid {hex_of(role)};"
        " border-radius: 11px; padding: 0 10px; }"
    )


_DOCK_STYLE: Final = """
ads--CDockContainerWidget { background: @background@; }
ads--CDockContainerWidget > QSplitter { padding: 6px; }
ads--CDockContainerWidget ads--CDockSplitter::handle { background: @background@; }
ads--CDockAreaWidget { background: @panel@; border: 1px solid @line@; border-radius: 4px; }
ads--CDockAreaTitleBar { background: @raised@; border: none; border-top-left-radius: 4px;
  border-top-right-radius: 4px; padding: 0; min-height: 26px; max-height: 26px; }
ads--CDockAreaTabBar { background: transparent; }
ads--CDockWidgetTab { background: transparent; border: none; padding: 0 6px 0 2px;
  min-height: 24px; max-height: 24px; border-bottom: 2px solid transparent; }
ads--CDockWidgetTab QLabel { color: @dim@; }
ads--CDockWidgetTab[activeTab="true"] QLabel { color: @text@; }
ads--CDockWidgetTab[shared="true"][activeTab="true"] { border-bottom: 2px solid @accent@; }
#tabsContainerWidget { background: @raised@; }
ads--CDockWidget { background: @panel@; border: none; }
ads--CTitleBarButton { padding: 0 2px; border: none; background: transparent; }
ads--CTitleBarButton:hover { background: @line@; border-radius: 3px; }
ads--CFloatingDockContainer { background: @background@; }
"""

_STYLE: Final = """
QToolTip { color: @text@; background: @raised@; border: 1px solid @line@; padding: 4px 6px; }
QMenu { background: @raised@; border: 1px solid @line@; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 3px; }
QMenu::item:selected { background: @selected@; }
QMenu::item:disabled { color: @dim@; }
QMenu::separator { height: 1px; background: @line@; margin: 4px 6px; }
QTableView { background: @panel@; border: none; outline: none; }
QHeaderView { background: @panel@; border: none; }
QHeaderView::section { background: @panel@; color: @dim@; border: none;
  border-bottom: 1px solid @line@; padding: 0 8px; font-size: 11px; }
QTableCornerButton::section { background: @panel@; border: none; }
QScrollArea, #panelBody, #ticketForm { background: @panel@; border: none; }
QScrollBar:vertical { background: transparent; width: 9px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 9px; margin: 0; }
QScrollBar::handle { background: @line@; border-radius: 3px; min-height: 24px; min-width: 24px;
  margin: 2px; }
QScrollBar::handle:hover { background: @faint@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QLineEdit, QComboBox { background: @background@; border: 1px solid @line@; border-radius: 4px;
  padding: 0 8px; min-height: 28px; max-height: 28px; selection-background-color: @accent@;
  selection-color: @background@; }
QLineEdit[small="true"] { min-height: 18px; max-height: 18px; padding: 0 6px; }
QLineEdit:focus, QComboBox:focus { border: 1px solid @accent@; }
QLineEdit[invalid="true"] { border: 1px solid @down@; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url(@chevron-down@); width: 10px; height: 10px; }
QToolButton::menu-indicator { image: url(@chevron-down@); width: 9px; height: 9px;
  subcontrol-origin: padding; subcontrol-position: right center; right: 2px; }
QComboBox QAbstractItemView { background: @raised@; border: 1px solid @line@; outline: none;
  selection-background-color: @selected@; padding: 2px; }
QPushButton { background: @raised@; border: 1px solid @line@; border-radius: 4px;
  padding: 4px 12px; }
QPushButton:hover { border-color: @faint@; }
QPushButton:focus { border: 1px solid @accent@; }
QPushButton:disabled { color: @dim@; }
QPushButton[flat="true"] { background: transparent; border: 1px solid transparent; color: @dim@;
  padding: 1px 7px; border-radius: 4px; font-size: 11px; }
QPushButton[flat="true"]:hover { color: @text@; }
QPushButton[flat="true"]:focus { border: 1px solid @accent@; }
QPushButton[flat="true"]:checked { color: @text@; background: @selected@;
  border: 1px solid @accent@; }
QPushButton[flat="true"]:disabled { color: @faint@; }
QPushButton[link="true"] { background: transparent; border: none; color: @accent@; padding: 1px 4px;
  font-size: 11px; }
QPushButton[link="true"]:hover, QPushButton[link="true"]:focus { color: @text@; }
QPushButton[link="true"]:disabled { color: @dim@; }
QCheckBox { spacing: 6px; }
QCheckBox:disabled { color: @dim@; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid @faint@; border-radius: 3px;
  background: @background@; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: @accent@; }
QCheckBox::indicator:checked { background: @accent@; border-color: @accent@; image: url(@check@); }
QCheckBox::indicator:disabled { border-color: @line@; }
QLabel[dim="true"] { color: @dim@; font-size: 11px; }
QLabel[problem="true"] { color: @down@; font-size: 11px; }
QLabel[caution="true"] { color: @caution@; font-size: 11px; }
#topBar { background: @raised@; border-bottom: 1px solid @line@; }
#replayBar { background: @selected@; border-bottom: 1px solid @line@; }
#replayBar QLineEdit, #replayBar QComboBox { min-height: 24px; max-height: 24px; }
#statusLine { background: @raised@; border-top: 1px solid @line@; }
QDialog { background: @panel@; }
#palette { background: @raised@; border: 1px solid @faint@; border-radius: 6px; }
QPlainTextEdit { background: @background@; border: 1px solid @line@; border-radius: 4px; }
QListWidget { background: @panel@; border: 1px solid @line@; border-radius: 4px; outline: none; }
QListWidget::item { padding: 4px 6px; }
QListWidget::item:selected { background: @selected@; color: @text@; }
"""


def side_style(side: Side, *, is_solid: bool) -> str:
    """Return the style of a button that stands for a side."""
    role = hex_of(side_role(side))
    if is_solid:
        return (
            f"QPushButton {{ background: {role}; color: {hex_of(Role.BACKGROUND)};"
            f" border: 1px solid {role}; border-radius: 4px; padding: 0 8px; }}"
            f"QPushButton:hover, QPushButton:focus {{ border: 2px solid {hex_of(Role.TEXT)}; }}"
            f"QPushButton:disabled {{ background: {hex_of(Role.RAISED)}; color: {hex_of(Role.DIM)};"
            f" border: 1px solid {hex_of(Role.LINE)}; }}"
        )
    return (
        f"QPushButton {{ background: {hex_of(Role.RAISED)}; color: {hex_of(Role.DIM)}; border: 1px"
        f" solid {hex_of(Role.LINE)}; border-radius: 4px; padding: 0 8px; }}"
        f"QPushButton:hover, QPushButton:focus {{ border: 1px solid {role}; color: {role}; }}"
    )


def caution_style() -> str:
    """Return the style of a button that goes on with a typed reason only."""
    color, lit = hex_of(Role.CAUTION), blend(Role.CAUTION, Role.TEXT, 0.8)
    return (
        f"QPushButton {{ background: {color}; color: {hex_of(Role.BACKGROUND)}; border: none;"
        " border-radius: 5px; }"
        f"QPushButton:hover, QPushButton:focus {{ background: {lit}; }}"
    )


def state_style(role: Role) -> str:
    """Return the style of the button that says a state: words and line in its colour."""
    soft = blend(role, Role.RAISED, 0.12)
    return (
        f"QPushButton {{ background: {soft}; color: {hex_of(role)}; border: 1px solid"
        f" {blend(role, Role.RAISED, 0.5)}; border-radius: 5px; padding: 0 4px; }}"
        f"QPushButton:hover, QPushButton:focus {{ border: 1px solid {hex_of(role)}; }}"
    )


def alarm_style(role: Role) -> str:
    """Return the style of a button that must be seen: the kill switch and what undoes it."""
    soft = blend(role, Role.BACKGROUND, 0.2)
    return (
        f"QPushButton {{ background: {soft}; color: {hex_of(role)};"
        f" border: 1px solid {hex_of(role)};"
        " border-radius: 5px; padding: 0 8px; }"
        f"QPushButton:hover, QPushButton:focus {{ background: {hex_of(role)};"
        f" color: {hex_of(Role.BACKGROUND)}; }}"
        f"QPushButton:disabled {{ color: {hex_of(Role.DIM)}; background: {hex_of(Role.RAISED)};"
        f" border: 1px solid {hex_of(Role.LINE)}; }}"
    )


SEMIBOLD: Final = QFont.Weight.DemiBold
REGULAR: Final = QFont.Weight.Normal
ALIGN_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ALIGN_CENTER: Final = Qt.AlignmentFlag.AlignCenter
