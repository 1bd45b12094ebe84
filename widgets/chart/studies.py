"""The studies of one chart: which, how they are set, and their values as rows to be drawn.

A study that a saved layout names and nobody knows, or whose settings no longer fit, is kept and
said on the chart: a plug-in may be back tomorrow.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from app.domain.errors import BadInput
from app.indicators.base import Bars, Category, IndicatorSpec, Kind, Output, Pane, StudyParams
from app.indicators.base import Role as Meaning
from app.indicators.guard import faults_of, file_of
from app.indicators.run import StudyRun
from app.plugins import load
from widgets.palettes import Role
from widgets.plot.content import MAIN_PANE, Plot, PlotKind, StudySeries
from widgets.plot.growth import Growth
from widgets.theme import STUDY_ROLES

if TYPE_CHECKING:
    from app.desk import BarColumns, Flow
    from app.indicators.kernels import Floats, Ints

GROUP: Final = "tradedeck.indicators"
STUDIES_MAX: Final = 30
"""On one chart."""
OWN_FIRST_S: Final = 2.0
OWN_STEP_S: Final = 0.05
"""What a person's own study may take for a history, and for what is new in a frame."""

_KINDS: Final = {
    Kind.LINE: PlotKind.LINE,
    Kind.STEP: PlotKind.STEP,
    Kind.HISTOGRAM: PlotKind.HISTOGRAM,
    Kind.BAND: PlotKind.BAND,
    Kind.CLOUD: PlotKind.CLOUD,
    Kind.POINTS: PlotKind.POINTS,
    Kind.MARKS: PlotKind.MARKS,
    Kind.LEGS: PlotKind.LEGS,
}
_FIXED_ROLES: Final = {
    Meaning.UP: Role.UP,
    Meaning.DOWN: Role.DOWN,
    Meaning.DIM: Role.DIM,
    Meaning.SIGNED: Role.UP,
}
_LATER: Final = {Meaning.FIRST: 0, Meaning.SECOND: 1, Meaning.THIRD: 2}
"""How far behind the study's own colour another line of it is."""

Catalogue = Callable[[], Mapping[str, IndicatorSpec]]


@functools.cache
def installed() -> Mapping[str, IndicatorSpec]:
    """Return the studies of this installation by name; to be imported after the first paint."""
    return {spec.name: spec for spec in load(GROUP).specs}


@dataclass(frozen=True)
class BarFacts:
    """What is known of bars besides prices and volume; asked for those that are new."""

    days: Callable[[Ints], Ints]
    """Starts of bars -> a number of the session that each belongs to."""
    flow: Callable[[Ints], Flow] | None = None
    """The same -> shares bought and sold in each; None: of such bars it is not known."""


@dataclass(frozen=True)
class Chosen:
    """A study on a chart, as somebody wants it."""

    key: str
    """Tells it from the others of the chart."""
    spec: IndicatorSpec
    params: StudyParams
    role: Role
    """Colour of its first line."""
    pane: Pane
    is_hidden: bool = False

    @property
    def label(self) -> str:
        """Title with the settings, as the legend has it."""
        return self.spec.label(self.params)


@dataclass(frozen=True)
class _Lost:
    """A study that cannot be made, as it was saved."""

    key: str
    saved: Mapping[str, object]
    reason: str


