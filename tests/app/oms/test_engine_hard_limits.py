"""Show that no race gets a share past a hard limit, and that the whole of it can be used.

Method: twenty submitters at once on the real engine, virtual time, a broker that answers late and
fills what it likes. The reach of a holding is summed up from what the broker was handed and what it
filled, never from the books that the gate looks at.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal

import msgspec
import pytest

from app.domain.approval import ApprovedOrder
from app.domain.enums import AmendmentState, CxlRejResponseTo, ExecType, Side, TradingState
from app.domain.errors import RefusedOrder
from app.domain.ids import ClOrdID
from app.domain.reports import CancelReject
from app.risk.checks.position import Params
from app.tasks import spawn
from tests.samples import IBM, NOW_NS, report, trade_report
from tests.station import Station, play

SUBMITTERS = 20
TRIES = 15
"""Of each."""
MOST = Decimal(1_000)
LEAST = Decimal(700)
BUY, SELL = Side.BUY, Side.SELL


class Desk:
    """A broker's own book of one symbol, and the largest holding it could come to."""

    def __init__(self, station: Station, chance: random.Random) -> None:
        self.station, self.chance = station, chance
        self.qty: dict[ClOrdID, Decimal] = {}
        """By the identity in force: what is asked for in all."""
        self.cum: dict[ClOrdID, Decimal] = {}
        self.side: dict[ClOrdID, Side] = {}
        self.sizes = [Decimal(0)]
        """Of the holding, one after the other."""
        self.furthest = dict.fromkeys(Side, Decimal(0))
        self.count = 0
        broker = station.broker
        broker.on_submit, broker.on_replace, broker.on_cancel = self.take, self.change, self.end

    @property
    def held(self) -> Decimal:
        return self.sizes[-1]

    @property
    def open(self) -> list[ClOrdID]:
        return [each for each, qty in self.qty.items() if self.cum[each] < qty]

    async def take(self, approved: ApprovedOrder) -> None:
        cl_ord_id = approved.cl_ord_id
        self.qty[cl_ord_id], self.cum[cl_ord_id] = approved.order.order_qty, Decimal(0)
        self.side[cl_ord_id] = approved.order.side
        self.look()
        await self.answer_late()
        self.say(report(), cl_ord_id)

    async def change(self, approved: ApprovedOrder) -> None:
        old, new = approved.orig_cl_ord_id, approved.cl_ord_id
        await self.answer_late()
        if old not in self.open or approved.order.order_qty <= self.cum[old]:
            no = CancelReject(
                cl_ord_id=new,
                ts_exch_ns=NOW_NS,
                ts_recv_ns=NOW_NS,
                response_to=CxlRejResponseTo.REPLACE,
            )
            self.station.broker.say(no)
            return
        for book in (self.qty, self.cum, self.side):
            book[new] = book.pop(old)  # type: ignore[index]
        self.qty[new] = approved.order.order_qty
        self.look()
        self.say(report(ExecType.REPLACED), new)

    async def end(self, cl_ord_id: ClOrdID) -> None:
        await self.answer_late()
        if cl_ord_id in self.open:
            self.qty[cl_ord_id] = self.cum[cl_ord_id]
            self.say(report(ExecType.CANCELED), cl_ord_id)

    async def fill(self) -> None:
        """Fill some of what is open, now and then."""
        while True:
            await self.answer_late()
            if not self.open:
                continue
            cl_ord_id = self.chance.choice(self.open)
            left = self.qty[cl_ord_id] - self.cum[cl_ord_id]
            qty = Decimal(self.chance.randint(1, int(left)))
            self.cum[cl_ord_id] += qty
            self.sizes.append(self.held + self.side[cl_ord_id].sign * qty)
            self.count += 1
            self.look()
            self.say(trade_report(f"E{self.count}", qty, "100"), cl_ord_id)

    async def answer_late(self) -> None:
        await asyncio.sleep(self.chance.choice((0.0, 0.001, 0.02, 0.3)))

    def say(self, said: object, cl_ord_id: ClOrdID) -> None:
        assert isinstance(said, msgspec.Struct)
        self.station.broker.say(msgspec.structs.replace(said, cl_ord_id=cl_ord_id))  # type: ignore[arg-type]

    def look(self) -> None:
        """Note how far a holding could come if everything open filled at once."""
        for side in Side:
            reach = side.sign * self.held + sum(
                self.qty[each] - self.cum[each] for each in self.open if self.side[each] is side
            )
            self.furthest[side] = max(self.furthest[side], reach)


async def submit(station: Station, chance: random.Random) -> None:
    """Do what a hurried person or a script does: many orders, changed and taken back at once."""
    ids: list[ClOrdID] = []
    for _ in range(TRIES):
        side = chance.choice(list(Side))
        limit = chance.choice((None, "100", "99.5"))
        with suppress(RefusedOrder):
            match chance.choice(("submit", "submit", "submit", "replace", "cancel")):
                case "submit":
                    ids.append(station.submit(side, chance.randint(1, 300), limit))
                case "replace" if ids:
                    station.replace(chance.choice(ids), chance.randint(1, 400), limit)
                case "cancel" if ids:
                    station.cancel(chance.choice(ids))
        await asyncio.sleep(chance.choice((0.0, 0.001, 0.02, 0.5)))


