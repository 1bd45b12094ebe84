"""Parameters of checks, changed: which way is looser, and what a typed value comes to."""

from __future__ import annotations

from typing import Any

import msgspec

from app.domain.errors import BadInput
from app.risk.checks.base import CheckParams, CheckSpec
from app.risk.gate import make_params
from app.risk.view import LimitRow


def table_of(params: CheckParams) -> dict[str, Any]:
    """Return parameters as settings have them: decimals as strings."""
    table: dict[str, Any] = msgspec.to_builtins(params)
    return table


def changed(spec: CheckSpec, params: CheckParams, param: str, value: Any) -> CheckParams:  # noqa: ANN401  Any builtin.
    """Return parameters with one of them changed.

    Raises:
        BadInput: there is no such parameter, or it may not have that value.
    """
    table = table_of(params)
    if param not in table:
        known = ", ".join(table) or "none"
        raise BadInput(f"{spec.name} has no parameter '{param}' (known: {known}); nothing changed")
    return make_params(spec, {**table, param: value})


def parse_value(params: CheckParams, param: str, typed: str) -> Any:  # noqa: ANN401  Any builtin.
    """Return what was typed for a parameter as settings have it.

    Raises:
        BadInput: it is no such value.
    """
    before, shown = getattr(params, param, None), typed.strip()
    if isinstance(before, bool):
        if shown.lower() not in ("yes", "no", "true", "false"):
            raise BadInput(f"{param} was '{shown}', must be yes or no; nothing changed")
        return shown.lower() in ("yes", "true")
    if isinstance(before, int):
        try:
            return int(shown.replace(",", ""))
        except ValueError:
            raise BadInput(
                f"{param} was '{shown}', must be a whole number; nothing changed"
            ) from None
    if isinstance(before, tuple):
        try:
            return msgspec.json.decode(shown)
        except msgspec.DecodeError as error:
            raise BadInput(f"{param} was no list: {error}; nothing changed") from None
    return shown.replace(",", "")


def rows_of(spec: CheckSpec, params: CheckParams, default: CheckParams) -> list[LimitRow]:
    """Return a check's parameters as a person sees them."""
    rule = (spec.check.__doc__ or "").strip().partition("\n")[0].removesuffix(".")
    now, before = table_of(params), table_of(default)
    rows = []
    for field in msgspec.structs.fields(type(params)):
        title, unit = _words(field.type)
        rows.append(
            LimitRow(
                check=spec.name,
                title=spec.title,
                code=spec.code,
                rule=rule,
                param=field.name,
                param_title=title or field.name.replace("_", " "),
                unit=unit,
                value=_shown(now[field.name]),
                default=_shown(before[field.name]),
            )
        )
    return rows


def is_looser(before: CheckParams, after: CheckParams) -> bool:
    """Whether any change lets more through, or cannot be said not to."""
    return any(
        _loosens(name, getattr(before, name), getattr(after, name))
        for name in before.__struct_fields__
    )


def tighter_of(one: CheckParams, other: CheckParams) -> CheckParams:
    """Return parameters of which each is the tighter of two; the first where that means nothing.

    Of two lists of what is refused that is both together.
    """
    picked = {
        name: _tighter(name, getattr(one, name), getattr(other, name))
        for name in one.__struct_fields__
    }
    return type(one)(**picked)


def _tighter(name: str, one: Any, other: Any) -> Any:  # noqa: ANN401  Values of any parameter.
    if isinstance(one, tuple):
        return tuple(dict.fromkeys((*one, *other)))
    return one if _loosens(name, one, other) else other


def _loosens(name: str, before: Any, after: Any) -> bool:  # noqa: ANN401  Values of any parameter.
    if before == after:
        return False
    if name.endswith("_max"):
        return bool(after > before)
    if name.endswith("_min"):
        return bool(after < before)
    if isinstance(before, tuple):  # A list of what is refused.
        return not set(before) <= set(after)
    return True


def _words(kind: Any) -> tuple[str, str]:  # noqa: ANN401  A type, annotated or not.
    """Return title and unit of a field's type."""
    for meta in getattr(kind, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta):
            return meta.title or "", meta.description or ""
    return "", ""


def _shown(value: Any) -> str:  # noqa: ANN401  Any builtin.
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | dict):
        return msgspec.json.encode(value).decode()
    return str(value)
