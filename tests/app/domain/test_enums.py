"""Show that vocabularies keep the codes of FIX, which stored records depend on.

Method: the codes are copied here by hand. If one differs, old records would be read wrong.
Source: FIX Latest (EP292), fields 39, 40, 54, 59, 150, 851.
"""

import pytest

from app.domain.enums import ExecType, Liquidity, OrdStatus, OrdType, Side, TimeInForce

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
        "PENDING_NEW": "A",
        "EXPIRED": "C",
        "PENDING_REPLACE": "E",
    },
    ExecType: {
        "NEW": "0",
        "CANCELED": "4",
        "REPLACED": "5",
        "PENDING_CANCEL": "6",
        "REJECTED": "8",
        "EXPIRED": "C",
        "RESTATED": "D",
        "TRADE": "F",
        "TRADE_CORRECT": "G",
        "TRADE_CANCEL": "H",
        "ORDER_STATUS": "I",
    },
    Liquidity: {"UNKNOWN": "0", "ADDED": "1", "REMOVED": "2"},
}


@pytest.mark.parametrize("vocabulary", CODES, ids=lambda v: v.__name__)
def test_members_carry_the_codes_of_fix(vocabulary):
    assert {member.name: member.value for member in vocabulary} == CODES[vocabulary]


def test_sides_have_the_sign_of_their_shares():
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


def test_terminal_is_what_cannot_trade_by_itself():
    terminal = {status.name for status in OrdStatus if status.is_terminal}
    assert terminal == {"FILLED", "CANCELED", "REJECTED", "EXPIRED"}
