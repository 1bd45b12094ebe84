"""Talk on the terminal while something else works."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LINE_EVERY_S: Final = 5.0
"""How often progress is printed where a line cannot be overwritten."""


class SetupError(Exception):
    """Something the user has to know or do; the text is shown as it is."""


class Progress:
    """Show one changing line on a terminal, and elsewhere a line now and then."""

    def __init__(self, step: str) -> None:
        self._step = step
        self._text = ""
        self._started_s = time.perf_counter()
        self._due_s = self._started_s
        self._tty = sys.stdout.isatty()

    def show(self, text: str) -> None:
        """Say what is being done now."""
        self._text = text
        self.tick()

    def tick(self) -> None:
        """Draw the line again, with the seconds spent so far."""
        now_s = time.perf_counter()
        line = f"  {self._step}: {self._text} ({now_s - self._started_s:.0f} s)"
        if self._tty:
            columns = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:columns]:<{columns}}", end="", flush=True)
        elif now_s >= self._due_s:
            print(line, flush=True)
            self._due_s = now_s + LINE_EVERY_S

    def finish(self, text: str) -> None:
        """Say what was done and leave the line standing."""
        self._due_s = 0.0
        self.show(text)
        if self._tty:
            print(flush=True)


def watch(
    command: Sequence[str], describe: Callable[[str], str | None], progress: Progress
) -> tuple[int, list[str]]:
    """Run a command, show what `describe` makes of each line, return its code and lines."""
    lines: list[str] = []
    arriving: queue.Queue[str | None] = queue.Queue()
    env = {**clean_environment(), "PYTHONUNBUFFERED": "1", "PIP_USER": "0"}
    with subprocess.Popen(
        command,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        close_fds=False,  # The lock of environment.exclusive() is the only one to inherit.
        text=True,
        errors="replace",
    ) as child:

        def read() -> None:
            for line in child.stdout or ():
                arriving.put(line.rstrip())
            arriving.put(None)

        reader = threading.Thread(target=read, name=command[0], daemon=True)
        reader.start()
        try:
            while (line := next_line(arriving, progress)) is not None:
                lines.append(line)
                text = describe(line)
                if text is not None:
                    progress.show(text)
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            raise
        reader.join()
    return child.returncode, lines


def next_line(arriving: queue.Queue[str | None], progress: Progress) -> str | None:
    """Wait for the next line, and let the seconds run meanwhile."""
    while True:
        try:
            return arriving.get(timeout=1.0)
        except queue.Empty:
            progress.tick()


def clean_environment() -> dict[str, str]:
    """Return the environment without other people's Python packages in it."""
    dropped = ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in dropped}
