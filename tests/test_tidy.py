"""Show that the house rules a reader would check by eye are kept: a test that reads the source.

Method: every tracked file is read, Python as tokens and trees; each rule names what to use instead.
"""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import io
import re
import subprocess
import tokenize
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from app import plugins
from app.config import Limits

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
GROUPS = PROJECT["entry-points"]

MODULE_LINES_MAX = 600
MODULE_LINES_REVIEW = 400
TEST_LINES_MAX = 900
FUNCTION_LINES_MAX = 70

NO_TEST_OF_ITS_OWN = {
    "app/domain/decision.py": (None, "fields without a rule"),
    "app/domain/events.py": (None, "fields without a rule"),
    "app/domain/ids.py": (None, "names of types"),
    "app/brokers/base.py": ("tests/conformance/broker.py", "a contract: its suite is its test"),
    "app/feeds/base.py": ("tests/conformance/feed.py", "a contract: its suite is its test"),
    "app/indicators/base.py": ("tests/app/indicators/test_indicator_conformance.py", "a contract"),
    "app/indicators/engine/*.py": (
        "tests/app/indicators/test_indicator_conformance.py",
        "every word is said by a study, and both of its programs compared",
    ),
    "app/indicators/*.py": (
        "tests/app/indicators/test_indicator_conformance.py",
        "one suite of laws for all, and tables of values",
    ),
    "app/__main__.py": ("tests/e2e/test_window_verbs.py", "runs as a program"),
    "app/demo.py": ("tests/e2e/test_window_verbs.py", "runs as a program"),
    "app/cli.py": ("tests/e2e/test_replay_verbs.py", "runs as a program"),
    "app/replay.py": ("tests/e2e/test_replay_verbs.py", "runs as a program"),
    "app/session.py": ("tests/e2e/test_kill.py", "runs as a program"),
    "app/drills/base.py": ("tests/app/drills/test_runner.py", "fields without a rule"),
    "app/drills/stage.py": ("tests/app/drills/test_runner.py", "what a script stands on"),
    "app/drills/*_drills.py": ("tests/e2e/test_drills.py", "scripts: each is run"),
    "app/desk.py": ("tests/e2e/test_station_window.py", "hands on to what is tested"),
    "app/alerts/*.py": ("tests/app/alerts/test_watch.py", "parts of one watch"),
    "app/oms/preview.py": ("tests/e2e/test_risk.py", "asks the gate of a whole station"),
    "app/market/symbol_book.py": ("tests/app/market/test_store.py", "written by the store only"),
    "widgets/panels/chart.py": ("tests/widgets/test_chart.py", "by its name"),
    "widgets/panels/ticket.py": ("tests/widgets/test_ticket.py", "by its name"),
    "widgets/ladder/view.py": ("tests/widgets/panels/test_ladder.py", "hands on gestures"),
    "widgets/ticket_parts.py": ("tests/widgets/test_ticket.py", "parts of one panel"),
    "widgets/panels/*.py": ("tests/widgets/test_panels.py", "one suite of facts for all"),
    "widgets/plot/*.py": ("tests/widgets/test_chart.py", "parts of one picture"),
    "widgets/*.py": ("tests/widgets/test_main_window.py", "parts of one window"),
}
"""Module or pattern -> (the test that shows it, why); the first that fits counts."""

SUITES = {
    "tests/app/indicators/test_by_hand.py",
    "tests/app/indicators/test_reference.py",
    "tests/app/risk/test_check_conformance.py",
}
"""Tests of a whole folder's modules at once, beside those that each has."""

BANNED = [
    (
        r"\.exec\(",
        "app widgets",
        ("app/__main__.py",),  # Measures the first paint: there are no tasks yet.
        "dialogs.py: open() and finished; exec() stops all tasks",
    ),
    (r"\bprocessEvents\b", "app widgets", (), "return to the loop"),
    (r"\bQThread\b", "app widgets", (), "asyncio.to_thread for pure functions"),
    (r"\bQTimer\b", "app widgets", ("widgets/frame.py",), "the frame clock"),
    (r"(?<![\w.])print\(", "app widgets", (), "click.echo in a verb, a Notice elsewhere"),
    (r"\bexcept\s*:", "app widgets packaging tests", (), "the errors that are meant"),
    (r"\b(create_task|ensure_future)\(", "app widgets", ("app/tasks.py",), "tasks.spawn"),
    (r"\basync def\b", "widgets", (), "a verb of the desk: widgets do not await"),
    (r"\bclaim_key\b", "app widgets", ("app/domain/approval.py", "app/risk/gate.py"), "the gate"),
    (
        r"(?<!\w)float\(",
        "app/oms app/audit app/domain app/portfolio app/risk",
        ("app/risk/checks/base.py",),  # share(): the length of a bar, never money.
        "Decimal",
    ),
    (r"\bpytest\.mark\.skip\b", "tests", (), "a fixture that says what is absent"),
]
MAY_CATCH_ALL = {
    "app/__main__.py",
    "app/audit/journal.py",
    "app/drills/hall.py",
    "app/drills/stage.py",
    "app/hub.py",
    "app/indicators/guard.py",
    "app/oms/kill.py",
    "app/plugins.py",
    "app/risk/checks/base.py",
    "app/session.py",
    "app/tasks.py",
    "widgets/frame.py",
}
SAME_ORDER_ALWAYS = ("app/oms", "app/exchange", "app/risk", "app/audit", "app/portfolio")
ADDRESSES = ["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/", "py" + "pi", "python" + "hosted"]


