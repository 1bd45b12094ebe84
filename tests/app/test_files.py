"""Show that a file is the old one or the new one, and that none is ever written over unread."""

from __future__ import annotations

import pytest

from app.files import BYTES_MAX, read_small, replace_file, set_aside


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / "folder" / "a.json"
    for data in (b"one", b"two"):
        replace_file(path, data)
        assert read_small(path) == data
    assert [it.name for it in path.parent.iterdir()] == ["a.json"]


def test_what_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.json"
    replace_file(path, b"one")
    (tmp_path / "a.json.part").mkdir()
    with pytest.raises(OSError, match=r"a\.json\.part"):
        replace_file(path, b"two")
    assert read_small(path) == b"one"


def test_a_long_file_is_not_ours(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"x" * (BYTES_MAX + 1))
    with pytest.raises(ValueError, match="it is over 8,000,000 bytes"):
        read_small(path)


def test_what_is_broken_is_kept_under_another_name(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"x")
    said = set_aside(path, "The list", "it is no list")
    assert said == "The list could not be used (it is no list); it is kept as a.json.broken"
    assert (tmp_path / "a.json.broken").read_bytes() == b"x"
    assert "nor set aside" in set_aside(path, "The list", "it is no list")
