"""Show that the paper account charges and pays what it should, once, and agrees with the ledger.

Method: tables by hand; a law over drawn stories of trades, nights, dividends, splits and restarts,
told to the account and to the station's ledger alike.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.brokers.account import NIGHTS_MAX, OPEN_HANDED, Actions, PaperAccount, Wanted
from app.brokers.base import Recorded
from app.calendar import us_calendar
from app.config import MarginFrom, RatesFrom
from app.domain.cash import CashKind, CashPosting
from app.domain.corporate import Dividend, Split
from app.domain.enums import MarginRegime, Side
from app.domain.position import PositionAdjustment
from app.domain.times import NEW_YORK, SECOND_NS, midnight_ns
from app.portfolio.ledger import Ledger
from tests.samples import IBM, MSFT, fill

D = Decimal
MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 20)
RATES = RatesFrom(since=date.min, debit=D("0.072"), credit=D("0.0036"), borrow=D("0.036"))
REG_T, IN_CASH = MarginRegime.REG_T, MarginRegime.CASH


def at(day, hour=12, minute=0):
    moment = datetime.combine(day, time(hour, minute), NEW_YORK)
    return int(moment.timestamp()) * SECOND_NS


NOON_NS = at(MONDAY)


def rules(cash=10_000, regime=REG_T, rates=RATES):
    return msgspec.structs.replace(
        OPEN_HANDED,
        cash=D(cash),
        margin=(MarginFrom(since=date.min, regime=regime),),
        rates=(rates,),
    )


class Books:
    """An account with prices that stand still."""

    def __init__(self, *actions, px=100, now=NOON_NS, **terms):
        dividends = [it for it in actions if isinstance(it, Dividend)]
        self.prices = {IBM: D(px), MSFT: D(px)}
        self.account = PaperAccount(
            rules(**terms),
            actions=Actions(
                on_ex_date=lambda day: [it for it in dividends if it.ex_date == day],
                splits=tuple(it for it in actions if isinstance(it, Split)),
            ),
            calendar=us_calendar(),
            px=lambda symbol, side: self.prices.get(symbol),
            now_ns=now,
        )

    def trade(self, qty, px=100, *, day=MONDAY, symbol=IBM, fee=0):
        self.account.trade(symbol, D(qty), D(px), D(fee), at(day))

    def nights(self, until):
        """Return what the nights up to the beginning of a day bring, as kind and amount."""
        return [
            (it.kind, it.amount) if isinstance(it, CashPosting) else it
            for it in self.account.turn(midnight_ns(until))
        ]

    def refusal(self, qty, px=None, *, symbol=IBM, working=()):
        return self.account.refusal(wanted(qty, px, symbol), working, MONDAY)


def wanted(qty, px=None, symbol=IBM):
    return Wanted(
        symbol=symbol,
        side=Side.BUY if qty > 0 else Side.SELL,
        qty=abs(D(qty)),
        px=None if px is None else D(px),
    )


# Trades


def test_a_trade_moves_cash_and_shares_and_a_broken_one_moves_them_back():
    books = Books()
    books.trade(10, 50, fee="0.03")
    assert (books.account.cash, books.account.positions) == (D("9499.97"), {IBM: 10})
    books.trade(-10, 50, fee="-0.03")
    assert (books.account.cash, books.account.positions) == (10_000, {IBM: 0})


# Nights


def test_nothing_happens_before_the_night_is_over():
    books = Books()
    assert books.account.due_ns == midnight_ns(MONDAY + timedelta(1))
    assert books.account.turn(books.account.due_ns - 1) == []


@pytest.mark.parametrize(
    ("qty", "due"),
    [
        # What is bought on Monday is paid for on Tuesday: the first night still earns on all cash.
        (0, [("interest", "0.10"), ("interest", "0.10")]),
        (300, [("interest", "0.10"), ("interest", "-4.00")]),
        # The proceeds of a short sale are a pledge: they earn nothing.
        (-100, [("interest", "0.10"), ("borrow", "-1.00")] * 2),
    ],
)
def test_two_nights(qty, due):
    books = Books()
    if qty:
        books.trade(qty)
    found = books.nights(MONDAY + timedelta(2))
    assert [(kind.value, str(amount)) for kind, amount in found] == due


def test_a_weekend_has_three_nights():
    books = Books(now=at(FRIDAY))
    books.trade(300, day=FRIDAY - timedelta(1))
    postings = books.account.turn(midnight_ns(MONDAY))
    assert [it.posting_id for it in postings] == [
        "interest.2026-11-20",
        "interest.2026-11-21",
        "interest.2026-11-22",
    ]
    # Interest on interest: the third night is 20,008 USD borrowed.
    assert [str(it.amount) for it in postings] == ["-4.00", "-4.00", "-4.00"]
    assert "20,008.00 USD borrowed, 7.20% a year" in postings[-1].text


def test_entries_say_what_they_are():
    books = Books()
    books.trade(-10)
    _, borrow = books.account.turn(midnight_ns(MONDAY + timedelta(1)))
    assert borrow.posting_id == "borrow.2026-11-23"
    assert borrow.text == "2026-11-23: 1,000.00 USD of shares borrowed, 3.60% a year"
    assert borrow.ts_ns == midnight_ns(MONDAY + timedelta(1))


def test_nights_of_an_idle_year_are_made_up_for_and_older_ones_are_not():
    books = Books(now=at(MONDAY))
    found = books.nights(MONDAY + timedelta(NIGHTS_MAX + 200))
    assert len(found) == NIGHTS_MAX
    assert books.nights(MONDAY + timedelta(NIGHTS_MAX + 200)) == []


# Dividends

TUESDAY = MONDAY + timedelta(1)
PAID = Dividend(symbol=IBM, ex_date=TUESDAY, pay_date=TUESDAY + timedelta(2), amount=D("0.255"))
FREE = RatesFrom(since=date.min, debit=D(0), credit=D(0), borrow=D(0))


@pytest.mark.parametrize(
    ("qty", "amount", "words"), [(10, "2.55", "on 10"), (-10, "-2.55", "in place of it on -10")]
)
def test_who_holds_before_the_ex_date_is_paid_later_and_who_is_short_pays(qty, amount, words):
    books = Books(PAID, rates=FREE)
    books.trade(qty)
    assert books.nights(TUESDAY) == [PAID]
    books.trade(-qty, day=TUESDAY)
    assert books.nights(TUESDAY + timedelta(1)) == []
    (posting,) = books.account.turn(midnight_ns(TUESDAY + timedelta(2)))
    assert (posting.kind, posting.amount) == (CashKind.DIVIDEND, D(amount))
    assert (posting.posting_id, posting.symbol) == ("dividend.IBM.2026-11-24", IBM)
    assert posting.text == f"IBM: 0.255 USD a share, {words}, ex 2026-11-24"


def test_who_buys_on_the_ex_date_gets_nothing():
    books = Books(PAID, rates=FREE)
    assert books.nights(TUESDAY) == [PAID]
    books.trade(10, day=TUESDAY)
    assert books.nights(TUESDAY + timedelta(9)) == []


# Splits


def split(new, old):
    return Split(symbol=IBM, ex_date=TUESDAY, new=new, old=old)


def test_a_split_of_whole_shares_moves_no_cash():
    books = Books(split(2, 1), rates=FREE)
    books.trade(10)
    assert books.account.splits_due(midnight_ns(TUESDAY)) == [split(2, 1)]
    assert books.nights(TUESDAY) == [split(2, 1)]
    assert books.account.positions == {IBM: 20}
    assert books.account.splits_due(midnight_ns(TUESDAY) + 1) == []


@pytest.mark.parametrize(("qty", "rest", "paid"), [(105, "10", "500.00"), (-105, "-10", "-500.00")])
def test_what_is_no_whole_share_is_paid_out_in_cash(qty, rest, paid):
    books = Books(split(1, 10), rates=FREE)
    books.trade(qty)
    found = books.account.turn(midnight_ns(TUESDAY))
    assert found[0] == split(1, 10)
    assert isinstance(found[1], PositionAdjustment)
    assert (found[1].qty, found[1].px) == (D(rest) - D(qty) / 10, 1_000)
    assert (found[2].kind, str(found[2].amount)) == (CashKind.CASH_IN_LIEU, paid)
    assert found[2].text == "IBM splits 1 for 10 on 2026-11-24: 0.5 of a share paid out at 1000.00"
    assert books.account.positions == {IBM: D(rest)}


def test_a_split_of_what_is_not_held_is_told_all_the_same():
    assert Books(split(2, 1), rates=FREE).nights(TUESDAY) == [split(2, 1)]


# Refusals


@pytest.mark.parametrize(
    ("given", "order", "words"),
    [
        ({}, (200, 100), ""),
        ({}, (201, 100), "it needs 20,100.00 USD, buying power is 20,000.00 USD"),
        ({}, (200, 99), ""),
        ({}, (201, None), "it needs 20,100.00 USD, buying power is 20,000.00 USD"),
        ({}, (-200, 99), ""),  # A short sale is valued at the market.
        ({}, (-201, 99), "it needs 20,100.00 USD"),
        ({}, (-190, 110), "it needs 20,900.00 USD"),
        ({"regime": IN_CASH}, (100, 100), ""),
        ({"regime": IN_CASH}, (101, 100), "buying power is 10,000.00 USD"),
        ({"regime": IN_CASH}, (-1, 100), "a cash account cannot sell short"),
        ({"cash": 1_999}, (19, 100), ""),
        ({"cash": 1_999}, (20, 100), "buying power is 1,999.00 USD"),
        ({"cash": 1_999}, (-1, 100), "the equity of 1,999.00 USD is below 2,000 USD"),
    ],
)
def test_what_opens_needs_margin(given, order, words):
    said = Books(**given).refusal(*order)
    assert words in said
    assert bool(said) is bool(words)


def test_what_closes_needs_none():
    books = Books()
    books.trade(150)
    books.prices[IBM] = D(40)
    assert books.account.margin().excess < 0
    assert books.refusal(-150, 30) == ""
    assert "below the maintenance margin" in books.refusal(1, 40)


def test_a_sale_beyond_a_holding_is_short_by_the_rest():
    books = Books(regime=IN_CASH)
    books.trade(50)
    assert books.refusal(-50) == ""
    assert "cannot sell short" in books.refusal(-51)
    assert "cannot sell short" in books.refusal(-1, working=[wanted(-50)])


@pytest.mark.parametrize(
    ("working", "order", "is_taken"),
    [
        ([wanted(100, 100)], (100, 100), True),
        ([wanted(100, 100)], (101, 100), False),
        ([wanted(100, 100, MSFT)], (101, 100), False),
        ([wanted(-150, 100, MSFT)], (50, 100), True),
        ([wanted(-150, 100, MSFT)], (51, 100), False),
        ([wanted(-100, 100)], (100, 100), True),  # Of one symbol the larger side counts.
        ([wanted(-200, 100)], (200, 100), True),
    ],
)
def test_working_orders_count_at_their_worst(working, order, is_taken):
    assert (Books().refusal(*order, working=working) == "") is is_taken


def test_a_symbol_without_a_price_is_valued_at_its_last_trade_or_not_taken():
    books = Books()
    del books.prices[IBM]
    assert books.refusal(1) == "no price of IBM is known"
    books.trade(10, 90)
    assert books.refusal(1) == ""
    assert books.account.margin().long_value == 900


# Restart


def recorded(ledger):
    view = ledger.view
    return Recorded(
        positions=view.all(),
        cash=view.cash,
        fills=view.fills(0),
        last_ns=view.last_ns,
        movement_ids=view.movement_ids,
        held_at=view.qty_at,
    )


def test_nights_that_the_station_slept_through_are_made_up_for_once():
    books, ledger = Books(PAID), Ledger(D(10_000))
    books.trade(300)
    ledger.book(fill(qty=300, px=100, ts_exch_ns=at(MONDAY)))
    expected = books.account.turn(midnight_ns(MONDAY + timedelta(5)))
    for _ in range(2):
        later = Books(PAID, now=at(MONDAY + timedelta(5)))
        later.account.restore(recorded(ledger))
        found = later.account.turn(midnight_ns(MONDAY + timedelta(5)))
        postings = [it for it in found if not isinstance(it, Dividend)]
        for posting in postings:
            assert ledger.post(posting)
        expected, rest = [], [it for it in expected if not isinstance(it, Dividend)]
        assert postings == rest
    assert ledger.cash == later.account.cash == books.account.cash


QTYS = st.integers(-60, 60).filter(bool)
ACTS = st.one_of(
    st.tuples(st.just("trade"), QTYS, st.sampled_from([IBM, MSFT]), st.integers(50, 150)),
    st.tuples(st.just("night"), st.integers(1, 4)),
    st.tuples(st.just("restart")),
    st.tuples(st.just("price"), st.integers(50, 150)),
)
SPLITS = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6))


class Story:
    """The same told to a paper account, which may be restarted, and to the station's ledger."""

    def __init__(self, actions):
        self.actions = actions
        self.ledger = Ledger(D(10_000))
        self.books = Books(*actions)
        self.day, self.count, self.prices = MONDAY, 0, {}

    def trade(self, qty, symbol, px):
        self.count += 1
        ts_ns = at(self.day) + self.count
        self.turn(ts_ns)  # As the broker does before it books a trade.
        self.books.account.trade(symbol, D(qty), D(px), D("0.01"), ts_ns)
        self.ledger.book(
            fill(
                Side.BUY if qty > 0 else Side.SELL,
                abs(qty),
                px,
                "0.01",
                symbol=symbol,
                exec_id=f"E{self.count}",
                ts_exch_ns=ts_ns,
            )
        )

    def night(self, days):
        self.day += timedelta(days)
        self.turn(midnight_ns(self.day))

    def turn(self, ts_ns):
        for movement in self.books.account.turn(ts_ns):
            match movement:
                case CashPosting():
                    assert self.ledger.post(movement)
                case PositionAdjustment():
                    assert self.ledger.adjust(movement)
                case Split():
                    assert self.ledger.split(movement)

    def price(self, px):
        self.books.prices[IBM] = D(px)

    def restart(self):
        prices = self.books.prices
        self.books = Books(*self.actions, now=at(self.day))
        self.books.prices = prices
        self.books.account.restore(recorded(self.ledger))


