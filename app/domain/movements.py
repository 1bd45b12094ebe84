"""What moves shares or cash of an account without an order, as a broker reports it."""

from __future__ import annotations

from app.domain.cash import CashPosting
from app.domain.corporate import Split
from app.domain.position import PositionAdjustment

Movement = CashPosting | PositionAdjustment | Split


def movement_id(movement: Movement) -> str:
    """Return what a movement is known by: it counts once, however often it is reported."""
    match movement:
        case CashPosting():
            return movement.posting_id
        case PositionAdjustment():
            return movement.adjustment_id
    return movement.split_id
