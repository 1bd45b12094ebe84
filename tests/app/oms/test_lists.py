"""Show that orders that hang together are recorded as one, or refused as one in plain words.

Method: tables of faults; the real engine on virtual time for what is recorded and what goes.
"""

from decimal import Decimal

import pytest

from app.domain.commands import SubmitOrder
from app.domain.enums import Custody, OrderClass, OrdStatus, OrdType, Origin, Side
from app.domain.errors import Overloaded, RefusedOrder
from app.domain.ids import ClOrdID
from app.domain.terms import Hold, Links
from app.oms.lists import linked, list_fault
from tests.samples import MSFT, NOW_NS, new_order
from tests.sim.disk import InstantDisk
from tests.sim.loop import PowerLost
from tests.station import CONFIG, MAN, play

BUY, SELL = Side.BUY, Side.SELL
BRACKET, OCO, OTO, OTOCO = (OrderClass[name] for name in ("BRACKET", "OCO", "OTO", "OTOCO"))
D = Decimal


def stop(px=95, side=SELL, qty=100, **changes):
    return new_order(side, qty, **{"ord_type": OrdType.STOP, "stop_px": D(px), **changes})


ENTRY, TARGET, STOP = new_order(limit=100), new_order(SELL, limit=110), stop()
SHORT = new_order(SELL, limit=100), new_order(BUY, limit=90), stop(105, BUY)


@pytest.mark.parametrize(
    ("order_class", "orders"),
    [
        (BRACKET, (ENTRY, TARGET, STOP)),
        (BRACKET, SHORT),
        (BRACKET, (new_order(), TARGET, STOP)),
        (BRACKET, (stop(101, BUY), TARGET, STOP)),
        (BRACKET, (ENTRY, new_order(SELL, 99, 110), stop(qty=1))),
        (BRACKET, (ENTRY, TARGET, stop(stop_px=None, peg_offset=D(1)))),
        (OCO, (TARGET, STOP)),
        (OCO, (new_order(limit=90), new_order(SELL, limit=110))),
        (OCO, (stop(105, BUY), stop(95))),
        (OTO, (ENTRY, STOP)),
        (OTO, (ENTRY, new_order(qty=5))),
        (OTOCO, (ENTRY, TARGET, STOP)),
        (OTOCO, (ENTRY, stop(105, BUY), STOP)),
        (OrderClass.SIMPLE, (ENTRY,)),
    ],
)
def test_list_that_hangs_together_has_no_fault(order_class, orders):
    assert list_fault(orders, order_class) == ""


NONE_OF_IT = "quantity {} must be above 0"


