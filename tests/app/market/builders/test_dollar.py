"""Show that a dollar bar counts what was paid."""

from app.market.builders.dollar import DollarBars
from tests.tape import give


def test_money_fills_a_bar():
    bars = DollarBars(1_000, 9)
    give(bars, (0, 10.0, 99), (1, 10.0, 1), (2, 500.0, 1), (3, 500.0, 1), (4, 999.0, 1))
    assert bars.columns(9).volume.tolist() == [100, 2, 1]
    assert bars.columns(9).close.tolist() == [10, 500, 999]
