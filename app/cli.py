"""The verbs that need no window. Nothing here, or below, imports Qt.

Exit codes: 0 done; 1 the answer is no (a log that was tampered with); 2 the question could not be
asked (a file that cannot be read, a wrong argument).
"""

from __future__ import annotations

import asyncio
import getpass
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from app import __version__
from app.domain.errors import BadInput, StationError
from app.paths import DATA_DIR_VARIABLE, Paths, profile

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.risk.halt import Halt

POLL_S = 0.1
"""Between two looks at how far a kill has come."""


class _Sentence(click.ClickException):
    """A fault in one sentence on stderr."""

    exit_code = 2

    def show(self, file: object = None) -> None:
        """Print the sentence alone."""
        click.echo(f"tradedeck: {self.message}", err=True)


class StationGroup(click.Group):
    """Turns the station's own errors into one sentence and exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except StationError as error:
            raise _Sentence(str(error)) from error


data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=DATA_DIR_VARIABLE,
    help="Folder of the records; the user's data folder if left out.",
)


@click.group(cls=StationGroup, invoke_without_command=True)
@click.version_option(__version__, prog_name="tradedeck")
def tradedeck() -> None:
    """A desktop trading station with a record that proves itself.

    Without a verb the window opens.
    """


class WindowReplay(msgspec.Struct, frozen=True, kw_only=True):
    """What a window on a replay is asked for; the windows are not known here."""

    file: Path
    fmt: str | None
    speed: float | None
    """Times real time; None for as fast as possible."""
    at: str | None
    orders: Path | None
    data_dir: Path | None


@tradedeck.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "fmt", help="Layout of the file; found out if left out.")
@click.option("--speed", help="max, or times real time; max if left out, in a window 1.")
@click.option("--window", "in_window", is_flag=True, help="Open a window: play, pause, step, jump.")
@click.option("--at", help="Time to begin at in the window, ISO-8601 or of the first day.")
@click.option("--orders", type=click.Path(path_type=Path), help="Orders to send, JSON lines.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@data_dir_option
@click.pass_obj
def replay(  # noqa: PLR0913  The verb's options.
    open_window: Callable[[WindowReplay], int] | None,
    file: Path,
    fmt: str | None,
    speed: str | None,
    in_window: bool,  # noqa: FBT001  The verb's option.
    at: str | None,
    orders: Path | None,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Run the session on a file of recorded ticks."""
    if in_window:
        if open_window is None or as_json:
            raise BadInput("--window opens a window, it prints no JSON; leave one of the two out")
        asked = WindowReplay(
            file=file,
            fmt=fmt,
            speed=parse_speed(speed or "1"),
            at=at,
            orders=orders,
            data_dir=data_dir,
        )
        sys.exit(open_window(asked))
    if at is not None:
        raise BadInput(f"--at {at} needs --window; without one everything is played")
    from app.clock import LiveClock
    from app.config import load_config
    from app.feeds.sources import open_source
    from app.oms.orderfile import read_orders
    from app.replay import run_replay

    paths = profile(data_dir)
    times_real = parse_speed(speed or "max")
    config = load_config(paths.settings)
    ticks = open_source(file, fmt, bad_lines_max=config.limits.bad_lines_max)
    scheduled = read_orders(orders) if orders is not None else ()
    result = asyncio.run(
        run_replay(ticks, scheduled, speed=times_real, paths=paths, config=config, real=LiveClock())
    )
    for warning in result.warnings:
        click.echo(f"tradedeck: {warning}", err=True)
    if as_json:
        click.echo(msgspec.json.encode(result.report).decode())
    else:
        click.echo(result.summary())
    if not result.report["audit"]["verified"]:
        sys.exit(1)


@tradedeck.group(cls=StationGroup)
def audit() -> None:
    """Look at the audit log and check it."""


@audit.command("verify")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@data_dir_option
def audit_verify(path: Path | None, data_dir: Path | None) -> None:
    """Check every record of a log: exit 0 clean, 1 tampered or corrupt, 2 cannot open."""
    from app.audit.verify import verify

    log = find_log(path, data_dir)
    verdict = verify(log)
    if verdict.is_clean:
        click.echo(f"clean: {verdict.rows} records, head {verdict.head_hash} ({log})")
        return
    where = "" if verdict.first_bad_seq is None else f"first bad record {verdict.first_bad_seq}: "
    click.echo(f"NOT CLEAN: {where}{verdict.problem} ({log})")
    sys.exit(1)


@audit.command("show")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--from", "from_seq", default=1, show_default=True, help="First record.")
@click.option("--limit", default=100, show_default=True, help="Most records to print.")
@click.option("--order", "cl_ord_id", help="Only records of this client order id.")
@data_dir_option
def audit_show(
    path: Path | None, from_seq: int, limit: int, cl_ord_id: str | None, data_dir: Path | None
) -> None:
    """Print records, oldest first, one a line."""
    from app.audit.reader import read_rows
    from app.domain.times import new_york_text

    for row in read_rows(find_log(path, data_dir), from_seq, limit, cl_ord_id):
        when = new_york_text(row.utc_ns)
        click.echo(f"{row.seq:>7}  {when}  {row.kind:<18} {row.actor:<14} {row.body}")