@functools.cache
def tracked():
    """Return the text files that belong to the repository, as posix paths."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return sorted(name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file())


@functools.cache
def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def python(*folders):
    return [
        name
        for name in tracked()
        if name.endswith(".py") and name.startswith(tuple(f"{folder}/" for folder in folders))
    ]


@functools.cache
def tree_of(name):
    return ast.parse(text_of(name))


@functools.cache
def code_lines(name):
    """Return line number -> code of that line, without comments and the insides of strings."""
    lines = {}
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None)}
    for token in tokenize.generate_tokens(io.StringIO(text_of(name)).readline):
        if token.type in kinds:
            continue
        row, column = token.start
        lines[row] = lines.get(row, "").ljust(column) + token.string
    return lines


def modules():
    return [name for name in python("app", "widgets") if not name.endswith("__init__.py")]


class TestMirror:
    @staticmethod
    def own_test(name):
        path = Path(name)
        return (Path("tests") / path.parent / f"test_{path.name}").as_posix()

    @staticmethod
    def excuse(name):
        return next((e for p, e in NO_TEST_OF_ITS_OWN.items() if fnmatch(name, p)), None)

    def test_every_module_has_its_test(self):
        missing = [
            name
            for name in modules()
            if self.own_test(name) not in tracked() and self.excuse(name) is None
        ]
        assert missing == []

    def test_every_excuse_names_a_test_that_is_there(self):
        named = {test for test, _ in NO_TEST_OF_ITS_OWN.values() if test is not None}
        assert named - set(tracked()) == set()

    @pytest.mark.parametrize("pattern", NO_TEST_OF_ITS_OWN)
    def test_every_excuse_is_still_needed(self, pattern):
        needed = [
            name
            for name in modules()
            if self.own_test(name) not in tracked()
            and self.excuse(name) is NO_TEST_OF_ITS_OWN[pattern]
        ]
        assert needed, f"{pattern} has tests of its own by now; take it off the list"

    def test_every_test_has_a_module(self):
        lost = [
            name
            for name in python("tests/app", "tests/widgets")
            if Path(name).name.startswith("test_")
            and not any(name.startswith(self.own_test(one)[: -len(".py")]) for one in modules())
            and name not in {test for test, _ in NO_TEST_OF_ITS_OWN.values()} | SUITES
        ]
        assert lost == []


class TestSizes:
    def test_modules_are_short(self, capsys):
        sizes = {name: text_of(name).count("\n") for name in python("app", "widgets", "packaging")}
        long = {name: size for name, size in sizes.items() if size > MODULE_LINES_REVIEW}
        with capsys.disabled():
            for name, size in long.items():
                print(f"\nto be reviewed: {name} has {size} lines", end="")
        assert [name for name, size in long.items() if size > MODULE_LINES_MAX] == []

    def test_test_files_are_readable(self):
        long = [name for name in python("tests") if text_of(name).count("\n") > TEST_LINES_MAX]
        assert long == []

    def test_functions_are_short(self):
        long = [
            f"{name}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
            for name in python("app", "widgets", "packaging", "tests")
            for node in ast.walk(tree_of(name))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
        ]
        assert long == []

    def test_packages_have_no_code_of_their_own(self):
        code = [
            name
            for name in python("app", "widgets")
            if name.endswith("__init__.py")
            and name != "app/__init__.py"
            and any(not isinstance(node, ast.Expr) for node in tree_of(name).body)
        ]
        assert code == []


class TestBannedWords:
    @pytest.mark.parametrize(
        ("word", "folders", "free", "instead"), BANNED, ids=[rule[0] for rule in BANNED]
    )
    def test_word_is_not_used(self, word, folders, free, instead):
        found = [
            f"{name}:{row} {line.strip()} -> {instead}"
            for name in python(*folders.split())
            if name not in free
            for row, line in sorted(code_lines(name).items())
            if re.search(word, line)
        ]
        assert found == []

    @pytest.mark.parametrize("rule", BANNED, ids=[rule[0] for rule in BANNED])
    def test_every_exemption_is_still_needed(self, rule):
        word, _, free, _ = rule
        for name in free:
            assert any(re.search(word, line) for line in code_lines(name).values()), name

    def test_everything_is_caught_in_named_places_only(self):
        catching = {
            name
            for name in python("app", "widgets")
            if any(re.search(r"except\*? \(?Exception\b", x) for x in code_lines(name).values())
        }
        assert catching <= MAY_CATCH_ALL

    def test_assertions_are_never_switched_off(self):
        found = [
            name
            for name in tracked()
            if name.startswith((".ci/", "packaging/")) or name in ("Makefile", "README.md")
            if re.search(r"(?<![\w-])-OO?(?!\w)|PYTHONOPTIMIZE", text_of(name))
        ]
        assert found == []

    def test_what_is_left_to_do_has_an_issue(self):
        word = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b(?!.*#\d)")
        # The bytes of a picture spell any word now and then.
        texts = [name for name in tracked() if not name.endswith(".png")]
        assert [name for name in texts if word.search(text_of(name))] == []

    @pytest.mark.parametrize("name", python(*SAME_ORDER_ALWAYS))
    def test_order_of_work_never_hangs_on_a_set(self, name):
        loops = [
            node.iter
            for node in ast.walk(tree_of(name))
            if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)
        ]
        found = [
            f"{name}:{over.lineno} iterates a set; use sorted() or a dict"
            for over in loops
            if isinstance(over, ast.Set | ast.SetComp)
            or (
                isinstance(over, ast.Call)
                and isinstance(over.func, ast.Name)
                and over.func.id in ("set", "frozenset")
            )
        ]
        assert found == []


class TestWholeness:
    def test_every_module_is_reached(self):
        names = {name[:-3].replace("/", ".").removesuffix(".__init__"): name for name in modules()}
        imports = {module: set(_imports(name)) & set(names) for module, name in names.items()}
        targets = [*PROJECT["scripts"].values(), *(t for g in GROUPS.values() for t in g.values())]
        waiting = {target.partition(":")[0] for target in targets}
        reached = set()
        while waiting:
            reached |= waiting
            waiting = set().union(*(imports.get(module, set()) for module in waiting)) - reached
        assert set(names) - reached == set()

    def test_every_limit_limits_something(self):
        read = {
            node.attr
            for name in python("app")
            if name != "app/config.py"
            for node in ast.walk(tree_of(name))
            if isinstance(node, ast.Attribute)
        }
        assert set(Limits.__struct_fields__) - read == set()

    def test_installed_entry_points_are_those_of_the_project(self):
        installed = importlib.metadata.distribution("tradedeck").entry_points
        declared = {
            (group, name, target)
            for group, entries in {"console_scripts": PROJECT["scripts"], **GROUPS}.items()
            for name, target in entries.items()
        }
        assert {(e.group, e.name, e.value) for e in installed} == declared, (
            "run 'python3 packaging/start.py setup' to renew the environment's metadata"
        )

    @pytest.mark.parametrize("group", GROUPS)
    def test_entry_points_load_under_their_names(self, group):
        loaded = plugins.load(group)
        assert loaded.failures == ()
        assert {spec.name for spec in loaded.specs} == set(GROUPS[group])

    def test_command_is_there(self):
        module, _, function = PROJECT["scripts"]["tradedeck"].partition(":")
        path = module.replace(".", "/") + ".py"
        defined = [node.name for node in tree_of(path).body if isinstance(node, ast.FunctionDef)]
        assert function in defined


def _imports(name):
    """Yield every module that a file names in an import, inside functions too."""
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


class TestNothingOfThisMachine:
    @pytest.mark.parametrize("word", ADDRESSES)
    def test_no_path_and_no_host_is_named(self, word):
        assert [name for name in tracked() if word in text_of(name).lower()] == []

    @pytest.mark.parametrize("lock", ["run", "test"])
    def test_locks_hold_versions_and_hashes_only(self, lock):
        entry = r"[a-z0-9._-]+(\[[a-z,]+\])?==[^\s;]+( ; [^\\]+)? \\"
        allowed = re.compile(entry + r"|    --hash=sha256:[0-9a-f]{64}( \\)?")
        lines = text_of(f"packaging/requirements/{lock}.txt").splitlines()
        assert [line for line in lines if not allowed.fullmatch(line)] == []
