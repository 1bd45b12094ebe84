"""Show that the harness sees what a test must not do: a guard that is never seen to work is none.

Method: pytest runs a file of misdeeds in a process of its own, with the real conftest.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

MISDEEDS = """
import asyncio, logging, socket, threading, time
import hypothesis, pytest

def test_good(): pass

def test_expects_the_warning_it_provokes(expected_logs):
    expected_logs("lights .* out")
    logging.getLogger("x").warning("the lights are out")

@pytest.mark.asyncio
async def test_good_thread_of_the_loop():
    await asyncio.to_thread(time.sleep, 0.01)

def test_good_window(qtbot):
    from PySide6.QtWidgets import QWidget
    qtbot.addWidget(QWidget())

def test_bad_warns():
    logging.getLogger("x").warning("the lights are out")

def test_bad_expects_a_warning_that_does_not_come(expected_logs):
    expected_logs("lights")

@pytest.mark.asyncio
async def test_bad_leaks_a_task():
    asyncio.get_running_loop().create_task(asyncio.sleep(60), name="left over")

@pytest.mark.asyncio
@hypothesis.given(hypothesis.strategies.booleans())
async def test_bad_leaks_a_task_in_a_property(_):
    asyncio.get_running_loop().create_task(asyncio.sleep(60), name="left over")

def test_bad_leaks_a_thread():
    threading.Thread(target=time.sleep, args=(9,), daemon=True, name="left over").start()

def test_bad_connects():
    with socket.socket() as link:
        link.connect(("192.0.2.1", 80))

def test_bad_looks_a_name_up():
    socket.create_connection(("example.org", 80), 1)

def test_bad_leaks_a_window(qapp):
    from PySide6.QtWidgets import QWidget
    test_bad_leaks_a_window.kept = QWidget()

def test_bad_lets_qt_warn(qapp):
    from PySide6.QtCore import qWarning
    qWarning("the pen is out of ink")
"""


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Test name -> what pytest said of it."""
    folder = tmp_path_factory.mktemp("misdeeds")
    (folder / "test_misdeeds.py").write_text(MISDEEDS, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "tests.conftest"]
        + ["-o", "addopts=", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(folder)]
        + ["-rA", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
    )
    found = re.findall(r"^(PASSED|FAILED|ERROR) .*::(test_\w+)", run.stdout, re.MULTILINE)
    assert found, run.stdout + run.stderr
    outcomes = {}
    for outcome, name in found:
        outcomes.setdefault(name, set()).add(outcome)
    return outcomes


@pytest.mark.parametrize("name", re.findall(r"def (test_\w+)", MISDEEDS))
def test_misdeed_is_seen_and_good_behaviour_is_left_alone(outcomes, name):
    if name.startswith("test_bad_"):
        assert outcomes[name] & {"FAILED", "ERROR"}
    else:
        assert outcomes[name] == {"PASSED"}
