"""Show that the kill switch's way in says so when the market does not come free.

That it ends what is out is shown by the conformance suite, from a thread of its own.
"""

from __future__ import annotations

import threading

import pytest

from app.brokers import emergency
from app.brokers.emergency import Emergency
from app.clock import SimClock
from app.domain.errors import Disconnected
from app.exchange.outside import OutsideMarket

NOW_NS = 1_700_000_000_000_000_000


@pytest.mark.parametrize("call", ["cancel_all", "open_orders"])
def test_an_exchange_that_does_not_come_free_is_said(call, monkeypatch):
    monkeypatch.setattr(emergency, "DOOR_S", 0.01)
    market = OutsideMarket(lambda answers: None)
    rescue = Emergency(market, market.door, SimClock(NOW_NS), "builtin")
    name = call.replace("_", " ")
    text = f"^the built-in exchange has been at work for 0.01 s: {name} was not done$"
    with market.door, pytest.raises(Disconnected, match=text) as caught:
        getattr(rescue, call)()
    assert (caught.value.venue, caught.value.request) == ("builtin", name)
    assert not market.is_killed


def test_the_door_stands_open_again_after_a_call():
    market = OutsideMarket(lambda answers: None)
    door = threading.Lock()
    rescue = Emergency(market, door, SimClock(NOW_NS), "builtin")
    rescue.cancel_all()
    assert list(rescue.open_orders()) == []
    assert market.is_killed
    assert not door.locked()
