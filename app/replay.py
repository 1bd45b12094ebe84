"""Replays: the same session on recorded ticks, on recorded time, with orders from a file.

Simulated time stands still while the order path works, so two runs of the same file and orders give
the same orders and fills.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from app import plugins
from app.audit.export import plain
from app.audit.verify import verify
from app.clock import Clock, SimClock
from app.config import Config
from app.domain.enums import FeedState, Origin, Venue
from app.domain.errors import BadInput, UserError
from app.domain.events import Notice
from app.domain.ids import AccountID
from app.domain.market import FeedStatus
from app.domain.orders import Fill, Order
from app.domain.position import Position
from app.domain.times import new_york, new_york_text, parse_moment_ns
from app.feeds.bookmarks import Bookmarks
from app.feeds.player import NEVER_NS, Player
from app.feeds.replay import NAME, ReplayFeed, ReplayHooks
from app.feeds.sources import Source
from app.feeds.transport import Transport
from app.oms.orderfile import ScheduledOrder
from app.paths import Paths
from app.session import Plan, Session

if TYPE_CHECKING:
    from app.desk import Desk

ACCOUNT: Final = AccountID("REPLAY")
ACTOR: Final = "order file"
REPLAYS_MAX: Final = 99_999


class ReplayResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay did."""

    report: dict[str, Any]
    """The object that `--json` prints."""
    warnings: tuple[str, ...]
    """Sentences for stderr: bad lines, gaps, orders never reached."""

    def summary(self) -> str:
        """Return the report in a few lines of words."""
        report = self.report
        lines = [
            f"{report['events']:,} events ({report['trades']:,} trades, {report['quotes']:,} "
            f"quotes) in {report['wall_s']:.2f} s",
            *(
                f"{o['cl_ord_id']}  {o['side']} {o['qty']} {o['symbol']} {o['type']}: "
                f"{o['status']}, {o['cum_qty']} at {o['avg_px']}  {o['reason']}".rstrip()
                for o in report["orders"]
            ),
            f"audit log {report['audit']['path']}: {report['audit']['rows']} records, "
            + ("clean" if report["audit"]["verified"] else "NOT CLEAN"),
        ]
        return "\n".join(lines)


class Schedule:
    """Orders that wait for their time."""

    def __init__(self, orders: tuple[ScheduledOrder, ...]) -> None:
        self._orders = orders
        self._next = 0

    def next_due_ns(self) -> int:
        """Return the time of the next order; far in the future when there is none."""
        return self._orders[self._next].at_ns if self._next < len(self._orders) else NEVER_NS

    @property
    def waiting(self) -> int:
        """How many have not been taken."""
        return len(self._orders) - self._next

    def take(self) -> ScheduledOrder:
        """Return the next order and go on to the one after."""
        order = self._orders[self._next]
        self._next += 1
        return order


