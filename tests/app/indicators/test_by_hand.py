"""Show that the studies that TA-Lib lacks give what their definitions say.

Method: each definition written out once more, without regard to speed: pandas' windows, plain loops
for what goes on from bar to bar; both on the same daily bars, from the first bar on. Sessions are
those of the bars, 21 each.
"""

import importlib
import math

import numpy as np
import pandas as pd
import pytest

from tests import daily
from tests.app.indicators.test_reference import TAKEN_OTHERWISE, TALIB, assert_equal

NAN = math.nan
LONG = 900
SERIES = {name: bars.cut(0, LONG) for name, bars in {"made": daily.made(), **daily.real()}.items()}


def ema(x, n, share=None):
    """Return the exponential mean that begins with the mean of the first n numbers."""
    share = share or 2 / (n + 1)
    made, first, value = [], [], None
    for one in x:
        if value is not None:
            value += share * (one - value)
        elif one == one:
            first.append(one)
            value = sum(first) / n if len(first) == n else None
        made.append(NAN if value is None else value)
    return pd.Series(made)


def wilder(x, n):
    return ema(x, n, 1 / n)


def sma(x, n):
    # Each window on its own: pandas' running sums keep what has left them.
    return x.rolling(n).apply(np.mean, raw=True)


def wma(x, n):
    weights = np.arange(1, n + 1)
    return x.rolling(n).apply(lambda part: part @ weights / weights.sum(), raw=True)


def std(x, n):
    return x.rolling(n).apply(np.std, raw=True)


def total(x, n):
    return x.rolling(n).apply(np.sum, raw=True)


def true_range(b):
    before = b.close.shift()
    sizes = pd.concat([b.high - b.low, (b.high - before).abs(), (b.low - before).abs()], axis=1)
    return sizes.max(axis=1).where(before.notna())


def atr(b, n):
    return wilder(true_range(b), n)


def top(x, n):
    return x.rolling(n).max()


def bottom(x, n):
    return x.rolling(n).min()


def between(x, n):
    return 100 * (x - bottom(x, n)) / (top(x, n) - bottom(x, n))


def rsi(x, n):
    moved = x.diff()
    up, down = wilder(moved.clip(lower=0), n), wilder((-moved).clip(lower=0), n)
    return (100 * up / (up + down)).where(up + down > 0, 50.0).where(up.notna())


def placed(b):
    size = (b.high - b.low).where(b.high > b.low)
    return (((b.close - b.low) - (b.high - b.close)) / size).fillna(0)


def median(b):
    return (b.high + b.low) / 2


def typical(b):
    return (b.high + b.low + b.close) / 3


def line_end(x, n):
    def end(part):
        slope, height = np.polyfit(np.arange(n), part, 1)
        return height + slope * (n - 1)

    return x.rolling(n).apply(end, raw=True)


def crossed(line, n):
    signal = ema(line, n)
    return line, signal, line - signal


def weighed(x, volume, group, width=1.0):
    made = []
    for _, rows in pd.DataFrame({"x": x, "v": volume}).groupby(group):
        for end in range(1, len(rows) + 1):
            part = rows[:end]
            mean = np.average(part.x, weights=part.v)
            off = width * math.sqrt(np.average((part.x - mean) ** 2, weights=part.v))
            made.append((mean, mean + off, mean - off))
    return tuple(pd.Series(column) for column in zip(*made, strict=True))


def accelerator(b):
    (line,) = awesome(b)
    return (line - sma(line, 5),)


def awesome(b):
    return (sma(median(b), 5) - sma(median(b), 34),)


def alligator(b):
    return wilder(median(b), 13), wilder(median(b), 8), wilder(median(b), 5)


def gator(b):
    jaw, teeth, lips = (x.shift(by) for x, by in zip(alligator(b), (8, 5, 3), strict=True))
    return (jaw - teeth).abs(), -(teeth - lips).abs()


def bands(b):
    middle, off = sma(b.close, 20), 2 * std(b.close, 20)
    return middle + off, middle, middle - off


def chandelier(b):
    return top(b.high, 22) - 3 * atr(b, 22), bottom(b.low, 22) + 3 * atr(b, 22)


def choppiness(b):
    walked = total(true_range(b), 14) / (top(b.high, 14) - bottom(b.low, 14))
    return (100 * np.log10(walked) / math.log10(14),)


def connors_rsi(b):
    streak, state = [NAN], 0
    for moved in b.close.diff()[1:]:
        rising, falling = max(state, 0) + 1, min(state, 0) - 1
        state = rising if moved > 0 else falling if moved < 0 else 0
        streak.append(state)
    growth = (b.close - b.close.shift()) / b.close.shift()
    rank = growth.rolling(101).apply(lambda part: (part[:-1] < part[-1]).sum(), raw=True)
    return ((rsi(b.close, 3) + rsi(pd.Series(streak, dtype=float), 2) + rank) / 3,)


