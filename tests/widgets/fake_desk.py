"""A desk without a session: real market store, blotter and ledger, written by the test itself.

It keeps what was asked of it in `submitted`, `lists`, `staged`, `cancelled`, `replaced` and
`calls`, and answers previews from `checks`. Of limits `_max` means that more is looser.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec

from app.audit.records import UserActed, row_of
from app.audit.view import JournalView
from app.clock import SimClock
from app.config import load_config
from app.desk import (
    AlertAction,
    AlertWatch,
    Breach,
    Identity,
    InquiryRow,
    KillView,
    Latch,
    LimitRow,
    Meter,
    PageState,
    Paging,
    Preview,
    RecordingView,
    Settings,
    Transport,
)
from app.domain.bar_spec import BarSpec
from app.domain.capabilities import Capabilities
from app.domain.decision import ARM_WORDS, CheckResult
from app.domain.drill import DrillsView
from app.domain.enums import (
    Closing,
    Custody,
    ExecType,
    FeedState,
    OrderClass,
    OrdType,
    Origin,
    Side,
    TimeInForce,
    TradingHours,
    TradingState,
    Venue,
)
from app.domain.errors import BadInput, UserError
from app.domain.events import Notice
from app.domain.fills import FillChange
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID, Symbol
from app.domain.instrument import Instrument
from app.domain.margin import Margin, margin_of
from app.domain.market import FeedStatus, Quote, Trade
from app.domain.orders import Order
from app.domain.reports import ExecutionReport
from app.domain.terms import Condition, Hold, Links, NewOrder
from app.domain.transitions import apply_report
from app.exchange.hours import Span, timetable
from app.hub import Hub
from app.market.store import MarketStore
from app.oms.blotter import Blotter
from app.portfolio.ledger import Ledger
from app.portfolio.valuation import AccountFigures, LastPrice, mark_of

SECOND_NS = 1_000_000_000
START_NS = 1_767_365_251_482_000_000  # 2026-01-02 09:47:31.482 New York.
AAPL, MSFT = Symbol("AAPL"), Symbol("MSFT")
INSTRUMENTS = (
    Instrument(symbol=AAPL, name="Apple Inc.", exchange="NASDAQ"),
    Instrument(symbol=MSFT, name="Microsoft Corp.", exchange="NASDAQ"),
)
NO_LINKS = Links()
PAPER = Capabilities(
    ord_types=frozenset({OrdType.MARKET, OrdType.LIMIT}),
    times_in_force=frozenset(TimeInForce) - {TimeInForce.OPG, TimeInForce.CLS},
    can_short=True,
    has_fractions=False,
    has_replace=True,
)


def limit_row(check: str, code: str, title: str, param: str, words: tuple[str, ...]) -> LimitRow:
    """`words`: title of the parameter, unit, value in force, and the sentence of the rule."""
    param_title, unit, value, rule = words
    return LimitRow(
        check=check,
        title=title,
        code=code,
        rule=rule,
        param=param,
        param_title=param_title,
        unit=unit,
        value=value,
        default=value,
    )


LIMITS = (
    limit_row(
        "order_value",
        "R15",
        "Order value",
        "value_max",
        ("Value", "USD, inclusive", "200000", "Quantity x worst price <= the lesser of both"),
    ),
    limit_row(
        "daily_loss",
        "R28",
        "Loss of the day",
        "loss_share_max",
        (
            "Loss of a day",
            "share of equity at the day's start, exclusive",
            "0.02",
            "Equity at the start of the trading day less equity now < share of the former",
        ),
    ),
    limit_row(
        "message_ratio",
        "R35",
        "Messages for each fill",
        "free_messages_max",
        (
            "Messages of a day that need no fill",
            "exclusive",
            "200",
            "Cancels and changes of one order in a minute, and messages for each fill, <= number",
        ),
    ),
)


def meter(name: str, title: str, value: str, limit: str, use: float | None) -> Meter:
    is_breached = use is not None and use > 1
    return Meter(name=name, title=title, value=value, limit=limit, use=use, is_breached=is_breached)


METERS = (
    meter("concentration", "Concentration", "18.67 %", "25.00 %", 0.75),
    meter("daily_loss", "Loss of the day", "1.80 %", "2.00 %", 0.9),
    meter("drawdown", "Drawdown", "unknown", "5.00 %", None),
    meter("gross_leverage", "Gross leverage", "0.84x", "2x", 0.42),
    meter("net_leverage", "Net leverage", "0.84x", "2x", 0.42),
    meter("open_orders", "Working orders", "4", "50", 0.08),
    meter("order_rate", "Order rate", "3 a minute", "60", 0.05),
)


class FakeDesk:
    """Everything widgets use of a desk."""

    def __init__(self, instruments: tuple[Instrument, ...] = INSTRUMENTS) -> None:
        self.clock = SimClock(START_NS)
        self.hub = Hub()
        self.store = MarketStore(hub=self.hub, clock=self.clock, limits=load_config().limits)
        self.store.list_instruments(instruments)
        self.blotter = Blotter()
        self.ledger = Ledger(Decimal(100_000))
        self.journal = JournalView(1000)
        self.market = self.store.view
        self.orders = self.blotter.view
        self.positions = self.ledger.view
        self.identity = Identity(
            venue=Venue.PAPER,
            feed_title="Built-in exchange",
            broker_title="Built-in exchange",
            account="P000001",
        )
        self.transport: Transport | None = None
        self.alerts = AlertWatch(
            account=_AlertAccount(self), market=self.market, hub=self.hub, path=None
        )
        self.settings: Settings | None = None
        self.trading_state = TradingState.ACTIVE
        self.trading_state_reason = ""
        self.round_trip_ns: int | None = None
        self.is_busy = False
        self.notice = Notice(text="")
        self.notice_version = 0
        self.day_gain: Decimal | None = Decimal(0)
        self.checks: tuple[CheckResult, ...] = (passing("order_value", 0.2),)
        self.refuses: UserError | None = None
        self.submitted: list[NewOrder] = []
        self.overrides: list[str] = []
        self.lists: list[tuple[OrderClass, tuple[NewOrder, ...]]] = []
        self.staged: list[NewOrder] = []
        self.cancelled: list[ClOrdID] = []
        self.replaced: list[tuple[ClOrdID, Decimal, Decimal | None, Decimal | None]] = []
        self.capabilities = PAPER
        self.reduced: dict[Symbol, str] = {}
        self.differences: tuple[str, ...] = ()
        self.closing: set[Symbol] = set()
        self.inquiries: dict[ClOrdID, InquiryRow] = {}
        self.inquiries_version = 0
        self.unprotected: dict[ClOrdID, Decimal] = {}
        self.calls: list[str] = []
        self.previews = 0
        self.latch: Latch | None = None
        self.kill = KillView()
        self.limits: tuple[LimitRow, ...] = LIMITS
        self.limits_version = 0
        self.recording: RecordingView | None = None
        self.drills: DrillsView | None = None
        self.drills_version = 0
        self.limits_locked_until = ""
        self.meter_rows: tuple[Meter, ...] = METERS
        self.breaches: tuple[Breach, ...] = ()
        """The newest first."""
        self.breaches_version = 0
        self.paging_now = Paging(state=PageState.IDLE)
        self.paging_version = 0
        self.older: list[str] = []
        """Names of the bars of which a page was asked for."""

    # What is

    def paging(self, symbol: Symbol, spec: BarSpec, *, extended: bool = True) -> Paging:
        del symbol, spec, extended
        return self.paging_now

    def request_older(self, symbol: Symbol, spec: BarSpec, *, extended: bool = True) -> None:
        self.older.append(f"{symbol} {spec.text}{'' if extended else ' core'}")

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        return self.market.instruments

    def now_ns(self) -> int:
        return self.clock.now_ns()

    def session_span(self) -> Span:
        return timetable(TradingHours.CALENDAR).span(self.now_ns())

    def account(self) -> AccountFigures:
        return AccountFigures(
            cash=self.ledger.cash,
            equity=self.ledger.cash,
            unrealised_pnl=Decimal(0),
            realised_pnl=Decimal(0),
            fees=Decimal(0),
            gross_exposure=Decimal(0),
            gross_leverage=Decimal(0),
            buying_power=self.ledger.cash * 2,
        )

    @property
    def day_pnl(self) -> Decimal | None:
        return self.day_gain

    def margin(self) -> Margin | None:
        held = [(it.qty, self.mark(it.symbol)) for it in self.positions.all() if it.qty]
        known = [(qty, px) for qty, px in held if px is not None]
        return margin_of(self.ledger.cash, known) if len(known) == len(held) else None

    def mark(self, symbol: Symbol) -> Decimal | None:
        qty = self.positions.get(symbol).qty
        last = LastPrice(px=self.market.last_px(symbol), ts_ns=self.clock.now_ns())
        quote, now_ns = self.market.quote(symbol), self.clock.now_ns()
        mark = mark_of(qty, quote, last, now_ns=now_ns, age_ns_max=0)
        return None if mark is None else mark.px

    @property
    def reduced_symbols(self) -> dict[Symbol, str]:
        return dict(self.reduced)

    def inquiry(self, cl_ord_id: ClOrdID) -> InquiryRow | None:
        return self.inquiries.get(cl_ord_id)

    def unprotected_qty(self, cl_ord_id: ClOrdID) -> Decimal:
        return self.unprotected.get(cl_ord_id, Decimal(0))

    def preview(self, order: NewOrder) -> Preview:
        self.previews += 1
        quote = self.market.quote(order.symbol)
        price = order.limit_px or (quote.ask if quote else None)
        value = None if price is None else price * order.order_qty
        return Preview(
            checks=self.checks,
            value=value,
            fees=Decimal(0),
            buying_power_after=None if value is None else Decimal(200_000) - value,
        )

    # What is asked

    def submit(self, order: NewOrder, override: str = "") -> ClOrdID:
        self._refuse()
        self.submitted.append(order)
        self.overrides.append(override)
        cl_ord_id = ClOrdID(f"P000001-{len(self.submitted):08d}")
        self.put_order(cl_ord_id, order)
        return cl_ord_id

    def submit_list(
        self, orders: tuple[NewOrder, ...], order_class: OrderClass, override: str = ""
    ) -> tuple[ClOrdID, ...]:
        self._refuse()
        self.overrides.append(override)
        self.lists.append((order_class, orders))
        return tuple(ClOrdID(f"L-{n}") for n in range(len(orders)))

    def submit_when(self, order: NewOrder, conditions: tuple[Condition, ...]) -> ClOrdID:
        self._refuse()
        self.calls.append(f"submit_when {len(conditions)}")
        return ClOrdID("W-1")

    def stage(self, order: NewOrder) -> ClOrdID:
        self._refuse()
        self.staged.append(order)
        return ClOrdID(f"S-{len(self.staged)}")

    def send_staged(self, cl_ord_id: ClOrdID) -> None:
        self.calls.append(f"send_staged {cl_ord_id}")

    def replace(
        self,
        cl_ord_id: ClOrdID,
        *,
        order_qty: Decimal,
        limit_px: Decimal | None = None,
        stop_px: Decimal | None = None,
    ) -> ClOrdID:
        self._refuse()
        self.replaced.append((cl_ord_id, order_qty, limit_px, stop_px))
        return ClOrdID("R-1")

    def cancel(self, cl_ord_id: ClOrdID) -> None:
        self.cancelled.append(cl_ord_id)

    def cancel_all(self, symbol: Symbol | None = None, side: Side | None = None) -> int:
        words = ("cancel_all", symbol, None if side is None else side.name)
        self.calls.append(" ".join(word for word in words if word))
        return sum(
            symbol in (None, order.symbol) and side in (None, order.terms.side)
            for order in self.orders.working()
        )

    def is_closing(self, symbol: Symbol) -> bool:
        return symbol in self.closing

    def close_position(self, symbol: Symbol, what: Closing) -> None:
        self.calls.append(f"{what.value} {symbol}")

    def acknowledge(self, symbol: Symbol) -> None:
        self.calls.append(f"acknowledge {symbol}")
        self.reduced.pop(symbol, None)

    def _refuse(self) -> None:
        if self.refuses is not None:
            raise self.refuses

    def halt(self, reason: str) -> None:
        self.calls.append(f"halt {reason}")
        self.trading_state, self.trading_state_reason = TradingState.HALTED, reason

    def arm(self, typed: str) -> None:
        if typed != ARM_WORDS:
            raise BadInput(f"'{typed}' was typed, must be {ARM_WORDS}; nothing changed")
        if self.latch is not None and self.latch.until:
            raise BadInput(f"trading is latched until {self.latch.until}; it stays as it is")
        self.calls.append(f"arm {typed}")
        self.trading_state, self.trading_state_reason = TradingState.ACTIVE, "armed by hand"
        self.latch = None

    # Limits

    def meters(self) -> tuple[Meter, ...]:
        return self.meter_rows

    def is_looser(self, check: str, param: str, value: str) -> bool:
        row = self._limit(check, param)
        try:
            after = Decimal(value.replace(",", ""))
        except ArithmeticError:
            raise BadInput(f"{param} was '{value}', must be a number; nothing changed") from None
        if not after.is_finite() or after < 0:
            raise BadInput(f"{param} was {value}, must be a number of 0 or more; nothing changed")
        return after > Decimal(row.value)

    def set_limit(self, check: str, param: str, value: str, reason: str) -> None:
        self._refuse()
        until = self.limits_locked_until
        if self.is_looser(check, param, value) and until:
            raise BadInput(f"limits are locked until {until}: {param} stays as it is")
        self.calls.append(f"set_limit {check}.{param} {value}: {reason}")
        old = self._limit(check, param)
        new = msgspec.structs.replace(
            old, value=value, changed_by="tester", changed_ns=self.clock.now_ns()
        )
        self.limits = tuple(new if row is old else row for row in self.limits)
        self.limits_version += 1

    def start_drill(self, name: str) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.calls.append(f"drill {name}")

    def stop_drill(self) -> None:
        self.calls.append("stop drill")

    def toggle_recording(self) -> None:
        self._refuse()
        self.calls.append("toggle_recording")

    def lock_limits(self) -> None:
        self._refuse()
        self.calls.append("lock_limits")
        self.limits_locked_until = "2026-01-05"
        self.limits_version += 1

    def _limit(self, check: str, param: str) -> LimitRow:
        return next(row for row in self.limits if (row.check, row.param) == (check, param))

    def export(self, what: str, fmt: str, out: Path) -> None:
        self.calls.append(f"export {what} {fmt} {out.name}")

    def request_stop(self) -> None:
        self.calls.append("stop")

    # What a test makes happen

    def go_live(self) -> None:
        self.hub.publish(
            FeedStatus(
                feed="fake", state=FeedState.LIVE, text="live", ts_recv_ns=self.clock.now_ns()
            )
        )

    def wait(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now_ns() + round(seconds * SECOND_NS))

    def trade(self, symbol: Symbol, price: str, size: int = 100) -> None:
        now_ns = self.clock.now_ns()
        self.hub.publish(
            Trade(
                symbol=symbol,
                price=Decimal(price),
                size=size,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
            )
        )

    def quote(self, symbol: Symbol, bid: str | None, ask: str | None) -> None:
        now_ns = self.clock.now_ns()
        self.hub.publish(
            Quote(
                symbol=symbol,
                bid=None if bid is None else Decimal(bid),
                bid_size=300,
                ask=None if ask is None else Decimal(ask),
                ask_size=200,
                ts_exch_ns=now_ns,
                ts_recv_ns=now_ns,
            )
        )

    def put_order(
        self,
        cl_ord_id: ClOrdID,
        order: NewOrder,
        *,
        acknowledge: bool = True,
        links: Links = NO_LINKS,
        hold: Hold | None = None,
    ) -> Order:
        now_ns = self.clock.now_ns()
        is_here = hold is not None
        entered = Order(
            cl_ord_id=cl_ord_id,
            account=AccountID("P000001"),
            order=order,
            origin=Origin.MANUAL,
            actor="tester",
            ts_intent_ns=now_ns,
            links=links,
            hold=hold,
            custody=_custody(hold),
            ts_sent_ns=0 if is_here else now_ns + 412_000,
        )
        self.blotter.put(entered)
        if acknowledge and not is_here:
            self.report(cl_ord_id, ExecType.NEW)
        return entered

    def report(
        self,
        cl_ord_id: ClOrdID,
        exec_type: ExecType,
        *,
        qty: str = "0",
        px: str = "0",
        text: str = "",
        ref: str = "",
    ) -> None:
        order = self.orders.get(cl_ord_id)
        assert order is not None
        now_ns = self.clock.now_ns() + 1_432_000
        report = ExecutionReport(
            cl_ord_id=cl_ord_id,
            exec_type=exec_type,
            ts_exch_ns=now_ns,
            ts_recv_ns=now_ns,
            order_id=OrderID(f"B-{cl_ord_id[-4:]}"),
            exec_id=ExecID(f"E{cl_ord_id[-4:]}-{len(order.facts)}"),
            exec_ref_id=ExecID(ref),
            last_qty=Decimal(qty),
            last_px=Decimal(px),
            last_mkt="PAPER" if px != "0" else "",
            text=text,
        )
        self.put(apply_report(order, report))

    def put(self, order: Order) -> None:
        for change in self.blotter.put(order):
            self._book(change)

    def _book(self, change: FillChange) -> None:
        if change.old is None:
            assert change.new is not None
            self.ledger.book(change.new)
        elif change.new is None:
            self.ledger.withdraw(change.old.exec_id)
        else:
            self.ledger.correct(change.old.exec_id, change.new)

    def ask(self, cl_ord_id: ClOrdID, row: InquiryRow | None) -> None:
        """Open, change or close the inquiry about an order."""
        self.inquiries.pop(cl_ord_id, None)
        if row is not None:
            self.inquiries[cl_ord_id] = row
        self.inquiries_version += 1

    def breach(self, breach: Breach) -> None:
        self.breaches = (breach, *self.breaches)
        self.breaches_version += 1

    def record(self, kind: str, body: str = "{}") -> None:
        seq = self.journal.head_seq + 1
        record = UserActed(action="", detail="", actor="tester")
        stamps = {"utc_ns": self.clock.now_ns(), "mono_ns": 0, "run_id": b""}
        row = msgspec.structs.replace(
            row_of(record, **stamps),
            seq=seq,
            kind=kind.encode(),
            body=body.encode(),
            hash=seq.to_bytes(32),
        )
        self.journal._add([row], 412_000)


def _custody(hold: Hold | None) -> Custody:
    if hold is None:
        return Custody.SENT
    return Custody.STAGED if hold.is_staged else Custody.HELD


def passing(name: str, use: float | None) -> CheckResult:
    return CheckResult(name=name, passed=True, value="1", limit="2", text="", use=use)


def refusing(name: str, text: str) -> CheckResult:
    return CheckResult(name=name, passed=False, value="3", limit="2", text=text, use=1.0)


def limit_order(
    qty: str = "100",
    limit: str | None = "186.68",
    *,
    symbol: Symbol = AAPL,
    side: Side = Side.BUY,
    tif: TimeInForce = TimeInForce.DAY,
) -> NewOrder:
    return NewOrder(
        symbol=symbol,
        side=side,
        order_qty=Decimal(qty),
        ord_type=OrdType.MARKET if limit is None else OrdType.LIMIT,
        time_in_force=tif,
        limit_px=None if limit is None else Decimal(limit),
    )


class _AlertAccount:
    """What alerts read of the fake, and what they did: in its `calls`."""

    def __init__(self, desk: FakeDesk) -> None:
        self._desk = desk

    def now_ns(self) -> int:
        return self._desk.now_ns()

    def day_pnl(self) -> Decimal | None:
        return self._desk.day_pnl

    def position_pnl(self, symbol: Symbol) -> Decimal | None:
        del symbol
        return None

    def act(self, action: AlertAction, symbol: Symbol) -> None:
        self._desk.calls.append(f"{action.value} {symbol}")

    def record(self, text: str) -> None:
        self._desk.calls.append(f"record {text}")