class Replay:
    """A session on a tick file: owns the simulated clock and gives the orders their time."""

    def __init__(  # noqa: PLR0913  A replay's own settings.
        self,
        *,
        ticks: Source,
        orders: tuple[ScheduledOrder, ...] = (),
        player: Player | None = None,
        transport: Transport | None = None,
        ends_with_feed: bool = True,
        origin: Origin = Origin.SCRIPT,
        config: Config,
        journal: Path,
    ) -> None:
        """Build it.

        Args:
            ticks: the recording.
            orders: what to send, by time.
            player: its clock stands at the start; None: through all, as fast as possible.
            transport: what the window has of that player.
            ends_with_feed: stop after the last event; else stand there.
            origin: who gives the desk's orders. A person's session stands before a fault of the
                file as well, and says it; without a person it ends with the fault.
            config: settings of the session.
            journal: path of its own log.
        """
        self.ticks: Final = ticks
        self.schedule: Final = Schedule(orders)
        self.journal: Final = journal
        self.problems: list[str] = []
        """Orders that were refused before they had a record."""
        self.player: Final = player or Player(SimClock(ticks.start_ns))
        self._clock = self.player.clock
        feed = ReplayFeed(
            ticks,
            self._clock,
            player=self.player,
            hooks=ReplayHooks(
                next_due_ns=self._next_due_ns,
                before=self._do_due,
                busy=self._is_busy,
                settle=self._settle,
                listed=lambda instrument: self.session.market.list_instruments([instrument]),
                beat=self._beat,
                failed=self._say_fault if origin is Origin.MANUAL else None,
            ),
        )
        self.session: Final = Session(
            Plan(
                venue=Venue.REPLAY,
                config=config,
                journal=journal,
                clock=self._clock,
                feed=feed,
                feed_title=ticks.path.name,
                broker=plugins.load("tradedeck.brokers").get("builtin"),
                account=ACCOUNT,
                origin=origin,
                ends_with_feed=ends_with_feed,
                player=self.player,
                transport=transport,
            )
        )
        if origin is Origin.MANUAL:
            self.session.hub.subscribe(FeedStatus, self._say_notes)

    def result(self, wall_s: float) -> ReplayResult:
        """Return what happened, once the session is over."""
        engine = self.session.engine
        assert engine is not None
        ticks, orders = self.ticks, engine.blotter.view
        verdict = verify(self.journal)
        report = {
            "events": ticks.trades + ticks.quotes + ticks.bars,
            "trades": ticks.trades,
            "quotes": ticks.quotes,
            "first_ts": ticks.first_ts,
            "last_ts": ticks.last_ts,
            "orders": [_order(order) for order in orders.all()],
            "fills": [_fill(fill) for fill in orders.fills_from(0)],
            "positions": {p.symbol: _position(p) for p in engine.ledger.view.all()},
            "audit": {
                "path": str(self.journal),
                "rows": verdict.rows,
                "head": verdict.head_hash,
                "verified": verdict.is_clean,
            },
            "wall_s": round(wall_s, 6),
        }
        return ReplayResult(report=report, warnings=(*ticks.notes, *self._not_sent()))

    def _not_sent(self) -> list[str]:
        waiting = self.schedule.waiting
        late = [f"{waiting} orders lie after the end of the recording; not sent"] if waiting else []
        return [*self.problems, *late]

    def _next_due_ns(self) -> int:
        return min(self.schedule.next_due_ns(), self.session.due_ns)

    async def _do_due(self, ts_ns: int) -> None:
        """Do everything whose time has come, each at its own time; what it sets off as well."""
        while (due_ns := self._next_due_ns()) <= ts_ns:
            self._clock.advance_to(due_ns)
            self._beat()
            self.session.pass_time()
            if self.schedule.next_due_ns() <= due_ns:
                self._submit(self.schedule.take())
            await self._settle()

    def _submit(self, scheduled: ScheduledOrder) -> None:
        engine = self.session.engine
        assert engine is not None
        try:
            engine.submit(scheduled.order, origin=Origin.SCRIPT, actor=ACTOR)
        except UserError as error:
            self.problems.append(str(error))

    def _beat(self) -> None:
        """Say that the feed is alive, unless the recording says that it was not."""
        if self.session.market.view.status.state is FeedState.LIVE:
            now_ns = self._clock.now_ns()
            self.session.hub.publish(
                FeedStatus(feed=NAME, state=FeedState.LIVE, text="replay", ts_recv_ns=now_ns)
            )

    def _say_notes(self, status: FeedStatus) -> None:
        """Say at the end what the file lacked: a cut, lines that were left out."""
        if status.state is FeedState.ENDED and self.ticks.notes:
            self._say_fault(self.ticks.notes[0].rstrip(":"))

    def _say_fault(self, text: str) -> None:
        self.session.hub.publish(Notice(text=text, is_warning=True))

    def _is_busy(self) -> bool:
        engine = self.session.engine
        return engine is not None and engine.is_busy

    async def _settle(self) -> None:
        if self.session.engine is not None:
            await self.session.engine.settle()


class ReplayRuns:
    """Runs through one recording in a window, one after the other: who goes back begins again."""

    def __init__(  # noqa: PLR0913  A replay's own settings.
        self,
        ticks: Source,
        *,
        orders: tuple[ScheduledOrder, ...] = (),
        speed: float | None,
        is_playing: bool = True,
        goal_ns: int | None = None,
        paths: Paths,
        config: Config,
    ) -> None:
        """Take what every run has.

        Args:
            ticks: the recording.
            orders: what each run sends, by time.
            speed: times real time at first; None for as fast as possible.
            is_playing: whether the first run plays, or stands.
            goal_ns: where the first run goes before it plays; None: it plays from the start.
            paths: where each run's own log goes.
            config: settings of the sessions.
        """
        self.ticks: Final = ticks
        self._orders: Final = orders
        self._paths: Final = paths
        self._config: Final = config
        self._speed = speed
        self._is_playing = is_playing
        self._goal_ns = goal_ns
        self._end_ns: int | None = None
        self.transport: Transport | None = None
        """Of the newest run."""

    def begin(self) -> Replay:
        """Return a run from the beginning, on a record of its own.

        Raises:
            BadInput: its folder cannot be made.
        """
        ticks = self.ticks
        player = Player(
            SimClock(ticks.start_ns),
            speed=self._speed,
            is_playing=self._is_playing,
            goal_ns=self._goal_ns,
            end_ns=self._end_ns,
        )
        name = ticks.path.name
        marks = Bookmarks(self._paths.bookmarks, name=name, start_ns=ticks.start_ns)
        self.transport = Transport(player, marks, title=name)
        return Replay(
            ticks=ticks,
            orders=self._orders,
            player=player,
            transport=self.transport,
            ends_with_feed=False,
            origin=Origin.MANUAL,
            config=self._config,
            journal=new_replay_journal(self._paths),
        )

    async def find_end(self, desk: Desk) -> None:
        """Find out when the last event is, beside the run: a long text takes seconds."""
        if desk.transport is not None and desk.transport.player.end_ns is None:
            desk.transport.player.know_end(await asyncio.to_thread(self.ticks.find_end_ns))

    def is_again_wanted(self) -> bool:
        """Whether another run is to follow the one that ended, played as that one was."""
        last = self.transport
        if last is None or last.again_ns is None:
            return False
        player = last.player
        self._speed, self._is_playing = player.speed, player.is_playing
        self._goal_ns, self._end_ns = last.again_ns, player.end_ns
        return True