def coppock(b):
    return (wma(100 * (b.close.pct_change(14) + b.close.pct_change(11)), 10),)


def donchian(b):
    upper, lower = top(b.high, 20), bottom(b.low, 20)
    return upper, (upper + lower) / 2, lower


def fisher(b):
    made, value, line = [], 0.0, 0.0
    for place in (between(median(b), 10) / 100).dropna():
        value = min(0.999, max(-0.999, 0.66 * (place - 0.5) + 0.67 * value))
        line = math.atanh(value) + 0.5 * line
        made.append(line)
    line = pd.Series([NAN] * 9 + made)
    return line, line.shift()


def fractals(b):
    tops, bottoms = [NAN] * 4, [NAN] * 4
    for at in range(2, LONG - 2):
        high, low = b.high[at], b.low[at]
        others = [at - 2, at - 1, at + 1, at + 2]
        tops.append(high if all(high > b.high[one] for one in others) else NAN)
        bottoms.append(low if all(low < b.low[one] for one in others) else NAN)
    return pd.Series(tops), pd.Series(bottoms)


def historical_volatility(b):
    logs = np.log(b.close).diff()
    return (100 * math.sqrt(252) * logs.rolling(20).apply(lambda x: np.std(x, ddof=1), raw=True),)


def hma(b):
    return (wma(2 * wma(b.close, 10) - wma(b.close, 20), 4),)


def ichimoku(b):
    nine, base, leading = ((top(b.high, n) + bottom(b.low, n)) / 2 for n in (9, 26, 52))
    return nine, base, (nine + base) / 2, leading, b.close


def keltner(b):
    middle, off = ema(b.close, 20), 2 * atr(b, 10)
    return middle + off, middle, middle - off


def klinger(b):
    forces, trend, walked = [NAN], None, 0.0
    cents = (100 * (b.high + b.low + b.close)).round()
    for at in range(1, LONG):
        now = 1 if cents[at] > cents[at - 1] else -1
        size, before = (b.high[k] - b.low[k] for k in (at, at - 1))
        walked = size + (walked if now == trend else before)
        trend = now
        share = abs(2 * size / walked - 1) if walked else 1.0
        forces.append(100 * b.volume[at] * share * now)
    line = ema(forces, 34) - ema(forces, 55)
    return line, ema(line, 13)


def kst(b):
    table = ((1, 10, 10), (2, 15, 10), (3, 20, 10), (4, 30, 15))
    line = sum(w * 100 * sma(b.close.pct_change(n), m) for w, n, m in table)
    return line, sma(line, 9)


def linreg_channel(b):
    def error(part):
        line = np.polyval(np.polyfit(np.arange(100), part, 1), np.arange(100))
        return math.sqrt(np.mean((part - line) ** 2))

    middle, off = line_end(b.close, 100), 2 * b.close.rolling(100).apply(error, raw=True)
    return middle + off, middle, middle - off


def mass_index(b):
    once = ema(b.high - b.low, 9)
    return (total(once / ema(once, 9), 25),)


def mcginley(b):
    made = [b.close[0]]
    for x in b.close[1:]:
        made.append(made[-1] + (x - made[-1]) / max(1, 0.6 * 14 * (x / made[-1]) ** 4))
    return (pd.Series(made),)


def volume_index(b, takes):
    made = [NAN]
    for at in range(1, LONG):
        last = made[-1] if at > 1 else 1_000.0
        counts = takes(b.volume[at], b.volume[at - 1])
        made.append(last * b.close[at] / b.close[at - 1] if counts else last)
    line = pd.Series(made)
    return line, ema(line, 255)


def opening_range(b):
    # A daily bar is longer than the range: the first of the session is all of it.
    return b.high.groupby(b.day).transform("first"), b.low.groupby(b.day).transform("first")


def before(b):
    """Return open, high, low and close of the session before."""
    days = b.groupby("day")
    whole = [days.open.first(), days.high.max(), days.low.min(), days.close.last()]
    return [column.shift().reindex(b.day).reset_index(drop=True) for column in whole]


def pivots(b):
    _, h, l, c = before(b)  # noqa: E741
    p = (h + l + c) / 3
    none = pd.Series([NAN] * LONG)
    r1, r2, r3 = 2 * p - l, p + (h - l), h + 2 * (p - l)
    s1, s2, s3 = 2 * p - h, p - (h - l), l - 2 * (h - p)
    return p, r1, r2, r3, none, s1, s2, s3, none


