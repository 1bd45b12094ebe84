"""Show that vocabularies keep the codes of FIX, which stored records depend on.

Method: the codes are copied here by hand. If one differs, old records would be read wrong.
Source: FIX Latest (EP292), fields 39, 40, 54, 59, 102, 150, 434, 836, 851.
"""

import pytest

from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    Closing,
    Custody,
    CxlRejReason,
    CxlRejResponseTo,
    ExecType,
    Liquidity,
    OrderClass,
    OrdStatus,
    OrdType,
    Origin,
    PegOffsetType,
    Side,
    TimeInForce,
    TradingState,
    TriggerMethod,
    Venue,
)

CODES = {
    Side: {"BUY": "1", "SELL": "2"},
    OrdType: {"MARKET": "1", "LIMIT": "2", "STOP": "3", "STOP_LIMIT": "4"},
    TimeInForce: {
        "DAY": "0",
        "GTC": "1",
        "OPG": "2",
        "IOC": "3",
        "FOK": "4",
        "GTD": "6",
        "CLS": "7",
    },
    OrdStatus: {
        "NEW": "0",
        "PARTIALLY_FILLED": "1",
        "FILLED": "2",
        "DONE_FOR_DAY": "3",
        "CANCELED": "4",
        "PENDING_CANCEL": "6",
        "REJECTED": "8",
        "SUSPENDED": "9",
        "PENDING_NEW": "A",
        "EXPIRED": "C",
        "PENDING_REPLACE": "E",
    },
    ExecType: {
        "NEW": "0",
        "DONE_FOR_DAY": "3",
        "CANCELED": "4",
        "REPLACED": "5",
        "PENDING_CANCEL": "6",
        "REJECTED": "8",
        "SUSPENDED": "9",
        "PENDING_NEW": "A",
        "EXPIRED": "C",
        "RESTATED": "D",
        "PENDING_REPLACE": "E",
        "TRADE": "F",
        "TRADE_CORRECT": "G",
        "TRADE_CANCEL": "H",
        "ORDER_STATUS": "I",
        "TRIGGERED": "L",
    },
    CxlRejReason: {"TOO_LATE": "0", "UNKNOWN_ORDER": "1", "ALREADY_PENDING": "3", "OTHER": "99"},
    CxlRejResponseTo: {"CANCEL": "1", "REPLACE": "2"},
    PegOffsetType: {"PRICE": "0", "TICKS": "2", "PERCENTAGE": "4"},
    Liquidity: {"UNKNOWN": "0", "ADDED": "1", "REMOVED": "2", "AUCTION": "4"},
}


@pytest.mark.parametrize("vocabulary", CODES, ids=lambda v: v.__name__)
def test_members_carry_the_codes_of_fix(vocabulary):
    assert {member.name: member.value for member in vocabulary} == CODES[vocabulary]


def test_sides_have_the_sign_of_their_shares():
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


def test_terminal_is_what_cannot_trade_by_itself():
    terminal = {status.name for status in OrdStatus if status.is_terminal}
    assert terminal == {"FILLED", "CANCELED", "REJECTED", "EXPIRED"}


OURS = {
    Origin: ["manual", "script", "contingent", "external"],
    AmendmentWay: ["native", "chained", "here", "elsewhere"],
    AmendmentState: ["denied", "pending", "accepted", "rejected", "unknown", "dropped"],
    OrderClass: ["simple", "bracket", "oco", "oto", "otoco"],
    TriggerMethod: ["last", "bid_ask", "mid", "double_last"],
    Closing: ["flatten", "half", "reverse"],
    Custody: ["staged", "held", "unsent", "sent", "acknowledged", "unknown"],
    TradingState: ["active", "reducing", "halted"],
    Venue: ["paper", "live", "replay"],
}
"""Vocabularies without a FIX field that records or settings hold: released values stay."""


@pytest.mark.parametrize("vocabulary", OURS, ids=lambda v: v.__name__)
def test_words_of_our_own_are_what_was_released(vocabulary):
    assert [member.value for member in vocabulary] == OURS[vocabulary]


def test_request_is_open_while_its_terms_may_come_into_force():
    assert [state.name for state in AmendmentState if state.is_open] == ["PENDING", "UNKNOWN"]


def test_trading_states_have_an_order():
    active, reducing, halted = TradingState
    assert [state.tightness for state in TradingState] == [0, 1, 2]
    assert halted.is_tighter_than(reducing)
    assert reducing.is_tighter_than(active)
    assert not reducing.is_tighter_than(reducing)
    assert not active.is_tighter_than(halted)
