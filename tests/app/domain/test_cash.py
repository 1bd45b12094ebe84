"""Show that cash without a trade is a number with the sign of its kind, and survives the record.

Method: tables of amounts and kinds, with the sentences that refuse them.
"""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from app.domain.cash import CashKind, CashPosting, DayStart, check_day_start, check_posting
from app.domain.errors import BadInput
from tests.samples import NOT_NUMBERS, NOW_NS, is_value


def posting(kind, amount):
    return CashPosting(posting_id="C1", kind=kind, amount=Decimal(amount), ts_ns=NOW_NS)


def day(equity=100, cash=50):
    return DayStart(
        trading_day=date(2026, 11, 23), equity=Decimal(equity), cash=Decimal(cash), ts_ns=NOW_NS
    )


@pytest.mark.parametrize(
    ("kind", "value", "is_flow"),
    [
        (CashKind.DEPOSIT, "deposit", True),
        (CashKind.WITHDRAWAL, "withdrawal", True),
        (CashKind.FEE, "fee", False),
        (CashKind.INTEREST, "interest", False),
        (CashKind.BORROW, "borrow", False),
        (CashKind.DIVIDEND, "dividend", False),
        (CashKind.CASH_IN_LIEU, "cash_in_lieu", False),
        (CashKind.UNEXPLAINED, "unexplained", False),
    ],
)
def test_kinds_keep_their_names_and_only_flows_come_from_outside(kind, value, is_flow):
    assert (kind.value, kind.is_flow) == (value, is_flow)


def test_every_kind_is_in_the_table_above():
    assert len(CashKind) == 8


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (CashKind.DEPOSIT, "0.01"),
        (CashKind.WITHDRAWAL, "-0.01"),
        *((kind, amount) for kind in CashKind if not kind.is_flow for amount in ("-1", "0", "1")),
    ],
)
def test_amount_with_the_sign_of_its_kind_can_be_posted(kind, amount):
    assert check_posting(posting(kind, amount)) is None


@pytest.mark.parametrize(
    ("kind", "amount", "words"),
    [
        (CashKind.DEPOSIT, "0", "deposit C1 is 0, it has to be above 0; not posted"),
        (CashKind.DEPOSIT, "-5", "deposit C1 is -5, it has to be above 0; not posted"),
        (CashKind.WITHDRAWAL, "0", "withdrawal C1 is 0, it has to be below 0; not posted"),
        (CashKind.WITHDRAWAL, "5", "withdrawal C1 is 5, it has to be below 0; not posted"),
    ],
)
def test_flow_of_the_wrong_sign_is_refused(kind, amount, words):
    with pytest.raises(BadInput) as refused:
        check_posting(posting(kind, amount))
    assert str(refused.value) == f"the amount of {words}"


@pytest.mark.parametrize("amount", NOT_NUMBERS, ids=str)
@pytest.mark.parametrize("kind", CashKind)
def test_amount_that_is_no_number_is_refused(kind, amount):
    with pytest.raises(BadInput) as refused:
        check_posting(posting(kind, amount))
    assert str(refused.value) == f"the amount of {kind} C1 is {amount}; not posted"


def test_day_with_figures_can_start():
    assert check_day_start(day(-1, -2)) is None


@pytest.mark.parametrize("amount", NOT_NUMBERS, ids=str)
@pytest.mark.parametrize("name", ["equity", "cash"])
def test_day_without_figures_does_not_start(name, amount):
    with pytest.raises(BadInput) as refused:
        check_day_start(day(**{name: amount}))
    words = f"{name} at the start of 2026-11-23 is {amount}; day not started"
    assert str(refused.value) == words


@pytest.mark.parametrize("row", [posting(CashKind.FEE, "-0.10"), day("1.10")], ids=["cash", "day"])
def test_row_comes_back_from_the_record_as_it_was(row):
    assert msgspec.json.decode(msgspec.json.encode(row), type=type(row)) == row


def test_text_is_empty_unless_there_is_something_to_say():
    assert posting(CashKind.FEE, 1).text == ""


@pytest.mark.parametrize("row", [CashPosting, DayStart])
def test_row_cannot_be_changed_and_names_its_fields(row):
    assert is_value(row)


def test_trading_day_is_recorded_in_iso_form():
    assert msgspec.to_builtins(day())["trading_day"] == "2026-11-23"
