"""The window, and the entry of the command line. The only module of `app` with Qt or widgets.

Without a verb the window opens. It is painted before anything heavy is imported; then the session
starts on Qt's own event loop. Where there is no display the same station runs off screen for a
while, trades one round trip by itself and leaves a picture and a trade log.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import click
    from PySide6.QtWidgets import QApplication

    from app.cli import WindowReplay
    from app.desk import Desk
    from app.domain.enums import Venue
    from app.paths import Paths
    from app.session import Session
    from widgets.main_window import MainWindow
    from widgets.screen import Screen

DEMO_S: Final = 20.0
SAMPLER_S: Final = 12.0
"""A picture without a replay is taken this long after the start."""
POLL_S: Final = 0.05
FIRST_PAINT_FLAG: Final = "--exit-after-first-paint"
"""For the start-up benchmark: print the time of the first paint and end."""
_NO_DISPLAY: Final = (
    "tradedeck: no display found: the station runs off screen for 20 s on the built-in exchange "
    "and trades one round trip"
)
_REAL_WINDOW: Final = (
    "for a real window start it on a desktop, over 'ssh -X', or on a virtual display: "
    "'apt-get install xvfb', then 'xvfb-run -a python3 packaging/start.py'"
)


def main() -> None:
    """Open the window, or run a verb."""
    arguments = sys.argv[1:]
    if arguments == [FIRST_PAINT_FLAG]:
        _measure_first_paint()
    elif arguments:
        _command_line()(prog_name="tradedeck", obj=_open_replay)
    else:
        sys.exit(_open_station(None))


def _command_line() -> click.Group:
    """Return the verbs without a window, and the two that need one."""
    import click

    from app.cli import data_dir_option, tradedeck
    from widgets.screen import PALETTE_NAMES, SCALES, Screen

    @tradedeck.command("window")
    @data_dir_option
    def window_verb(data_dir: Path | None) -> None:
        """Open the window, as without a verb."""
        sys.exit(_open_station(data_dir))

    @tradedeck.command("screenshot")
    @click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--replay", "replay_file", type=click.Path(path_type=Path), help="Tick file.")
    @click.option("--at", help="Time in the replay to picture, ISO-8601; its end if left out.")
    @click.option("--size", default="1680x1020", show_default=True, help="Pixels.")
    @click.option("--theme", "palette", type=click.Choice(PALETTE_NAMES), default="dark")
    @click.option("--scale", type=click.Choice([str(s) for s in SCALES]), default="100")
    def screenshot_verb(  # noqa: PLR0913  Options of a verb.
        out: Path, replay_file: Path | None, at: str | None, size: str, palette: str, scale: str
    ) -> None:
        """Picture the window, trading on the built-in exchange or at a moment of a replay."""
        _screenshot(out, replay_file, at, size, Screen(palette, int(scale)))

    return tradedeck


# The window


def _build_window(paths: Paths, venue: Venue, title: str) -> tuple[QApplication, MainWindow]:
    """Make the application and the window's shell, quickly."""
    from widgets.main_window import MainWindow

    app, notice = _make_app(paths)
    window = MainWindow(layout_path=paths.layout, venue=venue, venue_title=title)
    window.notices.append(notice)
    return app, window


def _make_app(paths: Paths) -> tuple[QApplication, str]:
    """Make the application as it is to look; return also what there is to say about that."""
    from PySide6.QtWidgets import QApplication

    from widgets import theme
    from widgets.screen import read_screen, scale_everything

    read = read_screen(paths.screen)
    scale_everything(read.screen)
    theme.use(read.screen.palette)
    app = QApplication([sys.argv[0]])
    app.setApplicationName("Tradedeck")
    app.setQuitOnLastWindowClosed(False)
    theme.apply_theme(app)
    return app, read.notice


