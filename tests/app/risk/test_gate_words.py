"""Show what a person reads of an order: what each check found, its limit, and why it refuses.

Method: a line a check, in words as the ticket and the record have them, for an order in a calm
market, one that closes in the dark, one of no numbers, and one that goes over everything.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from app import plugins
from app.domain.enums import OrdType, Side
from app.risk.exposure import RiskInput
from app.risk.gate import Gate
from tests.samples import blind_picture, instrument, new_order, picture

KNOWN = instrument(adv=1_000_000, group="Technology")
STOP_LIMIT = OrdType.STOP_LIMIT

CALM = RiskInput(order=new_order(), instrument=KNOWN, picture=picture())
CALM_WORDS = """
trading_state | ACTIVE | ACTIVE
burst | 1 | 5
buying_power | 10,301.03 | 200,000
concentration | 10.30 % | 25 %
daily_loss | 0 % | 2 %
dead_man | 0 ms | 500 ms
drawdown | 0 % | 5 %
duplicate | none | > 3 s
family | no parent | none
far_limit | not passive | far
gross_leverage | 0.10x | 2x
group_share | 10.30 % | 50 %
habit | no habit | 10x
halt | trading | trading
in_doubt | none | none
instrument | tradable | tradable
market_data | 0.0 s | 5 s
message_ratio | 0 : 0 | 50 : 1
net_leverage | 0.10x | 2x
open_orders | 10.30 % | 100 %
order_qty | 100 | 10,000
order_rate | 1 / 1 / 1 | 5 / 60 / 1000
order_value | 10,301.03 | 20,000
participation | 0.01 % | 5 %
position | 100 | 10,000
price_collar | market | collar
price_test | off | off
quote_sanity | 0 % | 10 %
restricted | not listed | not listed
self_match | none | none
session | core | open
settlement | T+1
short_sale | buy | easy to borrow
spread | 0.02 % | 2 %
station | well | none
stop_side | no stop | stop
symbols_held | 1 | 50
tick_size | market | tick
venue | agree | agree
"""

CLOSING = RiskInput(
    order=new_order(Side.SELL, 100, "100"),
    instrument=None,
    picture=blind_picture(position_qty=Decimal(100)),
)
CLOSING_WORDS = """
trading_state | ACTIVE | ACTIVE
burst | 1 | 5
buying_power | closing | unknown
concentration | closing | 25 %
daily_loss | closing | 2 %
dead_man | closing | 500 ms
drawdown | closing | 5 %
duplicate | none | > 3 s
family | no parent | none
far_limit | not passive | far
gross_leverage | closing | 2x
group_share | no group | 50 %
habit | no habit | 10x
halt | trading | trading
in_doubt | none | none
instrument | unknown | tradable | symbol IBM is unknown, must be listed and tradable here
market_data | closing | 5 s
message_ratio | 0 : 0 | 50 : 1
net_leverage | closing | 2x
open_orders | closing | 50 orders
order_qty | 100 | 10,000
order_rate | 1 / 1 | 5 / 60
order_value | closing | 25,000
participation | unknown | 5 %
position | closing | 10,000
price_collar | unknown | collar
price_test | off | off
quote_sanity | closing | 10 %
restricted | not listed | not listed
self_match | none | none
session | core | open
settlement | T+1
short_sale | closing | easy to borrow
spread | limit | 2 %
station | well | none
stop_side | no stop | stop
symbols_held | closing | 50
tick_size | 100 | unknown | limit price 100 of IBM has no tick that is known
venue | agree | agree
"""

NO_NUMBERS = RiskInput(
    order=new_order(Side.BUY, "NaN", "NaN", ord_type=STOP_LIMIT, stop_px=Decimal("NaN")),
    instrument=None,
    picture=blind_picture(),
)
NO_NUMBERS_WORDS = """
trading_state | ACTIVE | ACTIVE
burst | 1 | 5
buying_power | unknown | unknown | buying power is not known: a price is missing
concentration | unknown | 25 % | concentration is not known: a price is missing
daily_loss | unknown | 2 % | the day's loss is not known: equity is not
dead_man | 0 ms | 500 ms
drawdown | unknown | 5 % | the drawdown is not known: equity is not
duplicate | none | > 3 s
family | no parent | none
far_limit | unknown | far | limit NaN is no number
gross_leverage | unknown | 2x | gross leverage is not known: a price is missing
group_share | no group | 50 %
habit | unknown | 10x | the order cannot be compared with the usual ones
halt | trading | trading
in_doubt | none | none
instrument | unknown | tradable | symbol IBM is unknown, must be listed and tradable here
market_data | none | 5 s | no market data of IBM
message_ratio | 0 : 0 | 50 : 1
net_leverage | unknown | 2x | net leverage is not known: a price is missing
open_orders | unknown | 100 % | the value of working orders is not known: a price is missing
order_qty | NaN | > 0 | quantity NaN must be a number above 0
order_rate | 1 / 1 / 1 | 5 / 60 / 1000
order_value | unknown | 25,000 | the limit of the order value is not known: equity is not
participation | unknown | 5 % | quantity NaN has no share of a day's volume
position | unknown | 10,000 | position is not known: quantity NaN
price_collar | NaN | collar | limit NaN is no number
price_test | off | off
quote_sanity | unknown | 10 % | quote and last price of IBM cannot be compared, limit 10 %
restricted | not listed | not listed
self_match | stop | none
session | core | open
settlement | T+1
short_sale | buy | easy to borrow
spread | limit | 2 %
station | well | none
stop_side | NaN | > 0 | stop price NaN must be above 0
symbols_held | 1 | 50
tick_size | NaN | > 0 | stop price NaN must be a number above 0
venue | agree | agree
"""

TOO_MUCH = RiskInput(
    order=new_order(Side.BUY, 20_000, "130", ord_type=STOP_LIMIT, stop_px=Decimal("99.001")),
    instrument=KNOWN,
    picture=picture(
        halt="news pending",
        station_fault="disk full",
        venue_fault="paper key on the live venue",
        unreconciled="2 differences",
        in_doubt=1,
        family_qty="5",
        loop_lag_ns=10**10,
        own_ask="100",
        bid="50",
        ask="101",
        open_orders=51,
        symbols_held=60,
        last_px="200",
        quote_age_ns=10**11,
    ),
)
TOO_MUCH_WORDS = """
trading_state | ACTIVE | ACTIVE
burst | 1 | 5
buying_power | 2,600,000 | 200,000 | the order needs 2,600,000 USD, buying power is 200,000 USD
concentration | 2,600 % | 25 % | IBM could be 2,600 % of equity, limit 25 %
daily_loss | 0 % | 2 %
dead_man | 10000 ms | 500 ms | the station is late by 10000 ms, limit 500 ms
drawdown | 0 % | 5 %
duplicate | none | > 3 s
family | 20,000 | 5 | quantity 20,000 is over the 5 shares that the parent order leaves
far_limit | not passive | 15 %
gross_leverage | 26x | 2x | gross leverage would be 26x, limit 2x
group_share | 2,600 % | 50 % | Technology could be 2,600 % of equity, limit 50 %
habit | no habit | 10x
halt | halted | trading | IBM does not trade: news pending
in_doubt | not reconciled | none | 2 differences
instrument | tradable | tradable
market_data | 100.0 s | 5 s | the quote of IBM is 100.0 s old, limit 5 s
message_ratio | 0 : 0 | 50 : 1
net_leverage | 26x | 2x | net leverage comes to 26x, limit 2x
open_orders | 52 orders | 50 orders | 52 orders would work, limit 50
order_qty | 20,000 | 10,000 | quantity 20,000 is over the limit 10,000 shares
order_rate | 1 / 1 / 1 | 5 / 60 / 1000
order_value | 2,600,000 | 20,000 | order value 2,600,000 USD is over the limit 20,000 USD
participation | 2 % | 1 % | 20,000 shares are 2 % of a day's volume, usual are 1 %
position | 20,000 | 10,000 | position of IBM could be 20,000 shares long, limit 10,000
price_collar | 28.71 % | 3 % | limit 130 is 28.71 % through the market at 101, limit 3 %
price_test | off | off
quote_sanity | 62.25 % | 10 % | the quote of IBM is 62.25 % from its last price, limit 10 %
restricted | not listed | not listed
self_match | stop | none
session | core | open
settlement | T+1
short_sale | buy | easy to borrow
spread | limit | 2 %
station | fault | none | disk full
stop_side | 991 | above the ask 101 | stop 991 is not above the ask 101: it goes at once
symbols_held | 61 | 50 | IBM would be symbol 61 that is held, limit 50
tick_size | 991 | x 0.01 | stop price 991 is off the tick 0.01; nearest 99
venue | differ | agree | paper key on the live venue
"""


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (CALM, CALM_WORDS),
        (CLOSING, CLOSING_WORDS),
        (NO_NUMBERS, NO_NUMBERS_WORDS),
        (TOO_MUCH, TOO_MUCH_WORDS),
    ],
    ids=["calm", "closing in the dark", "no numbers", "too much"],
)
def test_each_check_says_what_it_found_and_allows(given, words):
    gate = Gate(plugins.load("tradedeck.checks").specs, {})
    found = gate.check(given.order, given.picture, given.instrument).checks
    lines = [
        " | ".join(words for words in (c.name, c.value, c.limit, c.text) if words) for c in found
    ]
    wanted = [line.strip() for line in words.strip().splitlines()]
    assert [line.replace("; order not sent", "").replace(".00", "") for line in lines] == wanted
    assert all(c.text.endswith("; order not sent") for c in found if not c.passed)
