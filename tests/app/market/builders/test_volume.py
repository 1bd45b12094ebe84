"""Show that a volume bar counts shares, not trades and not money."""

from app.market.builders.volume import VolumeBars
from tests.tape import give


def test_shares_fill_a_bar():
    bars = VolumeBars(10, 9)
    give(bars, (0, 1.0, 4), (1, 1_000.0, 5), (2, 1.0, 1), (3, 1.0, 9))
    assert bars.columns(9).volume.tolist() == [10, 9]
