"""Show that an alert is told once when its condition comes to hold, and never of what it is not.

Method: a real market store and hub, a clock that the test moves, an account of the test's own.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.model import (
    Alert,
    AlertAction,
    AlertKind,
    AlertRepeat,
    AlertSign,
    AlertState,
)
from app.alerts.watch import ALERTS_MAX, EVENTS_MAX, ORDERS_MAX, REST_NS, AlertWatch
from app.domain.enums import ExecType
from app.domain.errors import BadInput
from app.domain.events import Notice, OrderChanged
from app.domain.ids import ClOrdID, Symbol
from app.domain.market import SymbolStatus
from tests.widgets.fake_desk import AAPL, MSFT, FakeDesk, limit_order

BELOW, ALWAYS = AlertSign.BELOW, AlertRepeat.ALWAYS


class Account:
    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.gain: Decimal | None = Decimal(0)
        self.open_gain: Decimal | None = None
        self.acted: list[tuple[AlertAction, str]] = []
        self.recorded: list[str] = []

    def now_ns(self) -> int:
        return self.desk.now_ns()

    def day_pnl(self) -> Decimal | None:
        return self.gain

    def position_pnl(self, symbol: Symbol) -> Decimal | None:
        return self.open_gain

    def act(self, action: AlertAction, symbol: Symbol) -> None:
        self.acted.append((action, symbol))

    def record(self, text: str) -> None:
        self.recorded.append(text)


class Desk:
    """A watch with what it stands on."""

    def __init__(self, path=None) -> None:
        self.fake = FakeDesk()
        self.fake.go_live()
        self.account = Account(self.fake)
        self.said: list[str] = []
        self.fake.hub.subscribe(Notice, lambda notice: self.said.append(notice.text))
        self.watch = self.begin(path)

    def begin(self, path):
        return AlertWatch(
            account=self.account, market=self.fake.market, hub=self.fake.hub, path=path
        )

    def add(self, kind=AlertKind.PRICE, **fields):
        fields = {"symbol": AAPL, **fields}
        return self.watch.add(Alert(alert_id=0, kind=kind, **fields))

    @property
    def texts(self):
        return [event.text for event in self.watch.events]


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.fake.trade(AAPL, "186.65")
    return desk


class TestPrice:
    def test_it_is_told_at_the_trade_that_reaches_the_level(self, desk):
        desk.add(level=187.0, note="out")
        desk.fake.trade(AAPL, "186.99")
        desk.fake.trade(MSFT, "500")
        assert desk.watch.went_off == 0
        desk.fake.trade(AAPL, "187.00")
        assert desk.texts == ["AAPL price >= 187.00, it is 187.00 (out)"]
        assert desk.said == [f"Alert: {desk.texts[0]}"]
        assert desk.account.recorded == [f"went off: {desk.texts[0]}"]
        assert desk.watch.active() == ()
        desk.fake.trade(AAPL, "188.00")
        assert desk.watch.went_off == 1

    def test_below(self, desk):
        desk.add(level=186.0, sign=BELOW)
        desk.fake.trade(AAPL, "185.00")
        assert desk.watch.went_off == 1

    def test_always_is_once_each_time_it_comes_to_hold(self, desk):
        desk.add(level=187.0, repeat=ALWAYS)
        for price, wait_s, told in [
            ("187.50", 0, 1),
            ("188.00", 60, 1),
            ("186.00", 1, 1),
            ("187.00", 10, 2),
            ("186.00", 1, 2),
            ("187.00", 1, 2),  # Too soon,
            ("187.00", REST_NS // 1_000_000_000, 3),  # and still so later.
        ]:
            desk.fake.wait(wait_s)
            desk.fake.trade(AAPL, price)
            assert desk.watch.went_off == told, (price, told)
        assert len(desk.watch.active()) == 1

    def test_what_holds_already_is_refused(self, desk):
        with pytest.raises(BadInput, match="holds already, it is 186.65 now; not set"):
            desk.add(level=186.0)

    def test_before_there_is_a_price_it_can_be_set(self, desk):
        desk.add(symbol=MSFT, level=400.0)
        desk.fake.trade(MSFT, "421")
        assert desk.watch.went_off == 1

    @given(st.lists(st.integers(1, 20), max_size=40), st.integers(2, 20))
    def test_it_is_told_as_often_as_the_price_comes_up_to_it(self, cents, level):
        desk = Desk()
        desk.add(level=level / 100, repeat=ALWAYS)
        comes, was_up = 0, False
        for price in cents:
            desk.fake.wait(REST_NS / 1e9)
            desk.fake.trade(AAPL, f"{price / 100:.2f}")
            is_up = price >= level
            comes += is_up and not was_up
            was_up = is_up
        assert desk.watch.went_off == comes


class TestOthers:
    def test_change_and_volume_of_the_day(self, desk):
        desk.add(AlertKind.VOLUME, level=1_000_000.0)
        day = desk.fake.market.day(AAPL)
        desk.add(AlertKind.VOLUME, level=day.volume + 1, note="volume")
        desk.fake.trade(AAPL, "186.66")
        assert len(desk.texts) == 1
        assert desk.texts[0].endswith("(volume)")

    def test_spread(self, desk):
        desk.fake.quote(AAPL, "186.60", "186.62")
        desk.add(AlertKind.SPREAD, level=0.05)
        desk.fake.quote(AAPL, "186.60", "186.64")
        assert desk.watch.went_off == 0
        desk.fake.quote(AAPL, "186.60", "186.65")
        assert desk.watch.went_off == 1

    def test_gains_are_looked_at_once_a_second(self, desk):
        desk.add(AlertKind.DAY_PNL, symbol=Symbol(""), level=-500.0, sign=BELOW)
        desk.add(AlertKind.POSITION_PNL, level=100.0)
        desk.watch.look()
        desk.account.gain, desk.account.open_gain = Decimal(-500), Decimal(100)
        desk.watch.look()
        assert desk.texts == [
            "day P&L <= -500.00, it is -500.00",
            "AAPL position P&L >= 100.00, it is 100.00",
        ]

    def test_what_is_not_known_tells_nothing(self, desk):
        desk.account.gain = None
        desk.add(AlertKind.DAY_PNL, symbol=Symbol(""), level=-500.0, sign=BELOW)
        desk.watch.look()
        assert desk.watch.went_off == 0

    def test_a_silent_feed(self, desk):
        desk.add(AlertKind.FEED_AGE, symbol=Symbol(""), level=5.0)
        desk.fake.wait(6)
        desk.watch.look()
        assert desk.watch.went_off == 1

    def test_halts_of_the_symbol_and_of_the_market(self, desk):
        desk.add(AlertKind.HALT, repeat=ALWAYS)
        desk.add(AlertKind.HALT, symbol=Symbol(""), repeat=ALWAYS)

        def say(symbol, halt):
            now_ns = desk.fake.now_ns()
            desk.fake.hub.publish(
                SymbolStatus(symbol=symbol, halt=halt, ts_exch_ns=now_ns, ts_recv_ns=now_ns)
            )

        say(AAPL, "news pending")
        say(AAPL, "news pending")
        assert desk.texts == ["AAPL does not trade: news pending"] * 2
        say(AAPL, "")
        say(MSFT, "pause")
        assert desk.texts[2:] == ["MSFT does not trade: pause"]

    def test_orders(self, desk):
        desk.add(AlertKind.ORDER, repeat=ALWAYS)
        desk.add(AlertKind.ORDER, symbol=MSFT, repeat=ALWAYS)
        desk.fake.put_order(ClOrdID("P-1"), limit_order())

        def tell():
            order = desk.fake.orders.get(ClOrdID("P-1"))
            desk.fake.hub.publish(OrderChanged(order=order))

        tell()
        desk.fake.report(ClOrdID("P-1"), ExecType.TRADE, qty="100", px="186.60")
        tell()
        tell()
        assert desk.texts == ["order to buy 100 AAPL is filled"]

    def test_of_many_orders_only_the_newest_are_remembered(self, desk):
        desk.fake.put_order(ClOrdID("P-1"), limit_order())
        order = desk.fake.orders.get(ClOrdID("P-1"))
        for number in range(ORDERS_MAX + 5):
            other = msgspec.structs.replace(order, order=order.order)
            desk.watch._order_states[ClOrdID(f"X-{number}")] = other.state
        desk.watch._on_order(OrderChanged(order=order))
        assert len(desk.watch._order_states) == ORDERS_MAX


class TestTime:
    def test_at_its_time_it_acts_once(self, desk):
        at_ns = desk.fake.now_ns() + 10_000_000_000
        desk.add(AlertKind.TIME, at_ns=at_ns, action=AlertAction.FLATTEN)
        desk.fake.wait(9)
        desk.watch.look()
        assert desk.account.acted == []
        desk.fake.wait(1)
        desk.watch.look()
        desk.watch.look()
        assert desk.account.acted == [(AlertAction.FLATTEN, AAPL)]
        assert desk.texts[0].endswith("; flatten")

    def test_a_price_can_cancel(self, desk):
        desk.add(level=180.0, sign=BELOW, action=AlertAction.CANCEL)
        desk.fake.trade(AAPL, "179")
        assert desk.account.acted == [(AlertAction.CANCEL, AAPL)]

    def test_what_passed_meanwhile_is_missed_and_does_nothing(self, tmp_path):
        desk = Desk(tmp_path / "alerts.json")
        at_ns = desk.fake.now_ns() + 10_000_000_000
        desk.add(AlertKind.TIME, at_ns=at_ns, action=AlertAction.FLATTEN)
        desk.fake.wait(60)
        again = desk.begin(tmp_path / "alerts.json")
        again._miss()
        again.look()
        assert [event.state for event in again.events] == [AlertState.MISSED]
        assert desk.account.acted == []
        assert "nothing was done" in desk.said[-1]

    def test_it_ends_at_its_end(self, desk):
        desk.add(level=190.0, until_ns=desk.fake.now_ns() + 5_000_000_000)
        desk.fake.wait(5)
        desk.watch.look()
        assert [event.state for event in desk.watch.events] == [AlertState.EXPIRED]
        desk.fake.trade(AAPL, "191")
        assert desk.watch.went_off == 0


class TestBounds:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"symbol": Symbol("")}, "needs a symbol"),
            ({"level": float("nan")}, "must be a number"),
            ({"level": 0.0}, "must be above 0"),
            ({"kind": AlertKind.TIME}, "one to come"),
            ({"kind": AlertKind.TIME, "at_ns": 5}, "one to come"),
            ({"level": 200.0, "until_ns": 5}, "cannot end before"),
            ({"level": 200.0, "note": "x" * 200}, "at most 120"),
            (
                {"kind": AlertKind.ORDER, "symbol": Symbol(""), "action": AlertAction.FLATTEN},
                "needs a symbol",
            ),
        ],
    )
    def test_what_cannot_be_is_refused(self, desk, fields, words):
        with pytest.raises(BadInput, match=words) as refused:
            desk.add(**{"level": 187.0, **fields})
        assert str(refused.value).endswith("not set")
        assert desk.watch.active() == ()

    def test_there_are_so_many_and_no_more(self, desk):
        for number in range(ALERTS_MAX):
            desk.add(level=200.0 + number)
        with pytest.raises(BadInput, match="are the most"):
            desk.add(level=900.0)

    def test_what_became_of_them_is_bounded(self, desk):
        for number in range(EVENTS_MAX + 3):
            desk.add(level=1_000.0 + number)
            desk.fake.trade(AAPL, f"{1_000 + number}")
        assert len(desk.watch.events) == EVENTS_MAX
        desk.watch.clear_events()
        assert not desk.watch.events


class TestKept:
    def test_they_come_back_with_what_became_of_them(self, tmp_path):
        path = tmp_path / "alerts.json"
        desk = Desk(path)
        kept = desk.add(level=190.0, repeat=ALWAYS, note="high")
        gone = desk.add(level=195.0)
        desk.add(AlertKind.DAY_PNL, symbol=Symbol(""), level=-1.0, sign=BELOW)
        desk.watch.remove(gone.alert_id)
        desk.watch.remove(99)
        desk.account.gain = Decimal(-2)
        desk.watch.look()
        again = desk.begin(path)
        assert again.active() == (kept,)
        assert [event.state for event in again.events] == [AlertState.WENT_OFF]
        added = again.add(Alert(alert_id=0, kind=AlertKind.PRICE, symbol=AAPL, level=300.0))
        assert added.alert_id > kept.alert_id

    @pytest.mark.parametrize(
        "content", [b"{", b"[]", b'{"version": 7}', b'{"alerts": [{"kind": 1}]}']
    )
    def test_a_broken_file_is_put_aside_and_said(self, tmp_path, content):
        path = tmp_path / "alerts.json"
        path.write_bytes(content)
        desk = Desk(path)
        assert desk.watch.active() == ()
        assert "alerts.json.broken" in desk.said[0]

    def test_a_folder_that_cannot_be_written_is_said(self, tmp_path):
        (tmp_path / "file").write_text("")
        desk = Desk(tmp_path / "file" / "alerts.json")
        desk.add(level=190.0)
        assert "not saved" in desk.said[-1]
        assert len(desk.watch.active()) == 1
