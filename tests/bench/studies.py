"""All studies on a million bars and on one, beside TA-Lib where it has them, and beside pandas.

The floor of a million bars is TA-Lib's own function on contiguous columns; the floor of one bar is
the same on a window of 300, as programs without a state do it. `bar_NAME` is what a chart pays: one
`update` of the program of one bar. Every figure is the best of several rounds, ours and the floor's
in turn, since what else the machine does comes and goes.
"""

from __future__ import annotations

import collections
import importlib
import itertools
import math
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from app.indicators.base import Bars, IndicatorSpec, StudyParams
from app.indicators.kernels import talib
from app.indicators.run import StudyRun
from tests.bench.result import Figure, Result, figure, result

BARS = 1_000_000
WINDOW = 300
"""Bars of a window that is computed anew for each bar."""
STEPS = 20_000
ROUNDS = 5
SESSION_BARS = 390
BATCH_MAX = 1.5
STEP_MIN = 10
ROOT = Path(__file__).resolve().parents[2]

Columns = Mapping[str, np.ndarray]

TALIB: Mapping[str, Callable[[Any, Columns], object]] = {
    "ad": lambda ta, c: ta.AD(c["high"], c["low"], c["close"], c["volume"]),
    "adosc": lambda ta, c: ta.ADOSC(c["high"], c["low"], c["close"], c["volume"], 3, 10),
    "adx": lambda ta, c: (
        ta.ADX(c["high"], c["low"], c["close"], 14),
        ta.PLUS_DI(c["high"], c["low"], c["close"], 14),
        ta.MINUS_DI(c["high"], c["low"], c["close"], 14),
    ),
    "adxr": lambda ta, c: ta.ADXR(c["high"], c["low"], c["close"], 14),
    "aroon": lambda ta, c: ta.AROON(c["high"], c["low"], 25),
    "aroon_osc": lambda ta, c: ta.AROONOSC(c["high"], c["low"], 25),
    "atr": lambda ta, c: ta.ATR(c["high"], c["low"], c["close"], 14),
    "balance_of_power": lambda ta, c: ta.SMA(
        ta.BOP(c["open"], c["high"], c["low"], c["close"]), 14
    ),
    "bbands": lambda ta, c: ta.BBANDS(c["close"], 20, 2.0, 2.0),
    "cci": lambda ta, c: ta.CCI(c["high"], c["low"], c["close"], 20),
    "dema": lambda ta, c: ta.DEMA(c["close"], 20),
    "ema": lambda ta, c: ta.EMA(c["close"], 20),
    "kama": lambda ta, c: ta.KAMA(c["close"], 10),
    "linreg": lambda ta, c: ta.LINEARREG(c["close"], 14),
    "linreg_slope": lambda ta, c: ta.LINEARREG_SLOPE(c["close"], 14),
    "macd": lambda ta, c: ta.MACD(c["close"], 12, 26, 9),
    "median_price": lambda ta, c: ta.MEDPRICE(c["high"], c["low"]),
    "mfi": lambda ta, c: ta.MFI(c["high"], c["low"], c["close"], c["volume"], 14),
    "mom": lambda ta, c: ta.MOM(c["close"], 10),
    "natr": lambda ta, c: ta.NATR(c["high"], c["low"], c["close"], 14),
    "obv": lambda ta, c: ta.OBV(c["close"], c["volume"]),
    "psar": lambda ta, c: ta.SAR(c["high"], c["low"], 0.02, 0.2),
    "roc": lambda ta, c: ta.ROC(c["close"], 10),
    "rsi": lambda ta, c: ta.RSI(c["close"], 14),
    "sma": lambda ta, c: ta.SMA(c["close"], 20),
    "std": lambda ta, c: ta.STDDEV(c["close"], 20),
    "stoch": lambda ta, c: ta.STOCH(c["high"], c["low"], c["close"], 14, 3, 0, 3, 0),
    "t3": lambda ta, c: ta.T3(c["close"], 5, 0.7),
    "tema": lambda ta, c: ta.TEMA(c["close"], 20),
    "trima": lambda ta, c: ta.TRIMA(c["close"], 20),
    "trix": lambda ta, c: ta.TRIX(c["close"], 15),
    "true_range": lambda ta, c: ta.TRANGE(c["high"], c["low"], c["close"]),
    "typical_price": lambda ta, c: ta.TYPPRICE(c["high"], c["low"], c["close"]),
    "ultimate": lambda ta, c: ta.ULTOSC(c["high"], c["low"], c["close"], 7, 14, 28),
    "variance": lambda ta, c: ta.VAR(c["close"], 20),
    "weighted_close": lambda ta, c: ta.WCLPRICE(c["high"], c["low"], c["close"]),
    "williams_r": lambda ta, c: ta.WILLR(c["high"], c["low"], c["close"], 14),
    "wma": lambda ta, c: ta.WMA(c["close"], 20),
}
"""Study -> the same of TA-Lib, with the study's own parameters."""


