"""Process start to first painted window, beside a bare QMainWindow with docks and tables (M9).

Each sample is a process of its own: it prints the time of its first paint, and the parent subtracts
the time at which it started it. Both use the offscreen platform unless a display is asked for.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from app.__main__ import FIRST_PAINT_FLAG as FLAG
from tests.bench.result import Result, figure, percentile, result

REPEATS = 9

_BARE = """
import sys, time
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTableWidget
app = QApplication(sys.argv)
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.time_ns(), flush=True)
        app.exit()
window = Window()
window.resize(1280, 800)
for n in range(4):
    dock = QDockWidget(f"dock {n}", window)
    dock.setWidget(QTableWidget(20, 6))
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
window.show()
app.exec()
"""


def run() -> Result:
    """Measure both in turn, so that noise falls on both."""
    bare, ours = [], []
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen"),
            "TRADEDECK_DATA_DIR": folder,
            "PYTHONPYCACHEPREFIX": folder,
        }
        # As at every start but the first: Python's compiled files are there.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        _first_paint_ms(["-m", "app", FLAG], environment)
        for _ in range(REPEATS):
            bare.append(_first_paint_ms(["-c", _BARE], environment))
            ours.append(_first_paint_ms(["-m", "app", FLAG], environment))
    floor, value = percentile(bare, 0.5), percentile(ours, 0.5)
    return result("startup", {"first_paint_p50": figure(value, "ms", floor=floor, target="<= 2")})


def _first_paint_ms(arguments: list[str], environment: dict[str, str]) -> float:
    started_ns = time.time_ns()  # noqa: TID251  Two processes share the wall clock only.
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, check=True, capture_output=True, timeout=60
    )
    return (int(done.stdout.split()[0]) - started_ns) / 1e6
