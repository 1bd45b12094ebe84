"""Show that every study that TA-Lib has gives TA-Lib's numbers.

Method: both on the same daily bars, with the study's own parameters and with others; from the first
bar, or after the bars that a different beginning of a mean takes to fade. The studies' rules do not
use these functions of TA-Lib.
"""

import importlib

import numpy as np
import pytest
import talib

from app.indicators.base import QUICK_MIN
from tests import daily
from tests.conformance.indicator import assert_near, walk

NEAR = 1e-9
"""Share of the greatest value by which both may differ."""
SERIES = {"made": daily.made(), **daily.real()}
SAME = 0
FADED = 700

SEEDED_OTHERWISE = {
    "adosc": "TA-Lib begins its means with the first value, ours with the mean of the first",
    "adx": "TA-Lib's sums begin with n - 1 values, our means with n",
    "adxr": "see adx",
    "macd": "TA-Lib begins the fast mean when the slow one has all its values",
    "ppo": "the signal is compared with the mean of TA-Lib's own line; the line begins as macd",
}
TAKEN_OTHERWISE = {
    "cmo": "TA-Lib's smooths as Wilder does; the book, and we, sum",
    "obv": "TA-Lib begins with the first bar's volume, ours with the first change",
    "rsi": "where nothing moves TA-Lib has 0 and we have 50",
    "mfi": "where no money flows TA-Lib has 0 and we have 50",
}
"""Study -> how its definition differs, which its docstring says."""


def hlc(c):
    return c["high"], c["low"], c["close"]


def emas(x, n):
    """Return TA-Lib's mean of values that begin with NaN."""
    known = ~np.isnan(x)
    answer = np.full(len(x), np.nan)
    answer[known] = talib.EMA(x[known], n)
    return answer


def from_second(x):
    return np.concatenate(([np.nan], x[1:]))


def line_of(line, n):
    signal = emas(line, n)
    return line, signal, line - signal


TALIB = {
    "ad": lambda c, p: talib.AD(*hlc(c), c["volume"]),
    "adosc": lambda c, p: talib.ADOSC(*hlc(c), c["volume"], p.fast, p.slow),
    "adx": lambda c, p: (
        talib.ADX(*hlc(c), p.length),
        talib.PLUS_DI(*hlc(c), p.length),
        talib.MINUS_DI(*hlc(c), p.length),
    ),
    "adxr": lambda c, p: talib.ADXR(*hlc(c), p.length),
    "aroon": lambda c, p: talib.AROON(c["high"], c["low"], p.length)[::-1],
    "aroon_osc": lambda c, p: talib.AROONOSC(c["high"], c["low"], p.length),
    "atr": lambda c, p: talib.ATR(*hlc(c), p.length),
    "balance_of_power": lambda c, p: talib.SMA(talib.BOP(c["open"], *hlc(c)), p.length),
    "bbands": lambda c, p: talib.BBANDS(c["close"], p.length, p.width, p.width),
    "cci": lambda c, p: talib.CCI(*hlc(c), p.length),
    "dema": lambda c, p: talib.DEMA(c["close"], p.length),
    "ema": lambda c, p: talib.EMA(c["close"], p.length),
    "kama": lambda c, p: talib.KAMA(c["close"], p.length),
    "linreg": lambda c, p: talib.LINEARREG(c["close"], p.length),
    "linreg_slope": lambda c, p: talib.LINEARREG_SLOPE(c["close"], p.length),
    "macd": lambda c, p: talib.MACD(c["close"], p.fast, p.slow, p.signal),
    "median_price": lambda c, p: talib.MEDPRICE(c["high"], c["low"]),
    "mfi": lambda c, p: talib.MFI(*hlc(c), c["volume"], p.length),
    "mom": lambda c, p: talib.MOM(c["close"], p.length),
    "natr": lambda c, p: talib.NATR(*hlc(c), p.length),
    "obv": lambda c, p: from_second(talib.OBV(c["close"], c["volume"]) - c["volume"][0]),
    "ppo": lambda c, p: line_of(talib.PPO(c["close"], p.fast, p.slow, 1), p.signal),
    "psar": lambda c, p: talib.SAR(c["high"], c["low"], p.step, p.most),
    "roc": lambda c, p: talib.ROC(c["close"], p.length),
    "rsi": lambda c, p: talib.RSI(c["close"], p.length),
    "sma": lambda c, p: talib.SMA(c["close"], p.length),
    "std": lambda c, p: talib.STDDEV(c["close"], p.length),
    "stoch": lambda c, p: (
        talib.SMA(talib.STOCHF(*hlc(c), p.length, 1, 0)[0], p.smooth),
        talib.STOCH(*hlc(c), p.length, p.smooth, 0, p.signal, 0)[1],
    ),
    "stochrsi": lambda c, p: (
        talib.STOCHRSI(c["close"], p.length, p.stoch, p.smooth, 0)[1],
        talib.SMA(talib.STOCHRSI(c["close"], p.length, p.stoch, p.smooth, 0)[1], p.signal),
    ),
    "t3": lambda c, p: talib.T3(c["close"], p.length, p.volume_factor),
    "tema": lambda c, p: talib.TEMA(c["close"], p.length),
    "trima": lambda c, p: talib.TRIMA(c["close"], p.length),
    "trix": lambda c, p: (
        talib.TRIX(c["close"], p.length),
        talib.SMA(talib.TRIX(c["close"], p.length), p.signal),
    ),
    "true_range": lambda c, p: talib.TRANGE(*hlc(c)),
    "typical_price": lambda c, p: talib.TYPPRICE(*hlc(c)),
    "ultimate": lambda c, p: talib.ULTOSC(*hlc(c), p.short, p.middle, p.long),
    "variance": lambda c, p: talib.VAR(c["close"], p.length),
    "weighted_close": lambda c, p: talib.WCLPRICE(*hlc(c)),
    "williams_r": lambda c, p: talib.WILLR(*hlc(c), p.length),
    "wma": lambda c, p: talib.WMA(c["close"], p.length),
}
"""Study -> TA-Lib's own, an array an output, in the order of the outputs."""

