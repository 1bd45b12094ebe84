"""Goal: the book is what its rules say and nothing else, whatever comes in whatever order.

Method: a second book that is as simple as can be, one list searched from end to end for every
single match, is driven beside the real one; both must say the same events. After every step the
laws of the book's docstring are checked from outside: by the queries, and by a third, displayed
book that is kept from the events alone.
"""

from __future__ import annotations

import copy
import random
from collections import Counter, defaultdict

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.domain.enums import Side, TimeInForce
from app.exchange.book import Book
from app.exchange.entry import (
    Accepted,
    Canceled,
    CancelReason,
    Crossed,
    Displayed,
    Executed,
    Order,
    Replaced,
    SelfMatch,
)

BUY, SELL = Side.BUY, Side.SELL
DAY, IOC, FOK = TimeInForce.DAY, TimeInForce.IOC, TimeInForce.FOK
OPG, CLS = TimeInForce.OPG, TimeInForce.CLS
TICKS = 10
DAYS = 12
VERBS_A_DAY = 400
UNFILLED, SELF = CancelReason.UNFILLED, CancelReason.SELF_MATCH


class Part:
    """Shares of one order that trade together: all it shows, or all it hides."""

    def __init__(self, order, qty, *, is_hidden, came):
        self.order, self.qty, self.is_hidden, self.came = order, qty, is_hidden, came

    @property
    def rank(self):
        px = self.order.px
        return (px is not None, -self.order.side.sign * (px or 0), self.is_hidden, self.came)