def session_levels(b):
    _, high, low, close = before(b)
    return high, low, close, b.open.groupby(b.day).transform("first")


def volumes(b):
    return b.volume.where(b.close >= b.open), b.volume.where(b.close < b.open)


def price_volume_rank(b):
    price, more = b.close.diff() > 0, b.volume.diff() > 0
    rank = np.select([price & more, price & ~more, ~price & ~more], [1.0, 2.0, 3.0], 4.0)
    return (pd.Series(rank).where(b.close.diff().notna()),)


def ratio_of_means(x, fast, slow):
    return 100 * (ema(x, fast) - ema(x, slow)) / ema(x, slow)


def relative_volatility(b):
    size, moved = std(b.close, 10), b.close.diff()
    up = wilder(size.where(moved > 0, 0.0).where(size.notna()), 14)
    down = wilder(size.where(moved < 0, 0.0).where(size.notna()), 14)
    return (100 * up / (up + down),)


def rsi_sma(b):
    moved = b.close.diff()
    up, down = sma(moved.clip(lower=0), 14), sma((-moved).clip(lower=0), 14)
    return (100 * up / (up + down),)


def vigor(b):
    def smooth(x):
        return (x + 2 * x.shift() + 2 * x.shift(2) + x.shift(3)) / 6

    line = total(smooth(b.close - b.open), 10) / total(smooth(b.high - b.low), 10)
    return line, smooth(line)


def schaff(b):
    once = ema(between(ema(b.close, 23) - ema(b.close, 50), 10).fillna(50)[58:], 1, 0.5)
    is_range = top(once, 10) - bottom(once, 10) > 1e-11
    twice = ema(between(once, 10).where(is_range, once)[9:], 1, 0.5)
    return (pd.Series([NAN] * 67 + twice.tolist()),)


def squeeze(b):
    middle = (top(b.high, 20) + bottom(b.low, 20)) / 2
    line = line_end(b.close - (middle + sma(b.close, 20)) / 2, 20)
    width = sma(true_range(b), 20) * 1.5
    on = 2 * std(b.close, 20) < width
    return line, pd.Series(np.where(on, 0.0, NAN))


def supertrend(b):
    width, rises, falls = 3 * atr(b, 10), [], []
    rise, bottom_band, top_band = False, NAN, NAN
    for at in range(LONG):
        if width[at] != width[at]:
            rises.append(NAN)
            falls.append(NAN)
            continue
        lower, upper = median(b)[at] - width[at], median(b)[at] + width[at]
        if at == 10:
            rise = b.close[at] > median(b)[at]
        else:
            lower = max(lower, bottom_band) if b.close[at - 1] >= bottom_band else lower
            upper = min(upper, top_band) if b.close[at - 1] <= top_band else upper
            rise = not b.close[at] < lower if rise else b.close[at] > upper
        bottom_band, top_band = lower, upper
        rises.append(lower if rise else NAN)
        falls.append(NAN if rise else upper)
    return pd.Series(rises), pd.Series(falls)


def tsi(b):
    moved = b.close.diff()
    line = 100 * ema(ema(moved, 25), 13) / ema(ema(moved.abs(), 25), 13)
    return line, ema(line, 7)


def ulcer_index(b):
    fall = 100 * (b.close / top(b.close, 14) - 1)
    return (sma(fall**2, 14) ** 0.5,)


def vidya(b):
    moved, made, value = b.close.diff(), [NAN] * 9, b.close[8]
    for at in range(9, LONG):
        part = moved[at - 8 : at + 1]
        up, down = part[part > 0].sum(), -part[part < 0].sum()
        share = abs(up - down) / (up + down) if up + down else 0.0
        value += share * 2 / 15 * (b.close[at] - value)
        made.append(value)
    return (pd.Series(made),)


def vortex(b):
    size = total(true_range(b), 14)
    up, down = (b.high - b.low.shift()).abs(), (b.low - b.high.shift()).abs()
    return total(up, 14) / size, total(down, 14) / size


def zlema(b):
    return (ema(2 * b.close - b.close.shift(9), 20),)