def _paint_first(app: QApplication, window: MainWindow) -> None:
    """Show the window and return when it has painted itself for the first time."""
    from PySide6.QtCore import QEvent, QObject

    class FirstPaint(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() is QEvent.Type.Paint:
                window.removeEventFilter(self)
                app.exit()
            return super().eventFilter(watched, event)

    watcher = FirstPaint(window)
    window.installEventFilter(watcher)
    window.show()
    app.exec()


def _measure_first_paint() -> None:
    from app.clock import LiveClock
    from app.domain.enums import Venue
    from app.paths import profile

    app, window = _build_window(profile(None), Venue.PAPER, "built-in exchange")
    _paint_first(app, window)
    sys.stdout.write(f"{LiveClock().now_ns()}\n")
    window.close()


def _open_station(data_dir: Path | None) -> int:
    """Run the station on the built-in exchange; return the exit code."""
    is_offscreen = _has_no_display()
    if is_offscreen:
        _say(_NO_DISPLAY)
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.domain.enums import Origin, Venue
    from app.paths import profile

    paths = profile(data_dir)
    app, window = _build_window(paths, Venue.PAPER, "built-in exchange")
    window.replay_wanted.connect(lambda name: _start_replay(window, Path(name), data_dir))
    _paint_first(app, window)

    import msgspec

    from app.drills.hall import DrillHall
    from app.log import log_to
    from app.session import Session, paper_plan

    origin = Origin.SCRIPT if is_offscreen else Origin.MANUAL

    def make() -> Session:
        plan = paper_plan(paths, origin=origin)
        return Session(msgspec.structs.replace(plan, drills=DrillHall()))

    with log_to(paths.log):
        if is_offscreen:
            return _run_offscreen(app, window, make, paths)
        return 1 if _run(app, window, make, None) else 0


def _open_replay(asked: WindowReplay) -> int:
    """Run a window on a recording, a new one for each new run; return the exit code."""
    from app.config import load_config
    from app.domain.enums import Venue
    from app.domain.errors import BadInput
    from app.feeds.sources import open_source
    from app.oms.orderfile import read_orders
    from app.paths import profile
    from app.replay import ReplayRuns, moment_of, title_of

    if _has_no_display():
        raise BadInput(
            "no display found, so no window was opened; without --window the replay runs here, "
            "and 'tradedeck screenshot' pictures it"
        )
    paths = profile(asked.data_dir)
    config = load_config(paths.settings)
    ticks = open_source(asked.file, asked.fmt, bad_lines_max=config.limits.bad_lines_max)
    runs = ReplayRuns(
        ticks,
        orders=() if asked.orders is None else read_orders(asked.orders),
        speed=asked.speed,
        goal_ns=None if asked.at is None else moment_of(asked.at, ticks),
        paths=paths,
        config=config,
    )
    app, notice = _make_app(paths)
    from app.log import log_to
    from widgets.main_window import MainWindow

    with log_to(paths.replay_log):
        while True:
            window = MainWindow(
                layout_path=paths.replay_layout, venue=Venue.REPLAY, venue_title=title_of(ticks)
            )
            window.replay_wanted.connect(
                lambda name, window=window: _start_replay(window, Path(name), asked.data_dir)
            )
            window.notices.append(notice)
            window.show()
            problem = _run(app, window, lambda: runs.begin().session, runs.find_end)
            window.deleteLater()
            if not runs.is_again_wanted():
                return 1 if problem else 0


def _start_replay(window: MainWindow, file: Path, data_dir: Path | None) -> None:
    """Open a window on a recording, in a process of its own.

    So a replay at full speed takes nothing from the loop that trades, has its own record and kill
    switch, and outlives this window. What it could not open is said here.
    """
    import contextlib
    import subprocess
    import tempfile
    import threading

    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app"]
    folder = [] if data_dir is None else ["--data-dir", str(data_dir)]

    def wait() -> None:
        with tempfile.TemporaryFile() as said:  # No pipe: it may outlive who reads it.
            code = subprocess.run(
                [*program, "replay", "--window", *folder, "--", str(file)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
                check=False,
            ).returncode
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
        if code:
            with contextlib.suppress(RuntimeError):  # The window has gone meanwhile.
                window.heard.emit(
                    lines[-1] if lines else f"{file.name}: the replay ended with {code}"
                )

    threading.Thread(target=wait, name="replay window", daemon=True).start()
    window.status_line.say(f"{file.name} opens in a window of its own")


def _run_offscreen(
    app: QApplication, window: MainWindow, make: Callable[[], Session], paths: Paths
) -> int:
    """Trade one round trip where nobody sees it, and leave a picture and a trade log."""
    from app.audit.export import export
    from widgets.main_window import DEFAULT_SIZE

    window.resize(DEFAULT_SIZE)  # The screen that is not there is a small one.
    picture, trades = Path("station.png").absolute(), Path("trades.csv").absolute()

    async def demonstrate(desk: Desk) -> None:
        await _demonstrate(desk, window, picture)

    problem = _run(app, window, make, demonstrate, wait_for_person=False)
    if problem:
        _say(f"tradedeck: {problem}")
        return 1
    rows = export(paths.journal, "trades", "csv", trades)
    _say(f"tradedeck: picture of the window: {picture}")
    _say(f"tradedeck: trade log with {rows} trades: {trades}")
    _say(f"tradedeck: {_REAL_WINDOW}")
    return 0


def _run(
    app: QApplication,
    window: MainWindow,
    make: Callable[[], Session],
    work: Callable[[Desk], Coroutine[None, None, None]] | None,
    *,
    wait_for_person: bool = True,
) -> str:
    """Run a session in a window until it ends; return what went wrong, in words, or nothing."""
    from widgets.qtloop import QtLoop

    with QtLoop(app) as loop:
        problem: str = loop.run_until_complete(_live(window, make, work, wait_for_person))
    return problem


async def _live(
    window: MainWindow,
    make: Callable[[], Session],
    work: Callable[[Desk], Coroutine[None, None, None]] | None,
    wait_for_person: bool,
) -> str:
    import asyncio

    from app.domain.errors import StationError
    from app.log import follow, log_fault
    from app.tasks import spawn

    session = make()
    follow(session.hub)
    _stop_on_signals(session)
    problem = ""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = []

            def on_ready(desk: Desk) -> None:
                window.attach(desk)
                if work is not None:
                    tasks.append(spawn(group, "work", work(desk)))

            await session.run(on_ready)
            for task in tasks:
                task.cancel()
    except* StationError as errors:
        problem = str(errors.exceptions[0])
    except* Exception as errors:  # noqa: BLE001  Said to the person, and logged whole.
        log_fault(errors)
        problem = f"the session ended by a fault of the program: {errors.exceptions[0]!r}"
    closed = asyncio.Event()
    window.closed.connect(closed.set)
    window.session_ended(problem if wait_for_person else "")
    await closed.wait()
    return problem


def _stop_on_signals(session: Session) -> None:
    """Ctrl-C and termination stop in order; what a Qt slot raises ends the session."""
    import signal
    from types import TracebackType

    def on_signal(number: int, frame: object) -> None:
        session.request_stop()

    def on_fault(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        session.fail(error)

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    sys.excepthook = on_fault


# Without hands


async def _demonstrate(desk: Desk, window: MainWindow, picture: Path) -> None:
    import asyncio

    from app.demo import trade_round_trip

    loop = asyncio.get_running_loop()
    ends_s = loop.time() + DEMO_S
    try:
        async with asyncio.timeout_at(ends_s):
            await trade_round_trip(desk, desk.instruments[0].symbol)
        await asyncio.sleep(max(0.0, ends_s - loop.time()))
    finally:
        _grab(window, picture)
        desk.request_stop()


def _screenshot(
    out: Path, replay_file: Path | None, at: str | None, size: str, screen: Screen
) -> None:
    """Picture the window; bad input ends with one sentence."""
    import asyncio
    import tempfile

    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.config import load_config
    from app.demo import trade_sampler
    from app.domain.enums import Origin, Venue
    from app.domain.errors import BadInput
    from app.paths import Paths
    from app.session import Session, paper_plan
    from widgets.screen import write_screen

    width, height = _parse_size(size)
    with tempfile.TemporaryDirectory() as folder:
        paths = Paths(data_dir=Path(folder))
        write_screen(paths.screen, screen)
        make: Callable[[], Session]
        if replay_file is None:
            if at is not None:
                raise BadInput(f"--at {at} needs --replay FILE; no picture was taken")
            venue, title = Venue.PAPER, "built-in exchange"

            def make() -> Session:
                return Session(paper_plan(paths, origin=Origin.SCRIPT))

        else:
            from app.feeds.sources import open_source
            from app.replay import ReplayRuns, moment_of, title_of

            ticks = open_source(replay_file)
            runs = ReplayRuns(
                ticks,
                speed=None,
                is_playing=False,  # It stands there while the picture is taken.
                goal_ns=moment_of(at, ticks),
                paths=paths,
                config=load_config(),
            )
            venue, title = Venue.REPLAY, title_of(ticks)

            def make() -> Session:
                return runs.begin().session

        app, window = _build_window(paths, venue, title)
        window.resize(width, height)
        _paint_first(app, window)

        async def picture(desk: Desk) -> None:
            try:
                if replay_file is None:
                    async with asyncio.timeout(SAMPLER_S):
                        await trade_sampler(desk)
                    await asyncio.sleep(SAMPLER_S / 2)
                else:
                    assert desk.transport is not None
                    await runs.find_end(desk)
                    while desk.transport.player.is_seeking:  # noqa: ASYNC110  Pulled.
                        await asyncio.sleep(POLL_S)
                await asyncio.sleep(4 * POLL_S)
                _grab(window, out)
            finally:
                desk.request_stop()

        problem = _run(app, window, make, picture, wait_for_person=False)
    if problem:
        raise BadInput(problem)


def _grab(window: MainWindow, out: Path) -> None:
    from app.domain.errors import BadInput

    window.refresh_now()
    if not window.grab().save(str(out), "PNG"):
        raise BadInput(f"{out} cannot be written; no picture was saved")


def _parse_size(text: str) -> tuple[int, int]:
    from app.domain.errors import BadInput

    match [part for part in text.lower().split("x") if part.isdecimal()]:
        case [width, height] if 640 <= int(width) <= 7680 and 480 <= int(height) <= 4320:
            return int(width), int(height)
    raise BadInput(f"size '{text}' must be WIDTHxHEIGHT, from 640x480 to 7680x4320")


def _has_no_display() -> bool:
    """Whether nobody could see a window: Linux without X or Wayland, or Qt told to stay off it."""
    platform = os.environ.get("QT_QPA_PLATFORM", "")
    if platform:
        return platform.split(":")[0] in {"offscreen", "minimal"}
    if not sys.platform.startswith("linux"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