class Naive:
    """The rules, read aloud: one list, searched anew for every match."""

    def __init__(self):
        self.parts, self.waiting, self.events = [], [], []
        self.is_continuous, self.count = True, 0

    def next(self):
        self.count += 1
        return self.count

    def of(self, order_id, *, is_hidden=None):
        return [
            part
            for part in self.parts + self.waiting
            if part.order.order_id == order_id and is_hidden in (None, part.is_hidden)
        ]

    def leaves(self, order_id):
        return sum(part.qty for part in self.of(order_id))

    def shown(self, order_id):
        shown = (p for p in self.parts if p.order.order_id == order_id and not p.is_hidden)
        return sum(part.qty for part in shown)

    def ids(self):
        return {part.order.order_id for part in self.parts + self.waiting}

    def forget(self, parts):
        gone = {id(part) for part in parts}
        self.parts = [part for part in self.parts if id(part) not in gone]
        self.waiting = [part for part in self.waiting if id(part) not in gone]

    def sweep(self):
        self.forget([part for part in self.parts + self.waiting if not part.qty])

    def enter(self, order):
        self.events = [Accepted(order.order_id, order.side, order.px, order.leaves)]
        self.place(order)
        return self.events

    def place(self, order):
        life = order.time_in_force
        at_once = life in (IOC, FOK)
        if life in (OPG, CLS) or (not self.is_continuous and order.px is None and not at_once):
            part = Part(order, order.leaves, is_hidden=False, came=self.next())
            self.waiting.append(part)
            return
        left = order.leaves
        if self.is_continuous and self.first_for(order) is not None:
            if order.is_post_only:
                self.say_canceled(order, left, 0, CancelReason.WOULD_TRADE)
                return
            if life is not FOK or self.would_fill(order):
                left = self.match(order)
        if not left:
            return
        if order.px is None or at_once:
            self.say_canceled(order, left, 0, UNFILLED)
        else:
            self.rest(order, left)

    def first_for(self, order):
        sign = order.side.sign
        there = [
            part
            for part in self.parts
            if part.order.side is not order.side
            and part.qty
            and (order.px is None or sign * part.order.px <= sign * order.px)
        ]
        return min(there, key=lambda part: part.rank, default=None)

    def would_fill(self, order):
        trial = copy.deepcopy(self)
        trial.events = []
        trial.match(order)
        traded = sum(event.qty for event in trial.events if isinstance(event, Executed))
        return traded == order.leaves

    def match(self, order):
        """Match what can be; return the shares left."""
        left, used_up = order.leaves, []
        while left and (part := self.first_for(order)) is not None:
            maker = part.order
            qty = min(left, part.qty)
            if order.owner and order.owner == maker.owner:
                left = self.prevent(order, part, left)
            else:
                part.qty -= qty
                left -= qty
                open_qty = self.leaves(maker.order_id)
                is_shown = not part.is_hidden
                self.events.append(
                    Executed(
                        maker.order_id, order.order_id, maker.px, qty, open_qty, left, is_shown
                    )
                )
            if not part.qty and not part.is_hidden:
                used_up.append(maker)
        self.renew(used_up)
        return left

    def prevent(self, order, part, left):
        maker, mode = part.order, order.self_match
        if mode is SelfMatch.DECREMENT:
            qty = min(left, part.qty)
            part.qty -= qty
            self.say_canceled(maker, qty, self.leaves(maker.order_id), SELF)
            self.say_canceled(order, qty, left - qty, SELF)
            return left - qty
        if mode in (SelfMatch.CANCEL_OLDEST, SelfMatch.CANCEL_BOTH):
            qty = self.leaves(maker.order_id)
            for one in self.of(maker.order_id):
                one.qty = 0
            self.say_canceled(maker, qty, 0, SELF)
        if mode in (SelfMatch.CANCEL_NEWEST, SelfMatch.CANCEL_BOTH):
            self.say_canceled(order, left, 0, SELF)
            return 0
        return left

    def say_canceled(self, order, qty, leaves, reason):
        shown = self.shown(order.order_id)
        self.events.append(Canceled(order.order_id, qty, leaves, shown, reason))

    def renew(self, used_up):
        self.sweep()
        for order in used_up:
            for part in self.of(order.order_id, is_hidden=True):
                qty = min(order.display, part.qty)
                part.qty -= qty
                self.display(order, qty)
        self.sweep()

    def display(self, order, qty):
        self.parts.append(Part(order, qty, is_hidden=False, came=self.next()))
        self.events.append(Displayed(order.order_id, order.side, order.px, qty))

    def rest(self, order, left):
        shown = left if order.display is None else min(left, order.display)
        if shown < left:
            self.parts.append(Part(order, left - shown, is_hidden=True, came=self.next()))
        if shown:
            self.display(order, shown)

    def cancel(self, order_id):
        self.events, parts = [], self.of(order_id)
        if parts:
            qty = self.leaves(order_id)
            self.forget(parts)
            self.say_canceled(parts[0].order, qty, 0, CancelReason.REQUESTED)
        return self.events

    def replace(self, order_id, leaves, px):
        parts = self.of(order_id)
        if not parts:
            return []
        order, cut = parts[0].order, self.leaves(order_id) - leaves
        if px == order.px and cut >= 0:
            for part in sorted(parts, key=lambda part: not part.is_hidden):
                qty = min(cut, part.qty)
                part.qty, cut = part.qty - qty, cut - qty
            self.sweep()
            return [Replaced(order_id, px, leaves, self.shown(order_id), True)]
        self.forget(parts)
        self.events = [Replaced(order_id, px, leaves, 0, False)]
        self.place(msgspec.structs.replace(order, leaves=leaves, px=px))
        return self.events

    def called(self, auction):
        other = CLS if auction is OPG else OPG
        there = [part for part in self.waiting if part.order.time_in_force is not other]
        return there + self.parts

    def willing(self, side, px, auction):
        return [
            part
            for part in self.called(auction)
            if part.order.side is side
            and (part.order.px is None or side.sign * part.order.px >= side.sign * px)
        ]

    def auction_px(self, reference, auction):
        """Return price and shares: try every tick."""
        best = None
        for px in range(1, TICKS + 3):
            demand, supply = (
                sum(part.qty for part in self.willing(side, px, auction)) for side in Side
            )
            rank = (-min(demand, supply), abs(demand - supply), abs(px - reference))
            best = min(best or (rank, px), (rank, px))
        return best[1], -best[0][0]

    def uncross(self, reference, auction):
        self.events, used_up = [], []
        px, qty = self.auction_px(reference, auction)
        while qty:
            pair = [
                min(self.willing(side, px, auction), key=lambda part: part.rank) for side in Side
            ]
            traded = min(qty, *(part.qty for part in pair))
            for part in pair:
                part.qty -= traded
                if not part.qty and part in self.parts and not part.is_hidden:
                    used_up.append(part.order)
            self.sweep()
            ids = [part.order.order_id for part in pair]
            left, shown = map(self.leaves, ids), map(self.shown, ids)
            self.events.append(Crossed(*ids, px, traded, *left, *shown))
            qty -= traded
        self.renew(used_up)
        other = CLS if auction is OPG else OPG
        for part in [part for part in self.waiting if part.order.time_in_force is not other]:
            self.forget([part])
            self.say_canceled(part.order, part.qty, 0, UNFILLED)
        self.is_continuous = True
        return self.events


