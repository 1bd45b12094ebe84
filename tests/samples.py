"""Valid values to start from: a test says only what it is about."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st

from app.domain.decision import Funds, Picture
from app.domain.enums import ExecType, Liquidity, OrdType, Origin, Phase, Side, TradingState
from app.domain.executions import Execution
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.instrument import Instrument
from app.domain.market import Bar, Quote, Trade
from app.domain.orders import Fill, Order, fill_of
from app.domain.reports import ExecutionReport
from app.domain.terms import NewOrder

IBM = Symbol("IBM")
MSFT = Symbol("MSFT")
ID = ClOrdID("P1-261123-1")
NOW_NS = 1_795_444_200_000_000_000
"""Monday 2026-11-23, 09:30:00 New York, as the fixture `clock`."""

NOT_NUMBERS = [Decimal(text) for text in ("NaN", "-NaN", "sNaN", "Infinity", "-Infinity")]
EXTREMES = [
    *NOT_NUMBERS,
    *map(Decimal, ("0", "-0", "-1", "-1e308", "1e308", "1e-308", "1e999999", "1e-999999")),
]

FUNDS = Funds(
    settled_cash=Decimal(100_000),
    buying_power=Decimal(200_000),
    net_exposure=Decimal(0),
    open_value=Decimal(0),
    day_equity=Decimal(100_000),
    peak_equity=Decimal(100_000),
)
"""Of a flat account of 100,000 USD that may borrow as much again."""
TEXTS = ("halt", "station_fault", "unreconciled", "venue_fault")
"""Fields of a picture that are words, not numbers."""


def new_order(side: Side = Side.BUY, qty: Any = 100, limit: Any = None, **changes: Any) -> NewOrder:
    """An order's terms: a market order, or a limit order where a limit is given."""
    terms = NewOrder(
        symbol=IBM,
        side=side,
        order_qty=Decimal(qty),
        ord_type=OrdType.MARKET if limit is None else OrdType.LIMIT,
        limit_px=None if limit is None else Decimal(limit),
    )
    return msgspec.structs.replace(terms, **changes)


def order(terms: NewOrder | None = None, **changes: Any) -> Order:
    """An order that was decided and not sent."""
    facts = Order(
        cl_ord_id=ID,
        account=AccountID("P1"),
        order=terms or new_order(),
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=NOW_NS,
    )
    return msgspec.structs.replace(facts, **changes)


def report(exec_type: ExecType = ExecType.NEW, **changes: Any) -> ExecutionReport:
    """A broker's report on the order `ID`."""
    said = ExecutionReport(
        cl_ord_id=ID,
        exec_type=exec_type,
        ts_exch_ns=NOW_NS + 1,
        ts_recv_ns=NOW_NS + 2,
        order_id=OrderID("B1"),
    )
    return msgspec.structs.replace(said, **changes)


def trade_report(
    exec_id: str = "E1", qty: Any = 100, px: Any = "187.20", **changes: Any
) -> ExecutionReport:
    """A broker's report of a fill."""
    return report(
        ExecType.TRADE,
        exec_id=ExecID(exec_id),
        last_qty=Decimal(qty),
        last_px=Decimal(px),
        **changes,
    )


def fill(
    side: Side = Side.BUY, qty: Any = 100, px: Any = 100, fee: Any = 0, **changes: Any
) -> Fill:
    """One fill of IBM."""
    execution = Execution(
        exec_id=ExecID("E1"),
        qty=Decimal(qty),
        px=Decimal(px),
        fee=Decimal(fee),
        last_mkt="X",
        liquidity=Liquidity.REMOVED,
        ts_exch_ns=NOW_NS,
        ts_recv_ns=NOW_NS,
    )
    return msgspec.structs.replace(fill_of(order(new_order(side)), execution), **changes)


def instrument(**changes: Any) -> Instrument:
    """IBM."""
    known = Instrument(
        symbol=IBM, name="International Business Machines", exchange="NYSE", is_shortable=True
    )
    return msgspec.structs.replace(known, **changes)