class Studies:
    """Holds the studies of a chart; sole writer of what it shows of them."""

    def __init__(self, catalogue: Catalogue = installed) -> None:
        self._catalogue: Final = catalogue
        self._chosen: dict[str, Chosen] = {}
        self._lost: list[_Lost] = []
        self._runs: dict[str, StudyRun] = {}
        self._broken: dict[str, str] = {}
        """Key of a study that raised -> what it said."""
        self._saved: Sequence[object] = ()
        """What `restore` was given, until the first time that studies are wanted."""
        self._made = 0
        self._growth = Growth()
        self._days: Ints = np.empty(0, dtype=np.int64)
        """Session of each bar, with room for more."""
        self._bought: Floats = np.empty(0)
        self._sold: Floats = np.empty(0)
        self.version = 0
        """A number that grows with every change of what is wanted."""

    def __len__(self) -> int:
        return len(self._chosen) + len(self._lost) + len(self._saved)

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """Those there are, in the order in which they are drawn."""
        self._resolve()
        return tuple(self._chosen.values())

    @property
    def lost(self) -> tuple[tuple[str, str], ...]:
        """Those that cannot be made: key, and why."""
        self._resolve()
        return tuple((lost.key, lost.reason) for lost in self._lost)

    def catalogue(self) -> Mapping[str, IndicatorSpec]:
        """Return all studies there are, by name."""
        return self._catalogue()

    def get(self, key: str) -> Chosen | None:
        """Return one of them; None if it is there no more."""
        return self._chosen.get(key)

    def add(self, name: str, params: StudyParams | None = None) -> Chosen:
        """Put a study on the chart, with the settings of its source if none are given.

        Raises:
            BadInput: there is none of that name, its settings do not fit, or there are too many.
        """
        self._resolve()
        spec = self._catalogue().get(name)
        if spec is None:
            raise BadInput(f"there is no study '{name}'")
        if len(self) >= STUDIES_MAX:
            raise BadInput(f"{STUDIES_MAX} studies are the most on one chart; remove one first")
        chosen = self._make(spec, params if params is not None else spec.params())
        self._put(chosen)
        return chosen

    def change(self, key: str, **changes: Any) -> None:  # noqa: ANN401  Fields of Chosen.
        """Set a study otherwise: `params`, `role`, `pane` or `is_hidden`.

        Raises:
            BadInput: the settings do not go together.
        """
        wanted = replace(self._chosen[key], **changes)
        _check(wanted.spec, wanted.params)
        self._put(wanted)

    def remove(self, key: str) -> None:
        """Take a study off the chart."""
        self._chosen.pop(key, None)
        self._runs.pop(key, None)
        self._lost = [lost for lost in self._lost if lost.key != key]
        self.version += 1

    def clear(self) -> None:
        """Take all of them off."""
        self._saved, self._lost = (), []
        self._chosen.clear()
        self._runs.clear()
        self._broken.clear()
        self.version += 1

    def state(self) -> list[object]:
        """Return what to keep in a layout."""
        if self._saved:
            return list(self._saved)
        kept: list[object] = [dict(lost.saved) for lost in self._lost]
        kept += [
            {
                "name": chosen.spec.name,
                "key": chosen.key,
                "params": msgspec.to_builtins(chosen.params),
                "color": chosen.role.name,
                "pane": chosen.pane.value,
                "hidden": chosen.is_hidden,
            }
            for chosen in self._chosen.values()
        ]
        return kept

    def restore(self, state: object) -> None:
        """Take them back in place of those there are; they are made when they are first drawn."""
        self.clear()
        self._saved = tuple(state[:STUDIES_MAX]) if isinstance(state, list) else ()

    def series(
        self, bars: BarColumns, facts: BarFacts, history: object, seen: tuple[int, int] = (0, 0)
    ) -> tuple[StudySeries, ...]:
        """Return what is drawn over bars and below them.

        Args:
            bars: of the chart.
            facts: what else is known of them.
            history: whatever differs when bars before the last have changed.
            seen: first and last bar in view.
        """
        self._resolve()
        if not self._chosen and not self._lost:
            return ()
        columns = self._columns(bars, facts, history)
        drawn = [self._drawn(it, columns, history, seen) for it in self._chosen.values()]
        drawn += [StudySeries(lost.key, "study", (), fault=lost.reason) for lost in self._lost]
        return tuple(study for study in drawn if study is not None)

    def renew(self) -> None:
        """Make all anew: the catalogue has changed. What it lacks is kept as it was set."""
        self.restore(self.state())

    def run(self, key: str) -> StudyRun | None:
        """Return what computes a study; None before it was drawn."""
        return self._runs.get(key)

    def _put(self, chosen: Chosen) -> None:
        old = self._chosen.get(chosen.key)
        if old is None or old.params != chosen.params:
            self._runs.pop(chosen.key, None)
            self._broken.pop(chosen.key, None)
        self._chosen[chosen.key] = chosen
        self.version += 1

    def _make(self, spec: IndicatorSpec, params: StudyParams) -> Chosen:
        _check(spec, params)
        used = [chosen.role for chosen in self._chosen.values()]
        role = min(STUDY_ROLES, key=used.count)
        self._made += 1
        while f"{spec.name}-{self._made}" in self._chosen:
            self._made += 1
        return Chosen(f"{spec.name}-{self._made}", spec, params, role, spec.pane)

    def _drawn(
        self, chosen: Chosen, bars: Bars, history: object, seen: tuple[int, int]
    ) -> StudySeries | None:
        if chosen.is_hidden:
            return None
        run = self._runs.get(chosen.key)
        if run is None:
            run = self._runs[chosen.key] = StudyRun(chosen.spec, chosen.params)
        fault = self._update(chosen, run, bars, history)
        profile = run.profile(*seen)
        levels = chosen.spec.levels(chosen.params) if chosen.spec.levels is not None else ()
        return StudySeries(
            key=chosen.key,
            title=chosen.label,
            plots=() if fault else _plots(chosen, run.outputs),
            pane=MAIN_PANE if chosen.pane is Pane.OVERLAY else chosen.key,
            levels=tuple(level.value for level in levels),
            fault=fault or run.problem,
            role=chosen.role,
            profile=profile,
            # Whoever computes whole arrays may change any of them.
            is_settled=chosen.spec.arrays is None,
        )

    def _columns(self, bars: BarColumns, facts: BarFacts, history: object) -> Bars:
        """Return the bars with what is known of each besides; found for those that are new."""
        sound, count = self._growth.see(bars, history), len(bars)
        if count > len(self._days):
            room = count + count // 2
            self._days = _grown(self._days, room, sound)
            self._bought = _grown(self._bought, room, sound)
            self._sold = _grown(self._sold, room, sound)
        fresh = bars.start_ns[sound:]
        self._days[sound:count] = facts.days(fresh)
        if facts.flow is not None:
            flow = facts.flow(fresh)
            self._bought[sound:count], self._sold[sound:count] = flow.bought, flow.sold
        return Bars(
            start_ns=bars.start_ns,
            open=bars.open,
            high=bars.high,
            low=bars.low,
            close=bars.close,
            volume=bars.volume,
            day=self._days[:count],
            bought=None if facts.flow is None else self._bought[:count],
            sold=None if facts.flow is None else self._sold[:count],
        )

    def _update(self, chosen: Chosen, run: StudyRun, bars: Bars, history: object) -> str:
        """Bring a study up to bars; return why not, of a person's own that raised or took long.

        Such a one is not computed again until it, or its settings, are others.
        """
        if chosen.spec.category is not Category.OWN:
            run.update(bars, history)
            return ""
        if chosen.key in self._broken:
            return self._broken[chosen.key]
        path, seconds = file_of(chosen.spec), OWN_STEP_S if run.version else OWN_FIRST_S
        words, _ = faults_of(lambda: run.update(bars, history), path, seconds)
        if words:
            self._broken[chosen.key] = f"{words}; not computed any more"
        return self._broken.get(chosen.key, "")

    def _resolve(self) -> None:
        """Make what a layout had; a study that cannot be made is kept as it was saved."""
        saved, self._saved = self._saved, ()
        for entry in saved:
            try:
                chosen = self._saved_one(entry)
            except (BadInput, msgspec.ValidationError) as error:
                self._made += 1
                kept = entry if isinstance(entry, dict) else {}
                self._lost.append(_Lost(f"lost-{self._made}", kept, f"{error}"))
            else:
                self._chosen[chosen.key] = chosen

    def _saved_one(self, entry: object) -> Chosen:
        if not isinstance(entry, dict):
            raise BadInput("a study of the layout has no name; not drawn")
        spec = self._catalogue().get(str(entry.get("name")))
        if spec is None:
            raise BadInput(f"there is no study '{entry.get('name')}'; not drawn")
        chosen = self._make(spec, msgspec.convert(entry.get("params", {}), spec.params))
        role = next((it for it in STUDY_ROLES if it.name == entry.get("color")), chosen.role)
        pane = next((it for it in Pane if it.value == entry.get("pane")), chosen.pane)
        key = entry.get("key")
        is_free = isinstance(key, str) and key.startswith(f"{spec.name}-")
        return replace(
            chosen,
            key=str(key) if is_free and key not in self._chosen else chosen.key,
            role=role,
            pane=pane,
            is_hidden=entry.get("hidden") is True,
        )


