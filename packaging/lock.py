"""Renew the lock files of `packaging/requirements` from pyproject.toml.

    python3 packaging/lock.py              resolve again, keep what still fits
    python3 packaging/lock.py --upgrade    take the newest of everything

Arguments go to `uv lock`. uv comes from the PATH, or for this one run from the package
index; nobody needs it to start or test the station. The files hold names, versions, markers
and hashes, for every system and Python at once. They name no address, so that they work
with any mirror; uv.lock does name one, and stays out of the repository.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
REQUIREMENTS: Final = ROOT / "packaging" / "requirements"
EXPORT: Final = (
    *("export", "-q", "--format", "requirements-txt", "--no-header", "--no-annotate"),
    *("--no-emit-project", "--no-default-groups"),
)
GROUPS: Final = {"run.txt": (), "test.txt": ("test", "lint")}
"""Lock file -> the dependency groups it holds besides what the station needs to run."""


def main(lock_args: Sequence[str]) -> int:
    """Write all lock files, or none if one of them would be unfit, and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or fetch_uv(Path(folder) / "uv")
        try:
            subprocess.run([uv, "lock", *lock_args], cwd=ROOT, check=True)
            texts = {name: export(uv, groups) for name, groups in GROUPS.items()}
        except subprocess.CalledProcessError as error:
            print(f"lock.py: uv ended with {error.returncode}; no file was changed.")
            return 1
    bad = [f"{name}: {line}" for name, text in texts.items() for line in unfit_lines(text)]
    if bad:
        print("lock.py: these lines name an address or an option; no file was changed.", *bad)
        return 1
    for name, text in texts.items():
        (REQUIREMENTS / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {sum(not line.startswith(' ') for line in text.splitlines())} entries")
    return 0


def export(uv: str, groups: Sequence[str]) -> str:
    """Return one lock file's text."""
    options = [part for group in groups for part in ("--group", group)]
    done = subprocess.run(
        [uv, *EXPORT, *options], cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    return done.stdout


def unfit_lines(text: str) -> list[str]:
    """Return the lines that tie a lock file to one place: addresses and options."""
    return [line for line in text.splitlines() if "://" in line or line.startswith("-")]


def fetch_uv(folder: Path) -> str:
    """Install uv, as the `lock` group of pyproject.toml wants it, into a passing environment."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    venv.create(folder, with_pip=True)
    scripts = folder / ("Scripts" if sys.platform == "win32" else "bin")
    command = [str(scripts / "python"), "-m", "pip", "install", "-q", "--only-binary", ":all:"]
    subprocess.run([*command, *groups["dependency-groups"]["lock"]], check=True)
    return str(scripts / "uv")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
