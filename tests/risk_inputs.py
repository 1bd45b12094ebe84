"""What checks are given: a few calm situations, and drawn ones in which anything may be wrong.

Fields are found from the types: one that is added to a picture, to an order or to parameters is
drawn and put out of order without a line here.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
from hypothesis import strategies as st

from app.domain.decision import Picture, Traffic
from app.domain.enums import MarginRegime, OrdType, Side
from app.domain.ids import Symbol
from app.domain.instrument import Instrument
from app.domain.terms import NewOrder
from app.risk.checks.base import CheckParams
from app.risk.exposure import RiskInput
from tests.samples import FUNDS, IBM, MSFT, NOT_NUMBERS, instrument, new_order, picture

Path = tuple[str, ...]
"""Names of fields from a `RiskInput` down to a value."""

ROOTS = {"order": NewOrder, "instrument": Instrument, "picture": Picture}
LONG = "0." + "123456789" * 30
"""Written out, a number that nobody can read."""
INT64 = 2**63 - 1

CALM_NUMBERS = ["0", "0.001", "0.5", "1", "50", "99.99", "100", "100.01", "110", "5000", "1000000"]
ABSURD_NUMBERS = ["-0", "-1", "-5000", "1e308", "-1e308", "1e-308", "1e30", LONG]
FINITE = [Decimal(text) for text in (*CALM_NUMBERS, *ABSURD_NUMBERS)]
PROBES = [Decimal(text) for text in ("0", "0.001", "50", "99.99", "101", "5000", "-5000", "1e30")]
"""Finite numbers of which one or another changes the verdict of whoever looks at the field."""
NUMBERS = st.one_of(
    st.sampled_from([*FINITE, *NOT_NUMBERS]),
    st.decimals(Decimal("-1e6"), Decimal("1e6"), places=3),
)
WHOLES = st.sampled_from([-INT64, -1, 0, 1, 5, 51, 201, 1_000, 10**9, 10**12, INT64])
WORDS = st.sampled_from(["", str(IBM), str(MSFT), "a word", "two\nlines", "word " * 1_000])
DATES = st.sampled_from([date(1970, 1, 1), date(2026, 11, 23), date(9999, 12, 31)])

LIMITS = [Decimal(text) for text in ("0", "1e-308", "0.001", "0.02", "1", "5", "100", "1e6")]
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    Decimal: NUMBERS,
    int: WHOLES,
    str: WORDS,
    bool: st.booleans(),
    Symbol: st.sampled_from([IBM, MSFT, Symbol(""), Symbol("A symbol")]),
    date: DATES,
    type(None): st.none(),
}
BOUNDS = PLAIN | {
    Decimal: st.sampled_from([*LIMITS, Decimal("1e308"), Decimal(LONG)]),
    int: st.sampled_from([0, 1, 2, 5, 60, 1_000, INT64]),
}
"""The same of parameters, which have no negative ones."""


def situations() -> dict[str, RiskInput]:
    """Return orders of every type and side, that open, close and take the place of another."""
    with_habits = Traffic(habit_value=Decimal(10_000), twin_age_ns=10**10, fills_day=5)
    own = {"own_bid": Decimal(90), "own_ask": Decimal(110), "traffic": with_habits}
    known = instrument(adv=1_000_000, group="Technology")
    terms = {
        "market": {},
        "limit": {"limit": "100"},
        "stop": {"ord_type": OrdType.STOP},
        "stop limit": {"ord_type": OrdType.STOP_LIMIT},
    }
    held = {"opens": 0, "closes": 200, "turns round": 40}
    found = {}
    for side in Side:
        stop = Decimal(100 + side.sign)
        for kind, changes in terms.items():
            order = new_order(side, **changes)
            if order.ord_type in (OrdType.STOP, OrdType.STOP_LIMIT):
                limit = stop + side.sign if order.ord_type is OrdType.STOP_LIMIT else None
                order = msgspec.structs.replace(order, stop_px=stop, limit_px=limit)
            for what, qty in held.items():
                seen = picture(**own, position_qty=str(-qty * side.sign))
                found[f"{side.name} {kind} {what}"] = RiskInput(
                    order=order, instrument=known, picture=seen
                )
        seen = picture(**own, replaced_qty="100", replaced_px="100", family_qty="100")
        pressed = picture(
            **own,
            symbols_held=60,
            in_doubt=1,
            is_short_restricted=True,
            loop_lag_ns=10**10,
            funds=msgspec.structs.replace(FUNDS, regime=MarginRegime.CASH),
        )
        found[f"{side.name} under pressure"] = RiskInput(
            order=new_order(side, limit="100"), instrument=known, picture=pressed
        )
        found[f"{side.name} replaces"] = RiskInput(
            order=new_order(side, limit="100"), instrument=known, picture=seen
        )
    return found


SITUATIONS = situations()


# Fields


def _bare(kind: Any) -> Any:
    """Return a type without annotation and without the name that was given to it."""
    while hasattr(kind, "__metadata__") or hasattr(kind, "__supertype__"):
        kind = kind.__origin__ if hasattr(kind, "__metadata__") else kind.__supertype__
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _kinds(kind: Any) -> list[Any]:
    """Return the members of a union; of anything else itself."""
    is_union = typing.get_origin(kind) in (typing.Union, types.UnionType)
    return [_bare(one) for one in typing.get_args(kind)] if is_union else [kind]


def _leaves(kind: type[msgspec.Struct], *above: str) -> Iterator[tuple[Path, Any]]:
    for field in msgspec.structs.fields(kind):
        below = _bare(field.type)
        if _is_struct(below):
            yield from _leaves(below, *above, field.name)
        else:
            yield (*above, field.name), field.type


LEAVES: dict[Path, Any] = {
    path: kind for root, struct in ROOTS.items() for path, kind in _leaves(struct, root)
}
"""Every field that a check can look at, and its type."""
NUMBER_PATHS = [path for path, kind in LEAVES.items() if Decimal in _kinds(_bare(kind))]


def changed(whole: Any, path: Path, value: Any) -> Any:
    """Return a struct with one field below it replaced; unchanged where there is no such struct."""
    name, *rest = path
    below = getattr(whole, name)
    if rest:
        if below is None:
            return whole
        value = changed(below, tuple(rest), value)
    return msgspec.structs.replace(whole, **{name: value})


def value_at(whole: Any, path: Path) -> Any:
    """Return a field below a struct; None where there is no such struct."""
    for name in path:
        whole = None if whole is None else getattr(whole, name)
    return whole


# Strategies


def values(kind: Any, plain: dict[Any, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Return values of any type that has a place in orders, pictures and parameters."""
    if kind in plain:
        return plain[kind]
    kind = _bare(kind)
    if len(kinds := _kinds(kind)) > 1:
        return st.one_of([values(one, plain) for one in kinds])
    if typing.get_origin(kind) is tuple:
        first, *rest = typing.get_args(kind)
        if rest == [...]:
            return st.lists(values(first, plain), max_size=3).map(tuple)
        return st.tuples(*[values(one, plain) for one in (first, *rest)])
    if _is_struct(kind):
        fields = msgspec.structs.fields(kind)
        return st.builds(kind, **{field.name: values(field.type, plain) for field in fields})
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return plain[kind]


def params_of(kind: type[CheckParams]) -> st.SearchStrategy[CheckParams]:
    """Return parameters that settings may hold, the absurd ones among them."""
    return values(kind, BOUNDS)


_CHANGES = st.one_of(
    [st.tuples(st.just(path), values(kind, PLAIN)) for path, kind in LEAVES.items()]
)


@st.composite
def givens(draw: st.DrawFn, names: Sequence[str] = tuple(SITUATIONS)) -> RiskInput:
    """Return one of some calm situations, of which up to six things are anything at all."""
    given = SITUATIONS[draw(st.sampled_from(names))]
    for path, value in draw(st.lists(_CHANGES, max_size=6)):
        given = changed(given, path, value)
    return changed(given, ("instrument",), None) if draw(st.integers(0, 9)) == 0 else given
