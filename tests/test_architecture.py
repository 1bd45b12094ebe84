"""Show that the house stands as drawn: who may import whom, and that a breach would be seen.

Method: import-linter runs the contracts of pyproject.toml on the tree, then on a copy of it with a
breach planted, one contract after the other. Every module but the window's is imported to see that
Qt stays out.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LINTER = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]
CONTRACTS = {contract["name"]: contract for contract in LINTER["contracts"]}

BREACHES = {
    "Layers": ("app/hub.py", "import app.desk"),
    "Qt and widgets only from widgets and app.__main__": (
        "app/risk/gate.py",
        "import PySide6.QtCore",
    ),
    "The domain does no I/O and knows no clock": ("app/domain/orders.py", "import time"),
    "Sockets only in feeds and brokers": ("app/oms/engine.py", "import httpx"),
    "SQLite only in the audit log and the history store": ("app/feeds/replay.py", "import sqlite3"),
    "Feeds do not import each other": ("app/feeds/replay.py", "import app.feeds.builtin"),
    "Brokers are reached through the OMS": ("app/replay.py", "import app.brokers.builtin"),
    "Widgets see the desk, the domain, plug-ins and studies": (
        "widgets/panel.py",
        "import app.log",
    ),
    "Panels do not import each other": (
        "widgets/panels/orders.py",
        "import widgets.panels.fills",
    ),
}

MAY_IMPORT = {
    "Qt and widgets only from widgets and app.__main__": {"widgets", "app.__main__"},
    "The domain does no I/O and knows no clock": None,
    "Sockets only in feeds and brokers": {"app.feeds", "app.brokers"},
    "SQLite only in the audit log and the history store": {"app.audit"},
    "Brokers are reached through the OMS": {
        "app.oms",
        "app.session",
        "app.plugins",
        "app.brokers",
        "app.drills",
    },
    "Widgets see the desk, the domain, plug-ins and studies": None,
}
"""Contract -> who is meant to be free of it; None where its sources are one package by intent."""


def children(package):
    """Dotted names of what a package directly holds."""
    return {
        f"{package}.{path.stem}"
        for path in (ROOT / package.replace(".", "/")).iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").exists()) and path.stem != "__init__"
    }


def lint(root):
    """Contract name -> whether it is kept, in the tree at a root."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; lint_imports()"]
        + ["--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), "COLUMNS": "200", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
    )
    kept = {
        name: word == "KEPT" for name, word in re.findall(r"^(.*) (KEPT|BROKEN)", run.stdout, re.M)
    }
    assert kept, run.stdout + run.stderr
    return kept


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Copy the packages and the contracts."""
    folder = tmp_path_factory.mktemp("tree")
    for package in ("app", "widgets"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_contracts_are_kept():
    assert lint(ROOT) == dict.fromkeys(CONTRACTS, True)


def test_every_contract_has_a_breach_to_be_tried_with():
    assert set(BREACHES) == set(CONTRACTS)


@pytest.mark.parametrize("name", BREACHES)
def test_planted_breach_is_seen(tree, name):
    file, line = BREACHES[name]
    path = tree / file
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n\n{line}\n", encoding="utf-8")
    try:
        assert lint(tree)[name] is False
    finally:
        path.write_text(before, encoding="utf-8")


def test_every_package_has_its_layer():
    layers = {name.strip() for line in CONTRACTS["Layers"]["layers"] for name in line.split("|")}
    assert layers == children("app") | {"widgets"}


@pytest.mark.parametrize(
    "name", [name for name, contract in CONTRACTS.items() if contract["type"] == "forbidden"]
)
def test_no_package_is_left_out_of_a_contract(name):
    free = MAY_IMPORT[name]
    if free is not None:
        sources = set(CONTRACTS[name]["source_modules"])
        assert sources == (children("app") | {"widgets"}) - free


def test_widgets_are_kept_from_everything_but_what_they_may_see():
    name = "Widgets see the desk, the domain, plug-ins and studies"
    may_see = {"app.desk", "app.domain", "app.files", "app.indicators", "app.plugins"}
    assert set(CONTRACTS[name]["forbidden_modules"]) == children("app") - may_see


def test_no_feed_and_no_panel_is_left_out_of_its_contract():
    # What is no feed itself.
    shared = re.compile(r"\.(base|tick\w+|record\w+|sources|player|bookmarks|transport)$")
    feeds = {name for name in children("app.feeds") if not shared.search(name)}
    assert set(CONTRACTS["Feeds do not import each other"]["modules"]) == feeds
    panels = set(CONTRACTS["Panels do not import each other"]["modules"])
    assert panels == children("widgets.panels")


def test_nothing_but_the_window_brings_qt_in():
    code = """
import importlib, pkgutil, sys
import app
from app import plugins
for found in pkgutil.walk_packages(app.__path__, "app."):
    if found.name != "app.__main__":
        importlib.import_module(found.name)
for group in ("feeds", "brokers", "checks"):
    assert plugins.load(f"tradedeck.{group}").specs, group
names = ("PySide6", "shiboken6", "pyqtgraph", "qasync", "PySide6QtAds", "widgets")
print(*(name for name in sys.modules if name.split(".")[0] in names))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (run.stdout.strip(), run.stderr) == ("", "")
