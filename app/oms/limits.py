"""Limits, changed by a person: tighter at once, looser on record, and not at all while locked.

The danger: in the middle of a losing day a limit is loosened with one click; or the settings file
is edited and the program started anew; or the clock is set to tomorrow.
How this prevents it: every change is a record with its reason, and only the record loosens. A lock
keeps the limits as they were until the next session: of what the settings or later records say,
only what is tighter comes into force. It ends when both clocks say so: the one that can be set and
the one that cannot.
Not guaranteed: that a machine which was started anew since still knows how long ago that was. Then
the clock that can be set decides alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import msgspec

from app.audit.records import LimitSet, LimitsLocked, Record
from app.calendar import Calendar
from app.clock import Clock
from app.domain.errors import BadInput
from app.risk.checks.base import CheckParams, CheckSpec
from app.risk.gate import Gate, make_params
from app.risk.limits import changed, is_looser, parse_value, rows_of, table_of, tighter_of
from app.risk.view import LimitRow

SET_BACK_NS: Final = 60 * 1_000_000_000
"""By how much both clocks may differ over a day."""


class LimitsRecord:
    """What the record says of limits. Written by the books only."""

    def __init__(self) -> None:
        self.sets: Final[dict[tuple[str, str], LimitSet]] = {}
        """Check and parameter -> its newest change."""
        self.lock: LimitsLocked | None = None
        self.version = 0

    def on_record(self, record: Record) -> None:
        """Keep what concerns limits."""
        if isinstance(record, LimitSet):
            self.sets[record.check, record.param] = record
            self.version += 1
        elif isinstance(record, LimitsLocked):
            self.lock = record
            self.version += 1


class LimitKeeper:
    """Sets the parameters of the gate's checks."""

    def __init__(
        self,
        *,
        gate: Gate,
        record: LimitsRecord,
        clock: Clock,
        calendar: Calendar,
        put: Callable[[LimitSet | LimitsLocked], None],
    ) -> None:
        self._gate: Final = gate
        self._record: Final = record
        self._clock: Final = clock
        self._calendar: Final = calendar
        self._put: Final = put
        self._waiting: list[LimitSet] = []
        """Changes that are not durable yet, in order."""
        self._defaults: Final = {spec.name: params for spec, params in gate.checks}
        """As the settings have them."""

    @property
    def locked_until(self) -> date | None:
        """The trading day that lifts the lock; None if nothing is locked."""
        lock = self._record.lock
        if lock is None:
            return None
        now_ns, mono_ns = self._clock.now_ns(), self._clock.mono_ns()
        is_past = now_ns >= lock.until_ns
        if mono_ns >= lock.mono_ns:  # The machine runs since: its own clock has to agree.
            passed_ns = mono_ns - lock.mono_ns
            is_past = is_past and passed_ns >= lock.until_ns - lock.ts_ns - SET_BACK_NS
        return None if is_past else lock.until

    def restore(self) -> None:
        """Put what the record says into force. Called once, before anything is decided.

        Raises:
            BadInput: a recorded limit fits no check that is there.
        """
        for (check, param), last in self._record.sets.items():
            spec, params = self._find(check)
            self._gate.set_params(check, changed(spec, params, param, last.value))
        lock = self._record.lock
        if lock is None or self.locked_until is None:
            return
        for check, table in lock.limits.items():
            spec, params = self._find(check)
            self._gate.set_params(check, tighter_of(make_params(spec, table), params))

    def rows(self) -> tuple[LimitRow, ...]:
        """Return every parameter of every check, with who changed it last."""
        rows = []
        for spec, params in self._gate.checks:
            for row in rows_of(spec, params, self._defaults.get(spec.name, params)):
                last = self._record.sets.get((row.check, row.param))
                if last is not None:
                    row = msgspec.structs.replace(row, changed_by=last.actor, changed_ns=last.ts_ns)
                rows.append(row)
        return tuple(rows)

    @property
    def version(self) -> int:
        """A number that grows with every change on record."""
        return self._record.version

    def is_looser(self, check: str, param: str, typed: str) -> bool:
        """Whether a typed value would let more through.

        Raises:
            BadInput: it is no value of that parameter.
        """
        before, after = self._change(check, param, typed)
        return is_looser(before, after)

    def set(self, check: str, param: str, typed: str, *, reason: str, actor: str) -> None:
        """Change a parameter: tighter in this call, looser once it is on record.

        Raises:
            BadInput: it is no value of that parameter, or it is looser and the limits are locked;
                nothing is recorded.
        """
        before, after = self._change(check, param, typed)
        if is_looser(before, after):
            until = self.locked_until
            if until is not None:
                raise BadInput(f"limits are locked until {until}: {param} stays as it is")
        else:
            self._gate.set_params(check, after)
        wanted = LimitSet(
            check=check,
            param=param,
            value=table_of(after)[param],
            before=table_of(before)[param],
            reason=reason,
            actor=actor,
            ts_ns=self._clock.now_ns(),
        )
        self._waiting.append(wanted)
        self._put(wanted)

    def lock(self, *, actor: str) -> None:
        """Let nobody loosen a limit before the next session; in force at once."""
        now_ns = self._clock.now_ns()
        day = self._calendar.trading_day(now_ns)
        until = self._calendar.next_session(day).day
        self._put(
            LimitsLocked(
                until=until,
                until_ns=self._calendar.day_start_ns(until),
                ts_ns=now_ns,
                mono_ns=self._clock.mono_ns(),
                limits={spec.name: table_of(params) for spec, params in self._gate.checks},
                actor=actor,
            )
        )

    def on_record(self, record: LimitSet) -> None:
        """Put a change that is durable now into force, unless a later one is on its way."""
        self._waiting.remove(record)
        if any((w.check, w.param) == (record.check, record.param) for w in self._waiting):
            return
        spec, params = self._find(record.check)
        self._gate.set_params(record.check, changed(spec, params, record.param, record.value))

    def _change(self, check: str, param: str, typed: str) -> tuple[CheckParams, CheckParams]:
        spec, params = self._find(check)
        value: Any = parse_value(params, param, typed)
        return params, changed(spec, params, param, value)

    def _find(self, check: str) -> tuple[CheckSpec, CheckParams]:
        found = self._gate.find(check)
        if found is None:
            raise BadInput(f"there is no check '{check}'; nothing changed")
        return found
