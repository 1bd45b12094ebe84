"""Set everything up and open the station; only the standard library is needed.

    python3 packaging/start.py                   open the station
    python3 packaging/start.py replay FILE ...   any verb of `tradedeck`
    python3 packaging/start.py test [ARGS ...]   every check; ARGS go to pytest
    python3 packaging/start.py setup             the environment of `test`, and nothing else

The first start makes `.venv`; later ones find it as the lock file wants it and go straight
on. On Debian and Ubuntu, root gets missing system libraries installed; others are told the
command.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parent))  # Not there under PYTHONSAFEPATH.

from bootstrap.environment import prepare, venv_python
from bootstrap.system import wanted_libraries
from bootstrap.terminal import SetupError, clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
OLDEST: Final = (3, 11)
TOO_NEW: Final = (3, 15)
"""The bounds of `requires-python` in pyproject.toml."""


def main() -> int:
    """Run the command line and return the exit code."""
    try:
        return start(sys.argv[1:])
    except SetupError as error:
        print(f"\nstart.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nstart.py: {error}; nothing was started.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def start(argv: Sequence[str]) -> int:
    """Set up what the command line needs, then run it."""
    if argv[:1] in (["-h"], ["--help"]):
        print((__doc__ or "").split("\n\nThe first start")[0])
        return 0
    check_python(sys.version_info[:2])
    task, args = parse_arguments(argv)
    prepare(ROOT, "run" if task == "run" else "test", wanted_libraries(task, args, os.environ))
    if task == "run":
        return hand_over(["-P", "-m", "app", *args])
    return run_checks(args) if task == "test" else 0


def check_python(version: tuple[int, ...]) -> None:
    """Raise SetupError unless the packages exist for this Python."""
    if OLDEST <= version < TOO_NEW:
        return
    names = [f"python3.{minor}" for minor in range(TOO_NEW[1] - 1, OLDEST[1] - 1, -1)]
    found = next((name for name in names if shutil.which(name)), None)
    advice = f"Run: {found} packaging/start.py" if found else f"Install one of {', '.join(names)}"
    needed = f"Python 3.{OLDEST[1]} to 3.{TOO_NEW[1] - 1}"
    raise SetupError(f"Tradedeck needs {needed}; this is {version[0]}.{version[1]}. {advice}.")


def parse_arguments(argv: Sequence[str]) -> tuple[str, list[str]]:
    """Return the task (run, test or setup) and the arguments that belong to it."""
    task, args = ("run", list(argv))
    if args and args[0] in ("test", "setup"):
        task = args.pop(0)
    if args and args[0] == "--":
        args.pop(0)
    return task, args


EVERY_CORE = ("-n", "auto")
"""pytest on as many processes as there are cores; a later `-n 0` has it on one."""


def run_checks(pytest_args: Sequence[str]) -> int:
    """Run lint, types and tests, all of them, and return 1 or pytest's code if any failed.

    pytest comes last, so that its closing line is the last line of the output.
    """
    steps = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",))
    failed = []
    for step in steps:
        print(f"== {' '.join(step)}", flush=True)
        if run_in_environment(["-m", *step]) != 0:
            failed.append(" ".join(step))
    pytest = ["pytest", *EVERY_CORE, *pytest_args]
    print("==", *pytest, flush=True)
    if failed:
        print(f"Failed before pytest: {', '.join(failed)}", flush=True)
    code = run_in_environment(["-m", *pytest], {"QT_QPA_PLATFORM": "offscreen"})
    return code or (1 if failed else 0)


def run_in_environment(args: Sequence[str], extra: Mapping[str, str] | None = None) -> int:
    """Run the environment's Python in the repository and return its exit code.

    Raises: KeyboardInterrupt: after the child has ended, if Ctrl-C was pressed meanwhile.
    """
    interrupted = []
    # The child gets Ctrl-C from the terminal too and ends in its own way; a handler, not
    # SIG_IGN, because the child would inherit that.
    before = signal.signal(signal.SIGINT, lambda *_: interrupted.append(True))
    try:
        code = subprocess.call(
            [str(venv_python(ROOT)), *args], cwd=ROOT, env={**clean_environment(), **(extra or {})}
        )
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted:
        raise KeyboardInterrupt
    return code if code >= 0 else 128 - code


def hand_over(args: Sequence[str]) -> int:
    """Become the station; on Windows, where a process cannot, wait for it."""
    command = [str(venv_python(ROOT)), *args]
    if sys.platform != "win32":
        sys.stdout.flush()
        os.execve(command[0], command, clean_environment())
    return subprocess.call(command, env=clean_environment())


if __name__ == "__main__":
    raise SystemExit(main())
