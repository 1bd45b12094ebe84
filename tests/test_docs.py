"""Show that what is written for people is true: verbs, options, checks, panels and files are there.

Method: README and CONTRIBUTING are read; the program is asked what it can do.
"""

import importlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
GROUPS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "entry-points"
]


def help_of(*verb):
    run = subprocess.run(
        [sys.executable, "-m", "app", *verb, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def verbs_of(*group):
    """Yield the words of every verb, inner ones too."""
    listed = re.search(r"^Commands:\n((?:  .*\n?)*)", help_of(*group), re.MULTILINE)
    for line in listed[1].splitlines() if listed else ():
        if found := re.match(r"  (\w+)", line):
            inner = list(verbs_of(*group, found[1]))
            yield from inner or [(*group, found[1])]


@pytest.fixture(scope="module")
def verbs():
    return set(verbs_of())


def documented():
    """Yield each command line of README's table, without its column of words."""
    for line in README.splitlines():
        if found := re.match(r"\| `tradedeck ([^`]*)` \|", line):
            yield found[1].replace("\\|", "|")


def test_every_verb_is_in_the_table_of_verbs(verbs):
    table = list(documented())
    missing = [
        " ".join(verb)
        for verb in sorted(verbs)
        if not any(re.match(rf"{' '.join(verb)}\b", line) for line in table)
    ]
    assert missing == []


def test_every_verb_in_the_table_exists_and_takes_its_options(verbs):
    for line in documented():
        words = line.split()
        verb = next((v for v in verbs if tuple(words[: len(v)]) == v), None)
        assert verb is not None, f"README names 'tradedeck {line}'; there is no such verb"
        unknown = [o for o in re.findall(r"--[\w-]+", line) if o not in help_of(*verb)]
        assert unknown == [], f"tradedeck {line}"


@pytest.mark.parametrize("name", GROUPS["tradedeck.checks"])
def test_every_check_is_named(name):
    assert f"`{name}`" in README


@pytest.mark.parametrize("path", GROUPS["tradedeck.panels"].values())
def test_every_panel_is_named(path):
    module, name = path.split(":")
    assert f"| {getattr(importlib.import_module(module), name).title} |" in README


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_file_that_is_linked_is_there(text):
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_path_that_is_named_is_there(text):
    named = re.findall(r"`((?:app|widgets|packaging|resources|tests|\.ci)/[\w./-]+)`", text)
    folders = ("app/feeds", "app/brokers", "app/risk/checks", "app/indicators", "widgets/panels")
    generic = {f"{folder}/x.py" for folder in folders}
    assert [path for path in named if path not in generic and not (ROOT / path).exists()] == []


def test_layers_are_those_that_are_enforced():
    block = re.search(r"A line may import the lines below it;.*?```\n(.*?)```", CONTRIBUTING, re.S)
    config = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    contracts = tomllib.loads(config)["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["name"] == "Layers")
    assert block[1].split("\n")[:-1] == layers
