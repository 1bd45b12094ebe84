"""Show that the start script sets up what is missing, and nothing twice.

Method: the scripts are loaded from their files. What would fetch or install is replaced by a
note in a list; stamps, metadata, commands and locks are real files under tmp_path.
"""

import ast
import importlib
import importlib.metadata
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
LOCKS = PACKAGING / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def load(name):
    spec = importlib.util.spec_from_file_location(f"tradedeck_{name}", PACKAGING / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


start = load("start")
lock = load("lock")
environment = importlib.import_module("bootstrap.environment")
metadata = importlib.import_module("bootstrap.metadata")
system = importlib.import_module("bootstrap.system")
terminal = importlib.import_module("bootstrap.terminal")

WANTED = {"python": "cpython-311", "run": "r2", "test": "t2", "project": "p2"}
EVERYTHING = ["environment", "packages", "command"]


class TestCommandLine:
    @pytest.mark.parametrize(
        ("argv", "task", "args"),
        [
            ([], "run", []),
            (["--", "audit", "verify"], "run", ["audit", "verify"]),
            (["replay", "x.csv"], "run", ["replay", "x.csv"]),
            (["test"], "test", []),
            (["test", "-k", "book"], "test", ["-k", "book"]),
            (["test", "--", "-k", "book"], "test", ["-k", "book"]),
            (["setup"], "setup", []),
        ],
    )
    def test_arguments_go_to_their_task(self, argv, task, args):
        assert start.parse_arguments(argv) == (task, args)

    def test_bounds_are_those_of_the_project(self):
        oldest, too_new = (".".join(map(str, v)) for v in (start.OLDEST, start.TOO_NEW))
        assert PROJECT["requires-python"] == f">={oldest},<{too_new}"

    @pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 15), (4, 0)])
    def test_other_python_is_refused_in_one_sentence(self, version):
        with pytest.raises(terminal.SetupError, match=r"needs Python 3\.11 to 3\.14; this is"):
            start.check_python(version)

    @pytest.mark.parametrize("path", sorted(PACKAGING.glob("bootstrap/*.py")), ids=lambda p: p.name)
    def test_sources_parse_on_python_3_8(self, path):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
        ast.parse((PACKAGING / "start.py").read_text(encoding="utf-8"), feature_version=(3, 8))

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (terminal.SetupError("no network"), 1),
            (PermissionError(13, "Permission denied", ".venv"), 1),
            (KeyboardInterrupt(), 130),
        ],
        ids=["setup", "system", "interrupt"],
    )
    def test_failure_gives_a_sentence_and_a_code(self, monkeypatch, capsys, error, code):
        def fail(argv):
            raise error

        monkeypatch.setattr(start, "start", fail)
        assert start.main() == code
        said = capsys.readouterr().err
        assert said.strip()
        assert "Traceback" not in said


class TestChecks:
    @pytest.mark.parametrize(
        ("codes", "code", "named"),
        [
            ({}, 0, None),
            ({"pytest": 1}, 1, None),
            ({"mypy": 2}, 1, "Failed before pytest: mypy"),
            ({"ruff": 1, "pytest": 4}, 4, "Failed before pytest: ruff check, ruff format --check"),
        ],
        ids=["green", "tests", "types", "lint and tests"],
    )
    def test_all_run_and_failures_are_named_before_pytest(
        self, monkeypatch, capsys, codes, code, named
    ):
        ran = []

        def run(args, extra=None):
            ran.append(" ".join(args))
            return codes.get(args[1], 0)

        monkeypatch.setattr(start, "run_in_environment", run)
        assert start.run_checks(["-q"]) == code
        assert ran == ["-m ruff check", "-m ruff format --check", "-m mypy", "-m pytest -n auto -q"]
        said = capsys.readouterr().out.splitlines()
        assert said[-1] == (named or "== pytest -n auto -q")