@pytest.mark.parametrize(
    ("order_class", "orders", "words"),
    [
        (BRACKET, (ENTRY, TARGET), "BRACKET has 3 orders, 2 were given"),
        (OCO, (ENTRY,), "OCO has 2 orders, 1 were given"),
        (OTO, (), "OTO has 2 orders, 0 were given"),
        (OTOCO, (ENTRY,) * 4, "OTOCO has 3 orders, 4 were given"),
        (
            OTO,
            (ENTRY, stop(symbol=MSFT)),
            "orders of one OTO are of one symbol, these were of IBM, MSFT",
        ),
        *((OTO, (new_order(qty=q), STOP), NONE_OF_IT.format(q)) for q in (0, -5, "NaN", "sNaN")),
        (BRACKET, (ENTRY, TARGET, stop(qty="Infinity")), NONE_OF_IT.format("Infinity")),
        (
            BRACKET,
            (ENTRY, new_order(BUY, limit=110), STOP),
            "an exit is of the other side than its entry, both were BUY",
        ),
        (
            BRACKET,
            (new_order(SELL, limit=100), TARGET, STOP),
            "an exit is of the other side than its entry, both were SELL",
        ),
        (
            BRACKET,
            (ENTRY, TARGET, stop(qty=101)),
            "exit quantity 101 is over the entry's 100",
        ),
        (
            BRACKET,
            (ENTRY, STOP, TARGET),
            "a bracket has an entry, a LIMIT and a STOP, these were LIMIT, STOP and LIMIT",
        ),
        (
            BRACKET,
            (ENTRY, TARGET, TARGET),
            "a bracket has an entry, a LIMIT and a STOP, these were LIMIT, LIMIT and LIMIT",
        ),
        (
            BRACKET,
            (ENTRY, TARGET, stop(100)),
            "crossed bracket: stop 100 must be below entry 100 for a BUY entry",
        ),
        (
            BRACKET,
            (ENTRY, new_order(SELL, limit=100), STOP),
            "crossed bracket: entry 100 must be below target 100 for a BUY entry",
        ),
        (
            BRACKET,
            (new_order(), new_order(SELL, limit=95), STOP),
            "crossed bracket: stop 95 must be below target 95 for a BUY entry",
        ),
        (
            BRACKET,
            (new_order(SELL, limit=100), new_order(BUY, limit=100), stop(105, BUY)),
            "crossed bracket: target 100 must be below entry 100 for a SELL entry",
        ),
        (
            BRACKET,
            (new_order(SELL, limit=100), new_order(BUY, limit=90), stop(99, BUY)),
            "crossed bracket: entry 100 must be below stop 99 for a SELL entry",
        ),
        *(
            (
                BRACKET,
                (ENTRY, TARGET, stop(px)),
                f"crossed bracket: stop {px} must be below entry 100 for a BUY entry",
            )
            for px in ("NaN", "sNaN", "-Infinity")
        ),
        (
            BRACKET,
            (ENTRY, new_order(SELL, limit="Infinity"), STOP),
            "crossed bracket: entry 100 must be below target Infinity for a BUY entry",
        ),
        (
            OCO,
            (TARGET, stop(qty=99)),
            "orders that exclude each other are of one quantity, these were 100 and 99",
        ),
        (
            OCO,
            (TARGET, new_order(SELL, limit=111)),
            "two limit orders of one side do not exclude each other: the better one always fills",
        ),
        (
            OCO,
            (new_order(SELL), STOP),
            "a MARKET order excludes nothing: it fills at once",
        ),
        (
            OTOCO,
            (ENTRY, TARGET, new_order(SELL)),
            "a MARKET order excludes nothing: it fills at once",
        ),
        (
            OTOCO,
            (ENTRY, TARGET, stop(qty=50)),
            "orders that exclude each other are of one quantity, these were 100 and 50",
        ),
    ],
)
def test_fault_is_named_with_value_and_limit_and_nothing_is_taken(order_class, orders, words):
    assert list_fault(orders, order_class) == words

    async def story(station):
        with pytest.raises(RefusedOrder) as refused:
            station.engine.submit_list(orders, order_class, **MAN)
        assert str(refused.value) == f"{words}; nothing was sent"
        assert not station.engine.is_busy
        assert (await station.order()).cl_ord_id == "P1-261123-1"

    play(story)


def draft(n, order):
    return SubmitOrder(
        cl_ord_id=ClOrdID(f"O{n}"),
        order=order,
        origin=Origin.MANUAL,
        actor="ada",
        ts_intent_ns=NOW_NS,
    )


