"""Show that the shipped trading days are what the script makes of the locked library.

Method: the script is loaded from its file and writes to tmp_path, from the real library, and from
invented hours for what the library does not hold.
"""

import importlib.util
from datetime import date, time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OPEN, CLOSE, EARLY = time(9, 30), time(16), time(13)

pytestmark = pytest.mark.filterwarnings(
    # pandas of its own use by the library: said once while the calendar is built.
    "ignore:Series.values returning an ndarray:DeprecationWarning"
)


@pytest.fixture(scope="module")
def script():
    path = ROOT / "packaging" / "trading_days.py"
    spec = importlib.util.spec_from_file_location("tradedeck_trading_days", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def facts(script, tmp_path, monkeypatch):
    """Return where the script writes in this test."""
    path = tmp_path / "xnys.json"
    monkeypatch.setattr(script, "FACTS", path)
    return path


def test_shipped_file_is_what_the_script_writes(script, facts, capsys):
    assert script.main() == 0
    shipped = (ROOT / "resources" / "xnys.json").read_text(encoding="utf-8")
    assert facts.read_text(encoding="utf-8") == shipped, (
        "run '.venv/bin/python packaging/trading_days.py' and read what it changes"
    )
    assert capsys.readouterr().out == "xnys.json: 7794 sessions\n"


@pytest.mark.parametrize(
    ("day", "hours", "said"),
    [
        (date(2005, 6, 1), (OPEN, time(15, 56)), "2005-06-01: 09:30:00 to 15:56:00"),
        (date(2002, 9, 11), (time(12), CLOSE), "2002-09-11: 12:00:00 to 16:00:00"),
        (date(2026, 6, 13), (OPEN, CLOSE), "2026-06-13: 09:30:00 to 16:00:00"),
    ],
    ids=["odd close", "late open", "Saturday"],
)
def test_hours_the_station_has_no_word_for_change_nothing(
    script, facts, capsys, monkeypatch, day, hours, said
):
    monkeypatch.setattr(
        script, "read_hours", lambda: {date(2026, 6, 12): (OPEN, EARLY), day: hours}
    )
    assert script.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        "trading_days.py: the station has no word for these hours; no file was changed.",
        said,
    ]
    assert not facts.exists()


def test_a_year_takes_a_line(script):
    days = [date(2026, 1, 1), date(2026, 12, 25), date(2027, 1, 1)]
    assert script.year_lines(days) == '    "2026-01-01", "2026-12-25",\n    "2027-01-01"'