USUAL = (
    ("sma", (20,)), ("sma", (50,)), ("sma", (200,)), ("rsi", (14,)), ("macd", (12, 26, 9)),
    ("bbands", (20, 2.0, 2.0)),
)  # fmt: skip
"""Study and its parameters, as TA-Lib takes them."""
_NAMES = {"sma": "SMA", "rsi": "RSI", "macd": "MACD", "bbands": "BBANDS"}


def _macd(x: Any) -> object:
    line = x.ewm(span=12).mean() - x.ewm(span=26).mean()
    return line - line.ewm(span=9).mean()


def _rsi(x: Any) -> object:
    moved = x.diff()
    rose, fell = (part.clip(lower=0).ewm(alpha=1 / 14).mean() for part in (moved, -moved))
    return 100 * rose / (rose + fell)


def _bands(x: Any) -> object:
    window = x.rolling(20)
    return window.mean(), window.std(ddof=0)


PANDAS: Mapping[str, Callable[[Any], object]] = {
    "sma": lambda x: x.rolling(20).mean(),
    "ema": lambda x: x.ewm(span=20).mean(),
    "rsi": _rsi,
    "macd": _macd,
    "bbands": _bands,
}


def run() -> Result:
    """Measure every study that pyproject.toml names."""
    bars = _bars(BARS)
    columns = {n: getattr(bars, n) for n in ("open", "high", "low", "close", "volume")}
    small = {name: np.ascontiguousarray(x[-WINDOW:]) for name, x in columns.items()}
    talib()  # What it takes to load it is nobody's study.
    figures: dict[str, Figure] = {}
    sums = dict.fromkeys(("batch", "batch_talib", "bar", "bar_talib", "bar_all", "batch_all"), 0.0)
    for name, spec in _specs().items():
        if not spec.outputs or spec.profile is not None:
            continue
        batch, batch_floor = _batch(spec, bars, TALIB.get(name), columns)
        step, step_floor = _step(spec, bars, TALIB.get(name), small)
        figures[f"batch_{name}"] = figure(batch, "ms", floor=batch_floor)
        # A ratio of these says how much dearer TA-Lib's window is: the floor is what is over.
        figures[f"bar_{name}"] = figure(step, "us", floor=step_floor)
        sums["batch_all"] += batch
        sums["bar_all"] += step
        if batch_floor is not None and step_floor is not None:
            sums["batch"] += batch
            sums["batch_talib"] += batch_floor
            sums["bar"] += step
            sums["bar_talib"] += step_floor
    figures |= _pandas(columns["close"])
    figures["studies"] = figure(len(figures) // 2, "1")
    figures["batch_all_studies"] = figure(sums["batch_all"], "ms")
    figures["bar_all_studies"] = figure(sums["bar_all"], "us")
    figures["batch_where_talib_has_it"] = figure(
        sums["batch"], "ms", floor=sums["batch_talib"], target=f"<= {BATCH_MAX}"
    )
    figures["talib_window_over_our_bar"] = figure(
        sums["bar_talib"], "us", floor=sums["bar"], target=f">= {STEP_MIN}"
    )
    figures |= _usual(bars, small)
    figures |= _frames(bars)
    return result("studies", figures)


def _specs() -> dict[str, IndicatorSpec]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    specs = {}
    for name, target in project["entry-points"]["tradedeck.indicators"].items():
        module, _, attribute = target.partition(":")
        specs[name] = getattr(importlib.import_module(module), attribute)
    return specs


def _bars(size: int) -> Bars:
    rng = np.random.default_rng(11)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 5e-4, size)))
    close = np.round(close, 2)
    open_ = np.concatenate(([100.0], close[:-1]))
    volume = rng.integers(100, 10_000, size).astype(np.float64)
    bought = np.floor(volume * rng.random(size))
    return Bars(
        start_ns=1_700_000_000_000_000_000 + 60_000_000_000 * np.arange(size, dtype=np.int64),
        open=open_,
        high=np.maximum(open_, close) + rng.integers(0, 8, size) / 100,
        low=np.minimum(open_, close) - rng.integers(0, 8, size) / 100,
        close=close,
        volume=volume,
        day=np.arange(size, dtype=np.int64) // SESSION_BARS,
        bought=bought,
        sold=volume - bought,
    )


