"""The composition root without Qt: builds every service, starts and stops them in order.

Start is recovery: open the record, fold it into the books, build the desk, ask the broker what it
holds, apply the differences through the inbox, and only then let the feed speak. There is no other
way to start, so a crash needs no special case.
Stop leaves the innermost group first: feeds, then the order path with what it still has in hand,
then the record. Each stage has a deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import platform
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import msgspec

from app import __version__, plugins
from app.alerts.station import StationAccount
from app.alerts.watch import AlertWatch
from app.audit.disk import Disk
from app.audit.export import export
from app.audit.journal import Journal, open_journal
from app.audit.records import FeedChanged, Record, RunEnded, RunStarted
from app.brokers.base import Broker, BrokerSpec
from app.clock import Clock, LiveClock
from app.config import Config, load_config
from app.control import ControlServer, Request
from app.desk import Desk, Drills, Identity
from app.domain.enums import FeedState, Origin, TradingHours, TradingState, Venue
from app.domain.errors import StationError
from app.domain.events import Notice
from app.domain.ids import AccountID
from app.domain.market import FeedStatus
from app.exchange.hours import timetable
from app.feeds.base import Feed, FeedSpec, PagedFeed
from app.feeds.player import NEVER_NS, Player
from app.feeds.recorder import Recorder, RecorderSwitch
from app.feeds.transport import Transport
from app.hub import Hub
from app.market.history import HistoryPages
from app.market.store import MarketStore
from app.oms.books import Books
from app.oms.engine import STATION, OmsEngine
from app.oms.halting import Halting
from app.oms.kill import KillSwitch
from app.oms.path import OrderPath
from app.oms.pulse import watch_clock, watch_loop, watch_room
from app.paths import Paths
from app.risk.gate import Gate
from app.risk.halt import FILE_NAME, HaltFlag
from app.settings import Settings
from app.tasks import spawn, supervise


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a session is made of."""

    venue: Venue
    config: Config
    journal: Path
    clock: Clock
    feed: Feed
    feed_title: str
    broker: BrokerSpec
    account: AccountID | None = None
    """None: the account of the record, or a new one if there is no record yet."""
    origin: Origin = Origin.MANUAL
    """Who gives the desk's orders."""
    ends_with_feed: bool = False
    """Stop when the feed has no more: a replay."""
    recordings: Path | None = None
    """Where market data can be recorded; None: nowhere, as in a replay."""
    disk: Disk = msgspec.field(default_factory=Disk)
    """Of the record."""
    drills: Drills | None = None
    """Fire drills that the desk offers; None: it offers none."""
    player: Player | None = None
    """Of a replay: market time comes with its feed, which asks `Session.due_ns`."""
    transport: Transport | None = None
    """Of a replay in a window: what a person holds of its player."""
    settings: Path | None = None
    """File of the settings that can be changed; None: none, as in a replay."""
    hours: TradingHours = TradingHours.CALENDAR
    """When the market of the feed trades."""


def paper_plan(paths: Paths, *, origin: Origin) -> Plan:
    """Return the plan of the station on the built-in exchange.

    Raises:
        BadInput: the settings are not right, or a built-in part does not load.
    """
    config = load_config(paths.settings)
    clock = LiveClock()
    spec: FeedSpec = plugins.load("tradedeck.feeds").get("builtin")
    return Plan(
        venue=spec.venue,
        config=config,
        journal=paths.journal,
        clock=clock,
        feed=spec.make(config, clock),
        feed_title=spec.title,
        broker=plugins.load("tradedeck.brokers").get("builtin"),
        origin=origin,
        recordings=paths.recordings_dir,
        settings=paths.settings,
        hours=config.exchange.hours,
    )


class _Stop(Exception):  # noqa: N818  Not an error: leaves the innermost group.
    """Raised inside the data group to end it and nothing else."""