async def submit_at_once(station: Station, desk: Desk, seed: int) -> None:
    """Let the submitters race while the broker fills, then let everything come to rest."""
    async with asyncio.TaskGroup() as group:
        filling = spawn(group, "fill", desk.fill())
        async with asyncio.TaskGroup() as submitters:
            for number in range(SUBMITTERS):
                chance = random.Random(seed * SUBMITTERS + number)
                spawn(submitters, f"submitter {number}", submit(station, chance))
        filling.cancel()
    await station.engine.settle()


def race(seed: int, *, has_replace: bool) -> Desk:
    desks: list[Desk] = []

    async def story(station: Station) -> None:
        tighten(station)
        desk = Desk(station, random.Random(seed))
        desks.append(desk)
        await submit_at_once(station, desk, seed)
        assert station.engine.ledger.view.get(IBM).qty == desk.held

    play(story, has_replace=has_replace)
    return desks[0]


def tighten(station: Station) -> None:
    station.gate.set_params("position", Params(long_qty_max=MOST, short_qty_max=LEAST))


@pytest.mark.parametrize("has_replace", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_twenty_submitters_never_get_a_share_over_a_limit(seed: int, has_replace: bool) -> None:
    """I13, I14: whatever fills while others submit, change and cancel."""
    desk = race(seed, has_replace=has_replace)
    assert 0 < desk.furthest[BUY] <= MOST
    assert 0 < desk.furthest[SELL] <= LEAST
    assert desk.count > 5


@pytest.mark.parametrize(("side", "most"), [(BUY, MOST), (SELL, LEAST)])
def test_all_of_a_limit_can_be_used_and_not_a_share_more(side: Side, most: Decimal) -> None:
    """Twenty times 100 single shares at once: as many go out as there is room for."""

    async def story(station: Station) -> None:
        tighten(station)

        async def one_by_one() -> None:
            for _ in range(100):
                station.submit(side, 1, "100")
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            for number in range(SUBMITTERS):
                spawn(group, f"submitter {number}", one_by_one())
        await station.engine.settle()
        assert sum(a.order.order_qty for a in station.broker.submitted) == most

    play(story)


class TestStates:
    """What is let through while twenty submit and the state changes under them."""

    def play(self, state: TradingState, seed: int) -> Desk:
        """Hold 500, let the state become what it is to be, then let twenty submit."""
        desks: list[Desk] = []

        async def story(station: Station) -> None:
            tighten(station)
            desk = Desk(station, random.Random(seed))
            desks.append(desk)
            bought = station.submit(BUY, 500, "100")
            await station.engine.settle()
            desk.cum[bought], desk.sizes = Decimal(500), [Decimal(500)]
            desk.say(trade_report("E0", 500, "100"), bought)
            await station.engine.settle()
            desk.furthest = dict.fromkeys(Side, Decimal(0))
            station.engine.set_state(state, "race", actor="ada")
            await submit_at_once(station, desk, seed)

        play(story, has_replace=bool(seed % 2))
        return desks[0]

    @pytest.mark.parametrize("seed", range(6))
    def test_reducing_never_grows_or_turns_a_holding(self, seed: int) -> None:
        """I15: 500 are held; whatever is in flight, the holding only goes towards none."""
        desk = self.play(TradingState.REDUCING, seed)
        assert len(desk.station.broker.submitted) > 1
        assert desk.sizes == sorted(desk.sizes, reverse=True)
        assert desk.held >= 0
        assert desk.furthest[SELL] <= 0

    @pytest.mark.parametrize("seed", range(5))
    def test_halted_sends_nothing_but_cancels(self, seed: int) -> None:
        """I16, I17: not one order and not one change leaves; what works is canceled."""
        desk = self.play(TradingState.HALTED, seed)
        assert len(desk.station.broker.submitted) == 1
        assert desk.station.broker.replaced == []
        assert desk.sizes == [Decimal(500)]

    def test_a_cancel_goes_out_in_every_state(self) -> None:
        async def story(station: Station) -> None:
            ids = [(await station.working(BUY, 10, "99")).cl_ord_id for _ in TradingState]
            for state, cl_ord_id in zip(TradingState, ids, strict=True):
                station.engine.set_state(state, "story", actor="ada")
                await station.engine.settle()
                station.cancel(cl_ord_id)
                await station.engine.settle()
            assert station.broker.canceled == ids

        play(story)


def test_amendments_of_the_race_come_to_an_end() -> None:
    """The race has every way of a change in it, so that what it proves is not empty."""
    ways: set[AmendmentState] = set()
    for seed in range(3):
        desk = race(seed, has_replace=True)
        ways |= {each.state for each in amendments(desk.station)}
    assert {AmendmentState.ACCEPTED, AmendmentState.DENIED} <= ways


def amendments(station: Station) -> Iterator:
    for order in station.orders.all():
        yield from order.amendments
