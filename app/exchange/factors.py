"""Moves that symbols share, and volatility that comes in clusters.

All are mean-reverting walks (Ornstein-Uhlenbeck), stepped exactly, so that the length of a step
changes the path but not its law: prices stay sensible however long the station runs.
"""

from __future__ import annotations

import math
import random
from typing import Final

from app.domain.times import SECOND_NS
from app.exchange.hours import Rhythm

DAY_S: Final = 23_400.0
"""Seconds of a core session: daily volatilities in the listings are of this long."""
REVERSION_PER_S: Final = math.log(2) / (2 * 86_400)
"""Half of a move is gone after two days."""
STEPS_MAX: Final = 600
"""Seconds walked one by one; a longer pause is one step."""


class Clustering:
    """A multiplier of volatility with mean square one that drifts over some ten minutes."""

    SPREAD: Final = 0.55
    """Standard deviation of its logarithm."""
    RATE_PER_S: Final = math.log(2) / 600

    def __init__(self) -> None:
        self._log = 0.0

    def step(self, dt_s: float, gauss: float) -> float:
        """Return the multiplier after `dt_s` seconds."""
        keep = math.exp(-self.RATE_PER_S * dt_s)
        self._log = self._log * keep + self.SPREAD * math.sqrt(1 - keep * keep) * gauss
        return math.exp(self._log - self.SPREAD * self.SPREAD)


class Factor:
    """A common move in log price, on a grid of seconds.

    Grid steps do not depend on who asks when, so that all symbols see the same move and a symbol
    that is not listed changes nothing.
    """

    def __init__(self, seed: str, vol_day_pct: float, rhythm: Rhythm, start_ns: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  A market, not a secret.
        self._sigma = vol_day_pct / 100 / math.sqrt(DAY_S)
        self._rhythm = rhythm
        self._second = start_ns // SECOND_NS
        self._value = 0.0
        self._clustering = Clustering()

    def at(self, ts_ns: int) -> float:
        """Return the move since the start; times never go back except through `skip_to`."""
        second = ts_ns // SECOND_NS
        steps = second - self._second
        if steps <= 0:
            return self._value
        if steps > STEPS_MAX:
            self._step(second, float(steps))
        else:
            for at in range(self._second + 1, second + 1):
                self._step(at, 1.0)
        self._second = second
        return self._value

    def skip_to(self, ts_ns: int) -> None:
        """Go to a time in one step, forward or back."""
        second = ts_ns // SECOND_NS
        self._step(second, float(max(1, second - self._second)))
        self._second = second

    def _step(self, second: int, dt_s: float) -> None:
        gauss = self._random.gauss
        heat = self._clustering.step(dt_s, gauss(0.0, 1.0))
        sigma = self._sigma * heat * self._rhythm.pace(second * SECOND_NS).vol
        self._value = revert(self._value, dt_s) + sigma * math.sqrt(dt_s) * gauss(0.0, 1.0)


def revert(value: float, dt_s: float) -> float:
    """Return a move in log price drawn back towards zero for `dt_s` seconds."""
    return value * math.exp(-REVERSION_PER_S * dt_s)
