"""The harness of all tests: what they may not touch, and what they may not leave behind.

Off screen, no network but this machine, no profile but a temporary one. After each test: no log
message of WARNING or more that the test did not expect, no task, no thread, no window.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import ipaddress
import logging
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # Before anything imports Qt.

import hypothesis
import pytest

from app.clock import SimClock
from app.paths import Paths

ROOT: Final = Path(__file__).resolve().parents[1]
THREAD_END_S: Final = 2.0
"""A thread that is on its way out gets this long."""

hypothesis.settings.register_profile(
    "normal", max_examples=60, deadline=None, derandomize=True, database=None
)
hypothesis.settings.register_profile("long", max_examples=5_000, deadline=None, database=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="draw fresh random examples, many more of them, in property tests",
    )


def pytest_configure(config: pytest.Config) -> None:
    hypothesis.settings.load_profile("long" if config.getoption("--long") else "normal")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # A leaked task has to be seen while its loop still runs: from inside the test.
        test = getattr(item, "obj", None)
        inner = getattr(getattr(test, "hypothesis", None), "inner_test", None)
        if inspect.iscoroutinefunction(inner):
            test.hypothesis.inner_test = _without_leaked_tasks(inner)
        elif inspect.iscoroutinefunction(test):
            item.obj = _without_leaked_tasks(test)  # type: ignore[attr-defined]


# Network


class NetworkTouched(Exception):
    """A test tried to leave this machine."""


def _require_loopback(address: Any) -> None:
    host = address[0] if isinstance(address, tuple) and address else None
    if host is None or host == "localhost":
        return  # A path or a name of this machine.
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here:
        raise NetworkTouched(f"a test may connect to this machine only, address was {address!r}")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        look_up = socket.getaddrinfo

        def look_up_here(host: Any, *args: Any, **kwargs: Any) -> Any:
            _require_loopback((host,))
            return look_up(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", look_up_here)
        yield


def _guarded(call: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(call)
    def guarded(self: socket.socket, address: Any) -> Any:
        _require_loopback(address)
        return call(self, address)

    return guarded


# Logs


class LogWatch(logging.Handler):
    """Collects log records of WARNING and more; call it with the patterns that are expected."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self._expected: list[str] = []

    def __call__(self, *patterns: str) -> None:
        """Expect messages that match; each pattern has to be seen at least once."""
        self._expected += patterns

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def faults(self) -> list[str]:
        """Return what was said and not expected, and what was expected and not said."""
        said = [record.getMessage() for record in self.records]
        faults = [
            f"unexpected log message: {record.levelname} {record.name}: {text}"
            for record, text in zip(self.records, said, strict=True)
            if not any(re.search(pattern, text) for pattern in self._expected)
        ]
        faults += [
            f"expected log message is missing: {pattern}"
            for pattern in self._expected
            if not any(re.search(pattern, text) for text in said)
        ]
        return faults


@pytest.fixture
def expected_logs(_log_watch: LogWatch) -> LogWatch:
    """Call with regular expressions of the warnings this test provokes."""
    return _log_watch


@pytest.fixture(autouse=True)
def _log_watch() -> Iterator[LogWatch]:
    watch = LogWatch()
    root = logging.getLogger()
    root.addHandler(watch)
    try:
        yield watch
    finally:
        root.removeHandler(watch)
    faults = watch.faults()
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


# Tasks, threads, windows


def _without_leaked_tasks(test: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(test)
    async def watched(*args: Any, **kwargs: Any) -> None:
        before = asyncio.all_tasks()
        await test(*args, **kwargs)
        await asyncio.sleep(0)  # A task that was just cancelled ends in its next step.
        leaked = asyncio.all_tasks() - before
        for task in leaked:
            task.cancel()
        names = sorted(task.get_name() for task in leaked)
        assert not leaked, f"tasks outlive the test: {', '.join(names)}"

    return watched


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline_s = time.perf_counter() + THREAD_END_S
    while leaked := set(threading.enumerate()) - before:
        if time.perf_counter() > deadline_s:
            names = ", ".join(sorted(thread.name for thread in leaked))
            pytest.fail(f"threads outlive the test: {names}", pytrace=False)
        time.sleep(0.005)


def _windows() -> list[Any]:
    widgets = sys.modules.get("PySide6.QtWidgets")
    app = widgets.QApplication.instance() if widgets is not None else None
    if app is None:
        return []
    core = sys.modules["PySide6.QtCore"]
    app.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
    return list(widgets.QApplication.topLevelWidgets())


@pytest.fixture(autouse=True)
def _no_leaked_windows() -> Iterator[None]:
    before = _windows()  # Held, so that no new window takes the identity of one of them.
    yield
    if any(window not in before for window in _windows()):
        gc.collect()  # Only now: it is slow, and most tests have no window.
    leaked = [window for window in _windows() if window not in before]
    names = [f"{type(window).__name__} '{window.objectName()}'" for window in leaked]
    for window in leaked:
        window.close()
        window.deleteLater()
    _windows()
    if names:
        pytest.fail(f"windows outlive the test: {', '.join(sorted(names))}", pytrace=False)


# What tests stand on


@pytest.fixture(autouse=True)
def _own_profile(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the records of whoever runs it."""
    folder = tmp_path_factory.getbasetemp() / "nobody"
    for name in ("TRADEDECK_DATA_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(folder))


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A profile of this test alone."""
    folder = tmp_path / "data"
    monkeypatch.setenv("TRADEDECK_DATA_DIR", str(folder))
    return Paths(data_dir=folder)


@pytest.fixture
def clock() -> SimClock:
    """A clock that stands still: Monday 2026-11-23, 09:30:00 New York."""
    return SimClock(1_795_444_200_000_000_000)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Recorded market data that is not part of the repository; skips where it is absent."""
    folder = Path(os.environ.get("TRADEDECK_SHARED", ROOT.parent / "shared")) / "data"
    if not folder.is_dir():
        pytest.skip(f"no recorded data at {folder}; TRADEDECK_SHARED names its parent")
    return folder


@pytest.fixture(scope="session")
def fonts(qapp: Any) -> list[str]:
    """The shipped fonts, so that pictures and widths are equal on every machine."""
    from widgets.theme import load_fonts

    families = load_fonts()
    assert families, "no font was loaded"
    return families


@pytest.fixture(autouse=True)
def _gui_fonts(request: pytest.FixtureRequest) -> None:
    if "qapp" in request.fixturenames or "qtbot" in request.fixturenames:
        request.getfixturevalue("fonts")
