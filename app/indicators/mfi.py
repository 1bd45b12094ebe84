"""Money flow index.

    tp = (high + low + close) / 3, flow = tp volume
    MFI = 100 P / (P + N): P sums the flow of the last n bars with tp > tp[1], N of those below

Source: G. Quong and A. Soudack, "Volume-Weighted RSI: Money Flow", Stocks & Commodities 7 (1989):
14, with 20 and 80. 50 where no money flowed; TA-Lib gives 0. Warm-up: n bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Length,
    Level,
    Output,
    Percent,
    Quick,
    StudyParams,
)
from app.indicators.engine.values import Value, ratio, where
from app.indicators.engine.windows import flow
from app.indicators.kernels import Floats, is_lively, talib
from app.indicators.words import moves


class Params(StudyParams, frozen=True):
    """Length and levels."""

    length: Length = 14
    low: Percent = 20.0
    high: Percent = 80.0


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return the index, 0 to 100."""
    x, n = bars.typical, params.length
    moved, money = moves(x), x * bars.volume
    rose = flow(where(moved > 0, money, 0.0), n)
    fell = flow(where(moved < 0, money, 0.0), n)
    return (ratio(rose, rose + fell, otherwise=0.5) * 100,)


def levels(params: Params) -> Sequence[Level]:
    """Return the levels that mean much."""
    return Level(params.low), Level(params.high)


def _arrays(columns: Mapping[str, Floats], params: Params) -> Sequence[Floats] | None:
    high, low, close, volume = (columns[name] for name in ("high", "low", "close", "volume"))
    # TA-Lib takes money flows below 1 for none.
    is_paid = low.min() * volume.min() > 1
    if not (params.length > 1 and is_paid and is_lively(columns, params.length)):
        return None
    return (talib().MFI(high, low, close, volume, params.length),)


INDICATOR = IndicatorSpec(
    name="mfi",
    title="Money flow index",
    short="MFI {length}",
    params=Params,
    outputs=(Output(name="index", title="MFI"),),
    category=Category.VOLUME,
    levels=levels,
    rule=rule,
    quick=Quick(_arrays),
)
