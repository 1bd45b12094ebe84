"""The program log: for a bug report. No records, no secrets; bounded in size."""

from __future__ import annotations

import faulthandler
import logging
import logging.handlers
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from app.domain.events import HandlerFailed, Notice, ServiceStatus
from app.hub import Hub

LOG_BYTES_MAX: Final = 1_000_000
LOG_FILES: Final = 3
_logger: Final = logging.getLogger("tradedeck")


@contextmanager
def log_to(path: Path) -> Iterator[None]:
    """Write the log to a file, and the stack of every thread if the interpreter dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES_MAX, backupCount=LOG_FILES - 1, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _logger.addHandler(handler)
    _logger.setLevel(logging.INFO)
    _logger.propagate = False
    # A crash has a file of its own: the log is closed and renamed when it is full.
    with path.with_suffix(".crash").open("a") as crash:
        faulthandler.enable(crash)
        try:
            yield
        finally:
            faulthandler.disable()
            _logger.removeHandler(handler)
            handler.close()


def follow(hub: Hub) -> None:
    """Log what the station says of itself."""
    hub.subscribe(HandlerFailed, lambda f: _logger.error("%s failed: %s", f.handler, f.error))
    hub.subscribe(ServiceStatus, lambda s: _logger.info("%s: %s", s.name, s.text))
    hub.subscribe(Notice, lambda n: _logger.log(_level(n), "%s", n.text))


def log_fault(error: BaseException) -> None:
    """Log an error that ends the session, with its traceback."""
    _logger.error("the session ends: %r", error, exc_info=error)


def _level(notice: Notice) -> int:
    return logging.WARNING if notice.is_warning else logging.INFO