def quote(bid: Any = "99.99", ask: Any = "100.01", **changes: Any) -> Quote:
    """Best bid and ask of IBM; None leaves a side out."""
    best = Quote(
        symbol=IBM,
        bid=None if bid is None else Decimal(bid),
        bid_size=300,
        ask=None if ask is None else Decimal(ask),
        ask_size=500,
        ts_exch_ns=NOW_NS,
        ts_recv_ns=NOW_NS,
    )
    return msgspec.structs.replace(best, **changes)


def trade(px: Any = 100, size: int = 100, ts_ns: int = NOW_NS, **changes: Any) -> Trade:
    """A print of IBM."""
    printed = Trade(symbol=IBM, price=Decimal(px), size=size, ts_exch_ns=ts_ns, ts_recv_ns=ts_ns)
    return msgspec.structs.replace(printed, **changes)


def bar(start_ns: int = NOW_NS, **changes: Any) -> Bar:
    """A bar of one minute of IBM."""
    minute = Bar(
        symbol=IBM,
        start_ns=start_ns,
        interval_ns=60_000_000_000,
        open=Decimal(10),
        high=Decimal(12),
        low=Decimal(9),
        close=Decimal(11),
        volume=700,
        ts_recv_ns=start_ns,
    )
    return msgspec.structs.replace(minute, **changes)


def picture(**changes: Any) -> Picture:
    """A calm market, a flat account of 100,000 USD; numbers may be given as text."""
    seen = Picture(
        ts_ns=NOW_NS,
        trading_state=TradingState.ACTIVE,
        bid=Decimal("99.99"),
        bid_size=300,
        ask=Decimal("100.01"),
        ask_size=500,
        last_px=Decimal(100),
        feed_age_ns=0,
        equity=Decimal(100_000),
        gross_exposure=Decimal(0),
        symbol_exposure=Decimal(0),
        phase=Phase.CORE,
        quote_age_ns=0,
        funds=FUNDS,
    )
    changes = {
        name: Decimal(value) if type(value) is str and name not in TEXTS else value
        for name, value in changes.items()
    }
    return msgspec.structs.replace(seen, **changes)


def blind_picture(**changes: Any) -> Picture:
    """Nothing is known but the account's own holdings."""
    nothing = {
        "bid": None,
        "bid_size": 0,
        "ask": None,
        "ask_size": 0,
        "last_px": None,
        "feed_age_ns": None,
        "equity": None,
        "gross_exposure": None,
        "symbol_exposure": None,
        "funds": Funds(),
    }
    return picture(**{**nothing, **changes})


def amounts(low: Any, high: Any, places: int) -> st.SearchStrategy[Decimal]:
    """Decimals of a range with a fixed number of places."""
    return st.decimals(
        Decimal(low), Decimal(high), places=places, allow_nan=False, allow_infinity=False
    )


QTYS = amounts("0.001", 10_000, 3)
PRICES = amounts("0.0001", 5_000, 4)
FEES = amounts(-5, 5, 4)
SIDES = st.sampled_from(Side)
FILLS = st.lists(
    st.builds(fill, SIDES, QTYS, PRICES, FEES),
    max_size=12,
)


def in_turn(fills: list[Fill]) -> list[Fill]:
    """Fills with ids of their own (E1, E2, ...), a second apart."""
    return [
        msgspec.structs.replace(one, exec_id=ExecID(f"E{n}"), ts_exch_ns=NOW_NS + n * 1_000_000_000)
        for n, one in enumerate(fills, start=1)
    ]


TRADES = FILLS.map(in_turn)


def is_value(kind: type[msgspec.Struct]) -> bool:
    """Whether instances never change and every field is given by its name."""
    parameters = inspect.signature(kind).parameters.values()
    return kind.__struct_config__.frozen and all(
        parameter.kind is parameter.KEYWORD_ONLY for parameter in parameters
    )