class Session:
    """One run of the station."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._exports: set[Path] = set()
        self.hub: Final = Hub()
        self.market: Final = MarketStore(hub=self.hub, clock=plan.clock, limits=plan.config.limits)
        self.engine: OmsEngine | None = None
        """Present once the record is open."""
        self._path: OrderPath | None = None

    def request_stop(self) -> None:
        """End the session in order; `run` returns when it has ended."""
        self._stop.set()

    @property
    def due_ns(self) -> int:
        """When something is due by market time; far in the future before the record is open."""
        return NEVER_NS if self._path is None else self._path.due_ns

    def pass_time(self) -> None:
        """Do what is due by market time now. For the feed of a replay, which moves the clock."""
        if self._path is not None:
            self._path.pass_time()

    def fail(self, error: BaseException) -> None:
        """End the session because of a fault outside its tasks, such as in a Qt slot."""
        self._failure = self._failure or error
        self._stop.set()

    async def run(self, on_ready: Callable[[Desk], None] | None = None) -> None:
        """Run until stopped, or until a recorded feed has ended.

        Args:
            on_ready: called once with the complete desk, before the feed starts.

        Raises:
            StationError: the record cannot be opened or written.
            Exception: a service ended with a fault that ends the session.
        """
        plan = self._plan
        async with open_journal(
            plan.journal, clock=plan.clock, limits=plan.config.limits, disk=plan.disk
        ) as journal:
            books, account = self._recover(journal)
            await journal.append([self._run_started(journal, account, books)])
            reason = "failed"
            try:
                await self._trade(journal, books, account, on_ready)
                reason = "stopped"
            except* Exception as group:  # noqa: BLE001  Not swallowed: the cause is raised below.
                self.fail(_cause(group))
            finally:
                if not journal.failed:
                    await journal.append([RunEnded(reason=reason)])
        if self._failure is not None:
            raise self._failure

    async def _trade(
        self,
        journal: Journal,
        books: Books,
        account: AccountID,
        on_ready: Callable[[Desk], None] | None,
    ) -> None:
        plan = self._plan
        broker = plan.broker.make(plan.config, plan.clock, self.hub, account, plan.feed.exchange)
        async with self._kill_switch(broker) as (flag, switch):
            gate = self._make_gate(books, flag)
            path = OrderPath(
                books=books,
                gate=gate,
                broker=broker,
                journal=journal,
                market=self.market.view,
                clock=plan.clock,
                hub=self.hub,
                config=plan.config,
                is_fed_time=plan.player is not None,
            )
            self.engine, self._path = path.engine, path
            halting = Halting(
                engine=path.engine,
                gate=gate,
                flag=flag,
                switch=switch,
                hub=self.hub,
                origin=plan.origin,
                spawn=path.care,
            )
            self.market.list_instruments(plan.feed.instruments())
            self.hub.subscribe(FeedStatus, _FeedRecorder(path.engine).on_status)
            async with asyncio.TaskGroup() as trading:
                recorder = self._make_recorder(trading)
                try:
                    path.health.venue = venue_fault(plan)
                    await path.start(trading)
                    halting.start()
                    path.care("pulse", watch_loop(path.health, LiveClock()))
                    path.care("room", watch_room(path.health, plan.journal.parent, plan.disk.free))
                    path.care(
                        "clock",
                        watch_clock(plan.clock, functools.partial(_say_jump, path, self.hub)),
                    )
                    if on_ready is not None:
                        desk = self._make_desk(trading, journal, path, halting, broker, recorder)
                        on_ready(desk)
                    recorder.turn(is_on=plan.config.recorder.is_on and plan.recordings is not None)
                    await self._follow_market()
                finally:
                    recorder.turn(is_on=False)
                    path.stop()

    @contextlib.asynccontextmanager
    async def _kill_switch(self, broker: Broker) -> AsyncIterator[tuple[HaltFlag, KillSwitch]]:
        """Keep the flag, the switch and the door to it; at the end what is under way is ended."""
        folder = self._plan.journal.parent
        flag = HaltFlag(folder / FILE_NAME)
        switch = KillSwitch(flag, broker.emergency(), LiveClock())

        def answer(request: Request) -> bytes:
            if request.verb == "kill":
                switch.trip(request.reason, request.actor)
            return msgspec.json.encode(switch.view)

        door = ControlServer(folder, answer)
        with contextlib.ExitStack() as closing:
            closing.callback(flag.close)
            switch.start()
            closing.callback(switch.close)
            try:
                door.start()
            except OSError as error:
                text = f"no back door: 'tradedeck kill' will not reach this station: {error}"
                self.hub.publish(Notice(text=text, is_warning=True))
            else:
                closing.callback(door.close)
            try:
                yield flag, switch
            finally:
                # Off the loop: cancels that are under way may take half a minute.
                await asyncio.to_thread(closing.pop_all().close)

    async def _follow_market(self) -> None:
        try:
            async with asyncio.TaskGroup() as data:
                feed = spawn(data, "feed", supervise("feed", self._run_feed, hub=self.hub))
                if self._plan.ends_with_feed:
                    feed.add_done_callback(lambda _: self._stop.set())
                await self._stop.wait()
                raise _Stop
        except* _Stop:
            pass

    async def _run_feed(self) -> None:
        for instrument in self._plan.feed.instruments():
            if self.market.view.version(instrument.symbol) == 0:
                history = self._plan.feed.history(instrument.symbol)
                if history is not None:
                    self.market.load_history(instrument.symbol, history.minutes, history.days)
                await asyncio.sleep(0)  # A symbol a turn: the window stays alive.
        try:
            await self._plan.feed.run(self.hub.publish)
        except Exception as error:
            # A feed that broke says so at once: its age would show it only after seconds.
            text = f"market data broke off: {error}"
            now_ns, name = self._plan.clock.now_ns(), self._plan.feed.name
            self.hub.publish(
                FeedStatus(feed=name, state=FeedState.DOWN, text=text, ts_recv_ns=now_ns)
            )
            raise

    def _recover(self, journal: Journal) -> tuple[Books, AccountID]:
        """Fold the records of earlier runs into fresh books."""
        books = Books(self._plan.config.account.cash)
        account: AccountID | None = None

        def fold(record: Record) -> None:
            nonlocal books, account
            if account is None and isinstance(record, RunStarted):
                books, account = Books(record.cash), record.account
            books.apply(record)

        journal.recover(fold)
        # 24 bits name this record among a person's; the id is no secret and no account number.
        fresh = AccountID(f"P{secrets.token_hex(3).upper()}")
        return books, account or self._plan.account or fresh

    def _run_started(self, journal: Journal, account: AccountID, books: Books) -> RunStarted:
        plan = self._plan
        return RunStarted(
            version=__version__,
            config_hash=hashlib.sha256(
                msgspec.json.encode(plan.config, order="sorted")
            ).hexdigest(),
            mode=plan.venue,
            account=account,
            cash=books.ledger.opening_cash,
            python=platform.python_version(),
            sqlite=journal.sqlite_version,
            feed=plan.feed.name,
            broker=plan.broker.name,
        )

    def _make_gate(self, books: Books, flag: HaltFlag) -> Gate:
        loaded = plugins.load("tradedeck.checks")
        gate = Gate(loaded.specs, self._plan.config.risk.checks, flag)
        for failure in loaded.failures:
            self.hub.publish(Notice(text=failure, is_warning=True))
        for symbol, last in books.trading_states.items():
            if symbol:
                gate.set_symbol_state(symbol, last.state, last.reason)
            elif gate.is_complete and last.state is not TradingState.ACTIVE:
                reason = f"{last.reason} (from an earlier run)"
                gate.set_state(last.state, reason, last.actor, last.latch)
        return gate

    def _make_recorder(self, group: asyncio.TaskGroup) -> RecorderSwitch:
        plan = self._plan

        def make() -> Recorder:
            assert plan.recordings is not None
            return Recorder(
                plan.recordings,
                feed=plan.feed.name,
                hub=self.hub,
                clock=plan.clock,
                bytes_max=plan.config.recorder.megabytes_max * 1_000_000,
            )

        return RecorderSwitch(make, functools.partial(spawn, group), self.hub)

    def _watch_alerts(self, path: OrderPath) -> AlertWatch:
        plan = self._plan
        account = StationAccount(
            engine=path.engine, closer=path.closer, clock=plan.clock, spawn=path.care
        )
        watch = AlertWatch(
            account=account,
            market=self.market.view,
            hub=self.hub,
            path=None if plan.settings is None else plan.settings.with_name("alerts.json"),
        )
        path.care("alerts", watch.run())
        return watch

    def _make_desk(  # noqa: PLR0913  What the desk stands on.
        self,
        group: asyncio.TaskGroup,
        journal: Journal,
        path: OrderPath,
        halting: Halting,
        broker: Broker,
        recorder: RecorderSwitch,
    ) -> Desk:
        plan = self._plan

        def start_export(what: str, fmt: str, out: Path) -> None:
            if out in self._exports:
                return
            self._exports.add(out)
            spawn(group, f"export {out.name}", self._export(journal.path, what, fmt, out))

        return Desk(
            identity=Identity(
                venue=plan.venue,
                feed_title=plan.feed_title,
                broker_title=plan.broker.title,
                account=broker.account,
            ),
            market=self.market.view,
            journal=journal.view,
            engine=path.engine,
            gate=halting.gate,
            halting=halting,
            clock=plan.clock,
            hub=self.hub,
            origin=plan.origin,
            capabilities=broker.capabilities,
            closer=path.closer,
            steward=path.steward,
            watch=path.watch,
            recorder=recorder if plan.recordings is not None else None,
            drills=plan.drills,
            transport=plan.transport,
            hours=timetable(plan.hours),
            alerts=self._watch_alerts(path),
            settings=None if plan.settings is None else Settings(plan.settings),
            pages=HistoryPages(
                store=self.market,
                hub=self.hub,
                fetch=plan.feed.older if isinstance(plan.feed, PagedFeed) else None,
                spawn=path.care,
            ),
            spawn=path.care,
            unprotected=path.contingent.unprotected_qty,
            stop=self.request_stop,
            export=start_export,
        )

    async def _export(self, log: Path, what: str, fmt: str, out: Path) -> None:
        try:
            rows = await asyncio.to_thread(export, log, what, fmt, out)
        except (StationError, OSError) as error:
            self.hub.publish(Notice(text=f"export of {what} failed: {error}", is_warning=True))
        else:
            self.hub.publish(Notice(text=f"exported {rows} {what} to {out}"))
        finally:
            self._exports.discard(out)


def venue_fault(plan: Plan) -> str:
    """Return what does not agree about whether money is real; empty if all does."""
    banner, broker = plan.venue, plan.broker.venue
    if (banner is Venue.LIVE) is not (broker is Venue.LIVE):
        return f"the window says {banner.value}, the broker is {broker.value}"
    return ""


def _say_jump(path: OrderPath, hub: Hub, text: str) -> None:
    """Put a jump of the clock on record, and on the screen."""
    path.engine.note("clock", text, actor=STATION)
    hub.publish(Notice(text=text, is_warning=True))


class _FeedRecorder:
    """Record each change of the feed's health; a heartbeat changes nothing."""

    def __init__(self, engine: OmsEngine) -> None:
        self._engine = engine
        self._state: FeedState | None = None

    def on_status(self, status: FeedStatus) -> None:
        if status.state is not self._state:
            self._state = status.state
            self._engine.put(FeedChanged(status=status))


def _cause(group: BaseExceptionGroup[Exception]) -> Exception:
    """Return the first single error of a group of groups."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Exception)
    return error
