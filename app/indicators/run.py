"""A study on bars that grow: what a chart holds for each line that it draws.

The whole is computed once for a history; from then on a closed bar costs one step, and the bar
under construction a glance, whatever the number of bars. Arrays grow by a quarter of
their length, so that growing costs next to nothing a bar.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from app.domain.errors import BadInput
from app.indicators.base import Bars, IndicatorSpec, State, StudyParams
from app.indicators.kernels import Floats
from app.indicators.profile import Profile

STEPS_MAX: Final = 2_000
"""Bars that may be new at once; with more the whole is computed anew, which is faster."""
_ROOM_MIN: Final = 1_024


class StudyRun:
    """One study under one set of parameters, on one series of bars."""

    def __init__(self, spec: IndicatorSpec, params: StudyParams) -> None:
        self.spec: Final = spec
        self.params: Final = params
        self.problem = ""
        """Why nothing is drawn, in a sentence; empty if something is."""
        self.version = 0
        """Rises when the outputs have changed."""
        self._columns: tuple[str, ...] = ()
        self._state: State | None = None
        self._arrays: tuple[Floats, ...] = ()
        self._begin = self._size = 0
        self._history: object = None
        self._edge = (0, 0, 0)
        """Start of the first bar, of the last but one and of the last."""
        self._row: tuple[float, ...] = ()
        """What is shown of the last bar."""
        self._bars: Bars | None = None
        self._profile: tuple[object, Profile | None] = (None, None)

    def __len__(self) -> int:
        return self._size

    @property
    def outputs(self) -> tuple[Floats, ...]:
        """An array an output, as long as the bars; empty if there is a problem. Not to be kept."""
        begin, end = self._begin, self._begin + self._size
        return tuple(array[begin:end] for array in self._arrays)

    def update(self, bars: Bars, history: object = None) -> None:
        """Bring the outputs up to bars.

        Bars may have been added at the end, and dropped at the start as a ring does; the last may
        have changed. What was dropped still counts in what is known. For bars that do not go on
        from those before the whole is computed anew.

        Args:
            bars: the last is under construction.
            history: whatever differs when bars before the last have changed.
        """
        self._bars = bars
        at = self._last_known(bars, history)
        if at < 0 or len(bars) - 1 - at > STEPS_MAX:
            self._begin_anew(bars, history)
        elif self._state is not None:
            self._go_on(bars, at)
        elif self.spec.arrays is not None:
            self._compute_newest(bars, at)

    def profile(self, first: int, last: int) -> Profile | None:
        """Return the volume by price, of a study that is one; None while there is none.

        Args:
            first: number of the first visible bar.
            last: number of the last visible bar.
        """
        if self.spec.profile is None or self._bars is None:
            return None
        asked = (first, last, self._history, self._edge, self._row)
        if self._profile[0] != asked:
            self._profile = asked, None
            try:
                self._profile = asked, self.spec.profile(self._bars, self.params, first, last)
            except BadInput as error:
                self.problem = str(error)
        return self._profile[1]

    def _last_known(self, bars: Bars, history: object) -> int:
        """Return where the last known bar is among these; -1 where they do not go on from it."""
        size, starts = len(bars), bars.start_ns
        if not size or not self._size or history != self._history:
            return -1
        first, before, last = self._edge
        if starts[-1] == last:
            at = size - 1
        elif size > 1 and starts[-2] == last:
            at = size - 2
        else:
            at = int(np.searchsorted(starts, last))
        dropped = self._size - 1 - at
        if dropped < 0 or at >= size or starts[at] != last:
            return -1
        if (at > 0 and starts[at - 1] != before) or (dropped == 0 and starts[0] != first):
            return -1
        self._begin += dropped
        self._size = at + 1
        return at

    def _note(self, bars: Bars) -> None:
        starts, size = bars.start_ns, len(bars)
        self._size = size
        if size:
            self._edge = (int(starts[0]), int(starts[max(0, size - 2)]), int(starts[-1]))
        self.version += 1

    def _begin_anew(self, bars: Bars, history: object) -> None:
        self.problem, self._history = "", history
        self._state, self._arrays, self._row = None, (), ()
        self._begin = 0
        self._note(bars)
        try:
            self._columns = self.spec.needs(self.params)
            if self.spec.rule is None:
                self._arrays = self.spec.compute(bars, self.params)
                self._row = self._row_of(bars, len(bars) - 1)
                return
            closed = bars.cut(0, max(0, len(bars) - 1))
            outputs, self._state = self.spec.resume(closed, self.params)
        except BadInput as error:
            self.problem = str(error)
            return
        self._arrays = tuple(_widened(output, len(bars)) for output in outputs)
        if len(bars):
            self._show(bars, len(bars) - 1)

    def _go_on(self, bars: Bars, at: int) -> None:
        size = len(bars)
        if at == size - 1 and self._row == self._row_of(bars, at):
            return
        assert self._state is not None
        self._make_room(size)
        begin, state = self._begin, self._state
        for number in range(at, size - 1):
            # Not to be bound before: once warm, a state takes bars by another program.
            values = state.update(*self._row_of(bars, number))
            for array, value in zip(self._arrays, values, strict=True):
                array[begin + number] = value
        self._show(bars, size - 1)
        self._note(bars)

    def _compute_newest(self, bars: Bars, at: int) -> None:
        """Compute arrays anew that know no steps, as far back as they reach."""
        row = self._row_of(bars, len(bars) - 1)
        if at == len(bars) - 1 and row == self._row:
            return
        reach = self.spec.reach + len(bars) - at
        first = max(0, len(bars) - reach) if self.spec.reach else 0
        try:
            outputs = self.spec.compute(bars.cut(first, len(bars)), self.params)
        except BadInput as error:
            self.problem, self._arrays = str(error), ()
            self._note(bars)
            return
        self._make_room(len(bars))
        for array, output in zip(self._arrays, outputs, strict=True):
            array[self._begin + at : self._begin + len(bars)] = output[at - first :]
            if not first:
                array[self._begin : self._begin + at] = output[:at]
        self._row = row
        self._note(bars)

    def _row_of(self, bars: Bars, number: int) -> tuple[float, ...]:
        if not len(bars):
            return ()
        return tuple([getattr(bars, name).item(number) for name in self._columns])

    def _show(self, bars: Bars, number: int) -> None:
        """Write the values of the bar under construction."""
        assert self._state is not None
        self._row = self._row_of(bars, number)
        for array, value in zip(self._arrays, self._state.peek(*self._row), strict=True):
            array[self._begin + number] = value

    def _make_room(self, size: int) -> None:
        if not self._arrays or self._begin + size <= len(self._arrays[0]):
            return
        begin, end = self._begin, self._begin + self._size
        self._arrays = tuple(_widened(array[begin:end], size) for array in self._arrays)
        self._begin = 0


def _widened(values: Floats, size: int) -> Floats:
    """Return values with room for a quarter more than there are bars."""
    wide = np.full(max(_ROOM_MIN, size + size // 4), np.nan)
    wide[: len(values)] = values
    return wide
