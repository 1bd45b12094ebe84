"""Show where a profile keeps its things, and that what is shipped is found.

Method: a made-up profile; the real resources.
"""

from pathlib import Path

import pytest

from app.paths import DATA_DIR_VARIABLE, Paths, profile, resource


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("journal", "audit.db"),
        ("replays_dir", "replays"),
        ("layout", "layout.json"),
        ("replay_layout", "replay.layout.json"),
        ("bookmarks", "bookmarks.json"),
        ("settings", "tradedeck.toml"),
        ("log", "tradedeck.log"),
    ],
)
def test_everything_of_a_profile_is_in_its_folder(what, name):
    folder = Path("somewhere")
    assert getattr(Paths(data_dir=folder), what) == folder / name


def test_profile_of_a_test_is_its_own(paths, tmp_path):
    assert paths.data_dir.is_relative_to(tmp_path)


def test_folder_that_is_named_goes_before_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv(DATA_DIR_VARIABLE, str(tmp_path / "variable"))
    assert profile(tmp_path / "named").data_dir == tmp_path / "named"
    assert profile(None).data_dir == tmp_path / "variable"


@pytest.mark.parametrize("unset", [None, ""])
def test_users_profile_is_in_the_users_data_folder(monkeypatch, unset):
    monkeypatch.delenv(DATA_DIR_VARIABLE)
    if unset is not None:
        monkeypatch.setenv(DATA_DIR_VARIABLE, unset)
    assert profile(None).data_dir.name == "tradedeck"


def test_folder_is_absolute_so_that_a_later_change_of_folder_does_not_move_the_record():
    assert profile(Path("here")).data_dir == Path.cwd() / "here"


def test_defaults_are_shipped():
    assert resource("default.toml").is_file()
