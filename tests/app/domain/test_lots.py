"""Show which lots a trade closes, and that no share, cent or fee is made or lost on the way.

Method: tables of lots and closes by every method; laws over drawn trades in exact fractions.
"""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side
from app.domain.errors import BadInput
from app.domain.lots import EXACT, FEE_STEP, ClosedLot, Lot, LotMethod, Matched, lot_of, match_lots
from tests.samples import FEES, NOW_NS, PRICES, QTYS, TRADES, fill, is_value

FIFO, LIFO, HIGHEST, SPECIFIC = LotMethod


def lot(exec_id, qty, px=10, fee=0, ts=0):
    return Lot(
        exec_id=exec_id, qty=Decimal(qty), px=Decimal(px), fee=Decimal(fee), ts_open_ns=NOW_NS + ts
    )


LONG = (lot("A", 10, 11, ts=1), lot("B", 20, 13, ts=2), lot("C", 30, 12, ts=3))
SHORT = tuple(lot(one.exec_id, -one.qty, one.px, ts=one.ts_open_ns - NOW_NS) for one in LONG)


def shares(lots):
    return [(one.exec_id, one.qty) for one in lots]


def taken(closed):
    return [(one.open_exec_id, one.qty) for one in closed]


def traded(trades, method=FIFO):
    lots, closed = (), []
    for one in trades:
        matched = match_lots(lots, lot_of(one), method=method)
        lots = matched.lots
        closed.extend(matched.closed)
    return lots, closed


def total(values):
    return sum(map(Fraction, values), Fraction())


def refusal(lots, trade, picks):
    with pytest.raises(BadInput) as refused:
        match_lots(lots, trade, picks=tuple((one, Decimal(qty)) for one, qty in picks))
    return str(refused.value)


def test_methods_keep_their_recorded_names():
    assert [method.value for method in LotMethod] == ["fifo", "lifo", "highest_cost", "specific"]


@pytest.mark.parametrize(("side", "qty"), [(Side.BUY, 5), (Side.SELL, -5)])
def test_fill_is_the_lot_it_would_open(side, qty):
    one = fill(side, 5, 7, "0.3", exec_id="E9", ts_exch_ns=3, ts_recv_ns=4)
    assert lot_of(one) == Lot(
        exec_id="E9", qty=Decimal(qty), px=Decimal(7), fee=Decimal("0.3"), ts_open_ns=3
    )


@pytest.mark.parametrize("qty", [5, -5])
def test_cost_has_the_sign_of_the_lot_and_no_fees(qty):
    assert lot("A", qty, 7, fee=1).cost == qty * 7


@pytest.mark.parametrize("lots", [(), LONG], ids=["flat", "long"])
def test_trade_of_the_same_side_opens_a_lot_at_the_end(lots):
    bought = lot("T", 5, 9, "0.5", ts=9)
    matched = match_lots(lots, bought)
    assert (matched.lots, matched.closed) == ((*lots, bought), ())


@pytest.mark.parametrize(
    ("lots", "method", "qty", "closed", "left"),
    [
        (LONG, FIFO, -15, [("A", 10), ("B", 5)], [("B", 15), ("C", 30)]),
        (LONG, SPECIFIC, -15, [("A", 10), ("B", 5)], [("B", 15), ("C", 30)]),
        (LONG, LIFO, -35, [("C", 30), ("B", 5)], [("A", 10), ("B", 15)]),
        (LONG, HIGHEST, -25, [("B", 20), ("C", 5)], [("A", 10), ("C", 25)]),
        (LONG, HIGHEST, -5, [("B", 5)], [("A", 10), ("B", 15), ("C", 30)]),
        (LONG, FIFO, -10, [("A", 10)], [("B", 20), ("C", 30)]),
        (LONG, LIFO, -60, [("C", 30), ("B", 20), ("A", 10)], []),
        (LONG, LIFO, -61, [("C", 30), ("B", 20), ("A", 10)], [("T", -1)]),
        (SHORT, FIFO, 15, [("A", -10), ("B", -5)], [("B", -15), ("C", -30)]),
        (SHORT, LIFO, 35, [("C", -30), ("B", -5)], [("A", -10), ("B", -15)]),
        (SHORT, HIGHEST, 15, [("A", -10), ("C", -5)], [("B", -20), ("C", -25)]),
        (SHORT, HIGHEST, 60, [("A", -10), ("C", -30), ("B", -20)], []),
        (SHORT, FIFO, 61, [("A", -10), ("B", -20), ("C", -30)], [("T", 1)]),
    ],
)
def test_close_takes_lots_as_its_method_says_and_opens_the_rest(lots, method, qty, closed, left):
    matched = match_lots(lots, lot("T", qty), method=method)
    assert taken(matched.closed) == closed
    assert shares(matched.lots) == left


def test_first_in_is_first_out_unless_said_otherwise():
    assert taken(match_lots(LONG, lot("T", -1)).closed) == [("A", 1)]


