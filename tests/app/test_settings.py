"""Goal: a value that is kept is one that the next start takes; what is by hand stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import load_config
from app.domain.enums import TradingHours
from app.domain.errors import BadInput
from app.settings import Settings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "tradedeck.toml"


def row(settings: Settings, name: str):
    return next(row for row in settings.rows() if row.name == name)


def test_every_value_has_its_default_and_says_what_it_means(path):
    settings = Settings(path)
    names = [row.name for row in settings.rows()]
    assert len(names) == len(set(names)) > 15
    assert not any(name.startswith("risk.") for name in names)
    assert row(settings, "exchange.latency.median_ms").hint.startswith("of an order on its way")
    assert all(row.hint and not row.is_changed for row in settings.rows())
    assert not path.exists()


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("exchange.hours", "calendar", TradingHours.CALENDAR),
        ("exchange.quotes_per_s", "7.5", 7.5),
        ("exchange.quotes_per_s", "7", 7.0),
        ("recorder.is_on", "true", True),
        ("limits.symbols_max", "1,000", 1000),
        ("exchange.latency.median_ms", " 0 ", 0.0),
    ],
)
def test_what_is_changed_is_what_the_next_start_reads(path, name, typed, value):
    settings = Settings(path)
    settings.change(name, typed)
    read = load_config(path)
    for part in name.split("."):
        read = getattr(read, part)
    assert read == value
    assert row(settings, name).is_changed
    assert Settings(path).rows() == settings.rows()
    settings.reset(name)
    assert path.read_text() == ""
    assert not row(settings, name).is_changed


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("account.cash", "-5", "cash was -5, must be a number above 0"),
        ("account.cash", "NaN", "must be a number above 0"),
        ("exchange.hours", "never", "Invalid enum value 'never': `exchange.hours`"),
        ("limits.symbols_max", "many", "limits.symbols_max was 'many', must be a whole number"),
        ("limits.symbols_max", "0", ">= 1"),
        ("recorder.is_on", "maybe", "must be true or false"),
        ("exchange.quotes_per_s", "1e9", "<= 10000"),
        ("no.such", "1", "there is no setting 'no.such'"),
        ("risk.checks.order_qty.qty_max", "1", "there is no setting"),
    ],
)
def test_what_is_no_such_value_is_refused_in_words(path, name, typed, words):
    settings = Settings(path)
    with pytest.raises(BadInput, match=words) as refused:
        settings.change(name, typed)
    assert str(refused.value).endswith("nothing changed")
    assert not path.exists()


def test_what_was_written_by_hand_stays(path):
    path.parent.mkdir()
    path.write_text(
        '[risk.checks.order_qty]\nqty_max = "7"\n\n'
        '[[account.margin]]\nsince = 2020-01-01\nregime = "cash"\n'
    )
    before = load_config(path)
    settings = Settings(path)
    settings.change("exchange.seed", "7")
    after = load_config(path)
    assert after.exchange.seed == 7
    assert (after.risk, after.account) == (before.risk, before.account)
    settings.reset("exchange.seed")
    assert load_config(path) == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    settings = Settings(tmp_path / "file" / "tradedeck.toml")
    with pytest.raises(BadInput, match="cannot be written"):
        settings.change("exchange.seed", "7")
    assert not row(settings, "exchange.seed").is_changed
    with pytest.raises(BadInput, match="there is no setting"):
        settings.reset("no.such")


NAMES = [one.name for one in Settings(Path("none")).rows()]


@given(st.sampled_from(NAMES), st.text(max_size=12))
def test_whatever_is_typed_the_next_start_reads_the_file(tmp_path_factory, name, typed):
    path = tmp_path_factory.mktemp("settings") / "tradedeck.toml"
    settings = Settings(path)
    try:
        settings.change(name, typed)
    except BadInput:
        assert not path.exists()
    else:
        load_config(path)
