"""Pivot points of the session before.

    classic     P = (H + L + C) / 3, R1 = 2 P - L, S1 = 2 P - H, R2 = P + H - L, S2 = P - (H - L),
                R3 = H + 2 (P - L), S3 = L - 2 (H - P)
    fibonacci   the same P, R and S at 0.382, 0.618 and 1 of H - L
    camarilla   R and S at C +- 1.1 (H - L) / 12, / 6 and / 4, and the fourth at / 2
    woodie      P = (H + L + 2 C) / 4, R and S as classic
    demark      X = H + 2 L + C if C < O, 2 H + L + C if C > O, H + L + 2 C if equal;
                P = X / 4, R1 = X / 2 - L, S1 = X / 2 - H

O, H, L and C are those of the whole session before. Source: J. L. Person, "A Complete Guide to
Technical Trading Tactics" (2004), ch. 6; N. Scott's Camarilla (1989); K. Wood; T. DeMark, "The New
Science of Technical Analysis" (1994). Warm-up: the first session. Needs to be told which session a
bar belongs to.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from app.indicators.base import (
    Category,
    Columns,
    IndicatorSpec,
    Kind,
    Output,
    Pane,
    Role,
    StudyParams,
)
from app.indicators.engine.sessions import Prices, sessions
from app.indicators.engine.values import Value, where
from app.indicators.words import none


class Method(StrEnum):
    """Whose formula."""

    CLASSIC = "classic"
    FIBONACCI = "fibonacci"
    CAMARILLA = "camarilla"
    WOODIE = "woodie"
    DEMARK = "demark"


class Params(StudyParams, frozen=True):
    """Method."""

    method: Annotated[Method, Meta(title="Method", description="whose formula")] = Method.CLASSIC


def rule(bars: Columns, params: Params) -> Sequence[Value]:
    """Return P, R1 to R4 and S1 to S4; a method has no number where it has no level."""
    now = sessions(bars.open, bars.high, bars.low, bars.close, bars.day)
    middle, above, below = _levels(params.method, now.before)
    gaps = [none(middle)] * 4
    return (middle, *[*above, *gaps][:4], *[*below, *gaps][:4])


def _levels(method: Method, before: Prices) -> tuple[Value, list[Value], list[Value]]:
    open_, high, low, close = before
    size = high - low
    middle = (high + low + close) / 3
    if method is Method.FIBONACCI:
        parts = [size * share for share in (0.382, 0.618, 1.0)]
        return middle, [middle + part for part in parts], [middle - part for part in parts]
    if method is Method.CAMARILLA:
        parts = [size * (1.1 / divisor) for divisor in (12, 6, 4, 2)]
        return middle, [close + part for part in parts], [close - part for part in parts]
    if method is Method.DEMARK:
        whole = high + low + close
        whole = whole + where(close < open_, low, where(close > open_, high, close))
        return whole / 4, [whole / 2 - low], [whole / 2 - high]
    if method is Method.WOODIE:
        middle = (high + low + close * 2) / 4
    above = [middle * 2 - low, middle + size, high + (middle - low) * 2]
    return middle, above, [middle * 2 - high, middle - size, low - (high - middle) * 2]


INDICATOR = IndicatorSpec(
    name="pivots",
    title="Pivot points",
    short="Pivots {method}",
    params=Params,
    outputs=(
        Output(name="p", title="P", kind=Kind.STEP, is_sparse=True),
        *(
            Output(name=f"r{n}", title=f"R{n}", kind=Kind.STEP, role=Role.DOWN, is_sparse=True)
            for n in range(1, 5)
        ),
        *(
            Output(name=f"s{n}", title=f"S{n}", kind=Kind.STEP, role=Role.UP, is_sparse=True)
            for n in range(1, 5)
        ),
    ),
    category=Category.LEVELS,
    pane=Pane.OVERLAY,
    rule=rule,
)
