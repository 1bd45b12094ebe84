"""Goal: one symbol's market is believable: on the tick, never crossed, prints at the quote."""

from __future__ import annotations

import statistics

import pytest

from app.config import load_config
from app.exchange.factors import SECOND_NS, Factor
from app.exchange.listings import LISTINGS
from app.exchange.tape import LEVELS_MAX, SPREAD_CENTS_MAX, Tape
from app.exchange.wire import PrintMessage, QuoteMessage

CONFIG = load_config().exchange
START_NS = 1_795_444_200 * SECOND_NS


def make(listing=LISTINGS[0]):
    market = Factor("market", 0.8, START_NS)
    sector = Factor("sector", 0.5, START_NS)
    return Tape(listing, CONFIG, market=market, sector=sector, now_ns=START_NS)


def words(tape, seconds):
    end_ns = tape.next_ns + seconds * SECOND_NS
    while tape.next_ns <= end_ns:
        yield tape.speak()


@pytest.fixture(scope="module", params=LISTINGS, ids=[one.symbol for one in LISTINGS])
def hour(request):
    return request.param, list(words(make(request.param), 3_600))


def test_the_first_word_is_a_quote_at_the_anchor():
    tape = make()
    (first,) = tape.speak()
    assert isinstance(first, QuoteMessage)
    assert first.ts_ns == START_NS
    assert first.bid <= LISTINGS[0].anchor_cents <= first.ask


def test_quotes_are_never_crossed_nor_wide_and_never_empty(hour):
    for m in (m for word in hour[1] for m in word if isinstance(m, QuoteMessage)):
        assert 1 <= m.ask - m.bid <= SPREAD_CENTS_MAX
        assert m.bid > 0
        assert min(m.bid_size, m.ask_size) > 0


def test_prints_are_within_the_standing_quote_and_its_size(hour):
    standing = None
    at_quote = prints = 0
    for m in (m for word in hour[1] for m in word):
        if isinstance(m, QuoteMessage):
            standing = m
            continue
        assert standing.bid <= m.price <= standing.ask
        shown = [standing.bid_size] * (m.price < standing.ask)
        shown += [standing.ask_size] * (m.price > standing.bid)
        assert 0 < m.size <= max(shown)
        prints += 1
        at_quote += m.price in {standing.bid, standing.ask}
    assert at_quote / prints > 0.8


def test_a_bigger_order_walks_the_price_within_bounds(hour):
    walks = [[m for m in word if isinstance(m, PrintMessage)] for word in hour[1]]
    assert max(map(len, walks)) in range(2, LEVELS_MAX + 1)
    for walk in walks:
        steps = [b.price - a.price for a, b in zip(walk, walk[1:], strict=False)]
        assert all(step == 1 for step in steps) or all(step == -1 for step in steps)


def test_rates_are_those_that_are_set(hour):
    messages = [m for word in hour[1] for m in word]
    quotes = sum(isinstance(m, QuoteMessage) for m in messages)
    assert quotes / 3_600 == pytest.approx(CONFIG.quotes_per_s, rel=0.1)
    assert (len(messages) - quotes) / 3_600 == pytest.approx(CONFIG.trades_per_s, rel=0.1)


def test_the_price_stays_near_its_anchor(hour):
    listing, said = hour
    bids = [m.bid for word in said for m in word if isinstance(m, QuoteMessage)]
    assert min(bids) > listing.anchor_cents * 0.9
    assert max(bids) < listing.anchor_cents * 1.1
    assert len(set(bids)) > 20


def test_sizes_are_round_lots_with_a_heavy_tail():
    sizes = [m.size for w in words(make(), 7_200) for m in w if isinstance(m, PrintMessage)]
    assert sum(size % 100 == 0 for size in sizes) / len(sizes) > 0.5
    assert max(sizes) > 4 * statistics.mean(sizes)


def test_after_a_skip_it_speaks_at_once_and_quotes_first():
    tape = make()
    for _ in words(tape, 5):
        pass
    tape.skip_to(START_NS + 9_000 * SECOND_NS)
    (first,) = tape.speak()
    assert isinstance(first, QuoteMessage)
    assert first.ts_ns == START_NS + 9_000 * SECOND_NS