@pytest.mark.parametrize("sign", [1, -1])
def test_of_lots_at_one_price_the_oldest_goes_first(sign):
    lots = tuple(lot(exec_id, sign * 5, 10) for exec_id in "ABC")
    matched = match_lots(lots, lot("T", -sign * 12), method=HIGHEST)
    assert taken(matched.closed) == [("A", sign * 5), ("B", sign * 5), ("C", sign * 2)]


@pytest.mark.parametrize(("sign", "first"), [(1, "B"), (-1, "A")], ids=["long", "short"])
def test_fractions_of_a_share_are_lots_like_others(sign, first):
    lots = lot("A", sign * Decimal("0.5"), 10), lot("B", sign * Decimal("0.5"), 11)
    matched = match_lots(lots, lot("T", -sign * Decimal("0.25")), method=HIGHEST)
    assert taken(matched.closed) == [(first, sign * Decimal("0.25"))]


@pytest.mark.parametrize("lots", [(), LONG, SHORT], ids=["flat", "long", "short"])
def test_trade_of_nothing_does_nothing(lots):
    matched = match_lots(lots, lot("T", 0, fee=1))
    assert (matched.lots, matched.closed) == (lots, ())


def test_rest_of_a_lot_keeps_its_place_price_and_time():
    rest = match_lots(LONG, lot("T", -15)).lots[0]
    assert rest == lot("B", 15, 13, ts=2)


def test_closed_lot_tells_of_both_ends():
    matched = match_lots((lot("A", 10, 11, "0.5", ts=1),), lot("T", -10, 12, "0.25", ts=7))
    assert matched.closed == (
        ClosedLot(
            open_exec_id="A",
            close_exec_id="T",
            qty=Decimal(10),
            open_px=Decimal(11),
            close_px=Decimal(12),
            open_fee=Decimal("0.5"),
            close_fee=Decimal("0.25"),
            ts_open_ns=NOW_NS + 1,
            ts_close_ns=NOW_NS + 7,
        ),
    )
    assert matched.closed[0].fees == Decimal("0.75")


@pytest.mark.parametrize(
    ("qty", "pnl", "after_fees"), [(10, 10, "9.25"), (-10, -10, "-10.75")], ids=["long", "short"]
)
def test_gain_of_a_closed_lot_is_told_before_and_after_fees(qty, pnl, after_fees):
    matched = match_lots((lot("A", qty, 11, "0.5"),), lot("T", -qty, 12, "0.25"))
    closed = matched.closed[0]
    assert (closed.pnl, closed.pnl_after_fees) == (pnl, Decimal(after_fees))


class TestFees:
    def test_fee_goes_out_in_proportion_and_the_last_piece_takes_what_is_there(self):
        lots, shares_of_fee = (lot("A", 3, fee=1),), []
        for _ in range(3):
            matched = match_lots(lots, lot("T", -1))
            lots = matched.lots
            shares_of_fee.append(str(matched.closed[0].open_fee))
        assert shares_of_fee == ["0.333333333333", "0.333333333333", "0.333333333334"]
        assert lots == ()

    @pytest.mark.parametrize(
        ("fee", "first", "rest"),
        [
            ("0.30", "0.2", "0.1"),
            ("-0.30", "-0.2", "-0.1"),
            ("1", "0.666666666666", "0.333333333334"),
            ("-1", "-0.666666666666", "-0.333333333334"),
            ("0", "0", "0"),
            ("1E-12", "0", "1E-12"),
            ("1.5E-12", "1E-12", "0.5E-12"),
            ("9E-13", "0", "9E-13"),
        ],
    )
    def test_share_is_cut_toward_zero_and_what_is_cut_off_stays(self, fee, first, rest):
        matched = match_lots((lot("A", 3, fee=fee),), lot("T", -2))
        assert matched.closed[0].open_fee == Decimal(first)
        assert matched.lots[0].fee == Decimal(rest)

    @pytest.mark.parametrize("fee", ["9E-13", "-1.5E-12", "0.1234567890123456789"])
    def test_full_close_takes_the_digits_below_the_step_too(self, fee):
        matched = match_lots((lot("A", 3, fee=fee),), lot("T", -3, fee=fee))
        assert matched.closed[0].open_fee == matched.closed[0].close_fee == Decimal(fee)

    def test_fee_of_a_trade_is_shared_by_what_it_closes_and_what_it_opens(self):
        matched = match_lots((lot("A", 1), lot("B", 2)), lot("T", -4, fee="0.40"))
        assert [one.close_fee for one in matched.closed] == [Decimal("0.1"), Decimal("0.2")]
        assert matched.lots[0].fee == Decimal("0.1")

    def test_step_is_far_below_a_cent(self):
        assert Decimal("1E-12") == FEE_STEP