BY_HAND = {
    "accelerator": accelerator,
    "alligator": alligator,
    "avwap": lambda b: weighed(typical(b), b.volume, b.day * 0),
    "awesome": awesome,
    "bbwidth": lambda b: (100 * (bands(b)[0] - bands(b)[2]) / bands(b)[1],),
    "chaikin_volatility": lambda b: (100 * ema(b.high - b.low, 10).pct_change(10),),
    "chandelier": chandelier,
    "choppiness": choppiness,
    "cmf": lambda b: (total(b.volume * placed(b), 20) / total(b.volume, 20),),
    "connors_rsi": connors_rsi,
    "coppock": coppock,
    "cumulative_delta": lambda b: ((b.bought - b.sold).groupby(b.day).cumsum(),),
    "delta": lambda b: (b.bought - b.sold,),
    "donchian": donchian,
    "dpo": lambda b: (b.close.shift(11) - sma(b.close, 20),),
    "efi": lambda b: (ema(b.close.diff() * b.volume, 13),),
    "elder_ray": lambda b: (b.high - ema(b.close, 13), b.low - ema(b.close, 13)),
    "envelope": lambda b: tuple(sma(b.close, 20) * share for share in (1.025, 1, 0.975)),
    "eom": lambda b: (sma(median(b).diff() * (b.high - b.low) / b.volume * 10_000, 14),),
    "fisher": fisher,
    "fractals": fractals,
    "gator": gator,
    "historical_volatility": historical_volatility,
    "hma": hma,
    "ichimoku": ichimoku,
    "keltner": keltner,
    "klinger": klinger,
    "kst": kst,
    "linreg_channel": linreg_channel,
    "mass_index": mass_index,
    "mcginley": mcginley,
    "nvi": lambda b: volume_index(b, lambda now, last: now < last),
    "opening_range": opening_range,
    "percent_b": lambda b: ((b.close - bands(b)[2]) / (bands(b)[0] - bands(b)[2]),),
    "pivots": pivots,
    "price_volume_rank": price_volume_rank,
    "pvi": lambda b: volume_index(b, lambda now, last: now > last),
    "pvo": lambda b: crossed(ratio_of_means(b.volume, 12, 26), 9),
    "pvt": lambda b: ((b.volume * b.close.pct_change()).cumsum(),),
    "qstick": lambda b: (sma(b.close - b.open, 8),),
    "relative_volatility": relative_volatility,
    "relative_volume": lambda b: (b.volume / sma(b.volume.shift(), 20),),
    "rsi_sma": rsi_sma,
    "rvi": vigor,
    "schaff": schaff,
    "session_levels": session_levels,
    "smma": lambda b: (wilder(b.close, 14),),
    "squeeze": squeeze,
    "supertrend": supertrend,
    "tsi": tsi,
    "ulcer_index": ulcer_index,
    "vidya": vidya,
    "volume": volumes,
    "volume_sma": lambda b: (sma(b.volume, 20),),
    "vortex": vortex,
    "vwap": lambda b: weighed(typical(b), b.volume, b.day),
    "vwma": lambda b: (total(b.close * b.volume, 20) / total(b.volume, 20),),
    "zlema": zlema,
}
"""Study -> its definition on a table of bars, a series an output, in the order of the outputs."""

ELSEWHERE = {
    "volume_profile": "test_profile.py",
    "zigzag": "below: it is not a formula",
}


@pytest.mark.parametrize("series", SERIES)
@pytest.mark.parametrize("name", BY_HAND)
def test_number_is_that_of_the_definition(name, series):
    bars, spec = SERIES[series], importlib.import_module(f"app.indicators.{name}").INDICATOR
    table = pd.DataFrame({column: getattr(bars, column) for column in bars.__struct_fields__})
    theirs = tuple(column.to_numpy(dtype=float) for column in BY_HAND[name](table))
    assert_equal(spec, spec.compute(bars, spec.params()), theirs)


def test_turns_of_the_zigzag_are_the_extremes_between_moves_of_five_per_cent():
    module = importlib.import_module("app.indicators.zigzag")
    for bars in SERIES.values():
        turn, ago, tip, _ = module.INDICATOR.compute(bars, module.INDICATOR.params())
        known = np.flatnonzero(~np.isnan(turn))
        places = [int(at - ago[at]) for at in known]
        assert len(places) > 5
        assert places == sorted(set(places))
        is_top = turn[known[0]] == bars.high[places[0]]
        for begin, end, at in zip(places, places[1:], known[1:], strict=False):
            was, now = (bars.high, bars.low) if is_top else (bars.low, bars.high)
            pick = min if is_top else max
            assert turn[at] == now[end] == pick(now[begin + 1 : at])
            assert abs(turn[at] / was[begin] - 1) >= 0.05 - 1e-12
            is_top = not is_top
        assert np.isfinite(tip[known[0] :]).all()


def test_every_study_is_compared_with_another_source():
    folder = daily.ROOT / "app" / "indicators"
    studies = {
        path.stem for path in folder.glob("*.py") if "\nINDICATOR = " in path.read_text("utf-8")
    }
    assert studies == {*TALIB, *TAKEN_OTHERWISE, *BY_HAND, *ELSEWHERE}