def _check(spec: IndicatorSpec, params: StudyParams) -> None:
    wrong = spec.check(params) if spec.check is not None else ""
    if wrong:
        raise BadInput(f"{spec.title}: {wrong}; nothing changed")


def _grown(column: Any, room: int, used: int) -> Any:  # noqa: ANN401  Floats or Ints.
    grown = np.empty(room, dtype=column.dtype)
    grown[:used] = column[:used]
    return grown


def _plots(chosen: Chosen, outputs: Sequence[Floats]) -> tuple[Plot, ...]:
    """Return a study's outputs as plots; what only serves another is drawn with that."""
    if not outputs:
        return ()
    rows = {output.name: row for output, row in zip(chosen.spec.outputs, outputs, strict=True)}
    within = {output.fill_to for output in chosen.spec.outputs}
    return tuple(
        _plot(chosen, output, rows)
        for output in chosen.spec.outputs
        if output.kind in _KINDS and output.name not in within
    )


def _plot(chosen: Chosen, output: Output, rows: Mapping[str, Floats]) -> Plot:
    own = rows[output.name]
    values: Iterable[Floats] = (own,)
    if output.fill_to:
        values = rows[output.fill_to], own
    elif output.kind is Kind.LEGS:
        tip = next(it for it in chosen.spec.outputs if it.name == output.tip)
        values = own, rows[output.back], rows[tip.name], rows[tip.back]
    return Plot(
        name=output.title,
        kind=_KINDS[output.kind],
        role=_role(chosen, output.role),
        values=tuple(values),
        shift=output.shift(chosen.params) if output.shift is not None else 0,
    )


def _role(chosen: Chosen, meaning: Meaning) -> Role:
    if meaning in _FIXED_ROLES:
        return _FIXED_ROLES[meaning]
    at = STUDY_ROLES.index(chosen.role) + _LATER[meaning]
    return STUDY_ROLES[at % len(STUDY_ROLES)]