@given(st.lists(ACTS, max_size=20), SPLITS, st.integers(1, 6))
def test_the_ledger_agrees_with_the_brokers_books_whatever_happens(acts, drawn, ex_in):
    new, old, split_in = drawn
    ex_date = MONDAY + timedelta(ex_in)
    actions = (
        Split(symbol=IBM, ex_date=MONDAY + timedelta(split_in), new=new, old=old),
        Dividend(symbol=IBM, ex_date=ex_date, pay_date=ex_date + timedelta(2), amount=D("0.37")),
    )
    restarted, steady = Story(actions), Story(actions)
    for verb, *details in acts:
        getattr(restarted, verb)(*details)
        if verb != "restart":
            getattr(steady, verb)(*details)
        view, account = restarted.ledger.view, restarted.books.account
        assert account.cash == view.cash
        held = {it.symbol: it.qty for it in view.all() if it.qty}
        assert held == {symbol: qty for symbol, qty in account.positions.items() if qty}
        assert all(qty % 1 == 0 for qty in held.values())
    for story in (restarted, steady):
        story.night(9)
    # A restart changes nothing, not even a cent.
    assert restarted.ledger.view.postings() == steady.ledger.view.postings()
    assert restarted.ledger.cash == steady.ledger.cash
    # Cash and holdings are what came in, and what was gained.
    view = restarted.ledger.view
    cost = sum((it.cost for it in view.all()), D(0))
    moved = sum((it.amount for it in view.postings()), D(0))
    paid_out = sum((it.amount for it in view.postings(CashKind.CASH_IN_LIEU)), D(0))
    totals = view.totals
    assert abs(
        view.cash + cost - (10_000 + moved + totals.realised_pnl - totals.fees - paid_out)
    ) <= D("0.01")