class TestSystemLibraries:
    @pytest.mark.parametrize(
        ("task", "args", "env", "sets"),
        [
            ("run", [], {}, [system.QT]),
            ("run", [], {"DISPLAY": ":0"}, [system.QT, system.QT_XCB]),
            ("run", [], {"WAYLAND_DISPLAY": "w"}, [system.QT, system.QT_WAYLAND]),
            ("run", [], {"DISPLAY": ":0", "WAYLAND_DISPLAY": "w"}, [system.QT, system.QT_XCB]),
            ("run", [], {"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}, [system.QT]),
            ("run", ["replay", "x"], {"DISPLAY": ":0"}, []),
            ("test", ["replay"], {"DISPLAY": ":0"}, [system.QT]),
        ],
    )
    def test_only_what_qt_will_load_is_asked_for(self, monkeypatch, task, args, env, sets):
        monkeypatch.setattr(sys, "platform", "linux")
        expected = [library for libraries in sets for library in libraries]
        assert list(system.wanted_libraries(task, args, env)) == expected

    @pytest.mark.parametrize("platform", ["darwin", "win32"])
    def test_other_systems_bring_their_own(self, monkeypatch, platform):
        monkeypatch.setattr(sys, "platform", platform)
        assert system.wanted_libraries("run", [], {"DISPLAY": ":0"}) == {}

    def test_missing_packages_follow_the_probes(self):
        there = {"libGL.so.1", "libdbus-1.so.3", "libfontconfig.so.1", "libglib-2.0.so.0"}
        missing = system.missing_packages(system.QT, there.__contains__)
        assert missing == ["libegl1", "libxkbcommon0"]

    def test_names_follow_the_distribution(self):
        minor = f"python3.{sys.version_info[1]}-venv"
        wanted = ["libegl1", "libglib2.0-0", "python3-venv"]
        ubuntu = {"libegl1", "libglib2.0-0t64", minor, "python3-venv"}
        assert system.choose_names(wanted, ubuntu) == ["libegl1", "libglib2.0-0t64", minor]
        assert system.choose_names(wanted, {"python3-venv"}) == wanted

    def test_without_root_the_exact_command_is_told(self, monkeypatch):
        monkeypatch.setattr(system.os, "geteuid", lambda: 1000, raising=False)
        monkeypatch.setattr(system.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(system, "known_to_apt", lambda packages: set(packages))
        with pytest.raises(terminal.SetupError) as told:
            system.install_system_packages(["libegl1", "libgl1"], system.QT)
        assert str(told.value).splitlines()[1].strip() == (
            "sudo apt-get update && sudo apt-get install -y --no-install-recommends libegl1 libgl1"
        )

    def test_without_apt_the_libraries_are_named(self, monkeypatch):
        monkeypatch.setattr(system.shutil, "which", lambda name: None)
        with pytest.raises(terminal.SetupError, match=r"libEGL\.so\.1, libGL\.so\.1"):
            system.install_system_packages(["libegl1", "libgl1"], system.QT)


class TestStamp:
    @pytest.mark.parametrize(
        ("found", "kind", "steps"),
        [
            ({}, "run", EVERYTHING),
            ({**WANTED, "python": "cpython-310"}, "run", EVERYTHING),
            (WANTED, "run", []),
            (WANTED, "test", []),
            ({**WANTED, "run": "r1"}, "run", []),
            ({**WANTED, "test": "t1"}, "run", []),
            ({**WANTED, "test": "t1"}, "test", ["packages", "command"]),
            ({**WANTED, "run": "r1", "test": "t1"}, "run", ["packages", "command"]),
            ({k: v for k, v in WANTED.items() if k != "test"}, "test", ["packages", "command"]),
            ({**WANTED, "project": "p1"}, "run", ["command"]),
        ],
        ids=[
            "nothing there",
            "other python",
            "run ready",
            "test ready",
            "test serves run",
            "run lock alone",
            "test lock changed",
            "both locks changed",
            "run only, test wanted",
            "only the project changed",
        ],
    )
    def test_plan_does_what_is_missing(self, found, kind, steps):
        assert environment.plan(found, WANTED, kind) == steps

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("pyproject.toml", "project"),
            ("packaging/requirements/run.txt", "run"),
            ("packaging/requirements/test.txt", "test"),
        ],
    )
    def test_stamp_follows_each_file_that_matters(self, tmp_path, name, key):
        (tmp_path / "packaging" / "requirements").mkdir(parents=True)
        for each in ("pyproject.toml", "packaging/requirements/run.txt"):
            (tmp_path / each).touch()
        (tmp_path / "packaging/requirements/test.txt").touch()
        before = environment.wanted_stamp(tmp_path)
        (tmp_path / name).write_text("changed", encoding="utf-8")
        after = environment.wanted_stamp(tmp_path)
        assert [one for one in before if before[one] != after[one]] == [key]

    def test_stamp_without_interpreter_or_sense_counts_for_nothing(self, tmp_path):
        venv = tmp_path / ".venv"
        venv.mkdir()
        assert environment.read_stamp(venv) == {}
        environment.write_stamp(venv, WANTED)
        assert environment.read_stamp(venv) == {}
        python = environment.venv_python(tmp_path)
        python.parent.mkdir()
        python.touch()
        assert environment.read_stamp(venv) == WANTED
        (venv / "stamp.json").write_text("[1", encoding="utf-8")
        assert environment.read_stamp(venv) == {}


class TestPrepare:
    @pytest.fixture
    def root(self, tmp_path):
        locks = tmp_path / "packaging" / "requirements"
        locks.mkdir(parents=True)
        (locks / "run.txt").write_text("a==1\n", encoding="utf-8")
        (locks / "test.txt").write_text("a==1\nb==1\n", encoding="utf-8")
        project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text(project, encoding="utf-8")
        return tmp_path

    @pytest.fixture
    def done(self, monkeypatch):
        """What was made, in order; `die` in the list makes the next install fail."""
        steps = []

        def make(venv):
            for folder in environment.venv_paths(venv):
                folder.mkdir(parents=True, exist_ok=True)
            environment.venv_python(venv.parent).touch()
            steps.append("environment")

        def install(venv, lock_file):
            if "die" in steps:
                steps.clear()
                raise KeyboardInterrupt
            steps.append(lock_file.name)

        def write(root, site, scripts):
            steps.append("command")
            metadata.write_metadata(root, site, scripts)

        monkeypatch.setattr(environment, "make_environment", make)
        monkeypatch.setattr(environment, "install_packages", install)
        monkeypatch.setattr(environment, "write_metadata", write)
        return steps

    def prepare(self, root, kind, done):
        done.clear()
        environment.prepare(root, kind, {})
        return list(done)

    def test_second_start_has_nothing_to_do(self, root, done):
        assert self.prepare(root, "run", done) == ["environment", "run.txt", "command"]
        assert self.prepare(root, "run", done) == []

    def test_test_environment_serves_run(self, root, done):
        assert self.prepare(root, "run", done)[1] == "run.txt"
        assert self.prepare(root, "test", done) == ["test.txt", "command"]
        assert self.prepare(root, "run", done) == []

    def test_changed_project_renews_the_command_only(self, root, done):
        self.prepare(root, "run", done)
        with (root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write("# changed\n")
        assert self.prepare(root, "run", done) == ["command"]
        assert self.prepare(root, "run", done) == []

    def test_run_lock_makes_the_test_lock_stale(self, root, done):
        self.prepare(root, "test", done)
        for name in ("run.txt", "test.txt"):
            (root / "packaging" / "requirements" / name).write_text("a==2\n", encoding="utf-8")
        assert self.prepare(root, "run", done) == ["run.txt", "command"]
        assert self.prepare(root, "test", done) == ["test.txt", "command"]

    def test_interrupted_install_is_mended_by_the_next_start(self, root, done):
        self.prepare(root, "run", done)
        (root / "packaging" / "requirements" / "run.txt").write_text("a==2\n", encoding="utf-8")
        done.append("die")
        with pytest.raises(KeyboardInterrupt):
            environment.prepare(root, "run", {})
        assert environment.read_stamp(root / ".venv") == {}
        assert self.prepare(root, "run", done) == ["environment", "run.txt", "command"]

    def test_pip_missing_everywhere_asks_for_its_package(self, root, done, monkeypatch):
        asked = []
        monkeypatch.setattr(environment, "has_module", lambda name: False)
        monkeypatch.setattr(
            environment,
            "install_system_packages",
            lambda packages, libraries: asked.extend(packages),
        )
        self.prepare(root, "run", done)
        assert asked == ["python3-venv"]

    def test_only_one_start_holds_the_lock(self, tmp_path, monkeypatch):
        monkeypatch.setattr(environment, "LOCK_WAIT_S_MAX", 0.0)
        path = tmp_path / ".lock"
        with environment.exclusive(path), path.open("a+") as file:
            assert not environment.try_lock(file.fileno())
            with pytest.raises(terminal.SetupError, match="another start"):
                environment.exclusive(path).__enter__()
        with environment.exclusive(path):
            pass


class TestMetadata:
    @pytest.fixture
    def written(self, tmp_path):
        site, scripts = tmp_path / "site", tmp_path / "bin"
        (site / "tradedeck-0.0.1.dist-info").mkdir(parents=True)
        scripts.mkdir()
        metadata.write_metadata(ROOT, site, scripts)
        return site, scripts

    def test_distribution_is_found_once_with_its_version(self, written):
        (found,) = importlib.metadata.distributions(path=[str(written[0])])
        assert (found.name, found.version) == (PROJECT["name"], PROJECT["version"])
        assert found.requires == PROJECT["dependencies"]

    def test_entry_points_are_those_of_the_project(self, written):
        (found,) = importlib.metadata.distributions(path=[str(written[0])])
        points = {(point.group, point.name, point.value) for point in found.entry_points}
        groups = {"console_scripts": PROJECT["scripts"], **PROJECT["entry-points"]}
        assert points == {
            (group, name, value) for group, held in groups.items() for name, value in held.items()
        }

    def test_record_names_files_that_exist(self, written):
        (found,) = importlib.metadata.distributions(path=[str(written[0])])
        assert len(found.files) == 6
        assert all(Path(file.locate()).is_file() for file in found.files)

    def test_path_file_leads_to_the_checkout(self, written):
        assert (written[0] / "tradedeck.pth").read_text(encoding="locale") == f"{ROOT}\n"

    @pytest.mark.skipif(sys.platform == "win32", reason="a .cmd there, which needs python.exe")
    def test_command_calls_its_function(self, tmp_path):
        scripts = tmp_path / "a folder" / "bin"
        scripts.mkdir(parents=True)
        (scripts / "python").symlink_to(sys.executable)
        (scripts / "station.py").write_text(
            "import sys\ndef run():\n    print(sys.argv[1:])\n    return 3\n", encoding="utf-8"
        )
        command = metadata.write_command(scripts, "station", "station:run")
        done = subprocess.run([command, "a b", "c"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (3, "['a b', 'c']\n")


class TestProgress:
    def test_packages_are_counted_once_each(self):
        text = "a==1 ; python_full_version < '3.12' \\\n    --hash=sha256:0\na==2\nb-c==1\n"
        assert environment.count_packages(text) == 2

    def test_pip_becomes_n_of_m(self):
        counter = environment.PackageCounter(2)
        shown = [
            counter.describe(line)
            for line in (
                "Collecting numpy==2.4.6 (from -r run.txt (line 80))",
                "  Downloading numpy-2.4.6-cp311-manylinux.whl (18.3 MB)",
                "WARNING: Retrying (Retry(total=4)) after connection broken",
                "  Using cached click-8.5.1-py3-none-any.whl (5 kB)",
                "Requirement already satisfied: click==8.5.1 in ./lib (8.5.1)",
                "Installing collected packages: numpy",
            )
        ]
        assert shown == [
            "1 of 2, numpy",
            "1 of 2, numpy (18.3 MB)",
            "1 of 2, numpy: no answer, trying again",
            None,
            "2 of 2, click",
            "2 of 2, unpacking",
        ]

    def test_lines_are_rare_where_they_cannot_be_overwritten(self, capsys):
        progress = terminal.Progress("packages")
        for number in range(100):
            progress.show(f"{number} of 100")
        progress.finish("100 of 100")
        assert capsys.readouterr().out.splitlines() == [
            "  packages: 0 of 100 (0 s)",
            "  packages: 100 of 100 (0 s)",
        ]

    def test_watched_child_gives_code_and_lines(self):
        code = "import sys; print('one'); print('two', file=sys.stderr, flush=True); sys.exit(4)"
        seen = []
        result = terminal.watch(
            [sys.executable, "-c", code], seen.append, terminal.Progress("child")
        )
        assert result == (4, ["one", "two"])
        assert seen == ["one", "two"]

    @pytest.mark.parametrize(
        ("output", "sentence"),
        [
            ("... 'NewConnectionError(...)'\nERROR: No matching distribution", "not be reached"),
            ("SSLError(... CERTIFICATE_VERIFY_FAILED ...)", "PIP_CERT"),
            ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one in the lock file"),
            ("ERROR: [Errno 28] No space left on device", "disk is full"),
            ("ERROR: No matching distribution found for x", "glibc 2.34"),
            ("ERROR: something new", "pip said: ERROR: something new"),
        ],
        ids=["network", "certificate", "hash", "disk", "platform", "unknown"],
    )
    def test_pip_failure_is_explained(self, output, sentence):
        assert sentence in environment.explain_pip(output)


class TestLockFiles:
    @pytest.mark.parametrize("name", ["run.txt", "test.txt"])
    def test_hold_versions_and_hashes_and_no_address(self, name):
        text = (LOCKS / name).read_text(encoding="utf-8")
        assert lock.unfit_lines(text) == []
        for entry in re.split(r"\n(?=\S)", text.strip()):
            head, *hashes = entry.replace(" \\\n", "\n").splitlines()
            assert re.fullmatch(r"[A-Za-z0-9][\w.-]*==[\w.]+( ; .+)?", head)
            assert hashes
            assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}", one) for one in hashes)

    def test_test_lock_holds_the_run_lock(self):
        run, test = (
            set(re.findall(r"^\S+==\S+", (LOCKS / name).read_text(encoding="utf-8"), re.MULTILINE))
            for name in ("run.txt", "test.txt")
        )
        assert run < test

    def test_addresses_and_options_are_unfit(self):
        text = "--index-url x\n-e .\na @ file:///x\nb==1 \\\n    --hash=sha256:0\n"
        assert lock.unfit_lines(text) == ["--index-url x", "-e .", "a @ file:///x"]