@pytest.mark.parametrize(
    ("order_class", "orders", "links", "held"),
    [
        (
            BRACKET,
            (ENTRY, TARGET, STOP),
            [Links(), *[Links(parent=ClOrdID("O1"), oco="OCO-O1")] * 2],
            [False, True, True],
        ),
        (
            OTOCO,
            (ENTRY, TARGET, STOP),
            [Links(), *[Links(parent=ClOrdID("O1"), oco="OCO-O1")] * 2],
            [False, True, True],
        ),
        (OTO, (ENTRY, STOP), [Links(), Links(parent=ClOrdID("O1"))], [False, True]),
        (OCO, (TARGET, STOP), [Links(oco="OCO-O1")] * 2, [True, True]),
        (OTO, (stop(105, BUY), STOP), [Links(), Links(parent=ClOrdID("O1"))], [True, True]),
    ],
    ids=["bracket", "OTOCO", "OTO", "OCO", "entry that is held here"],
)
def test_orders_are_tied_and_only_a_plain_entry_goes(order_class, orders, links, held):
    async def story(station):
        drafts = tuple(draft(n, order) for n, order in enumerate(orders, start=1))
        tied = linked(drafts, order_class, station.broker.capabilities)
        assert [one.links for one in tied] == links
        assert [one.hold for one in tied] == [Hold() if here else None for here in held]
        assert [one.order for one in tied] == list(orders)

    play(story)


class TestRecorded:
    def test_list_is_one_write_and_its_entry_goes_once_all_of_it_is_on_disk(self):
        disk = InstantDisk()

        async def story(station):
            kinds = []

            async def look(_):
                kinds.extend(station.recorded())

            station.broker.on_submit = look
            before = disk.writes
            ids = station.engine.submit_list((ENTRY, TARGET, STOP), BRACKET, **MAN)
            await station.engine.settle()
            assert kinds[:3] == ["order_decided", "order_held", "order_held"]
            assert disk.writes == before + 2  # The list, and the sending.
            assert station.sent() == [ids[0]]
            assert [station.get(i).custody for i in ids] == [
                Custody.SENT,
                Custody.HELD,
                Custody.HELD,
            ]
            assert ids == ("P1-261123-1", "P1-261123-2", "P1-261123-3")

        play(story, disk=disk)

    def test_refused_entry_sends_nothing_of_it(self):
        async def story(station):
            orders = new_order(BUY, 20_000, 100), new_order(SELL, 20_000, 110), stop(qty=20_000)
            ids = station.engine.submit_list(orders, BRACKET, **MAN)
            await station.engine.settle()
            assert station.sent() == []
            assert station.get(ids[0]).ord_status is OrdStatus.REJECTED
            assert all(station.get(i).is_here for i in ids[1:])

        play(story)

    def test_crash_before_the_write_leaves_nothing_and_after_it_all(self):
        for is_after, count in ((False, 0), (True, 3)):
            disk = InstantDisk()
            disk.cut_at_write, disk.cut_is_after = disk.writes + 1, is_after

            async def story(station):
                station.engine.submit_list((ENTRY, TARGET, STOP), BRACKET, **MAN)
                await station.engine.settle()

            with pytest.raises(PowerLost):
                play(story, disk=disk)
            disk.cut_at_write = None
            assert len(disk.rows) == count

    @pytest.mark.parametrize(
        ("orders", "order_class", "words"),
        [
            ((ENTRY, stop("1" * 29)), OTO, "stop price has 29 digits, limit 28; order not sent"),
            ((new_order(SELL, limit=100), stop(105, BUY)), OTO, "fake takes no short sales"),
            ((TARGET, STOP), OCO, ""),
        ],
        ids=["second of it", "short entry", "exits of what will be held"],
    )
    def test_what_the_broker_does_not_take_refuses_the_list(self, orders, order_class, words):
        async def story(station):
            if not words:
                station.engine.submit_list(orders, order_class, **MAN)
            else:
                with pytest.raises(RefusedOrder, match=words):
                    station.engine.submit_list(orders, order_class, **MAN)
            await station.engine.settle()
            assert len(station.recorded()) == (0 if words else 2)

        play(story, can_short=False)

    def test_full_inbox_takes_nothing_of_it(self):
        async def story(station):
            for _ in range(CONFIG.limits.inbox_max):
                station.engine.note("a", "b", actor="ada")
            with pytest.raises(Overloaded):
                station.engine.submit_list((ENTRY, STOP), OTO, **MAN)
            await station.engine.settle()
            assert station.orders.all() == ()

        play(story)
