"""Goal: an order that makes no sense is named before it reaches a queue."""

from __future__ import annotations

import pytest

from app.domain.enums import Side, TimeInForce
from app.exchange.entry import Order

FAULTS = {
    "plain": ({}, None),
    "market": ({"px": None}, None),
    "hidden": ({"display": 0}, None),
    "reserve": ({"display": 10}, None),
    "post-only": ({"is_post_only": True}, None),
    "nothing": ({"leaves": 0}, "quantity 0 is not positive"),
    "below nothing": ({"leaves": -5}, "quantity -5 is not positive"),
    "price of nothing": ({"px": 0}, "limit 0 is below one tick"),
    "display below nothing": ({"display": -1}, "display quantity -1 is negative"),
    "post-only market": ({"is_post_only": True, "px": None}, "post-only order that could"),
    "post-only at once": (
        {"is_post_only": True, "time_in_force": TimeInForce.IOC},
        "post-only order that could",
    ),
    "post-only all or nothing": (
        {"is_post_only": True, "time_in_force": TimeInForce.FOK},
        "post-only order that could",
    ),
}


@pytest.mark.parametrize(("terms", "fault"), FAULTS.values(), ids=FAULTS)
def test_fault_is_named(terms, fault):
    said = Order(**{"order_id": 1, "side": Side.BUY, "leaves": 100, "px": 50} | terms).fault()
    assert said is None if fault is None else said.startswith(fault)