@tradedeck.command("export")
@click.argument("what", type=click.Choice(["trades", "orders", "cash"]))
@click.option("--format", "fmt", type=click.Choice(["csv", "json"]), required=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
@click.option("--log", "path", type=click.Path(path_type=Path), help="Log to read.")
@data_dir_option
def export_verb(what: str, fmt: str, out: Path, path: Path | None, data_dir: Path | None) -> None:
    """Write trades, orders or cash entries to a file for a spreadsheet or a program."""
    from app.audit.export import export

    log = find_log(path, data_dir)
    rows = export(log, what, fmt, out)
    click.echo(f"{rows} {what} from {log} written to {out}")


@tradedeck.command("kill")
@click.option("--reason", default="killed from outside", show_default=True, help="In words.")
@data_dir_option
def kill_verb(reason: str, data_dir: Path | None) -> None:
    """Halt the running station and cancel everything, though its window does not answer.

    Exit 0: no order is open. 1: some may be. 2: no station runs; its next start is HALTED.
    """
    from app.clock import LiveClock
    from app.control import Request, ask
    from app.oms.kill import KillView
    from app.risk.halt import new_halt

    paths = profile(data_dir)
    halt = new_halt(reason, getpass.getuser(), LiveClock().now_ns())
    answer = ask(paths.data_dir, Request(verb="kill", reason=halt.reason, actor=halt.actor))
    if answer is None:
        sys.exit(_halt_next_start(paths, halt))
    view = msgspec.json.decode(answer, type=KillView)
    click.echo(f"HALTED: nothing is sent any more ({halt.reason})")
    while view.is_under_way:
        time.sleep(POLL_S)
        answer = ask(paths.data_dir, Request(verb="status"))
        if answer is None:
            click.echo("the station ended before it could say more")
            break
        view = msgspec.json.decode(answer, type=KillView)
    click.echo(view.text)
    sys.exit(0 if view.is_confirmed else 1)


def _halt_next_start(paths: Paths, halt: Halt) -> int:
    """Set the flag that the next start reads; return the exit code."""
    from contextlib import closing

    from app.audit.lock import FileLock
    from app.domain.errors import BadInput, JournalUnreadable
    from app.risk.halt import FILE_NAME, HaltFlag

    try:
        paths.data_dir.mkdir(parents=True, exist_ok=True)
        with closing(HaltFlag(paths.data_dir / FILE_NAME)) as flag:
            flag.set(halt)
            flag.keep()
    except OSError as error:
        raise BadInput(f"no station answers, and nothing was halted: {error}") from error
    try:
        with FileLock(paths.journal.with_suffix(".lock"), what="the audit log"):
            click.echo(f"no station runs on {paths.data_dir}; its next start is HALTED")
            return 2
    except JournalUnreadable:
        click.echo(
            f"a station has {paths.data_dir} open and does not answer: its orders may be open. "
            "End its process; the next start is HALTED"
        )
        return 1


@tradedeck.command("drill")
@click.argument("name", required=False)
def drill_verb(name: str | None) -> None:
    """Run a fire drill on a station of its own, and score it; without a name list the drills.

    Nothing of yours is touched. Exit 0: every promise was kept. 1: one was not.
    """
    from app.domain.drill import EVERY_DRILL, verdict_of
    from app.drills.runner import DRILLS, find_drills, run_drill

    if name is None:
        width = max(len(drill.name) for drill in DRILLS)
        for drill in DRILLS:
            click.echo(f"{drill.name:<{width}}  {drill.what}")
        click.echo(f"{EVERY_DRILL:<{width}}  All of them, one after the other.")
        return
    scores = []
    for drill in find_drills(name):
        score = asyncio.run(run_drill(drill))
        scores.append(score)
        click.echo(score.summary())
    if len(scores) > 1:
        click.echo(verdict_of(scores))
    if not all(score.is_passed for score in scores):
        sys.exit(1)


def parse_speed(text: str) -> float | None:
    """Return times real time, or None for as fast as possible."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = float("nan")
    if not (0 < speed <= 1_000_000):
        raise click.BadParameter(f"speed '{text}' must be max or a number from 0 to 1,000,000")
    return speed


def find_log(path: Path | None, data_dir: Path | None) -> Path:
    """Return the log that is meant: a file, the log in a folder, or the profile's own.

    A folder without a log of its own but with replays gives the newest replay's.
    """
    if path is not None and not path.is_dir():
        return path
    paths = Paths(data_dir=path) if path is not None else profile(data_dir)
    if paths.journal.exists():
        return paths.journal
    replays = sorted(paths.replays_dir.glob(f"*/{paths.journal.name}"))
    if not replays:
        return paths.journal
    click.echo(f"tradedeck: reading the newest replay, {replays[-1]}", err=True)
    return replays[-1]
