"""What a check is: the contract that every check's file fills."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from app.domain.decision import CheckResult
from app.domain.terms import ZERO
from app.risk.exposure import RiskInput

UNKNOWN: Final = "unknown"
"""What a check found where something that it needs is missing."""
SHOWN_MAX: Final = 64
"""Characters of a found value and of a limit in a result."""
TEXT_MAX: Final = 360
"""Characters of a refusal's words, before what happens now."""
_DIGITS_MAX: Final = 28


class CheckParams(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every check's parameters; fields come from `[risk.checks.NAME]` of the settings.

    Each field is `Annotated` with a title and a unit (`msgspec.Meta`), for the form that edits it.
    A name that ends in `_max` is looser when it is more, in `_min` when it is less.
    """

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, Decimal) and not (value.is_finite() and value >= 0):
                raise ValueError(f"{name} was {value}, must be a number of 0 or more")
            if isinstance(value, int) and value < 0:
                raise ValueError(f"{name} was {value}, must be 0 or more")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found; the gate adds the check's name."""

    passed: bool
    value: str
    limit: str
    text: str = ""
    """What, found value and limit, for a refusal; the gate adds what happens now."""
    use: float | None = None
    can_confirm: bool = False
    """Not passed, but a person may let it through by typing a reason."""


def refuse(value: str, limit: str, text: str, *, use: float | None = None) -> Finding:
    """Return that an order must not go."""
    return Finding(passed=False, value=value, limit=limit, text=text, use=use)


def ask(value: str, limit: str, text: str, *, use: float | None = None) -> Finding:
    """Return that an order goes only if a person says so, with a reason."""
    return Finding(passed=False, value=value, limit=limit, text=text, use=use, can_confirm=True)


class OnBreach(StrEnum):
    """What happens when an account comes to lie over a limit by itself."""

    ALERT = "alert"
    REDUCE = "reduce"
    """Trading only reduces until a person arms it again."""
    LATCH = "latch"
    """The same, and no arming before the next session."""


class CheckSpec(msgspec.Struct, frozen=True):
    """What a plug-in gives under `tradedeck.checks`."""

    name: str
    """Stable id, stored in records."""
    title: str
    """As shown in the ticket."""
    params: type[CheckParams]
    check: Callable[[RiskInput, Any], Finding]
    code: str = ""
    """Number of the rule as README "Risk" lists them, R00 to R52; empty: it is none of those."""
    meter: Callable[[RiskInput, Any], Finding] | None = None
    """The same rule on the account as it is, without an order; None: it is about orders only."""
    on_breach: OnBreach = OnBreach.ALERT
    """What happens when the account comes to lie over the limit."""


def run_check(spec: CheckSpec, params: CheckParams, given: RiskInput) -> CheckResult:
    """Return a check's result; a check that raises refuses."""
    try:
        found = spec.check(given, params)
        if not isinstance(found, Finding):
            raise TypeError(f"it gave {found!r}")
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001  A stranger's check may raise anything.
        found = Finding(
            passed=False, value="error", limit="", text=f"check {spec.name} failed: {error!r}"
        )
    text = "" if found.passed else f"{_clipped(found.text, TEXT_MAX)}; order not sent"
    return CheckResult(
        name=spec.name,
        passed=found.passed,
        value=_clipped(found.value, SHOWN_MAX),
        limit=_clipped(found.limit, SHOWN_MAX),
        text=text,
        use=found.use,
        can_confirm=found.can_confirm and not found.passed,
    )


def _clipped(text: str, most: int) -> str:
    """Return words no longer than so many characters: a reason may be as long as its author."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def figure(value: Decimal, places: int | None = None) -> str:
    """Return a number as shown, with separators; one beyond all measure in powers of ten.

    Written out, a quantity of 1e99999999 would fill the record with its zeros.
    """
    if value.is_finite() and not -12 <= value.adjusted() <= 15:
        return f"{value:.6g}"
    if places is None and len(value.as_tuple().digits) > _DIGITS_MAX:
        return f"{value:.12g}"
    return f"{value:,f}" if places is None else f"{value:,.{places}f}"


def share(value: Any, limit: Any) -> float | None:  # noqa: ANN401  Any pair of numbers.
    """Return value / limit for a headroom bar, 0 or more; None where that means nothing."""
    return max(0.0, float(value / limit)) if limit and limit > 0 else None


def percent(part: Decimal) -> str:
    """Return a share as shown: 0.25 is "25 %"."""
    return f"{figure(part * 100, 2).removesuffix('.00')} %"


def closing(limit: str) -> Finding:
    """Return that an order may go because it only reduces what is held."""
    return Finding(passed=True, value="closing", limit=limit)


def where_known(found: Finding, text: str) -> Finding:
    """Return what a meter found; where it does not know, a refusal: to open is another matter."""
    return refuse(UNKNOWN, found.limit, text) if found.value == UNKNOWN else found


def fall(equity: Decimal | None, before: Decimal | None, most: Decimal, words: str) -> Finding:
    """Return how far equity lies below what it was, as a share of that; not known is none.

    Args:
        equity: now; None where it is not known.
        before: what it was.
        most: share, exclusive.
        words: of a refusal, with places for the share and for what it was.
    """
    limit = percent(most)
    if equity is None or before is None:
        return Finding(passed=True, value=UNKNOWN, limit=limit)
    if not (before > 0):
        return without_equity(before)
    part = max(ZERO, before - equity) / before
    value = percent(part)
    if not (part < most):
        text = f"{words.format(value, figure(before, 2))}, limit {limit}"
        return refuse(value, limit, text, use=1.0)
    return Finding(passed=True, value=value, limit=limit, use=share(part, most))


def without_equity(equity: Decimal) -> Finding:
    """Return that nothing is opened by an account that is worth nothing."""
    value = figure(equity, 2)
    return refuse(value, "> 0", f"equity {value} USD must be above 0 to open")