def new_replay_journal(paths: Paths) -> Path:
    """Return the path of a fresh log: replays never share one, and never the account's.

    Raises:
        BadInput: the folder cannot be written, or holds too many replays.
    """
    try:
        paths.replays_dir.mkdir(parents=True, exist_ok=True)
        taken = [int(p.name) for p in paths.replays_dir.iterdir() if p.name.isdecimal()]
        for number in range(max(taken, default=0) + 1, REPLAYS_MAX + 1):
            folder = paths.replays_dir / f"{number:05}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue  # Another replay took it meanwhile.
            return folder / paths.journal.name
    except OSError as error:
        raise BadInput(f"{paths.replays_dir} cannot be written: {error.strerror}") from error
    raise BadInput(f"{paths.replays_dir} holds {REPLAYS_MAX} replays, the limit; remove old ones")


def title_of(ticks: Source) -> str:
    """Return what the badge says of a recording: its day first, which says that it is past."""
    return f"{new_york(ticks.start_ns):%d %b %Y} · {ticks.path.name}".lstrip("0")


def moment_of(at: str | None, ticks: Source) -> int:
    """Return a moment of a replay: a full time, or a time of the recording's first day.

    Raises:
        BadInput: the text is no time, or lies before the recording.
    """
    if at is None:
        return NEVER_NS
    day = f"{new_york(ticks.start_ns):%Y-%m-%d}"
    try:
        moment_ns = parse_moment_ns(at, ticks.start_ns)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"--at '{at}' is no time such as {day}T09:50:00") from error
    if moment_ns < ticks.start_ns:
        start = new_york_text(ticks.start_ns)
        raise BadInput(f"--at '{at}' lies before the recording, which begins at {start}")
    return moment_ns


async def run_replay(  # noqa: PLR0913  A replay's own settings.
    ticks: Source,
    orders: tuple[ScheduledOrder, ...],
    *,
    speed: float | None,
    paths: Paths,
    config: Config,
    real: Clock,
) -> ReplayResult:
    """Play a file headless and return what happened.

    Args:
        ticks: the recording.
        orders: what to send, by time.
        speed: times real time; None for as fast as possible.
        paths: where the replay's own log goes.
        config: settings of the session.
        real: clock for the wall time of the run.

    Raises:
        StationError: the file is bad, or the record failed.
    """
    started_ns = real.mono_ns()
    replay = Replay(
        ticks=ticks,
        orders=orders,
        player=Player(SimClock(ticks.start_ns), speed=speed),
        config=config,
        journal=new_replay_journal(paths),
    )
    await replay.session.run()
    return replay.result((real.mono_ns() - started_ns) / 1e9)


def _order(order: Order) -> dict[str, Any]:
    return {
        "cl_ord_id": order.cl_ord_id,
        "symbol": order.symbol,
        "side": order.order.side.name.lower(),
        "type": order.order.ord_type.name.lower(),
        "qty": plain(order.order.order_qty),
        "status": order.ord_status.name,
        "cum_qty": plain(order.cum_qty),
        "avg_px": plain(order.avg_px) or None,
        "reason": order.text,
    }


def _fill(fill: Fill) -> dict[str, Any]:
    return {
        "exec_id": fill.exec_id,
        "cl_ord_id": fill.cl_ord_id,
        "symbol": fill.symbol,
        "side": fill.side.name.lower(),
        "qty": plain(fill.qty),
        "px": plain(fill.px),
        "ts": fill.ts_exch_ns,
    }


def _position(position: Position) -> dict[str, Any]:
    return {
        "qty": plain(position.qty),
        "avg_px": plain(position.avg_px) or None,
        "realised_pnl": plain(position.realised_pnl),
    }
