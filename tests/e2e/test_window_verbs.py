"""Goal: what starts a window does so on a machine without a display too.

Method: the real program in a process of its own, with the display taken from its environment; the
pictures are looked at for what must be on them (colours), not compared pixel by pixel.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.__main__ import _start_replay
from app.audit.verify import verify
from app.paths import Paths
from widgets.main_window import MainWindow

ROOT = Path(__file__).parents[2]
AMBER, GREEN, PANEL = "#f0b43c", "#2dbd85", "#131922"


def run(*arguments: object, folder: Path, expect: int = 0) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if "DISPLAY" not in k and k != "QT_QPA_PLATFORM"}
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=folder,
        env={**kept, "PYTHONPATH": str(ROOT), "TRADEDECK_DATA_DIR": str(folder / "data")},
    )
    assert done.returncode == expect, (done.stdout, done.stderr)
    return done


def colours(path: Path) -> set[str]:
    image = QImage(str(path))
    assert not image.isNull()
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    }


@pytest.fixture
def ticks(tmp_path: Path) -> Path:
    path = tmp_path / "ABC_minutes.csv"
    lines = ["time,price,size"]
    lines += [f"{1_700_000_000 + 5 * n},{50 + n % 7 / 100:.2f},100" for n in range(200)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="others always have a display")
def test_station_without_a_display_trades_a_round_trip_and_shows_it(tmp_path: Path) -> None:
    done = run(folder=tmp_path)
    picture, trades = tmp_path / "station.png", tmp_path / "trades.csv"
    assert "no display" in done.stdout.splitlines()[0]
    assert str(picture) in done.stdout
    assert str(trades) in done.stdout
    assert "xvfb" in done.stdout
    with trades.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    bought = sum(int(row["quantity"]) for row in rows if row["side"] == "BUY")
    sold = sum(int(row["quantity"]) for row in rows if row["side"] == "SELL")
    assert bought == sold == 100
    assert {AMBER, GREEN, PANEL} <= colours(picture)
    assert verify(Paths(data_dir=tmp_path / "data").journal).is_clean


def test_screenshot_of_a_replay_has_the_size_asked_for(tmp_path: Path, ticks: Path) -> None:
    out = tmp_path / "shot.png"
    run("screenshot", out, "--replay", ticks, "--size", "1280x800", folder=tmp_path)
    image = QImage(str(out))
    assert (image.width(), image.height()) == (1280, 800)
    assert PANEL in colours(out)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--size", "wide"], "must be WIDTHxHEIGHT"),
        (["--size", "10x10"], "must be WIDTHxHEIGHT"),
        (["--at", "09:50"], "needs --replay"),
        (["--replay", "none.csv"], "none.csv"),
        (["--replay", "ABC_minutes.csv", "--at", "never"], "'never' is no time"),
        (["--replay", "ABC_minutes.csv", "--at", "2001-01-01"], "lies before the recording"),
    ],
)
def test_faulty_screenshot_gets_one_sentence(
    tmp_path: Path, ticks: Path, arguments: list[str], says: str
) -> None:
    done = run("screenshot", "out.png", *arguments, folder=tmp_path, expect=2)
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out.png").exists()


RUN_TWICE = """
import sys
import app.__main__ as program
from widgets.main_window import MainWindow
program._has_no_display = lambda: False
runs, attach = [], MainWindow.attach
def attach_and_end(window, desk):
    attach(window, desk)
    runs.append((desk.transport.player.goal_ns, desk.transport.player.is_playing))
    if len(runs) == 1:
        desk.transport.begin_again(desk.transport.player.start_ns + 10**9)
    desk.request_stop()
MainWindow.attach = attach_and_end
try:
    program.main()
finally:
    print(runs)
"""


def test_window_on_a_replay_begins_again_on_a_record_of_its_own(
    tmp_path: Path, ticks: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_TWICE, "replay", "--window", "--at", "17:20", str(ticks)],
        capture_output=True,
        text=True,
        timeout=100,
        cwd=tmp_path,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
            "TRADEDECK_DATA_DIR": str(tmp_path / "data"),
        },
    )
    assert done.returncode == 0, done.stderr
    start_ns = 1_700_000_000 * 10**9
    assert done.stdout.strip() == str([(start_ns + 400 * 10**9, True), (start_ns + 10**9, True)])
    paths = Paths(data_dir=tmp_path / "data")
    logs = sorted(paths.replays_dir.glob("*/audit.db"))
    assert [verify(log).is_clean for log in logs] == [True, True]
    assert not paths.journal.exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--window"], "no display found, so no window was opened"),
        (["--window", "--json"], "it prints no JSON"),
        (["--at", "17:20"], "needs --window"),
        (["--window", "--speed", "0"], "must be max or a number"),
    ],
)
def test_faulty_replay_in_a_window_gets_one_sentence(
    tmp_path: Path, ticks: Path, arguments: list[str], says: str
) -> None:
    done = run("replay", ticks, *arguments, folder=tmp_path, expect=2)
    assert says in done.stderr
    assert not (tmp_path / "data" / "replays").exists()


def test_what_a_window_of_its_own_could_not_open_is_said_in_this_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = MainWindow()
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.heard, timeout=30_000) as heard:
        _start_replay(window, tmp_path / "none.csv", tmp_path / "data")
        assert "none.csv opens" in window.status_line.words.text()
    assert heard.args is not None
    assert "tradedeck: " in heard.args[0]
    assert window.status_line.words.text() == heard.args[0]


def test_second_station_on_the_same_records_says_so(tmp_path: Path) -> None:
    from app.audit.lock import FileLock

    paths = Paths(data_dir=tmp_path / "data")
    paths.data_dir.mkdir()
    with FileLock(paths.journal.with_suffix(".lock"), what="the log"):
        done = run(folder=tmp_path, expect=1)
    assert "in use by another station" in done.stdout
