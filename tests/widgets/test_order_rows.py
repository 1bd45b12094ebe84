"""Goal: a row says what is known of an order, and what must be seen stands first and in colour."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from app.desk import InquiryRow
from app.domain.enums import (
    AmendmentState,
    AmendmentWay,
    ExecType,
    OrdType,
    Origin,
    PegOffsetType,
    Side,
    TimeInForce,
)
from app.domain.ids import ClOrdID
from app.domain.orders import Amendment, Order
from app.domain.reports import SendUncertain
from app.domain.terms import Hold, Links, NewOrder
from app.domain.transitions import apply_report
from tests.widgets.fake_desk import AAPL, FakeDesk, limit_order
from widgets.order_rows import Kind, OrderRow, RowKey, doubt_words, keys_under, root_of, row_of
from widgets.palettes import Role

D = Decimal
ONE, TWO, THREE = (ClOrdID(f"P-{n}") for n in (1, 2, 3))
_replace = msgspec.structs.replace


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def row(desk: FakeDesk, cl_ord_id: ClOrdID = ONE) -> OrderRow:
    return row_of(desk, RowKey(cl_ord_id))  # type: ignore[arg-type]


def under(desk: FakeDesk, cl_ord_id: ClOrdID = ONE) -> list[RowKey]:
    return [key for key, _ in keys_under(desk, RowKey(cl_ord_id))]  # type: ignore[arg-type]


def events(desk: FakeDesk, cl_ord_id: ClOrdID = ONE) -> list[OrderRow]:
    keys = [key for key in under(desk, cl_ord_id) if key.kind is Kind.EVENT]
    return [row_of(desk, key) for key in keys]  # type: ignore[arg-type]


def known(desk: FakeDesk, cl_ord_id: ClOrdID = ONE) -> Order:
    order = desk.orders.get(cl_ord_id)
    assert order is not None
    return order


def stop_order(**changes: Any) -> NewOrder:
    return _replace(limit_order(limit=None), **{"ord_type": OrdType.STOP, **changes})


def amendment(qty: str, state: AmendmentState, text: str = "") -> Amendment:
    return Amendment(
        cl_ord_id=ClOrdID("A-1"),
        order=limit_order(qty, "186.70"),
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=1_767_365_251_482_000_000,
        way=AmendmentWay.NATIVE,
        state=state,
        text=text,
    )


def test_working_order_in_words(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
    said = row(desk)
    assert (said.time, said.symbol, said.side, said.type) == (
        "09:47:31.482",
        "AAPL",
        "BUY",
        "Limit",
    )
    assert (said.qty, said.filled, said.share) == ("100", "60 of 100", 0.6)
    assert (said.limit, said.stop, said.average, said.tif) == ("186.68", "", "186.60", "DAY")
    assert (said.status, said.status_role) == ("Partially filled", Role.CAUTION)
    assert (said.home, said.reason, said.reason_role) == ("exchange", "", Role.DIM)


@pytest.mark.parametrize(
    ("terms", "hold", "type_words", "limit", "stop"),
    [
        (stop_order(stop_px=D("180.5")), Hold(), "Stop", "", "180.50"),
        (
            stop_order(ord_type=OrdType.STOP_LIMIT, stop_px=D(180), limit_px=D("179.9")),
            Hold(),
            "Stop limit",
            "179.90",
            "180.00",
        ),
        (
            stop_order(peg_offset=D("1.50"), peg_offset_type=PegOffsetType.PERCENTAGE),
            Hold(watch_px=D("183.21")),
            "Trail 1.5 %",
            "",
            "183.21",
        ),
        (
            stop_order(
                ord_type=OrdType.STOP_LIMIT,
                peg_offset=D(10),
                peg_offset_type=PegOffsetType.TICKS,
                limit_offset=D("0.1"),
            ),
            Hold(),
            "Trail limit 10 ticks",
            "±0.10",
            "",
        ),
        (stop_order(peg_offset=D("0.5")), Hold(), "Trail $0.50", "", ""),
    ],
    ids=["stop", "stop limit", "trail %", "trail limit ticks", "trail $"],
)
def test_stops_held_here(
    desk: FakeDesk, terms: NewOrder, hold: Hold, type_words: str, limit: str, stop: str
) -> None:
    desk.put_order(ONE, terms, hold=hold)
    said = row(desk)
    assert (said.type, said.limit, said.stop) == (type_words, limit, stop)
    assert (said.status, said.home) == ("Held here", "this PC")
    assert said.status_role is said.home_role is Role.HERE


def test_stop_that_went_out_as_market_is_still_a_stop(desk: FakeDesk) -> None:
    order = desk.put_order(ONE, stop_order(stop_px=D(180)), acknowledge=False)
    desk.put(_replace(order, sent=limit_order(limit=None)))
    assert (row(desk).type, row(desk).stop) == ("Stop", "180.00")
    assert events(desk)[1].reason == "as market, 412 µs after the intent"


def test_staged_order_says_where_it_is(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order(tif=TimeInForce.GTC), hold=Hold(is_staged=True))
    assert (row(desk).status, row(desk).home, row(desk).tif) == ("Staged", "staged", "GTC")


@pytest.mark.parametrize(
    ("asked", "failures", "words"),
    [
        (0, 0, "not asked yet, first in 1.2 s · is it there?"),
        (1, 0, "asked once, again in 1.2 s · is it there?"),
        (3, 0, "asked 3 times, again in 1.2 s · is it there?"),
        (3, 2, "asked 3 times, again in 1.2 s · is it there? 2 without answer"),
    ],
)
def test_doubt_is_amber_with_question_and_count_down(
    desk: FakeDesk, asked: int, failures: int, words: str
) -> None:
    order = desk.put_order(ONE, limit_order(), acknowledge=False)
    desk.put(apply_report(order, SendUncertain(cl_ord_id=ONE, ts_recv_ns=desk.now_ns())))
    inquiry = InquiryRow(question="is it there?", asked=asked, next_in_s=1.249, failures=failures)
    assert doubt_words(inquiry) == words
    desk.ask(ONE, inquiry)
    said = row(desk)
    assert (said.status, said.status_role) == ("In doubt", Role.CAUTION)
    assert (said.home, said.home_role) == ("unknown", Role.CAUTION)
    assert (said.reason, said.reason_role) == (words, Role.CAUTION)


def test_unprotected_is_red_and_first(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.ask(ONE, InquiryRow(question="is it canceled?", asked=1, next_in_s=2.0, failures=0))
    desk.unprotected[ONE] = D(60)
    said = row(desk)
    assert said.reason == "60 unprotected · asked once, again in 2.0 s · is it canceled?"
    assert said.reason_role is Role.DOWN


def test_overfill_is_red(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.report(ONE, ExecType.TRADE, qty="130", px="186.60")
    assert (row(desk).reason, row(desk).reason_role) == ("overfilled by 30", Role.DOWN)


def test_late_fill_is_amber_and_marked_at_its_event(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.report(ONE, ExecType.CANCELED)
    desk.wait(1)
    desk.report(ONE, ExecType.TRADE, qty="10", px="186.60")
    assert (row(desk).reason, row(desk).reason_role) == ("1 late fill", Role.CAUTION)
    (fill,) = [event for event in events(desk) if event.status == "Fill"]
    assert (fill.reason, fill.reason_role) == ("PAPER · late", Role.CAUTION)


def test_missing_executions_are_said(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.put(_replace(known(desk), stated_cum_qty=D(40)))
    assert row(desk).reason == "40 executed and not reported"


def test_refusal_of_the_gate_is_red(desk: FakeDesk) -> None:
    order = desk.put_order(ONE, limit_order(), acknowledge=False)
    denied = {"is_denied": True, "text": "order value 3 is over 2"}
    desk.put(apply_report(_replace(order, **denied), _rejected(desk)))
    said = row(desk)
    assert (said.status, said.home) == ("Denied", "")
    assert (said.reason, said.reason_role) == ("order value 3 is over 2", Role.DOWN)


def _rejected(desk: FakeDesk) -> Any:
    from app.domain.reports import ExecutionReport

    return ExecutionReport(
        cl_ord_id=ONE,
        exec_type=ExecType.REJECTED,
        ts_exch_ns=desk.now_ns(),
        ts_recv_ns=desk.now_ns(),
        text="order value 3 is over 2",
    )


def test_exits_stand_under_their_entry_and_live_ones_are_told_above(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    exits = Links(parent=ONE, oco="OCO-1")
    desk.put_order(TWO, limit_order(side=Side.SELL), links=exits)
    desk.put_order(THREE, stop_order(side=Side.SELL, stop_px=D(180)), links=exits, hold=Hold())
    assert under(desk)[:2] == [RowKey(TWO), RowKey(THREE)]
    assert row(desk).reason == "2 orders under it live"
    desk.report(TWO, ExecType.CANCELED)
    assert row(desk).reason == "1 order under it live"
    assert root_of(desk, known(desk, THREE)).cl_ord_id == ONE  # type: ignore[arg-type]


def test_replacement_stands_under_what_it_replaced_and_nowhere_else(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.put_order(TWO, limit_order(side=Side.SELL), links=Links(parent=ONE))
    desk.put_order(THREE, limit_order(side=Side.SELL), links=Links(parent=ONE, replaces=TWO))
    assert [key.cl_ord_id for key in under(desk) if key.kind is Kind.ORDER] == [TWO]
    assert [key.cl_ord_id for key in under(desk, TWO) if key.kind is Kind.ORDER] == [THREE]
    assert root_of(desk, known(desk, THREE)).cl_ord_id == ONE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "words", "role"),
    [
        (AmendmentState.PENDING, "Pending", Role.CAUTION),
        (AmendmentState.ACCEPTED, "Accepted", Role.ACCENT),
        (AmendmentState.REJECTED, "Rejected", Role.DOWN),
        (AmendmentState.DENIED, "Denied", Role.DOWN),
        (AmendmentState.DROPPED, "Dropped", Role.DIM),
        (AmendmentState.UNKNOWN, "Unknown", Role.CAUTION),
    ],
)
def test_change_is_a_row_with_its_state(
    desk: FakeDesk, state: AmendmentState, words: str, role: Role
) -> None:
    desk.put_order(ONE, limit_order())
    desk.put(_replace(known(desk), amendments=(amendment("120", state, "too late"),)))
    (key,) = [key for key in under(desk) if key.kind is Kind.AMENDMENT]
    said = row_of(desk, key)  # type: ignore[arg-type]
    assert (said.time, said.type, said.qty, said.limit) == (
        "09:47:31.482",
        "Limit",
        "120",
        "186.70",
    )
    assert (said.status, said.status_role) == (words, role)
    assert said.reason == "change at the broker · too late"


def test_terms_in_force_are_shown(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    accepted = amendment("120", AmendmentState.ACCEPTED)
    desk.put(_replace(known(desk), amendments=(accepted,)))
    assert (row(desk).qty, row(desk).limit, row(desk).filled) == ("120", "186.70", "0 of 120")


def test_events_tell_the_life_of_an_order_to_the_millisecond(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    desk.wait(1)
    desk.report(ONE, ExecType.TRADE, qty="60", px="186.60")
    first = known(desk).facts[0].report.exec_id
    desk.wait(1)
    desk.report(ONE, ExecType.TRADE_CORRECT, qty="50", px="186.61", ref=first)
    desk.wait(1)
    desk.report(ONE, ExecType.TRADE_CANCEL, ref=first)
    desk.wait(1)
    desk.report(ONE, ExecType.CANCELED, text="by the exchange")
    said = [(e.time, e.status, e.filled, e.average, e.reason) for e in events(desk)]
    assert said == [
        ("09:47:31.482", "Intent", "", "", "by hand, tester"),
        ("09:47:31.482", "Sent", "", "", "412 µs after the intent"),
        ("09:47:31.483", "Acknowledged", "", "", "1.02 ms after sending"),
        ("09:47:32.483", "Fill", "60", "186.60", "PAPER"),
        ("09:47:33.483", "Correction", "50", "186.61", f"PAPER · of fill {first}"),
        ("09:47:34.483", "Broken", "", "", f"of fill {first}"),
        ("09:47:35.483", "Canceled", "", "", "by the exchange"),
    ]


def test_nothing_stands_under_a_change_or_an_event(desk: FakeDesk) -> None:
    desk.put_order(ONE, limit_order())
    for kind in (Kind.AMENDMENT, Kind.EVENT):
        assert keys_under(desk, RowKey(ONE, kind)) == []  # type: ignore[arg-type]
    assert keys_under(desk, RowKey(ClOrdID("nobody"))) == []  # type: ignore[arg-type]
    assert row(desk).symbol == AAPL
