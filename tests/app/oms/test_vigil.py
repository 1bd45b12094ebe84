"""Show when an order in wait is set off: its own price, its conditions, and both together.

Method: one order, a stage, and prices of two symbols in order.
"""

from decimal import Decimal

import pytest

from app.domain.enums import Custody, Side, TriggerMethod
from app.domain.ids import ClOrdID
from app.domain.instrument import Instrument
from app.domain.terms import Hold, PriceCondition, TimeCondition
from app.oms.vigil import Stage, Vigil, Vigils
from tests.held import stop, trailing
from tests.samples import IBM, MSFT, NOW_NS, instrument, new_order, order, quote, trade


def above(px, symbol=MSFT, method=TriggerMethod.LAST):
    return PriceCondition(symbol=symbol, is_above=True, px=Decimal(px), method=method)


def waiting(terms, *conditions, **hold):
    return order(terms, custody=Custody.HELD, hold=Hold(conditions=conditions, **hold))


def vigil(terms, *conditions, stage=Stage.WATCHING, **hold):
    watching = Vigil(waiting(terms, *conditions, **hold), instrument())
    watching.stage = stage
    return watching


def test_stop_is_set_off_by_its_price_only_while_it_watches():
    watching = vigil(stop(95), stage=Stage.IDLE)
    assert watching.on_trade(trade(90)) is False
    watching.stage = Stage.WATCHING
    assert watching.on_trade(trade(96)) is False
    assert watching.on_trade(trade(90, symbol=MSFT)) is False
    assert watching.on_trade(trade(94)) is True
    assert watching.px == 94


def test_quote_sets_off_in_the_same_way():
    watching = vigil(stop(95, trigger=TriggerMethod.BID_ASK), stage=Stage.IDLE)
    assert watching.on_quote(quote(90, 91)) is False
    watching.stage = Stage.WATCHING
    assert watching.on_quote(quote(90, 91, symbol=MSFT)) is False
    assert watching.on_quote(quote(96, 97)) is False
    assert watching.on_quote(quote(94, 97)) is True
    assert watching.px == 94


def test_what_is_ready_goes_with_its_last_condition():
    watching = vigil(new_order(), above(10), above(20, IBM), stage=Stage.READY)
    assert watching.symbols == (IBM, MSFT)
    assert watching.on_trade(trade(10, symbol=MSFT)) is False
    assert watching.on_trade(trade(19)) is False
    assert watching.conditions_hold is False
    assert watching.on_trade(trade(20)) is True
    assert (watching.conditions_hold, watching.px) == (True, 20)


def test_condition_on_quotes_looks_at_quotes():
    watching = vigil(new_order(), above(10, method=TriggerMethod.BID_ASK), stage=Stage.READY)
    assert watching.on_trade(trade(10, symbol=MSFT)) is False
    assert watching.on_quote(quote(9, 10)) is False
    assert watching.on_quote(quote(8, 9, symbol=MSFT)) is False
    assert watching.on_quote(quote(9, "10.5", symbol=MSFT)) is True
    assert watching.px == Decimal("10.5")


def test_conditions_have_to_hold_at_once():
    watching = vigil(new_order(), above(10), above(20, IBM), stage=Stage.READY)
    watching.on_trade(trade(10, symbol=MSFT))
    watching.on_trade(trade(9, symbol=MSFT))
    assert watching.on_trade(trade(20)) is False
    assert watching.on_trade(trade(11, symbol=MSFT)) is True


def test_stop_with_conditions_looks_at_its_price_only_while_they_hold():
    watching = vigil(stop(95), above(10))
    assert watching.on_trade(trade(94)) is False
    assert watching.on_trade(trade(10, symbol=MSFT)) is False
    assert watching.on_trade(trade(94)) is True


def test_market_order_that_watches_is_never_set_off_by_prices():
    watching = vigil(new_order())
    assert watching.on_trade(trade(1)) is False
    assert watching.on_quote(quote()) is False
    assert watching.watch_px is None
    assert watching.has_moved is False


def test_time_opens_and_keeps_open():
    times = TimeCondition(at_ns=NOW_NS + 5), TimeCondition(at_ns=NOW_NS + 7)
    watching = vigil(stop(95), *times)
    assert watching.opens_ns == NOW_NS + 7
    assert watching.conditions_hold is False
    watching.on_time(NOW_NS + 6)
    assert watching.on_trade(trade(94)) is False
    watching.on_time(NOW_NS + 7)
    assert watching.on_trade(trade(94)) is True


def test_without_conditions_they_hold():
    assert vigil(stop(95)).conditions_hold is True


def test_trail_has_moved_until_it_is_recorded():
    watching = vigil(trailing(1))
    assert watching.has_moved is False
    watching.on_trade(trade(100))
    assert (watching.has_moved, watching.watch_px) == (True, 99)
    watching.recorded_px = Decimal(99)
    assert watching.has_moved is False
    watching.on_trade(trade(101))
    assert watching.has_moved is True


def test_trail_takes_up_the_recorded_level():
    watching = vigil(trailing(1), watch_px=Decimal(99))
    assert (watching.has_moved, watching.watch_px) == (False, 99)


def test_fixed_stop_never_moves():
    assert vigil(stop(95)).has_moved is False


class TestVigils:
    @pytest.fixture
    def vigils(self):
        return Vigils(lambda symbol: instrument() if symbol == IBM else None)

    def test_order_is_found_by_each_of_its_symbols(self, vigils):
        posted = vigils.post(waiting(stop(95), above(10)))
        assert list(vigils.of(IBM)) == list(vigils.of(MSFT)) == [posted]
        assert vigils.get(posted.cl_ord_id) is posted

    def test_order_is_posted_once_while_its_terms_stay(self, vigils):
        posted = vigils.post(waiting(trailing(1)))
        posted.on_trade(trade(100))
        assert vigils.post(waiting(trailing(1), watch_px=Decimal(99))) is posted

    def test_other_terms_are_watched_anew(self, vigils):
        first = vigils.post(waiting(stop(95), above(10)))
        second = vigils.post(waiting(stop(94, Side.SELL)))
        assert second is not first
        assert (list(vigils.of(IBM)), list(vigils.of(MSFT))) == ([second], [])

    def test_nothing_is_left_of_what_is_dismissed(self, vigils):
        one = vigils.post(waiting(stop(95)))
        two = vigils.post(order(stop(94), cl_ord_id=ClOrdID("other"), custody=Custody.HELD))
        vigils.dismiss(one.cl_ord_id)
        assert (vigils.get(one.cl_ord_id), list(vigils.of(IBM))) == (None, [two])
        vigils.dismiss(two.cl_ord_id)
        vigils.dismiss(two.cl_ord_id)
        assert (vigils.of(IBM), vigils.by_symbol) == ((), {})

    def test_unknown_symbol_has_the_steps_of_the_rule(self, vigils):
        assert vigils.instrument(IBM) == instrument()
        assert vigils.instrument(MSFT) == Instrument(symbol=MSFT, name="", exchange="")