OTHER = {"length": 9, "fast": 5, "slow": 13, "signal": 4, "width": 1.5, "smooth": 2}
"""Parameters beside the defaults, where a study has them; TA-Lib's KAMA takes a length alone."""


def spec_of(name):
    return importlib.import_module(f"app.indicators.{name}").INDICATOR


def columns_of(bars):
    return {name: getattr(bars, name) for name in ("open", "high", "low", "close", "volume")}


def params_of(spec, kind):
    if kind == "default":
        return spec.params()
    fields = {"length"} if spec.name == "kama" else set(spec.params.__struct_fields__)
    return spec.params(**{name: value for name, value in OTHER.items() if name in fields})


def assert_equal(spec, ours, theirs, begin=0):
    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
    for output, a, b in zip(spec.outputs, ours, theirs, strict=True):
        a, b = a[begin:], b[begin:]
        assert np.array_equal(np.isnan(a), np.isnan(b)), f"{output.name} begins elsewhere"
        known = ~np.isnan(a)
        assert known.any() or output.is_sparse
        allowed = NEAR * np.abs(b[known]).max(initial=0.0)
        worst = np.abs(a[known] - b[known]).max(initial=0.0)
        assert worst <= allowed, f"{output.name} differs by {worst:g}, may by {allowed:g}"


@pytest.mark.parametrize("kind", ["default", "other"])
@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("name", TALIB)
def test_number_is_that_of_talib(name, series, kind):
    spec, bars = spec_of(name), SERIES[series]
    params = params_of(spec, kind)
    begin = FADED if name in SEEDED_OTHERWISE else SAME
    assert len(bars) > begin
    theirs = TALIB[name](columns_of(bars), params)
    assert_equal(spec, spec.compute(bars, params), theirs, begin)


def test_cmo_is_talibs_over_sums():
    # TA-Lib's own smooths; its sums of gains and losses are the book's.
    for bars in SERIES.values():
        moved = np.diff(bars.close)
        up, down = (talib.SUM(np.maximum(x, 0.0), 14) for x in (moved, -moved))
        theirs = np.concatenate(([np.nan], 100 * (up - down) / (up + down)))
        spec = spec_of("cmo")
        assert_equal(spec, spec.compute(bars, spec.params()), theirs)


def test_equal_sums_of_cents_are_no_move():
    # 19.78 + 18.81 + 18.92 and 19.27 + 19.08 + 19.16 are 57.51 but for the last bit.
    before, after = (19.0, 19.78, 18.81, 18.92, 1e6), (19.1, 19.27, 19.08, 19.16, 1e6)
    spec = spec_of("mfi")
    one, other = (
        spec.compute(daily.bars_of(np.array([before] * 20 + last)), spec.params())[0]
        for last in ([before], [after])
    )
    assert one[-1] == other[-1] == 50


LONG = walk(QUICK_MIN + 5_000, seed=9)


@pytest.mark.parametrize("name", [name for name in TALIB if spec_of(name).quick is not None])
def test_long_history_by_talibs_own_function_is_that_of_the_rule(name):
    spec, params = spec_of(name), spec_of(name).params()
    plan = spec.plan(params)
    ours = plan.run(columns_of(LONG)).outputs
    quick, state = spec.resume(LONG.cut(0, QUICK_MIN), params)
    assert_near(spec, LONG, spec.compute(LONG, params), ours)
    assert_near(spec, LONG, quick, [array[:QUICK_MIN] for array in ours])
    rows = zip(
        *(getattr(LONG, column)[QUICK_MIN:].tolist() for column in plan.columns), strict=True
    )
    onward = np.array([state.update(*row) for row in rows]).T
    assert_near(spec, LONG, onward, [array[QUICK_MIN:] for array in ours])


@pytest.mark.parametrize("name", [*SEEDED_OTHERWISE, *TAKEN_OTHERWISE])
def test_what_differs_from_talib_says_so(name):
    module = importlib.import_module(f"app.indicators.{name}")
    text = " ".join(module.__doc__.split())
    assert "TA-Lib" in text or "see adx" in text
