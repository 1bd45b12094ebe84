"""Show the laws of the order path: the record alone gives back what was live, nothing goes twice.

Method: drawn lives on virtual time, orders held, replaced and adopted included; then a second life
on the record of the first.
"""

from contextlib import suppress
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from app.audit.records import OrderAdopted
from app.domain.enums import (
    CxlRejResponseTo,
    ExecType,
    OrderClass,
    OrdType,
    Side,
    TradingState,
)
from app.domain.errors import RefusedOrder
from app.domain.ids import AccountID, ClOrdID, ExecID, OrderID
from app.domain.reports import CancelReject
from tests.samples import IBM, NOW_NS, new_order, report, trade_report
from tests.sim.disk import InstantDisk
from tests.station import MAN, play

BUY, SELL = Side.BUY, Side.SELL

N = st.integers(0, 9)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from(Side), st.integers(1, 900)),
        st.tuples(st.just("hold"), st.sampled_from(Side), st.integers(1, 900)),
        st.tuples(st.just("bracket"), st.sampled_from(Side), st.integers(1, 900)),
        st.tuples(st.just("replace"), N, st.integers(1, 900)),
        st.tuples(st.just("release"), N, st.none()),
        st.tuples(st.just("adopt"), N, st.integers(1, 900)),
        st.tuples(st.just("cancel"), N, st.none()),
        st.tuples(st.just("new"), N, st.none()),
        st.tuples(st.just("replaced"), N, st.none()),
        st.tuples(st.just("not replaced"), N, st.none()),
        st.tuples(st.just("fill"), N, st.integers(1, 500)),
        st.tuples(st.just("bust"), N, N),
        st.tuples(st.just("canceled"), N, st.none()),
        st.tuples(st.just("nonsense"), N, st.none()),
        st.tuples(st.just("state"), st.sampled_from(TradingState), st.none()),
        st.tuples(st.just("symbol"), st.sampled_from(TradingState), st.none()),
        st.tuples(st.just("settle"), st.none(), st.none()),
        st.tuples(st.just("settle"), st.none(), st.none()),
    ),
    max_size=30,
)


class Life:
    """Does what was drawn; numbers stand for orders given so far, as far as there are any."""

    def __init__(self, station):
        self.station, self.ids, self.count = station, [], 0

    async def live(self, deeds):
        for deed, which, value in deeds:
            self.count += 1
            with suppress(RefusedOrder):
                await self.do(deed, which, value)
        await self.station.engine.settle()

    async def do(self, deed, which, value):
        station, engine = self.station, self.station.engine
        match deed:
            case "submit":
                self.ids.append(station.submit(which, value, "100"))
            case "hold":
                terms = new_order(which, value, ord_type=OrdType.STOP, stop_px=Decimal(95))
                self.ids.append(engine.submit(terms, **MAN))
            case "bracket":
                self.ids += engine.submit_list(bracket(which, value), OrderClass.BRACKET, **MAN)
            case "adopt":
                self.adopt(which, value)
            case "state":
                engine.set_state(which, "drawn", actor="ada")
            case "symbol":
                engine.set_state(which, "drawn", actor="ada", symbol=IBM)
            case "settle":
                await engine.settle()
            case _ if self.ids:
                self.do_to(deed, self.ids[which % len(self.ids)], value)

    def adopt(self, which, value):
        found = OrderAdopted(
            cl_ord_id=ClOrdID(f"X{which}"),
            account=AccountID("P1"),
            order=new_order(qty=value),
            order_id=OrderID(f"B{which}"),
            ts_ns=NOW_NS,
        )
        self.station.engine.put(found)
        self.ids.append(found.cl_ord_id)

    def do_to(self, deed, cl_ord_id, value):
        station, known = self.station, self.station.orders.get(cl_ord_id)
        open_id = known.open_amendment.cl_ord_id if known and known.open_amendment else cl_ord_id
        no = CancelReject(
            cl_ord_id=open_id,
            ts_exch_ns=NOW_NS,
            ts_recv_ns=NOW_NS,
            response_to=CxlRejResponseTo.REPLACE,
        )
        said = {
            "new": report(),
            "fill": trade_report(f"E{self.count}", value or 1, "100"),
            "bust": report(
                ExecType.TRADE_CANCEL,
                exec_id=ExecID(f"E{self.count}"),
                exec_ref_id=ExecID(f"E{value}"),
            ),
            "canceled": report(ExecType.CANCELED),
            "nonsense": trade_report(qty="NaN"),
            "replaced": report(ExecType.REPLACED),
            "not replaced": no,
        }
        if deed == "cancel":
            station.cancel(cl_ord_id)
        elif deed == "replace":
            station.replace(cl_ord_id, value, "101")
        elif deed == "release":
            station.engine.release(cl_ord_id, new_order(), **MAN)
        else:
            about_id = open_id if "replaced" in deed else cl_ord_id
            station.broker.say(msgspec.structs.replace(said[deed], cl_ord_id=about_id))


def bracket(side, qty):
    out = SELL if side is BUY else BUY
    gain = 5 * side.sign
    stop = {"ord_type": OrdType.STOP, "stop_px": Decimal(100 - gain)}
    return (
        new_order(side, qty, 100),
        new_order(out, qty, 100 + gain),
        new_order(out, qty, **stop),
    )


def held(books):
    return (
        books.blotter.view.all(),
        books.blotter.view.fills_from(0),
        set(books.blotter.view.working()),
        books.ledger.view.all(),
        books.ledger.cash,
        books.identities,
        books.trading_states,
    )


@given(deeds=DEEDS, has_replace=st.booleans())
@settings(max_examples=100)
def test_record_alone_gives_back_what_was_live(deeds, has_replace):
    """I18, I12, I11: whatever happens, and whether or not the broker can replace."""
    disk, before = InstantDisk(), []

    async def first(station):
        async def on_disk(approved):
            assert disk.rows[-1].seq >= approved.durable_seq
            row = disk.rows[approved.durable_seq - 1]
            assert row.kind in (b"order_decided", b"amendment_decided")

        station.broker.on_submit = station.broker.on_replace = on_disk
        await Life(station).live(deeds)
        before.append(held(station.books))
        assert len(set(station.sent())) == len(station.sent())
        assert station.hub.failures == 0

    async def again(station):
        assert held(station.books) == before[0]
        assert station.broker.submitted == station.broker.replaced == []
        assert station.engine.blotter.orders.by_id.keys() == {
            known.cl_ord_id for known in before[0][0]
        }

    play(first, disk=disk, has_replace=has_replace)
    play(again, disk=disk, has_replace=has_replace)
