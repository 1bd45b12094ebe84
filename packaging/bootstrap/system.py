"""Find the system libraries that Qt lacks, and the packages that hold them.

Package names: run on bare Debian 12 and read for Ubuntu 24.04 (2026-11), where a name may
have grown a `t64`.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from bootstrap.terminal import Progress, SetupError, watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

NO_WINDOW: Final = frozenset({"audit", "export", "replay"})
"""Verbs that never import Qt, and so need none of its system libraries."""

QT: Final = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""System library -> Debian package: what Qt loads even off screen."""

QT_XCB: Final = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
QT_WAYLAND: Final = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}
PIP_PACKAGE: Final = "python3-venv"


def wanted_libraries(task: str, args: Sequence[str], env: Mapping[str, str]) -> dict[str, str]:
    """Return the system libraries that Qt will load: library -> Debian package."""
    if not sys.platform.startswith("linux"):
        return {}
    if task != "run":
        return dict(QT)
    if args and args[0] in NO_WINDOW:
        return {}
    default = "xcb" if env.get("DISPLAY") else "wayland" if env.get("WAYLAND_DISPLAY") else ""
    platform = env.get("QT_QPA_PLATFORM") or default
    if platform.startswith("xcb"):
        return {**QT, **QT_XCB}
    return {**QT, **QT_WAYLAND} if platform.startswith("wayland") else dict(QT)


def missing_packages(libraries: Mapping[str, str], is_there: Callable[[str], bool]) -> list[str]:
    """Return the Debian packages of the libraries that are not there."""
    return [package for library, package in libraries.items() if not is_there(library)]


def has_library(name: str) -> bool:
    """Tell whether the dynamic linker finds a library."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def has_module(name: str) -> bool:
    """Tell whether this Python could import a module."""
    importlib.invalidate_caches()
    return importlib.util.find_spec(name) is not None


def install_system_packages(packages: Sequence[str], libraries: Mapping[str, str]) -> None:
    """Install Debian packages as root; otherwise say the one command that does it."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not shutil.which("apt-get"):
        raise SetupError(advice_without_apt(packages, libraries))
    if not root:
        names = choose_names(packages, known_to_apt(packages))
        raise SetupError(
            "system packages are missing. Install them, then run the same command again:\n"
            "  sudo apt-get update && sudo apt-get install -y --no-install-recommends "
            + " ".join(names)
        )
    progress = Progress("system")
    progress.show("reading the list of packages")
    apt = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-oDPkg::Lock::Timeout=120"]
    watch([*apt, "update"], lambda _line: None, progress)
    names = choose_names(packages, known_to_apt(packages))
    command = [*apt, "install", "-y", "--no-install-recommends", *names]
    code, lines = watch(command, describe_apt, progress)
    lacking = missing_packages(libraries, has_library)
    if PIP_PACKAGE in packages and not has_module("ensurepip"):
        lacking.append(f"ensurepip for {sys.executable}")
    if code != 0 or lacking:
        reason = next((line for line in lines if line.startswith("E:")), ", ".join(lacking))
        raise SetupError(
            f"system packages are still missing ({reason}). Check the network, then run:\n"
            f"  apt-get update && apt-get {' '.join(command[len(apt) :])}"
        )
    progress.finish(f"installed {' '.join(names)}")


def known_to_apt(packages: Iterable[str]) -> set[str]:
    """Return which of the packages, under any of their names, apt could install."""
    names = [name for package in packages for name in other_names(package)]
    shown = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", *names],
        check=False,
        capture_output=True,
        text=True,
    )
    prefix = "Package: "
    return {line[len(prefix) :] for line in shown.stdout.splitlines() if line.startswith(prefix)}


def choose_names(packages: Iterable[str], known: Collection[str]) -> list[str]:
    """Return the name each package has on this distribution; its own where none is known."""
    return [
        next((name for name in other_names(package) if name in known), package)
        for package in packages
    ]


def other_names(package: str) -> tuple[str, str]:
    """Return the names a package may have, the more special one first."""
    if package == PIP_PACKAGE:  # Belongs to the distribution's default Python; this may be another.
        return (f"python3.{sys.version_info[1]}-venv", package)
    return (f"{package}t64", package)


def describe_apt(line: str) -> str | None:
    """Return what to show after a line of apt-get, or None if it says nothing new."""
    words = line.split()
    if line.startswith("Get:") and len(words) > 4:
        return f"downloading {words[4]}"
    if words[:1] in (["Unpacking"], ["Setting"]):
        return " ".join(words[: 3 if words[1] == "up" else 2])
    return None


def advice_without_apt(packages: Sequence[str], libraries: Mapping[str, str]) -> str:
    """Return what to install where there is no apt-get: the libraries by their own names."""
    lacking = [library for library, package in libraries.items() if package in packages]
    if PIP_PACKAGE in packages:
        lacking.append("pip for Python (ensurepip or pip)")
    if shutil.which("dnf") and PIP_PACKAGE not in packages:
        names = " ".join(f"'{library}()(64bit)'" for library in lacking)
        return (
            f"system libraries are missing. Run this, then start again:\n  sudo dnf install {names}"
        )
    return (
        "system libraries are missing. Install the packages of this system which hold\n  "
        + ", ".join(lacking)
        + "\nthen run the same command again."
    )
