"""The gate: every order passes here, and only here does an order become an `ApprovedOrder`.

The danger: an order that should not go, goes. How it happens elsewhere: a market order has no price
and the value check skips it; a sell against a long position is let through as reducing and flips
it; a rule file that fails to load is logged and then absent; NaN passes `x > limit`.
How this prevents it: one gate for every origin; every check is run and reported, a check that
raises refuses, a configured check that does not load halts trading; the approval needs the durable
sequence number of the recorded decision.
Not guaranteed: that the picture is true. It is what this station knew; it is recorded with the
decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from app.domain.approval import ApprovedOrder, claim_key
from app.domain.decision import CheckResult, Latch, Picture
from app.domain.enums import TradingState
from app.domain.errors import BadInput
from app.domain.ids import ClOrdID, DurableSeq, Symbol
from app.domain.instrument import Instrument
from app.domain.terms import NewOrder
from app.risk.checks.base import CheckParams, CheckSpec, Finding, run_check
from app.risk.exposure import RiskInput, is_closing
from app.risk.halt import HaltFlag

_KEY: Final = claim_key()


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """Every check holds."""

    order: NewOrder
    checks: tuple[CheckResult, ...]


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """At least one check does not hold."""

    order: NewOrder
    checks: tuple[CheckResult, ...]

    @property
    def text(self) -> str:
        """The refusals in words."""
        return " · ".join(check.text for check in self.checks if not check.passed)

    @property
    def can_confirm(self) -> bool:
        """Whether a person may let it through by typing a reason."""
        return all(check.passed or check.can_confirm for check in self.checks)


class Gate:
    """All checks and the trading state; decides, never waits."""

    def __init__(
        self,
        checks: Iterable[CheckSpec],
        settings: Mapping[str, Mapping[str, Any]],
        halt: HaltFlag | None = None,
    ) -> None:
        """Take the checks that loaded and the settings of each by name.

        While the flag is set the state is HALTED, whatever the engine has come to.

        Raises:
            BadInput: a setting has a wrong key or kind.
        """
        loaded = {spec.name: spec for spec in checks}
        missing = sorted(set(settings) - set(loaded))
        self.is_complete: Final = not missing
        self._missing_text: Final = (
            f"risk check {', '.join(missing)} is configured but not loaded" if missing else ""
        )
        # In the order of the settings, so that the first refusal shown is the plainest.
        ordered = [
            *(loaded[name] for name in settings if name in loaded),
            *(spec for name, spec in loaded.items() if name not in settings),
        ]
        self._checks: Final[dict[str, tuple[CheckSpec, CheckParams]]] = {
            _TRADING_STATE.name: (_TRADING_STATE, _TradingStateParams())
        }
        for spec in ordered:
            params = make_params(spec, settings.get(spec.name, {}))
            self._checks[spec.name] = spec, params
        self._flag: Final = halt or HaltFlag()
        self._state = TradingState.ACTIVE
        self._state_reason = ""
        self._state_actor = ""
        self.latch: Latch | None = None
        """What holds it there, beyond a person's word."""
        self.symbol_states: Final[dict[Symbol, TradingState]] = {}
        """Symbols of which less is let through than of the account."""
        self.symbol_reasons: Final[dict[Symbol, str]] = {}
        self.set_state(TradingState.ACTIVE, "")

    def set_state(
        self, state: TradingState, reason: str, actor: str = "", latch: Latch | None = None
    ) -> None:
        """Change what is let through. Written by the engine, after the record.

        While a configured check is missing nothing but HALTED can be set.
        """
        self._state = state if self.is_complete else TradingState.HALTED
        self._state_reason = reason if self.is_complete else self._missing_text
        self._state_actor = actor
        self.latch = latch

    @property
    def state(self) -> TradingState:
        """What is let through now."""
        return self._state if self._flag.halt is None else TradingState.HALTED

    @property
    def state_reason(self) -> str:
        """Why, in words."""
        halt = self._flag.halt
        return self._state_reason if halt is None else halt.reason

    @property
    def state_actor(self) -> str:
        """Who set it."""
        halt = self._flag.halt
        return self._state_actor if halt is None else halt.actor

    def set_symbol_state(self, symbol: Symbol, state: TradingState, reason: str) -> None:
        """Change what is let through of one symbol. Written by the engine."""
        if state is TradingState.ACTIVE:
            self.symbol_states.pop(symbol, None)
            self.symbol_reasons.pop(symbol, None)
        else:
            self.symbol_states[symbol] = state
            self.symbol_reasons[symbol] = reason

    def lets_through(self, order: NewOrder, picture: Picture) -> bool:
        """Whether the trading state of this moment lets an order through."""
        return _is_let_through(picture.trading_state, order, picture)

    def state_of(self, symbol: Symbol) -> TradingState:
        """Return what holds for a symbol: the account's state, or its own if tighter."""
        own = self.symbol_states.get(symbol, self.state)
        return own if own.is_tighter_than(self.state) else self.state

    def check(
        self,
        order: NewOrder,
        picture: Picture,
        instrument: Instrument | None,
        *,
        is_confirmed: bool = False,
    ) -> Passed | Refused:
        """Return the verdict on an order: all checks are run, all are reported.

        Args:
            order: the terms.
            picture: what is known.
            instrument: what the symbol is; None if it is not listed.
            is_confirmed: a person has said why it is to go although a check asks.
        """
        given = RiskInput(order=order, instrument=instrument, picture=picture)
        results = tuple([run_check(spec, params, given) for spec, params in self._checks.values()])
        for result in results:
            if not (result.passed or (result.can_confirm and is_confirmed)):
                return Refused(order=order, checks=results)
        return Passed(order=order, checks=results)

    @property
    def checks(self) -> tuple[tuple[CheckSpec, CheckParams], ...]:
        """Every check with its parameters, in the order in which they are shown."""
        return tuple(self._checks.values())

    def find(self, name: str) -> tuple[CheckSpec, CheckParams] | None:
        """Return a check and its parameters; None if there is no such check."""
        return self._checks.get(name)

    def set_params(self, name: str, params: CheckParams) -> None:
        """Change the parameters of a check. Written by the keeper of limits, after the record."""
        spec, old = self._checks[name]
        assert type(params) is type(old), params
        self._checks[name] = spec, params

    def approve(
        self,
        passed: Passed,
        cl_ord_id: ClOrdID,
        durable_seq: DurableSeq,
        orig_cl_ord_id: ClOrdID | None = None,
    ) -> ApprovedOrder:
        """Make the one thing a broker sends, once the decision is on disk.

        Args:
            passed: the verdict.
            cl_ord_id: identity of the order or of the replace.
            durable_seq: of the recorded decision.
            orig_cl_ord_id: of a replace: the identity it takes the place of.
        """
        assert isinstance(passed, Passed), passed
        return ApprovedOrder(
            _KEY,
            cl_ord_id=cl_ord_id,
            order=passed.order,
            durable_seq=durable_seq,
            orig_cl_ord_id=orig_cl_ord_id or ClOrdID(""),
        )


class _TradingStateParams(CheckParams, frozen=True):
    pass


def _check_trading_state(given: RiskInput, params: _TradingStateParams) -> Finding:
    """ACTIVE, or REDUCING and the whole order only reduces; HALTED lets nothing through."""
    state = given.picture.trading_state
    return Finding(
        passed=_is_let_through(state, given.order, given.picture),
        value=state.name,
        limit=TradingState.ACTIVE.name,
        text=f"trading is {state.name}",
    )


def _is_let_through(state: TradingState, order: NewOrder, picture: Picture) -> bool:
    return state is TradingState.ACTIVE or (
        state is TradingState.REDUCING and is_closing(order, picture)
    )


_TRADING_STATE: Final = CheckSpec(
    "trading_state", "Trading state", _TradingStateParams, _check_trading_state, "R01"
)


def make_params(spec: CheckSpec, table: Mapping[str, Any]) -> CheckParams:
    """Return a check's parameters from a table of settings.

    Raises:
        BadInput: a key is not known, or a value is none that it may have.
    """
    try:
        return msgspec.convert(dict(table), spec.params)
    except msgspec.ValidationError as error:
        raise BadInput(f"settings [risk.checks.{spec.name}]: {error}; mend the file") from error