class Mirror:
    """The displayed book and every order's shares, from the events alone."""

    def __init__(self):
        self.stands = {}
        """Order id -> side, price and displayed shares."""
        self.entered, self.traded, self.canceled = Counter(), Counter(), Counter()

    def take_off(self, order_id, qty):
        side, px, shown = self.stands[order_id]
        assert qty <= shown
        self.stands[order_id] = (side, px, shown - qty)

    def leave(self, order_id, shown):
        if order_id in self.stands:
            side, px, _ = self.stands[order_id]
            self.stands[order_id] = (side, px, shown)

    def apply(self, event, before):
        """Apply an event; `before` tells the open shares of a replaced order."""
        match event:
            case Accepted():
                self.stands.pop(event.order_id, None)
                for counter in (self.entered, self.traded, self.canceled):
                    del counter[event.order_id]
                self.entered[event.order_id] = event.qty
            case Displayed():
                self.stands[event.order_id] = (event.side, event.px, event.qty)
            case Executed():
                if event.is_displayed:
                    self.take_off(event.maker_id, event.qty)
                self.traded.update({event.maker_id: event.qty, event.taker_id: event.qty})
            case Crossed():
                self.leave(event.buy_id, event.buy_shown)
                self.leave(event.sell_id, event.sell_shown)
                self.traded.update({event.buy_id: event.qty, event.sell_id: event.qty})
            case Canceled():
                self.leave(event.order_id, event.shown)
                self.canceled[event.order_id] += event.qty
            case Replaced():
                self.leave(event.order_id, event.shown)
                self.entered[event.order_id] += event.leaves - before

    def depth(self, side):
        sums = defaultdict(int)
        for of, px, shown in self.stands.values():
            if of is side and shown:
                sums[px] += shown
        return sorted(sums.items(), reverse=side is BUY)