def _taken(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _best(
    ours: Callable[[], object], floor: Callable[[], object] | None
) -> tuple[float, float | None]:
    """Return the best seconds of both, in turn; a slow one gets fewer rounds."""
    best, best_floor = math.inf, math.inf
    for _ in range(ROUNDS):
        best = min(best, _taken(ours))
        if floor is not None:
            best_floor = min(best_floor, _taken(floor))
        if best > 0.5:
            break
    return best, None if floor is None else best_floor


def _batch(
    spec: IndicatorSpec, bars: Bars, floor: Callable[..., object] | None, columns: Columns
) -> tuple[float, float | None]:
    params = spec.params()
    bare = None if floor is None else lambda: floor(talib(), columns)
    ours, base = _best(lambda: spec.compute(bars, params), bare)
    return ours * 1e3, None if base is None else base * 1e3


def _step(
    spec: IndicatorSpec, bars: Bars, floor: Callable[..., object] | None, small: Columns
) -> tuple[float, float | None]:
    bare = None if floor is None else lambda: floor(talib(), small)
    return _step_of(spec, bars, spec.params(), bare)


def _step_of(
    spec: IndicatorSpec, bars: Bars, params: StudyParams, floor: Callable[[], object] | None
) -> tuple[float, float | None]:
    warm = 20_000
    _, state = spec.resume(bars.cut(0, warm), params)
    given = [getattr(bars, n)[warm : warm + STEPS].tolist() for n in state.columns]
    rows = list(zip(*given, strict=True))

    def steps() -> None:
        collections.deque(itertools.starmap(state.update, rows), maxlen=0)

    def windows() -> None:
        assert floor is not None
        for _ in range(STEPS // 20):
            floor()

    ours, base = _best(steps, None if floor is None else windows)
    return ours / STEPS * 1e6, None if base is None else base / (STEPS // 20) * 1e6


def _usual(bars: Bars, small: Columns) -> dict[str, Figure]:
    """Measure what is on most charts, beside the functions as programs import them.

    Where pandas is installed, the package's functions look at every argument for its columns.
    """
    specs, hidden = _specs(), sys.modules.pop("talib")
    ta = importlib.import_module("talib")
    ours = floor = 0.0
    for name, params in USUAL:
        spec = specs[name]
        given = [small["close"], *params]
        call = getattr(ta, _NAMES[name])
        wanted = spec.params(length=params[0]) if name == "sma" else spec.params()
        step, base = _step_of(spec, bars, wanted, lambda call=call, given=given: call(*given))
        ours, floor = ours + step, floor + (base or 0.0)
    sys.modules["talib"] = hidden
    return {
        "usual_six_our_bar": figure(ours, "us"),
        "usual_six_window_over_our_bar": figure(floor, "us", floor=ours, target=f">= {STEP_MIN}"),
    }


def _pandas(close: np.ndarray) -> dict[str, Figure]:
    try:
        pandas = importlib.import_module("pandas")
    except ImportError:
        return {}
    series = pandas.Series(close)
    return {
        f"pandas_{name}": figure(
            min(_taken(lambda c=call: c(series)) for _ in range(3)) * 1e3, "ms"
        )
        for name, call in PANDAS.items()
    }


def _frames(bars: Bars) -> dict[str, Figure]:
    """Measure what a frame costs a chart with one study: the last bar changes, or one is added."""
    answer = {}
    for size in (1_000, BARS - 2_000):
        spec = _specs()["macd"]
        run_ = StudyRun(spec, spec.params())
        run_.update(bars.cut(0, size))

        def frames(run_: StudyRun = run_, size: int = size) -> None:
            for number in range(1_000):
                run_.update(bars.cut(0, size + number))

        answer[f"frame_new_bar_at_{size}"] = figure(_taken(frames) * 1e3, "us")
    return answer
