"""Show that cash and positions are the exact sum of what counts: fills, adjustments, postings.

Method: known rows; laws over drawn fills, with busts, corrections, adjustments and postings.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.cash import CashKind, CashPosting, DayStart
from app.domain.corporate import Split
from app.domain.enums import Side
from app.domain.errors import BadInput
from app.domain.lots import LotMethod
from app.domain.position import Position, PositionAdjustment
from app.domain.terms import ZERO
from app.domain.times import midnight_ns
from app.portfolio.ledger import Ledger, Totals
from tests.samples import (
    FEES,
    FILLS,
    IBM,
    MSFT,
    NOW_NS,
    PRICES,
    QTYS,
    SIDES,
    TRADES,
    amounts,
    fill,
    in_turn,
    is_value,
)

BUY, SELL = Side.BUY, Side.SELL
MIXED = st.lists(
    st.builds(fill, SIDES, QTYS, PRICES, FEES, symbol=st.sampled_from([IBM, MSFT])), max_size=12
).map(in_turn)
METHODS = st.sampled_from(LotMethod)


def booked(*fills, cash=100_000, method=LotMethod.FIFO):
    ledger = Ledger(Decimal(cash))
    if method is not LotMethod.FIFO:
        ledger.set_method(method)
    for one in fills:
        ledger.book(one)
    return ledger


def adjustment(adjustment_id="A1", qty="5", px="10", ts=100, **changes):
    row = PositionAdjustment(
        adjustment_id=adjustment_id,
        symbol=IBM,
        qty=Decimal(qty),
        px=Decimal(px),
        ts_ns=NOW_NS + ts,
    )
    return msgspec.structs.replace(row, **changes)


def posting(posting_id="C1", amount="50", kind=CashKind.DEPOSIT):
    return CashPosting(posting_id=posting_id, kind=kind, amount=Decimal(amount), ts_ns=NOW_NS)


def day(n=23, equity="100000"):
    return DayStart(
        trading_day=date(2026, 11, n), equity=Decimal(equity), cash=Decimal(0), ts_ns=NOW_NS
    )


def seen(ledger):
    """All that a reader sees of what happened, but not how often it was changed."""
    view = ledger.view
    symbols = [position.symbol for position in view.all()]
    return (
        view.cash,
        view.all(),
        [view.closed_lots(symbol) for symbol in symbols],
        [view.lapsed_picks(symbol) for symbol in symbols],
        view.totals,
        view.postings(),
    )


def test_new_account_holds_its_cash_and_nothing_else():
    view = booked().view
    assert (view.cash, view.opening_cash, view.version, view.all()) == (100_000, 100_000, 0, ())
    assert view.get(IBM) == Position(symbol=IBM)
    assert view.all() == view.lots(IBM) == view.closed_lots(IBM) == view.postings() == ()
    assert view.lapsed_picks(IBM) == {}
    assert view.day is None
    assert view.totals == view.day_totals == Totals()
    assert view.method(IBM) is LotMethod.FIFO


def test_buying_takes_cash_and_selling_brings_it_less_fees():
    view = booked(fill(BUY, 100, 10, "0.35"), fill(SELL, 40, 11, "0.15")).view
    assert view.cash == 100_000 - 1000 + 440 - Decimal("0.50")
    assert view.opening_cash == 100_000
    assert view.get(IBM).qty == 60


def test_symbols_do_not_mix_and_stay_in_order_of_their_first_fill():
    view = booked(fill(symbol=MSFT), fill(), fill(SELL, symbol=MSFT)).view
    assert [(position.symbol, position.qty) for position in view.all()] == [(MSFT, 0), (IBM, 100)]


def test_fill_told_late_comes_first_if_it_happened_first():
    ledger = booked(*in_turn([fill(), fill()])[1:])
    ledger.book(fill(symbol=MSFT, exec_id="M1"))
    assert [position.symbol for position in ledger.view.all()] == [MSFT, IBM]
    ledger.book(fill(px=7, exec_id="E0", ts_exch_ns=NOW_NS - 1))
    assert [position.symbol for position in ledger.view.all()] == [IBM, MSFT]
    assert [lot.exec_id for lot in ledger.view.lots(IBM)] == ["E0", "E2"]


def test_lots_and_closed_lots_can_be_read():
    first, second, sold = in_turn([fill(BUY, 10, 10), fill(BUY, 10, 11), fill(SELL, 15, 12)])
    view = booked(first, second, sold).view
    assert [(lot.exec_id, lot.qty) for lot in view.lots(IBM)] == [("E2", 5)]
    closed = view.closed_lots(IBM)
    assert [(one.open_exec_id, one.qty, one.pnl) for one in closed] == [
        ("E1", 10, 20),
        ("E2", 5, 5),
    ]


class TestBusts:
    def test_broken_fill_leaves_nothing_behind(self):
        ledger = booked(fill(BUY, 100, 10, "0.35"))
        ledger.withdraw("E1")
        assert seen(ledger) == seen(booked())

    def test_symbol_order_is_that_of_the_fills_that_are_left(self):
        first, second, third = fill(exec_id="E1"), fill(exec_id="E2", symbol=MSFT), fill()
        ledger = booked(first, second, msgspec.structs.replace(third, exec_id="E3"))
        ledger.withdraw("E1")
        assert [position.symbol for position in ledger.view.all()] == [MSFT, IBM]

    def test_correction_takes_the_place_of_the_fill_in_time(self):
        one, two, sold = in_turn([fill(BUY, 10, 10), fill(BUY, 10, 11), fill(SELL, 10, 12)])
        ledger = booked(one, two, sold)
        corrected = fill(BUY, 10, 9, "0.35", exec_id="F1", ts_exch_ns=NOW_NS + 10**15)
        ledger.correct("E1", corrected)
        position = ledger.view.get(IBM)
        assert (position.realised_pnl, position.fees) == (30, Decimal("0.35"))
        assert [lot.exec_id for lot in ledger.view.lots(IBM)] == ["E2"]
        assert ledger.cash == 100_000 - 90 - 110 + 120 - Decimal("0.35")
        ledger.withdraw("F1")
        assert seen(ledger) == seen(booked(two, sold))

    @pytest.mark.parametrize("exec_id", ["E9", "A1"], ids=["unknown", "adjustment"])
    def test_fill_that_is_not_booked_is_our_mistake(self, exec_id):
        ledger = booked(fill())
        ledger.adjust(adjustment())
        before, version = seen(ledger), ledger.version
        with pytest.raises(AssertionError, match=f"^fill {exec_id} is not booked"):
            ledger.withdraw(exec_id)
        with pytest.raises(AssertionError, match=f"^fill {exec_id} is not booked"):
            ledger.correct(exec_id, fill())
        assert (seen(ledger), ledger.version) == (before, version)

    def test_correction_into_another_symbol_is_our_mistake(self):
        ledger = booked(fill())
        with pytest.raises(AssertionError, match="MSFT"):
            ledger.correct("E1", fill(symbol=MSFT))
        assert seen(ledger) == seen(booked(fill()))


class TestAdjustments:
    def test_adjustment_changes_the_holding_and_no_cash(self):
        ledger = booked(fill(BUY, 10, 10, "0.35"))
        assert ledger.adjust(adjustment(qty="5", px="16")) is True
        position = ledger.view.get(IBM)
        assert (position.qty, position.cost, position.fees) == (15, 180, Decimal("0.35"))
        assert ledger.cash == 100_000 - 100 - Decimal("0.35")
        assert [lot.exec_id for lot in position.lots] == ["E1", "A1"]

    def test_adjustment_closes_lots_as_the_method_says(self):
        ledger = booked(*in_turn([fill(BUY, 10, 10), fill(BUY, 10, 11)]), method=LotMethod.LIFO)
        ledger.adjust(adjustment(qty="-10", px="12", ts=10**10))
        closed = ledger.view.closed_lots(IBM)
        assert [(one.open_exec_id, one.close_exec_id, one.pnl) for one in closed] == [
            ("E2", "A1", 10)
        ]

    def test_adjustment_that_was_booked_is_ignored(self):
        ledger = booked()
        ledger.adjust(adjustment())
        before, version = seen(ledger), ledger.version
        assert ledger.adjust(adjustment(qty="99", symbol=MSFT)) is False
        assert (seen(ledger), ledger.version) == (before, version)
        assert ledger.adjust(adjustment("A2")) is True

    def test_adjustment_without_figures_is_refused(self):
        ledger = booked()
        with pytest.raises(BadInput, match="the price of adjustment A1 is NaN; not booked"):
            ledger.adjust(adjustment(px="NaN"))
        assert seen(ledger) == seen(booked())
        assert ledger.adjust(adjustment()) is True


TUESDAY = date(2026, 11, 24)
TUESDAY_NS = midnight_ns(TUESDAY)


def split(new=2, old=1, symbol=IBM):
    return Split(symbol=symbol, ex_date=TUESDAY, new=new, old=old)


class TestSplits:
    def test_each_lot_keeps_its_cost_and_its_age(self):
        ledger = booked(*in_turn([fill(BUY, 10, 30, "0.10"), fill(BUY, 20, 60)]))
        assert ledger.split(split(3, 1)) is True
        position = ledger.view.get(IBM)
        assert (position.qty, position.cost, position.realised_pnl) == (90, 1_500, 0)
        assert [(lot.exec_id, lot.qty, lot.px) for lot in position.lots] == [
            ("E1", 30, 10),
            ("E2", 60, 20),
        ]
        assert position.open_fees == Decimal("0.10")
        assert ledger.cash == 100_000 - 1_500 - Decimal("0.10")

    def test_a_split_counts_once(self):
        ledger = booked(fill(BUY, 10))
        ledger.split(split())
        before, version = seen(ledger), ledger.version
        assert ledger.split(split()) is False
        assert (seen(ledger), ledger.version) == (before, version)

    def test_a_split_of_what_was_never_held_leaves_no_position(self):
        ledger = booked()
        assert ledger.split(split()) is True
        assert ledger.view.all() == ()
        assert ledger.split(split()) is False

    def test_a_fill_told_late_is_of_old_shares(self):
        ledger = booked(fill(BUY, 10, 30))
        ledger.split(split())
        ledger.book(fill(BUY, 5, 30, exec_id="E2", ts_exch_ns=TUESDAY_NS - 1))
        ledger.book(fill(BUY, 5, 15, exec_id="E3", ts_exch_ns=TUESDAY_NS))
        assert ledger.view.get(IBM).qty == 20 + 10 + 5
        ledger.withdraw("E2")
        assert ledger.view.get(IBM).qty == 25

    def test_what_was_held_at_a_time(self):
        ledger = booked(fill(BUY, 10, 30))
        ledger.split(split())
        ledger.book(fill(SELL, 5, 15, exec_id="E2", ts_exch_ns=TUESDAY_NS + 9))
        times = (NOW_NS, NOW_NS + 1, TUESDAY_NS, TUESDAY_NS + 1, TUESDAY_NS + 10)
        assert [ledger.view.qty_at(IBM, ts) for ts in times] == [0, 10, 10, 20, 15]
        assert ledger.view.qty_at(MSFT, TUESDAY_NS) == 0


def test_what_a_broker_begins_with():
    ledger = booked()
    assert (ledger.view.last_ns, ledger.view.movement_ids) == (0, frozenset())
    one, two = fill(exec_id="E1"), fill(exec_id="E2", ts_exch_ns=NOW_NS + 50, symbol=MSFT)
    ledger.book(one)
    ledger.book(two)
    assert ledger.view.fills(NOW_NS) == (one, two)
    assert ledger.view.fills(NOW_NS + 1) == (two,)
    assert ledger.view.last_ns == NOW_NS + 50
    ledger.adjust(adjustment(ts=100))
    ledger.split(split())
    ledger.post(posting())
    assert ledger.view.fills(0) == (one, two)
    assert ledger.view.last_ns == TUESDAY_NS
    assert ledger.view.movement_ids == {"A1", "C1", split().split_id}


class TestCash:
    def test_posting_moves_cash_and_nothing_else(self):
        ledger = booked(fill())
        before = ledger.view.all()
        assert ledger.post(posting(amount="50.25")) is True
        assert ledger.post(posting("C2", "-0.10", CashKind.FEE)) is True
        assert ledger.cash == 100_000 - 10_000 + Decimal("50.15")
        assert ledger.view.all() == before
        assert ledger.view.opening_cash == 100_000

    def test_posting_that_was_posted_is_ignored(self):
        ledger = booked()
        ledger.post(posting())
        assert ledger.post(posting(amount="99")) is False
        assert (ledger.cash, ledger.version) == (100_050, 1)

    def test_posting_without_an_amount_is_refused(self):
        ledger = booked()
        with pytest.raises(BadInput, match="the amount of deposit C1 is NaN; not posted"):
            ledger.post(posting(amount="NaN"))
        assert (ledger.cash, ledger.version, ledger.view.postings()) == (100_000, 0, ())
        assert ledger.post(posting()) is True

    def test_postings_can_be_read_by_kind(self):
        ledger = booked()
        rows = posting(), posting("C2", "-1", CashKind.FEE), posting("C3", "2")
        for row in rows:
            ledger.post(row)
        assert ledger.view.postings() == rows
        assert ledger.view.postings(CashKind.DEPOSIT) == (rows[0], rows[2])
        assert ledger.view.postings(CashKind.DIVIDEND) == ()


class TestMethods:
    FILLS = in_turn([fill(BUY, 10, 10), fill(BUY, 10, 12), fill(SELL, 5, 20), fill(SELL, 5, 20)])

    def opened(self, ledger, symbol=IBM):
        return [one.open_exec_id for one in ledger.view.closed_lots(symbol)]

    def test_method_holds_from_the_next_trade_on(self):
        ledger = booked(*self.FILLS[:3])
        ledger.set_method(LotMethod.LIFO)
        ledger.book(self.FILLS[3])
        assert self.opened(ledger) == ["E1", "E2"]
        assert ledger.view.method(IBM) is LotMethod.LIFO

    def test_method_of_a_bygone_close_outlasts_a_fold(self):
        ledger = booked(*self.FILLS[:3])
        ledger.set_method(LotMethod.LIFO)
        ledger.book(fill(exec_id="E0", ts_exch_ns=NOW_NS))
        assert self.opened(ledger) == ["E0"]

    def test_symbol_may_have_a_method_of_its_own(self):
        ledger = booked(*self.FILLS[:2])
        ledger.set_method(LotMethod.LIFO, IBM)
        ledger.set_method(LotMethod.HIGHEST_COST)
        ledger.book(self.FILLS[2])
        assert self.opened(ledger) == ["E2"]
        assert ledger.view.method(IBM) is LotMethod.LIFO
        assert ledger.view.method(MSFT) is LotMethod.HIGHEST_COST

    def test_lots_of_a_close_can_be_picked_afterwards(self):
        ledger = booked(*self.FILLS)
        ledger.pick("E3", (("E2", Decimal(5)),))
        assert self.opened(ledger) == ["E2", "E1"]
        assert ledger.view.get(IBM).realised_pnl == 40 + 50
        ledger.pick("E3", ())
        assert seen(ledger) == seen(booked(*self.FILLS))

    def test_pick_that_does_not_fit_changes_nothing(self):
        ledger = booked(*self.FILLS)
        before, version = seen(ledger), ledger.version
        with pytest.raises(BadInput, match="the lots picked come to 4 shares, E3 closes 5"):
            ledger.pick("E3", (("E2", Decimal(4)),))
        with pytest.raises(BadInput) as refused:
            ledger.pick("E9", ())
        assert str(refused.value) == "no fill E9 is booked; the lots stay as they were"
        assert (seen(ledger), ledger.version) == (before, version)

    def test_pick_whose_lot_is_broken_lapses_and_is_told(self):
        ledger = booked(*self.FILLS)
        ledger.pick("E3", (("E2", Decimal(5)),))
        ledger.withdraw("E2")
        assert self.opened(ledger) == ["E1", "E1"]
        assert list(ledger.view.lapsed_picks(IBM)) == ["E3"]
        ledger.view.lapsed_picks(IBM).clear()
        assert list(ledger.view.lapsed_picks(IBM)) == ["E3"]

    def test_fill_of_any_symbol_is_found(self):
        ledger = booked(fill(exec_id="M1", symbol=MSFT), *self.FILLS)
        ledger.pick("E3", (("E2", Decimal(5)),))
        ledger.withdraw("M1")
        assert self.opened(ledger) == ["E2", "E1"]
        assert ledger.view.get(MSFT) == Position(symbol=MSFT)


class TestDay:
    def test_totals_are_the_sums_over_symbols_and_postings(self):
        ledger = booked(
            *in_turn([fill(BUY, 10, 10, "0.40"), fill(SELL, 5, 12, "0.10")]),
            fill(BUY, 10, 10, "0.20", exec_id="M1", symbol=MSFT),
            fill(SELL, 10, 9, "0.05", exec_id="M2", symbol=MSFT),
        )
        ledger.post(posting(amount="50"))
        ledger.post(posting("C2", "-20", CashKind.WITHDRAWAL))
        ledger.post(posting("C3", "7", CashKind.DIVIDEND))
        assert ledger.view.totals == Totals(
            realised_pnl=ZERO,
            realised_pnl_after_fees=Decimal("-0.55"),
            fees=Decimal("0.75"),
            deposits=Decimal(30),
        )

    def test_day_counts_from_its_start(self):
        one, sold, again = in_turn(
            [fill(BUY, 10, 10, "0.40"), fill(SELL, 5, 12, "0.10"), fill(SELL, 5, 13, "0.10")]
        )
        ledger = booked(one, sold)
        ledger.post(posting(amount="50"))
        assert ledger.view.day_totals == ledger.view.totals
        assert ledger.start_day(day()) is True
        assert (ledger.view.day, ledger.view.day_totals) == (day(), Totals())
        ledger.book(again)
        ledger.post(posting("C2", "-20", CashKind.WITHDRAWAL))
        assert ledger.view.day_totals == Totals(
            realised_pnl=Decimal(15),
            realised_pnl_after_fees=Decimal("14.70"),
            fees=Decimal("0.10"),
            deposits=Decimal(-20),
        )

    @pytest.mark.parametrize(("n", "replaces"), [(22, False), (23, False), (24, True)])
    def test_only_a_later_day_replaces_one(self, n, replaces):
        ledger = booked()
        ledger.start_day(day())
        ledger.book(fill(BUY, 1, 1, "0.35"))
        version = ledger.version
        assert ledger.start_day(day(n, equity="1")) is replaces
        assert ledger.view.day == (day(n, equity="1") if replaces else day())
        assert ledger.view.day_totals.fees == (0 if replaces else Decimal("0.35"))
        assert ledger.version == version + replaces

    def test_day_without_figures_does_not_start(self):
        ledger = booked()
        with pytest.raises(BadInput, match="equity at the start of 2026-11-23 is NaN"):
            ledger.start_day(day(equity="NaN"))
        assert (ledger.view.day, ledger.version) == (None, 0)

    def test_gain_of_the_day_is_equity_less_that_of_its_start_less_deposits(self):
        ledger = booked(fill(BUY, 10, 10))
        ledger.start_day(day(equity=str(ledger.cash + 10 * 11)))  # The mark was 11.
        ledger.post(posting(amount="500"))
        ledger.post(posting("C2", "-3", CashKind.FEE))
        equity = ledger.cash + ledger.view.get(IBM).qty * 15
        start = ledger.view.day
        assert equity - start.equity - ledger.view.day_totals.deposits == 10 * 4 - 3


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda ledger: ledger.book(fill(SELL, exec_id="E3")), id="book"),
        pytest.param(lambda ledger: ledger.withdraw("E1"), id="withdraw"),
        pytest.param(lambda ledger: ledger.correct("E1", fill(px=9)), id="correct"),
        pytest.param(lambda ledger: ledger.adjust(adjustment()), id="adjust"),
        pytest.param(lambda ledger: ledger.post(posting()), id="post"),
        pytest.param(lambda ledger: ledger.set_method(LotMethod.LIFO), id="method"),
        pytest.param(lambda ledger: ledger.set_method(LotMethod.LIFO, IBM), id="symbol's method"),
        pytest.param(lambda ledger: ledger.pick("E2", (("E1", Decimal(1)),)), id="pick"),
        pytest.param(lambda ledger: ledger.start_day(day()), id="day"),
    ],
)
def test_version_grows_by_one_with_every_change(change):
    ledger = booked(fill(), fill(SELL, 1, exec_id="E2"))
    assert ledger.view.version == 2
    change(ledger)
    assert ledger.view.version == 3


def test_totals_cannot_be_changed_and_name_their_fields():
    assert is_value(Totals)


@given(FILLS)
def test_cash_is_the_sum_of_what_was_paid_to_the_last_digit(fills):
    flows = sum(
        (
            -one.side.sign * Fraction(one.qty) * Fraction(one.px) - Fraction(one.fee)
            for one in fills
        ),
        Fraction(),
    )
    assert Fraction(booked(*fills).cash) == 100_000 + flows


ADJUSTMENTS = st.lists(
    st.tuples(amounts(-500, 500, 3).filter(bool), amounts(-10, 500, 4), st.integers(0, 10**10)),
    max_size=3,
)


@given(
    TRADES,
    ADJUSTMENTS,
    st.lists(amounts("-900", "900", 2), max_size=3),
    METHODS,
    st.none() | st.tuples(st.integers(1, 30), st.integers(1, 30), st.integers(0, 10)),
)
def test_worth_at_any_mark_is_opening_cash_postings_gains_and_adjustments(
    fills, adjustments, posted, method, drawn
):
    if drawn is not None:  # A split somewhere among the trades.
        new, old, before = drawn
        fills = [
            msgspec.structs.replace(one, ts_exch_ns=TUESDAY_NS + one.ts_exch_ns - NOW_NS - before)
            for one in fills
        ]
    ledger, mark = booked(*fills, method=method), Decimal("123.4567")
    if drawn is not None:
        ledger.split(split(new, old))
    for n, (qty, px, ts) in enumerate(adjustments):
        ledger.adjust(adjustment(f"A{n}", qty, px, ts))
    for n, amount in enumerate(posted):
        ledger.post(posting(f"C{n}", amount, CashKind.UNEXPLAINED))
    position = ledger.view.get(IBM)
    worth = ledger.cash + position.qty * mark
    gains = position.realised_pnl + position.unrealised_pnl(mark) - position.fees
    given_ = sum(posted, ZERO) + sum((qty * px for qty, px, _ in adjustments), ZERO)
    assert worth == ledger.opening_cash + gains + given_


@given(FILLS)
def test_closing_everything_turns_all_gains_into_cash(fills):
    ledger = booked(*fills)
    open_qty = ledger.view.get(IBM).qty
    if open_qty:
        side = SELL if open_qty > 0 else BUY
        ledger.book(fill(side, abs(open_qty), 50))
    position = ledger.view.get(IBM)
    assert position.qty == position.cost == position.open_fees == ZERO
    assert ledger.cash == ledger.opening_cash + position.realised_pnl - position.fees
    assert ledger.cash == ledger.opening_cash + position.realised_pnl_after_fees


@given(MIXED, st.randoms(use_true_random=False), METHODS)
def test_order_of_news_does_not_matter(fills, random, method):
    shuffled = random.sample(fills, len(fills))
    assert seen(booked(*shuffled, method=method)) == seen(booked(*fills, method=method))


@given(MIXED.filter(bool), st.data(), METHODS)
def test_broken_fill_has_never_happened(fills, data, method):
    broken = data.draw(st.sampled_from(fills))
    ledger = booked(*fills, method=method)
    ledger.withdraw(broken.exec_id)
    left = [one for one in fills if one is not broken]
    assert seen(ledger) == seen(booked(*left, method=method))


@given(MIXED.filter(bool), FILLS.filter(bool), st.data(), METHODS)
def test_corrected_fill_has_happened_as_corrected(fills, drawn, data, method):
    old = data.draw(st.sampled_from(fills))
    new = msgspec.structs.replace(
        drawn[0], exec_id="F1", symbol=old.symbol, ts_exch_ns=old.ts_exch_ns
    )
    ledger = booked(*fills, method=method)
    ledger.correct(old.exec_id, new)
    truth = [new if one is old else one for one in fills]
    assert seen(ledger) == seen(booked(*truth, method=method))


@given(MIXED, FILLS.filter(bool), st.integers(-5, 20), METHODS)
def test_fill_that_is_booked_and_broken_changes_nothing(fills, drawn, second, method):
    ledger = booked(*fills, method=method)
    before = seen(ledger)
    ts_ns = NOW_NS + second * 500_000_000
    ledger.book(msgspec.structs.replace(drawn[0], exec_id="F1", ts_exch_ns=ts_ns))
    ledger.withdraw("F1")
    assert seen(ledger) == before


@given(MIXED)
def test_methods_agree_on_everything_but_when_a_gain_is_realised(fills):
    ledgers = [booked(*fills, method=method) for method in LotMethod]
    assert len({ledger.cash for ledger in ledgers}) == 1
    for symbol in (IBM, MSFT):
        held = [ledger.view.get(symbol) for ledger in ledgers]
        assert len({(p.qty, p.fees, p.cost - p.realised_pnl) for p in held}) == 1


def test_price_of_many_digits_leaves_no_trace_when_its_fill_is_broken():
    px, qty = Decimal("0.3333333333333333333333333333"), Decimal("1234567.123456789")
    ledger = booked(fill(BUY, 1, 1, "0.1"))
    before = seen(ledger)
    ledger.book(fill(BUY, qty, px, "0.01", exec_id="E2"))
    ledger.book(fill(SELL, qty, px * 2, "0.01", exec_id="E3"))
    ledger.withdraw("E2")
    ledger.withdraw("E3")
    assert seen(ledger) == before
    assert ledger.cash == Decimal("99998.9")
