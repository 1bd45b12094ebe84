"""Goal: the worth wanders as far as the listing says, with news now and then, and comes back."""

from __future__ import annotations

import math
import statistics

import pytest

from app.domain.times import SECOND_NS
from app.exchange.factors import Factor
from app.exchange.hours import AroundTheClock, Rhythm
from app.exchange.listings import LISTINGS
from app.exchange.value import HEAT_MAX, Fundamental

AAPL = LISTINGS[0]
DAY_S = 23_400


def make(seed=1, listing=AAPL):
    rhythm = Rhythm(AroundTheClock())
    market, sector = Factor(f"{seed}m", 0.8, rhythm, 0), Factor(f"{seed}s", 0.5, rhythm, 0)
    return Fundamental(listing, seed, market=market, sector=sector, rhythm=rhythm, now_ns=0)


def test_it_starts_at_the_anchor_and_is_one_path_for_one_seed():
    assert make().at(0) == pytest.approx(AAPL.anchor_cents / 100)
    moments = [n * SECOND_NS for n in range(0, 3_000, 7)]
    one, same, other = make(), make(), make(seed=2)
    path = [one.at(m) for m in moments]
    assert [same.at(m) for m in moments] == path
    assert [other.at(m) for m in moments] != path


def test_a_day_moves_as_far_as_the_listing_says():
    moves = []
    for seed in range(60):
        worth = make(seed)
        first = worth.at(0)
        for minute in range(1, 391):
            last = worth.at(minute * 60 * SECOND_NS)
        moves.append(math.log(last / first))
    expected = math.hypot(AAPL.vol_day_pct, AAPL.beta * 0.8, 0.5) / 100
    assert expected * 0.7 < statistics.pstdev(moves) < expected * 1.6


def test_news_make_it_jump_and_everybody_nervous():
    worth = make(seed=3)
    before, jumps = worth.at(0), []
    for second in range(1, 10 * DAY_S, 5):
        now = worth.at(second * SECOND_NS)
        jumps.append((abs(math.log(now / before)), worth.heat))
        before = now
    usual = statistics.median(move for move, _ in jumps)
    big, place = max((move, place) for place, (move, _) in enumerate(jumps))
    assert big > 20 * usual
    assert jumps[place + 1][1] > 1.5 * jumps[place][1]
    assert max(heat for _, heat in jumps) <= HEAT_MAX


def test_what_is_learned_stays_for_a_while():
    plain, taught = make(), make()
    plain.at(SECOND_NS)
    taught.at(SECOND_NS)
    taught.learn(0.01)
    later = 60 * SECOND_NS
    assert taught.at(later) / plain.at(later) == pytest.approx(math.exp(0.01), rel=1e-4)


def test_time_never_goes_back():
    worth = make()
    now = worth.at(10 * SECOND_NS)
    assert worth.at(5 * SECOND_NS) == pytest.approx(now)
