"""The docks that a new window has, before any panel is imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from widgets.panel import Area


@dataclass(frozen=True)
class DockPlan:
    """A dock that is there before its panel is."""

    name: str
    title: str
    area: Area
    follows_link: bool = False


DEFAULT_DOCKS: Final = (
    DockPlan("watchlist", "Watchlist", Area.LEFT, follows_link=True),
    DockPlan("chart", "Chart", Area.CENTER, follows_link=True),
    DockPlan("ticket", "Order ticket", Area.RIGHT, follows_link=True),
    DockPlan("ladder", "Ladder", Area.FAR_RIGHT, follows_link=True),
    DockPlan("orders", "Orders", Area.BOTTOM),
    DockPlan("fills", "Fills", Area.BOTTOM),
    DockPlan("positions", "Positions", Area.BOTTOM),
    DockPlan("account", "Account", Area.BOTTOM),
    DockPlan("risk", "Risk", Area.BOTTOM),
    DockPlan("alerts", "Alerts", Area.BOTTOM),
    DockPlan("audit", "Audit log", Area.BOTTOM),
    DockPlan("tape", "Time & sales", Area.BOTTOM_RIGHT, follows_link=True),
    DockPlan("day_pnl", "Day P&L", Area.BOTTOM_RIGHT),
)
