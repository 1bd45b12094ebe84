"""Bars that were fetched for a gap, put among those that are known."""

from __future__ import annotations

import numpy as np

from app.domain.times import MINUTE_NS
from app.market.bars import BarColumns
from app.market.sessions import rows_where


def merged(
    known: BarColumns, fetched: BarColumns, start_ns: int, end_ns: int
) -> tuple[BarColumns | None, float, float, float]:
    """Return all bars, and the high, the low and the shares that were not known.

    A fetched bar replaces a known one of the same start that touches the gap, unless that one is
    the newest, which goes on. All others stay as they are.

    Args:
        known: bars of a minute, oldest first.
        fetched: bars of a minute, oldest first; those outside of the gap are left out.
        start_ns: of the gap.
        end_ns: of the gap.

    Returns:
        None for the bars where nothing is fetched of the gap, or all of it is known.
    """
    first_ns = start_ns - start_ns % MINUTE_NS
    starts = fetched.start_ns
    within = (starts >= first_ns) & (starts <= end_ns)
    if len(known):
        within &= starts != known.start_ns[-1]
    fetched = rows_where(fetched, within)
    if not len(fetched):
        return None, 0.0, 0.0, 0.0
    replaced = np.isin(known.start_ns, fetched.start_ns)
    kept = rows_where(known, ~replaced)
    order = np.argsort(np.concatenate((kept.start_ns, fetched.start_ns)), kind="stable")
    columns = {
        name: np.concatenate((getattr(kept, name), getattr(fetched, name)))[order]
        for name in known.__struct_fields__
    }
    volume = float(fetched.volume.sum() - known.volume[replaced].sum())
    return BarColumns(**columns), float(fetched.high.max()), float(fetched.low.min()), volume
