"""Show that a name of bars makes the builder it names."""

import pytest

from app.domain.bar_spec import parse_spec
from app.market.builders.make import make_builder


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5m", "TimeBars"),
        ("500T", "TickBars"),
        ("10kV", "VolumeBars"),
        ("1M$", "DollarBars"),
        ("R0.1", "RangeBars"),
        ("RENKO 0.5", "RenkoBars"),
        ("RENKO ATR14", "RenkoBars"),
        ("KAGI 1%", "KagiBars"),
        ("PF 0.5x3 HL", "PointFigureBars"),
        ("LB3", "LineBreakBars"),
    ],
)
def test_each_kind_has_a_builder(text, name):
    builder = make_builder(parse_spec(text), 0.25, 7)
    assert type(builder).__name__ == name
    assert builder.capacity == 7
