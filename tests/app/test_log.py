"""Show that the program log says what a bug report needs, and nothing leaves it open.

Method: a log in a temporary folder, and events on a real hub.
"""

import faulthandler
import logging
from logging.handlers import RotatingFileHandler

import pytest

from app import log as log_module
from app.domain.events import HandlerFailed, Notice, ServiceStatus
from app.hub import Hub
from app.log import follow, log_fault, log_to


@pytest.fixture
def written(tmp_path):
    """Start a log; call to read what it holds."""
    logger = logging.getLogger("tradedeck")
    before = (logger.level, logger.propagate)
    path = tmp_path / "new" / "tradedeck.log"
    with log_to(path):
        yield lambda: path.read_text(encoding="utf-8").splitlines()
    assert not [h for h in logger.handlers if isinstance(h, RotatingFileHandler)]
    assert not faulthandler.is_enabled()
    logger.setLevel(before[0])
    logger.propagate = before[1]


def test_log_is_made_in_a_folder_that_is_made(written):
    assert written() == []
    assert faulthandler.is_enabled()


@pytest.mark.parametrize(
    ("event", "level", "text"),
    [
        (Notice(text="hello"), "INFO", "hello"),
        (Notice(text="mind", is_warning=True), "WARNING", "mind"),
        (Notice(text="100 % and %s"), "INFO", "100 % and %s"),
        (ServiceStatus(name="feed", is_running=True, text="running"), "INFO", "feed: running"),
        (HandlerFailed(handler="f", error="E()"), "ERROR", "f failed: E()"),
    ],
)
def test_what_the_station_says_of_itself_is_logged(written, event, level, text):
    hub = Hub()
    follow(hub)
    hub.publish(event)
    [line] = written()
    assert line.endswith(f" {level} {text}")
    assert hub.failures == 0


def test_fault_that_ends_the_session_is_logged_with_its_traceback(written):
    try:
        raise ValueError("no")
    except ValueError as error:
        log_fault(error)
    assert "ERROR the session ends: ValueError('no')" in written()[0]
    assert "Traceback" in written()[1]


def test_log_is_bounded(written, monkeypatch, tmp_path):
    logger = logging.getLogger("tradedeck")
    [handler] = [h for h in logger.handlers if isinstance(h, RotatingFileHandler)]
    monkeypatch.setattr(handler, "maxBytes", 100)
    for n in range(50):
        logger.info("line %d", n)
    files = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert len([name for name in files if ".log" in name]) == log_module.LOG_FILES


def test_file_for_a_crash_stays_open_when_the_log_is_full(tmp_path, monkeypatch):
    # Its number would go to the next file that is opened: a crash would write into that one.
    given = []
    monkeypatch.setattr(faulthandler, "enable", given.append)
    with log_to(tmp_path / "tradedeck.log"):
        logger = logging.getLogger("tradedeck")
        [handler] = [h for h in logger.handlers if isinstance(h, RotatingFileHandler)]
        handler.doRollover()
        assert not given[0].closed
    assert given[0].closed
