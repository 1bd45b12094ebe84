"""Show that what is offered can be had, and how far apart bars are said to be."""

from __future__ import annotations

import numpy as np
import pytest

from app.desk import BarColumns
from app.domain.bar_spec import BarKind, parse_spec
from app.domain.times import SECOND_NS
from widgets.chart.intervals import CHIPS, DEFAULT, PRESETS, spacing_ns, style_of
from widgets.plot.styles import BarStyle


def bars_at(*seconds: float) -> BarColumns:
    some = np.ones(len(seconds))
    starts = (np.array(seconds) * SECOND_NS).astype(np.int64)
    return BarColumns(start_ns=starts, open=some, high=some, low=some, close=some, volume=some)


@pytest.mark.parametrize("name", [*CHIPS, *(it for names in PRESETS.values() for it in names)])
def test_what_is_offered_is_a_kind_of_bar_under_its_own_name(name):
    assert parse_spec(name).text == name


def test_every_kind_is_offered():
    kinds = {parse_spec(name).kind for names in PRESETS.values() for name in names}
    assert kinds == set(BarKind)


@pytest.mark.parametrize(
    ("name", "seconds", "spacing_s"),
    [
        ("5m", [], 300),
        ("1d", [0, 1], 86_400),
        ("2w", [], 14 * 86_400),
        ("1M", [], 30 * 86_400),
        ("500T", [], 1),
        ("500T", [7], 1),
        ("500T", [0, 0.2, 0.4], 1),
        ("500T", [0, 10, 20, 31], 16),
        ("R0.10", [0, 64, 128, 190], 64),
    ],
)
def test_bars_are_so_far_apart(name, seconds, spacing_s):
    assert spacing_ns(parse_spec(name), bars_at(*seconds)) == spacing_s * SECOND_NS


def test_only_kinds_with_a_look_of_their_own_overrule_the_choice():
    assert style_of(DEFAULT, BarStyle.HOLLOW) is BarStyle.HOLLOW
    assert style_of(parse_spec("LB3"), BarStyle.OHLC) is BarStyle.OHLC
    assert style_of(parse_spec("KAGI 1%"), BarStyle.OHLC) is BarStyle.KAGI
    assert style_of(parse_spec("PF 1x3"), BarStyle.OHLC) is BarStyle.POINT_FIGURE
