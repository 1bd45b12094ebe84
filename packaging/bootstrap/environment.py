"""Make `.venv` what a lock file says, and know when there is nothing to do.

The danger is a half-made environment: a start that was killed, two starts at once, a lock
file or a Python that changed.

    start 1   lock, drop stamp, make, pip ... killed
    start 2   lock (the system let go of it), no stamp: make it anew, write stamp
    start 3   stamp equals what is wanted: nothing to do, the lock is not even asked for

The stamp goes before the first change and comes back after the last one. Not guarded
against: packages changed by hand behind a good stamp; deleting `.venv` puts that right.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
import sysconfig
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bootstrap.metadata import write_metadata
from bootstrap.system import (
    PIP_PACKAGE,
    has_library,
    has_module,
    install_system_packages,
    missing_packages,
)
from bootstrap.terminal import Progress, SetupError, watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOCK_WAIT_S_MAX: Final = 900.0

PIP_FAILURES: Final = (
    (r"No space left on device", "the disk is full. Free about 1 GB"),
    (
        r"DO NOT MATCH THE HASHES",
        "a downloaded package is not the one in the lock file, so it was not installed. "
        "Look at what stands between this machine and the package index",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED",
        "the certificate of the package index is not trusted here. If this network puts its "
        "own in between, name its bundle in PIP_CERT",
    ),
    (
        r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Read timed out"
        r"|ProxyError|SSLError|Network is unreachable"
        r"|Connection broken|ProtocolError|name resolution",
        "the package index could not be reached. Check the network, or pip's proxy settings",
    ),
    (
        r"No matching distribution",
        "there is no ready-made package for this system. Needed are 64-bit Windows, "
        "macOS, or Linux with glibc 2.34 (Debian 12, Ubuntu 22.04) or newer",
    ),
)
"""Pattern in pip's output -> what happened, and what to do."""


def prepare(root: Path, kind: str, libraries: Mapping[str, str]) -> None:
    """Bring system libraries and `.venv` up to what the lock file of `kind` asks for."""
    venv, wanted = root / ".venv", wanted_stamp(root)
    steps = plan(read_stamp(venv), wanted, kind)
    packages = missing_packages(libraries, has_library)
    if "environment" in steps and not (has_module("ensurepip") or has_module("pip")):
        packages.append(PIP_PACKAGE)
    if packages:
        install_system_packages(packages, libraries)
    if not steps:
        return
    venv.mkdir(exist_ok=True)
    with exclusive(venv / ".lock"):
        steps = plan(read_stamp(venv), wanted, kind)  # Another start may have done it.
        found = read_stamp(venv)
        if "packages" in steps:
            (venv / "stamp.json").unlink(missing_ok=True)
        if "environment" in steps:
            make_environment(venv)
        if "packages" in steps:
            install_packages(venv, root / "packaging" / "requirements" / f"{kind}.txt")
            found = {"run": wanted["run"], kind: wanted[kind]}
        if steps:
            write_metadata(root, *venv_paths(venv))
            write_stamp(venv, {**found, "python": wanted["python"], "project": wanted["project"]})


def wanted_stamp(root: Path) -> dict[str, str]:
    """Return the hashes an environment for this checkout and this Python should carry."""
    locks = root / "packaging" / "requirements"
    project = (root / "pyproject.toml").read_bytes() + os.fsencode(root)
    return {
        "python": f"{sys.implementation.cache_tag}{getattr(sys, 'abiflags', '')}",
        "run": hashlib.sha256((locks / "run.txt").read_bytes()).hexdigest(),
        "test": hashlib.sha256((locks / "test.txt").read_bytes()).hexdigest(),
        "project": hashlib.sha256(project).hexdigest(),
    }


