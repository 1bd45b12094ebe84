"""Goal: shared moves are the same for all who ask, and nothing runs away."""

from __future__ import annotations

import random
import statistics

from app.exchange.factors import SECOND_NS, STEPS_MAX, Clustering, Factor, revert
from app.exchange.hours import AroundTheClock, Rhythm

DAY_S = 86_400


def factor(seed="s"):
    return Factor(seed, 1.0, Rhythm(AroundTheClock()), 0)


def test_the_path_does_not_depend_on_how_often_it_is_asked():
    often, seldom = factor(), factor()
    for tenth in range(3_000):
        last = often.at(tenth * SECOND_NS // 10)
    assert seldom.at(299 * SECOND_NS) == last


def test_another_seed_is_another_path():
    assert factor("a").at(SECOND_NS) != factor("b").at(SECOND_NS)


def test_it_stands_still_within_a_second_and_backwards():
    one = factor()
    value = one.at(10 * SECOND_NS)
    assert one.at(10 * SECOND_NS + 999) == value
    assert one.at(3 * SECOND_NS) == value


def test_a_long_pause_is_one_step():
    one = factor()
    one.at((STEPS_MAX + 1) * SECOND_NS)
    two = factor()
    two.skip_to((STEPS_MAX + 1) * SECOND_NS)
    assert one.at((STEPS_MAX + 1) * SECOND_NS) == two.at((STEPS_MAX + 1) * SECOND_NS)


def test_it_goes_on_from_where_it_was_set_back_to():
    one = factor()
    one.at(100 * SECOND_NS)
    one.skip_to(50 * SECOND_NS)
    assert one.at(50 * SECOND_NS) != one.at(51 * SECOND_NS)


def test_moves_stay_within_reason_for_a_year():
    one = factor()
    far = [abs(one.at(day * DAY_S * SECOND_NS)) for day in range(1, 366)]
    assert max(far) < 0.20  # Some 3 % is the lasting deviation of 1 % a day.


def test_half_of_a_move_is_gone_after_two_days():
    assert abs(revert(1.0, 2 * DAY_S) - 0.5) < 1e-9


def test_volatility_clusters_and_keeps_its_mean():
    gauss = random.Random(1).gauss  # noqa: S311
    clustering = Clustering()
    heats = [clustering.step(60.0, gauss(0, 1)) for _ in range(20_000)]
    assert abs(statistics.mean(heat * heat for heat in heats) - 1) < 0.15
    assert statistics.correlation(heats[:-1], heats[1:]) > 0.8
