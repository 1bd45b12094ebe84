"""A story: steps drawn from a seed, played on a world, with the laws checked after each.

A story that fails is cut down: steps are left out as long as it still fails.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from app.domain.enums import Closing, OrderClass, OrdStatus, OrdType, Origin, Side, TradingState
from app.domain.errors import JournalFailed, UserError
from app.domain.ids import ClOrdID, Symbol
from app.domain.orders import Order
from app.domain.terms import NewOrder
from tests.sim.disk import SimDisk
from tests.sim.laws import broken_at_rest, broken_now, broken_replay
from tests.sim.link import CALM, ROUGH, Link
from tests.sim.loop import LoopClock, SimLoop
from tests.sim.station import SYMBOLS, Station, living
from tests.sim.venue import VenueOrder
from tests.sim.world import run_until_crash

START_NS = 1_795_444_200_000_000_000
REST_S = 240.0
"""Virtual time in which, without faults, everything must come to rest."""
MAN = {"origin": Origin.MANUAL, "actor": "ada"}


class Step(msgspec.Struct, frozen=True):
    """One step; its numbers are drawn with it, so that leaving others out does not change it."""

    kind: str
    luck: float
    """In [0, 1): which of what there is."""
    size: int
    pause_s: float
    """Virtual time that passes after it."""

    def __str__(self) -> str:
        return f"{self.kind} luck={self.luck:.3f} size={self.size} then {self.pause_s:.2f} s"


WEIGHTS = {
    "submit": 16,
    "burst": 2,
    "bracket": 3,
    "cancel": 8,
    "cancel_all": 1,
    "replace": 6,
    "flatten": 2,
    "halt": 1,
    "arm": 3,
    "reduce": 1,
    "fill": 18,
    "bust": 2,
    "correct": 2,
    "unsolicited": 2,
    "expire": 2,
    "foreign": 2,
    "move": 4,
    "cut": 2,
    "mend": 3,
    "rough": 3,
    "calm": 2,
    "crash": 3,
    "clock": 1,
    "disk_full": 1,
    "wait": 4,
}

OF_OTHERS = frozenset({"foreign", "bust", "correct"})
"""Steps that are no doing of ours and can take a holding anywhere."""


def draw(seed: int, count: int) -> list[Step]:
    """Return the steps of a seed."""
    chance = random.Random(seed)
    kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
    return [
        Step(
            kind=chance.choices(kinds, weights)[0],
            luck=chance.random(),
            size=chance.randint(1, 100),
            pause_s=chance.choice((0.0, 0.001, 0.01, 0.1, 0.5, 2.0, 6.0)),
        )
        for _ in range(count)
    ]


class Broken(Exception):
    """Laws that did not hold, and when."""

    def __init__(self, step: int, faults: Sequence[str]) -> None:
        super().__init__(f"after step {step}: " + "; ".join(faults[:4]))


class World:
    """Everything that outlives a station, and the story that is played."""

    def __init__(self, seed: int, steps: Sequence[Step]) -> None:
        self.seed = seed
        self.steps = steps
        self.link = Link(random.Random(seed + 1))
        self.disk = SimDisk(seed + 2)
        self.has_replace = bool(seed % 2)
        self.is_alone = bool(seed // 2 % 2)
        self.offset_ns = 0
        self._next = 0
        self._start_s = 0.0
        self._lives = 0
        self._prices = dict.fromkeys(SYMBOLS, Decimal(100))
        self._broken: Broken | None = None

    def play(self) -> None:
        """Play the story to its end.

        Raises:
            Broken: a law does not hold.
        """
        while True:
            self._lives += 1
            loop = SimLoop(self.seed * 1_000 + self._lives, start_s=self._start_s)
            clock = LoopClock(loop, START_NS)
            clock.offset_ns = self.offset_ns
            crashed = run_until_crash(loop, self._live(loop, clock))
            self._start_s, self.offset_ns = loop.time(), clock.offset_ns
            self.link.broker = None
            if self._broken is not None:
                raise self._broken
            if not crashed and self._next > len(self.steps):
                return

    async def _live(self, loop: SimLoop, clock: LoopClock) -> None:
        try:
            async with living(
                loop,
                clock,
                self.disk,
                self.link,
                has_replace=self.has_replace,
                is_alone=self.is_alone,
            ) as station:
                player = _Player(self, station, loop, clock)
                while self._next < len(self.steps):
                    step = self.steps[self._next]
                    self._next += 1
                    player.take(step)
                    await asyncio.sleep(step.pause_s)
                    self._check(broken_now(station, self.link.venue))
                await self._rest(station, player)
                self._next += 1
        except* JournalFailed:
            self.disk.is_full = False  # Somebody makes room and starts again.
        except* Broken as group:
            self._broken = _first(group)

    async def _rest(self, station: Station, player: _Player) -> None:
        """Let all faults end, and everything come to rest."""
        self.link.weather = CALM
        self.link.mend()
        self.disk.is_full = False
        await asyncio.sleep(REST_S)
        self._check(broken_now(station, self.link.venue))
        self._check(broken_at_rest(station, self.link.venue))
        self._check(broken_replay(station, self.disk))
        self._check([f"P1: {one} was sent twice" for one in self.link.doubles])

    def _check(self, faults: Sequence[str]) -> None:
        if faults:
            raise Broken(self._next, faults)


class _Player:
    """Takes the steps of a story in one life."""

    def __init__(self, world: World, station: Station, loop: SimLoop, clock: LoopClock) -> None:
        self.world, self.station, self.loop, self.clock = world, station, loop, clock
        self.link = world.link

    def take(self, step: Step) -> None:
        """Do what a step says; what makes no sense now is left out."""
        if self.world.is_alone and step.kind in OF_OTHERS:
            return
        try:
            getattr(self, f"_{step.kind}")(step)
        except UserError as error:  # Refused in words: nothing happened.
            if step.kind in ("cancel", "cancel_all", "halt"):
                self.station.faults.append(f"I17: {step.kind} was refused: {error}")

    # What a person does

    def _submit(self, step: Step) -> None:
        self.station.engine.submit(_terms(step), **MAN)

    def _burst(self, step: Step) -> None:
        for _ in range(min(step.size, 20)):
            self._submit(step)

    def _bracket(self, step: Step) -> None:
        entry = _terms(step, limit=True)
        out = Side.SELL if entry.side is Side.BUY else Side.BUY
        assert entry.limit_px is not None
        gain = Decimal(5 * entry.side.sign)
        common = {"symbol": entry.symbol, "side": out, "order_qty": entry.order_qty}
        target = NewOrder(**common, ord_type=OrdType.LIMIT, limit_px=entry.limit_px + gain)
        stop = NewOrder(**common, ord_type=OrdType.STOP, stop_px=entry.limit_px - gain)
        self.station.engine.submit_list((entry, target, stop), OrderClass.BRACKET, **MAN)

    def _cancel(self, step: Step) -> None:
        order = _pick(step, self.station.engine.blotter.working())
        if order is not None:
            self.station.engine.cancel(order.cl_ord_id, **MAN)

    def _cancel_all(self, step: Step) -> None:
        self.station.engine.cancel_all(**MAN)

    def _replace(self, step: Step) -> None:
        order: Order | None = _pick(step, self.station.engine.blotter.working())
        if order is None:
            return
        limit_px = order.terms.limit_px
        self.station.engine.replace(
            order.cl_ord_id,
            order_qty=Decimal(step.size * 2),
            limit_px=None if limit_px is None else limit_px + step.size % 3 - 1,
            stop_px=order.terms.stop_px,
            **MAN,
        )

    def _flatten(self, step: Step) -> None:
        symbol = SYMBOLS[step.size % 2]
        what = list(Closing)[step.size % 3]
        closing = self.station.path.closer.close(symbol, what, **MAN)
        self.station.path.care(f"close {symbol}", closing)

    def _halt(self, step: Step) -> None:
        self.station.engine.set_state(TradingState.HALTED, "story", actor="ada")
        self.station.engine.cancel_all(**MAN)

    def _arm(self, step: Step) -> None:
        self.station.engine.set_state(TradingState.ACTIVE, "story", actor="ada")
        for symbol in SYMBOLS:
            self.station.engine.set_state(TradingState.ACTIVE, "story", actor="ada", symbol=symbol)

    def _reduce(self, step: Step) -> None:
        self.station.engine.set_state(TradingState.REDUCING, "story", actor="ada")

    # What happens at the venue

    def _fill(self, step: Step) -> None:
        order = _pick(step, self.link.venue.working)
        if order is not None:
            px = order.order.limit_px or self.world._prices[order.order.symbol]
            self.link.venue.fill(order, Decimal(step.size), px)

    def _bust(self, step: Step) -> None:
        order = _pick(step, self._filled())
        if order is not None:
            self.link.venue.bust(order, order.fills[-1])

    def _correct(self, step: Step) -> None:
        order = _pick(step, self._filled())
        if order is not None:
            fact = order.fills[-1]
            self.link.venue.correct(order, fact, fact.px + 1)

    def _unsolicited(self, step: Step) -> None:
        order = _pick(step, self.link.venue.working)
        if order is not None:
            self.link.venue.end(order, OrdStatus.CANCELED, "by the venue")

    def _expire(self, step: Step) -> None:
        order = _pick(step, self.link.venue.working)
        if order is not None:
            self.link.venue.end(order, OrdStatus.EXPIRED, "its day ended")

    def _foreign(self, step: Step) -> None:
        venue = self.link.venue
        name = ClOrdID(f"PHONE-{len(venue.orders)}")
        venue.submit(name, _terms(step), is_ours=False)

    def _move(self, step: Step) -> None:
        symbol = SYMBOLS[step.size % 2]
        self.world._prices[symbol] = px = Decimal(90 + step.size % 21)
        self.station.quote(symbol, px)

    def _filled(self) -> list[VenueOrder]:
        return [order for order in self.link.venue.orders if order.fills]

    # What goes wrong

    def _cut(self, step: Step) -> None:
        self.link.cut()

    def _mend(self, step: Step) -> None:
        self.link.mend()

    def _rough(self, step: Step) -> None:
        self.link.weather = ROUGH

    def _calm(self, step: Step) -> None:
        self.link.weather = CALM

    def _crash(self, step: Step) -> None:
        self.loop.lose_power(self.loop.steps + 1 + int(step.luck * 60))

    def _clock(self, step: Step) -> None:
        self.clock.offset_ns += (step.size - 50) * 72_000_000_000

    def _disk_full(self, step: Step) -> None:
        self.world.disk.is_full = True

    def _wait(self, step: Step) -> None:
        """Only time passes."""


def _terms(step: Step, *, limit: bool = False) -> NewOrder:
    is_limit = limit or step.luck < 0.7
    return NewOrder(
        symbol=Symbol(SYMBOLS[step.size % 2]),
        side=Side.BUY if step.luck * 10 % 1 < 0.5 else Side.SELL,
        order_qty=Decimal(step.size),
        ord_type=OrdType.LIMIT if is_limit else OrdType.MARKET,
        limit_px=Decimal(95 + step.size % 11) if is_limit else None,
    )


def _pick(step: Step, choice: Sequence[Any]) -> Any:
    return choice[int(step.luck * len(choice))] if choice else None


def _first(group: BaseExceptionGroup[Broken]) -> Broken:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Broken)
    return error


def failure(seed: int, steps: Sequence[Step]) -> str:
    """Return how a story fails, in words; empty if it does not."""
    try:
        World(seed, steps).play()
    except Exception as error:  # noqa: BLE001  Whatever it is: it is the finding.
        return f"{type(error).__name__}: {error}"
    return ""


def shrink(
    seed: int, steps: list[Step], fails: Callable[[int, Sequence[Step]], str] = failure
) -> list[Step]:
    """Leave out steps, many at first, as long as the story still fails."""
    size = max(1, len(steps) // 2)
    while True:
        start = 0
        while start < len(steps):
            shorter = steps[:start] + steps[start + size :]
            if fails(seed, shorter):
                steps = shorter
            else:
                start += size
        if size == 1:
            return steps
        size = max(1, size // 2)