def read_stamp(venv: Path) -> dict[str, str]:
    """Return what the environment says it holds; nothing if it is not whole."""
    try:
        stamp = json.loads((venv / "stamp.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and venv_python(venv.parent).exists() else {}


def write_stamp(venv: Path, stamp: Mapping[str, str]) -> None:
    """Declare the environment whole."""
    (venv / "stamp.new").write_text(json.dumps(stamp), encoding="utf-8")
    (venv / "stamp.new").replace(venv / "stamp.json")


def plan(found: Mapping[str, str], wanted: Mapping[str, str], kind: str) -> list[str]:
    """Return which of environment, packages and command have to be made, in this order."""
    if found.get("python") != wanted["python"]:
        return ["environment", "packages", "command"]
    # The test lock holds everything the run lock holds.
    holders = ("run", "test") if kind == "run" else ("test",)
    if all(found.get(holder) != wanted[holder] for holder in holders):
        return ["packages", "command"]
    return ["command"] if found.get("project") != wanted["project"] else []


def make_environment(venv: Path) -> None:
    """Make an empty `.venv`, with pip in it if this Python carries pip."""
    progress = Progress("environment")
    progress.show(f"making .venv with Python {sys.version.split()[0]}")
    for entry in venv.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != ".lock":
            entry.unlink()
    # Started from inside an old .venv, this Python would make a copy of its own ruin.
    base = getattr(sys, "_base_executable", None) or sys.executable
    pip = [] if has_module("ensurepip") else ["--without-pip"]
    code, lines = watch([base, "-m", "venv", *pip, str(venv)], lambda _line: None, progress)
    if code != 0:
        reason = " ".join(lines[-3:]) or f"exit code {code}"
        raise SetupError(f".venv could not be made: {reason}. Nothing was started.")
    progress.finish(f".venv with Python {sys.version.split()[0]}")


def install_packages(venv: Path, lock: Path) -> None:
    """Install exactly the packages of a lock file, each checked by its hash."""
    progress = Progress("packages")
    python = str(venv_python(venv.parent))
    inside = (venv_paths(venv)[0] / "pip").is_dir()
    pip = [python, "-m", "pip"] if inside else [sys.executable, "-m", "pip", "--python", python]
    options = ["--no-input", "--disable-pip-version-check", "--no-compile", "--progress-bar", "off"]
    locked = ["--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    total = count_packages(lock.read_text(encoding="utf-8"))
    code, lines = watch(
        [*pip, "install", *options, *locked], PackageCounter(total).describe, progress
    )
    if code != 0:
        raise SetupError(explain_pip("\n".join(lines)))
    progress.finish(f"{total} of {total}, as locked in {lock.name}")


def count_packages(lock: str) -> int:
    """Return how many packages a lock file names; one may stand for several Pythons."""
    return len(set(re.findall(r"^([A-Za-z0-9][\w.-]*)==", lock, re.MULTILINE)))


class PackageCounter:
    """Turn pip's output into `n of m`."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._count = 0
        self._name = ""

    def describe(self, line: str) -> str | None:
        """Return what to show after a line of pip, or None if it says nothing new."""
        found = re.match(r"\s*(?:Collecting|Requirement already satisfied:) ([\w.-]+)", line)
        size = re.match(r"\s*Downloading .*(\([\d.]+ [kMG]?B\))", line)
        note = ""
        if found:
            self._count, self._name = min(self._count + 1, self._total), found[1]
        elif size:
            note = f" {size[1]}"
        elif line.startswith("Installing"):
            self._count, self._name = self._total, "unpacking"
        elif "Retrying" in line:
            note = ": no answer, trying again"
        else:
            return None
        return f"{self._count} of {self._total}, {self._name or 'asking the index'}{note}"


def explain_pip(output: str) -> str:
    """Return one sentence on why pip failed, and pip's own last words."""
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    known = (text for pattern, text in PIP_FAILURES if re.search(pattern, output))
    text = next(known, "pip could not install the packages")
    last = f"\npip said: {errors[-1]}" if errors else ""
    return f"{text}; then run the same command again. Nothing was started.{last}"


def venv_python(root: Path) -> Path:
    """Return where the interpreter of the environment is."""
    return root / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def venv_paths(venv: Path) -> tuple[Path, Path]:
    """Return the site-packages and the scripts folder of an environment of this Python."""
    base = {"base": str(venv), "platbase": str(venv)}
    return (
        Path(sysconfig.get_path("purelib", "venv", base)),
        Path(sysconfig.get_path("scripts", "venv", base)),
    )


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock file, which the system lets go of even when we are killed.

    Children that `watch` starts hold it too (except on Windows), so that a pip which has
    outlived its killed parent still keeps others out.

    Raises: SetupError: after LOCK_WAIT_S_MAX.
    """
    deadline_s = time.perf_counter() + LOCK_WAIT_S_MAX
    told = False
    with path.open("a+") as file:
        while not try_lock(file.fileno()):
            if time.perf_counter() > deadline_s:
                raise SetupError(f"another start is still setting up; {path} is held by it.")
            if not told:
                print("Another start is setting up; waiting for it.", flush=True)
            told = True
            time.sleep(0.2)
        os.set_inheritable(file.fileno(), True)
        yield


def try_lock(descriptor: int) -> bool:
    """Take the lock on an open file, or return False if another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
