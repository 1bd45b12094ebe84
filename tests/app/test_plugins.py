"""Show that plug-ins come through one door, and that a broken one stops nothing and hides nothing.

Method: distributions made of metadata and one module, put on the path under names of their own.
"""

import pytest

from app import plugins
from app.domain.errors import BadInput

GROUP = "tradedeck.tried"

GOOD = """
class Spec:
    def __init__(self, name):
        self.name = name
SPEC = Spec("{name}")
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Make a distribution with one entry point: name, source of its module, object."""
    monkeypatch.syspath_prepend(tmp_path)
    count = 0

    def make(name, source=GOOD, target="SPEC"):
        nonlocal count
        count += 1
        module = f"tradedeck_tried_{tmp_path.name}_{count}".replace("-", "_")
        (tmp_path / f"{module}.py").write_text(source.replace("{name}", name), encoding="utf-8")
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}:{target}\n")

    return make


def test_group_without_plugins_is_empty():
    assert plugins.load(GROUP) == plugins.Loaded((), ())


def test_specs_come_in_order_of_their_names(install):
    install("zebra")
    install("ant")
    loaded = plugins.load(GROUP)
    assert [spec.name for spec in loaded.specs] == ["ant", "zebra"]
    assert loaded.failures == ()
    assert loaded.get("zebra").name == "zebra"


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        pytest.param("import nothing_of_that_name", "SPEC", "nothing_of_that_name", id="import"),
        pytest.param("", "SPEC", "SPEC", id="object is missing"),
        pytest.param("def (", "SPEC", "invalid syntax", id="no Python"),
        pytest.param("1 / 0", "SPEC", "division by zero", id="raises while imported"),
        pytest.param("SPEC = object()", "SPEC", "gives no spec of that name", id="no spec"),
        pytest.param(GOOD + "SPEC.name = 'x'", "SPEC", "no spec of that name", id="other name"),
    ],
)
def test_plugin_that_does_not_load_is_listed_and_the_others_load(install, source, target, reason):
    install("broken", source, target)
    install("whole")
    loaded = plugins.load(GROUP)
    assert [spec.name for spec in loaded.specs] == ["whole"]
    [failure] = loaded.failures
    assert failure.startswith("plug-in broken (")
    assert reason in failure


def test_two_plugins_of_one_name_cannot_be_told_apart_and_neither_is_taken(install):
    # Else a stranger's package could put itself in the place of a risk check.
    install("twin")
    install("twin")
    install("whole")
    loaded = plugins.load(GROUP)
    assert [spec.name for spec in loaded.specs] == ["whole"]
    assert len(loaded.failures) == 2
    assert all("one of 2 of that name; none is taken" in failure for failure in loaded.failures)


def test_unknown_name_is_refused_with_those_there_are(install):
    install("whole")
    install("broken", "1 / 0")
    with pytest.raises(BadInput, match=r"no plug-in 'x' \(known: whole; plug-in broken"):
        plugins.load(GROUP).get("x")


def test_unknown_name_in_an_empty_group_is_refused():
    with pytest.raises(BadInput, match="known: none"):
        plugins.load(GROUP).get("x")


@pytest.mark.parametrize("group", ["feeds", "brokers", "checks"])
def test_built_in_plugins_load(group):
    loaded = plugins.load(f"tradedeck.{group}")
    assert loaded.specs
    assert loaded.failures == ()