ORDERS = st.builds(
    Order,
    order_id=st.just(0),
    side=st.sampled_from(Side),
    leaves=st.integers(1, 30),
    px=st.integers(1, TICKS) | st.integers(TICKS // 2, TICKS // 2 + 1) | st.none(),
    time_in_force=st.sampled_from([DAY, DAY, DAY, TimeInForce.GTC, IOC, FOK, OPG, CLS]),
    owner=st.integers(0, 2),
    self_match=st.sampled_from(SelfMatch),
    is_post_only=st.sampled_from([False, False, False, True]),
    display=st.sampled_from([None, None, None, 0, 1, 4]),
)

PICKS = st.integers(0, 1000)


class BesideTheNaiveBook(RuleBasedStateMachine):
    """Drive both books alike."""

    def __init__(self):
        super().__init__()
        self.book, self.naive, self.mirror = Book(), Naive(), Mirror()
        self.count = 0

    def both(self, verb, *arguments, before=0):
        said = getattr(self.book, verb)(*copy.deepcopy(arguments))
        assert said == getattr(self.naive, verb)(*arguments)
        for event in said:
            self.mirror.apply(event, before)

    def working(self, pick):
        """One of the working orders; a strange one if there is none."""
        ids = sorted(self.naive.ids()) or [0]
        return ids[pick % len(ids)]

    @initialize(is_continuous=st.booleans(), orders=st.lists(ORDERS, max_size=30))
    def open(self, is_continuous, orders):
        self.naive.is_continuous = is_continuous
        if not is_continuous:
            self.book.collect()
        self.enter(orders)

    @rule(orders=st.lists(ORDERS, min_size=3, max_size=10))
    def enter(self, orders):
        for order in orders:
            self.count += 1
            order.order_id = self.count
            if order.fault() is None:
                self.both("enter", order)

    @rule(order=ORDERS, pick=PICKS)
    def enter_what_no_book_takes(self, order, pick):
        order.order_id = self.working(pick)
        if order.order_id or order.fault() is not None:
            with pytest.raises(ValueError, match=f"order {order.order_id}"):
                self.book.enter(order)

    @rule(picks=st.lists(PICKS, min_size=1, max_size=4))
    def cancel(self, picks):
        for pick in picks:
            self.both("cancel", self.working(pick))

    @rule(order_id=st.integers(-9, 1000))
    def cancel_what_may_be_gone(self, order_id):
        self.both("cancel", order_id)

    @rule(pick=PICKS, leaves=st.integers(1, 30), px=st.integers(1, TICKS))
    def replace(self, pick, leaves, px):
        order_id = self.working(pick)
        order = self.book.order(order_id)
        if order is not None and order.px is None:
            px = None
        self.both("replace", order_id, leaves, px, before=self.naive.leaves(order_id))

    @rule(pick=PICKS, share=st.floats(0, 1))
    def shrink(self, pick, share):
        order = self.book.order(self.working(pick))
        if order is not None:
            leaves = max(1, int(order.leaves * share))
            self.both("replace", order.order_id, leaves, order.px, before=order.leaves)

    @rule()
    def collect(self):
        self.naive.is_continuous = False
        self.book.collect()

    @rule(reference=st.integers(1, TICKS), auction=st.sampled_from([OPG, CLS]))
    def uncross(self, reference, auction):
        px, paired = self.naive.auction_px(reference, auction)
        said = self.book.indicate(reference, auction)
        assert (said.px, said.paired) == (px if paired else None, paired)
        self.both("uncross", reference, auction)

    @invariant()
    def never_crossed(self):
        if self.book.is_continuous:
            bids, asks = (
                [px for px in range(1, TICKS + 1) if any(self.book.volume_at(side, px))]
                for side in Side
            )
            assert not bids or not asks or max(bids) < min(asks)

    @invariant()
    def levels_are_the_sums_of_their_orders(self):
        for side in Side:
            for px in range(1, TICKS + 1):
                there = [p for p in self.naive.parts if (p.order.side, p.order.px) == (side, px)]
                sums = [sum(p.qty for p in there if p.is_hidden is kind) for kind in (False, True)]
                assert list(self.book.volume_at(side, px)) == sums
                orders = {part.order.order_id for part in there}
                open_qty = sum(self.book.order(order_id).leaves for order_id in orders)
                assert open_qty == sum(sums)

    @invariant()
    def every_order_is_where_it_should_be(self):
        assert len(self.book) == len(self.naive.ids())
        for order_id in self.naive.ids():
            order = self.book.order(order_id)
            assert order.leaves == self.naive.leaves(order_id)
            assert order.shown == self.naive.shown(order_id)
            parts = self.naive.of(order_id)
            if parts[0] in self.naive.waiting:
                assert self.book.ahead_of(order_id) is None
                continue
            first = min(part.rank for part in parts)
            at_px = [p for p in self.naive.parts if p.order.side is order.side]
            ahead = [p.qty for p in at_px if p.order.px == order.px and p.rank < first]
            assert self.book.ahead_of(order_id) == sum(ahead)

    @invariant()
    def shares_are_conserved(self):
        mirror = self.mirror
        for order_id, entered in mirror.entered.items():
            gone = mirror.traded[order_id] + mirror.canceled[order_id]
            order = self.book.order(order_id)
            assert entered == gone + (order.leaves if order is not None else 0)

    @invariant()
    def displayed_book_follows_from_the_events(self):
        for side in Side:
            depth = self.mirror.depth(side)
            assert self.book.depth(side, 99) == depth
            assert self.book.best(side) == (depth[0] if depth else None)


TestBesideTheNaiveBook = BesideTheNaiveBook.TestCase
TestBesideTheNaiveBook.settings = settings(stateful_step_count=30)


def drawn(rng):
    """An order of any kind, plain ones often."""
    life = rng.choice([DAY] * 12 + [TimeInForce.GTC, IOC, FOK, OPG, CLS])
    return Order(
        order_id=0,
        side=rng.choice([BUY, SELL]),
        leaves=rng.randint(1, 30),
        px=rng.choice([None, *range(1, TICKS + 1), *range(1, TICKS + 1)]),
        time_in_force=life,
        owner=rng.choice([0, 0, 1, 2]),
        self_match=rng.choice([*SelfMatch]),
        is_post_only=rng.random() < 0.1,
        display=rng.choice([None, None, None, 0, 1, 4, 9]),
    )


@pytest.mark.parametrize("seed", range(DAYS))
def test_a_long_day(seed):
    """Many orders one after the other, as no shrinking search would make them."""
    rng, both_books = random.Random(seed), BesideTheNaiveBook()
    laws = (
        both_books.never_crossed,
        both_books.levels_are_the_sums_of_their_orders,
        both_books.every_order_is_where_it_should_be,
        both_books.shares_are_conserved,
        both_books.displayed_book_follows_from_the_events,
    )
    for _ in range(VERBS_A_DAY):
        verb, pick = rng.random(), rng.randrange(1000)
        if verb < 0.60:
            both_books.enter([drawn(rng)])
        elif verb < 0.75:
            both_books.cancel([pick])
        elif verb < 0.86:
            both_books.replace(pick, rng.randint(1, 30), rng.randint(1, TICKS))
        elif verb < 0.96:
            both_books.shrink(pick, rng.random())
        elif verb < 0.97:
            both_books.collect()
        else:
            both_books.uncross(rng.randint(1, TICKS), rng.choice([OPG, CLS]))
        for law in laws:
            law()
