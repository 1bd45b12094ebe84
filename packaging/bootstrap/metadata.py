"""Make the checkout known to an environment, as an editable install would.

Done here and not by pip, because pip would fetch a build backend for it. importlib.metadata
finds the plug-ins through the entry_points.txt that is written from pyproject.toml.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_metadata(root: Path, site: Path, scripts: Path) -> None:
    """Write dist-info, path file and commands for the project in `root`."""
    import tomllib  # Not at the top: it is as new as Python 3.11.

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name = project["name"]
    for stale in site.glob(f"{name}-*.dist-info"):
        shutil.rmtree(stale)
    info = site / f"{name}-{project['version']}.dist-info"
    info.mkdir()
    written = [site / f"{name}.pth", info / "METADATA", info / "entry_points.txt"]
    written[0].write_text(f"{root}\n", encoding="locale")  # As `site` reads it.
    written[1].write_text(metadata_text(project), encoding="utf-8")
    written[2].write_text(entry_points_text(project), encoding="utf-8")
    for command, target in project.get("scripts", {}).items():
        written.append(write_command(scripts, command, target))
    written.append(info / "INSTALLER")
    written[-1].write_text("packaging/start.py\n", encoding="utf-8")
    rows = io.StringIO()
    paths = [*written, info / "RECORD"]
    csv.writer(rows, lineterminator="\n").writerows(
        (Path(os.path.relpath(path, site)).as_posix(), "", "") for path in paths
    )
    (info / "RECORD").write_text(rows.getvalue(), encoding="utf-8")


def metadata_text(project: Mapping[str, Any]) -> str:
    """Return the METADATA file for the [project] table of pyproject.toml."""
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {project['version']}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {requirement}" for requirement in project["dependencies"]),
    ]
    return "\n".join(lines) + "\n"


def entry_points_text(project: Mapping[str, Any]) -> str:
    """Return the entry_points.txt file for the [project] table of pyproject.toml."""
    groups = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    lines = []
    for group, entries in groups.items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in entries.items()), ""]
    return "\n".join(lines)


def write_command(scripts: Path, command: str, target: str) -> Path:
    """Write the command that calls `module:function` and return its path."""
    module, _, function = target.partition(":")
    call = f"import sys\nfrom {module} import {function}\n\nsys.exit({function}())\n"
    if sys.platform == "win32":
        path = scripts / f"{command}.cmd"
        code = call.replace("\n\n", "\n").strip().replace("\n", "; ")
        path.write_text(f'@"%~dp0python.exe" -c "{code}" %*\n', encoding="locale")
        return path
    path = scripts / command
    # Shell and Python at once: a #! line holds neither a blank nor a long path.
    head = f"#!/bin/sh\n'''exec' \"{scripts / 'python'}\" \"$0\" \"$@\"\n' '''\n"
    path.write_text(head + call, encoding="utf-8")
    path.chmod(0o755)
    return path