class TestPicks:
    def test_lots_are_closed_as_picked(self):
        picks = (("C", Decimal(5)), ("A", Decimal(10)), ("C", Decimal(1)))
        matched = match_lots(LONG, lot("T", -16), method=LIFO, picks=picks)
        assert taken(matched.closed) == [("C", 5), ("A", 10), ("C", 1)]
        assert shares(matched.lots) == [("B", 20), ("C", 24)]

    def test_short_lots_are_picked_by_their_number_of_shares(self):
        matched = match_lots(SHORT, lot("T", 5), picks=(("B", Decimal(5)),))
        assert taken(matched.closed) == [("B", -5)]

    def test_picks_of_a_flip_come_to_what_it_closes(self):
        picks = (("B", Decimal(20)), ("C", Decimal(30)), ("A", Decimal(10)))
        matched = match_lots(LONG, lot("T", -100), picks=picks)
        assert taken(matched.closed) == [("B", 20), ("C", 30), ("A", 10)]
        assert shares(matched.lots) == [("T", -40)]

    @pytest.mark.parametrize(
        ("picks", "words"),
        [
            ([("X", 5)], "lot X is not open when T trades"),
            ([("A", 11)], "11 shares of lot A are picked, 10 are open"),
            ([("A", 6), ("A", 5)], "5 shares of lot A are picked, 4 are open"),
            ([("A", 4)], "the lots picked come to 4 shares, T closes 5"),
            ([("A", 4), ("B", 2)], "the lots picked come to 6 shares, T closes 5"),
            ([("A", 0)], "0 shares of lot A are picked, it has to be a number above 0"),
            ([("A", -5)], "-5 shares of lot A are picked, it has to be a number above 0"),
            ([("A", "NaN")], "NaN shares of lot A are picked, it has to be a number above 0"),
            ([("A", "Inf")], "Infinity shares of lot A are picked, it has to be a number above 0"),
        ],
    )
    def test_picks_that_do_not_fit_are_refused(self, picks, words):
        assert refusal(LONG, lot("T", -5), picks) == f"{words}; the lots stay as they were"

    @pytest.mark.parametrize("lots", [(), LONG], ids=["flat", "long"])
    def test_trade_that_closes_nothing_has_nothing_to_pick(self, lots):
        words = "lot A is not open when T trades; the lots stay as they were"
        assert refusal(lots, lot("T", 5), [("A", 5)]) == words

    def test_picks_of_a_flip_that_go_on_beyond_what_is_held_are_refused(self):
        words = "the lots picked come to 30 shares, T closes 60; the lots stay as they were"
        assert refusal(LONG, lot("T", -100), [("C", 30)]) == words


@pytest.mark.parametrize("kind", [ClosedLot, Lot, Matched])
def test_value_cannot_be_changed_and_names_its_fields(kind):
    assert is_value(kind)


@given(TRADES, st.sampled_from(LotMethod))
def test_shares_and_fees_are_neither_made_nor_lost(trades, method):
    lots, closed = traded(trades, method)
    signed = total(lot_of(one).qty for one in trades)
    assert total(one.qty for one in lots) == signed
    assert total(one.fee for one in lots) + total(one.fees for one in closed) == total(
        one.fee for one in trades
    )


@given(TRADES, st.sampled_from(LotMethod))
def test_cost_and_gains_are_the_cash_that_flowed(trades, method):
    lots, closed = traded(trades, method)
    paid = total(lot_of(one).cost for one in trades)
    assert total(one.cost for one in lots) - total(one.pnl for one in closed) == paid


@given(TRADES, st.sampled_from(LotMethod))
def test_open_lots_are_of_one_sign_and_in_order_of_time(trades, method):
    lots, closed = traded(trades, method)
    assert len({one.qty > 0 for one in lots}) <= 1
    assert all(one.qty for one in lots)
    assert [one.ts_open_ns for one in lots] == sorted(one.ts_open_ns for one in lots)
    assert all(one.ts_open_ns < one.ts_close_ns for one in closed)


@given(st.lists(st.tuples(QTYS, FEES), min_size=1, max_size=8), PRICES)
def test_share_of_a_fee_is_never_more_than_the_fee_nor_against_its_sign(pieces, px):
    lots = (lot("A", sum(qty for qty, _ in pieces), px, fee=pieces[0][1]),)
    for qty, _ in pieces:
        whole = lots[0].fee
        matched = match_lots(lots, lot("T", -qty, px))
        share, lots = matched.closed[0].open_fee, matched.lots
        assert abs(share) <= abs(whole)
        assert share * whole >= 0
    assert lots == ()


@given(TRADES, QTYS, PRICES)
def test_close_by_hand_in_the_order_of_a_method_is_that_method(trades, qty, px):
    lots, _ = traded(trades)
    if lots:
        close = lot("T", qty.copy_sign(-lots[0].qty), px, fee="0.35")
        for method in LotMethod:
            matched = match_lots(lots, close, method=method)
            picks = tuple((one.open_exec_id, abs(one.qty)) for one in matched.closed)
            assert match_lots(lots, close, picks=picks) == matched


def test_digits_beyond_the_usual_28_are_kept():
    third = EXACT.divide(Decimal(1), Decimal(3)).quantize(Decimal("1E-27"))
    one = lot("A", "1234567.123456789", third)
    closed = match_lots((one,), lot("T", "-0.000000001", 1)).closed[0]
    assert Fraction(one.cost) == Fraction(one.qty) * Fraction(third)
    assert Fraction(closed.pnl) == Fraction(1, 10**9) * (1 - Fraction(third))
