"""Goal: a key does one thing, and a broken file of keys never stops the window."""

from __future__ import annotations

import json

import pytest

from widgets.actions import ACTIONS
from widgets.keymap import Keymap, normal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def test_at_first_they_are_those_of_the_table(path):
    keymap = Keymap(path)
    assert keymap.shortcut("palette.open") == "Ctrl+K"
    assert not path.exists()


def test_defaults_do_one_thing_each():
    keys = [normal(spec.shortcut) for spec in ACTIONS if spec.shortcut]
    assert len(keys) == len(set(keys))


def test_what_was_bound_comes_back(path):
    keymap = Keymap(path)
    assert keymap.bind("orders.cancel_all", "f9") == ""
    assert keymap.bind("ticket.buy", "") == ""
    again = Keymap(path)
    assert (again.shortcut("orders.cancel_all"), again.shortcut("ticket.buy")) == ("F9", "")
    assert again.reset("ticket.buy") == ""
    assert json.loads(path.read_text())["keys"] == {"orders.cancel_all": "F9"}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("Ctrl+K", "'Do anything…'"),
        ("ctrl+shift+x", "'Cancel all orders'"),
        ("Return", "lists, fields and dialogs"),
        ("Tab", "lists, fields and dialogs"),
        ("C", "'bring the market to the middle' in the ladder"),
        ("0", "'show all bars' in a chart"),
    ],
)
def test_a_key_that_means_something_is_refused(path, keys, words):
    keymap = Keymap(path)
    problem = keymap.bind("export.cash", keys)
    assert words in problem
    assert problem.endswith("nothing changed")
    assert keymap.shortcut("export.cash") == ""
    assert not path.exists()


def test_a_key_that_was_freed_can_be_taken(path):
    keymap = Keymap(path)
    assert keymap.bind("window.close", "") == ""
    assert keymap.bind("export.cash", "Ctrl+Q") == ""
    assert "taken by 'Export cash entries…'" in keymap.reset("window.close")


def test_two_that_changed_keys_with_each_other_come_back(path):
    swapped = {"export.trades": "Ctrl+Q", "window.close": "Ctrl+E"}
    path.write_text(json.dumps({"version": 1, "keys": swapped}))
    keymap = Keymap(path)
    assert keymap.notice == ""
    assert {name: keymap.shortcut(name) for name in swapped} == swapped


def test_keys_of_a_file_that_clash_are_as_at_first(path):
    clash = {"export.cash": "Ctrl+K", "no.such": "F5"}
    path.write_text(json.dumps({"version": 1, "keys": clash}))
    keymap = Keymap(path)
    assert "Ctrl+K" in keymap.notice
    assert keymap.shortcut("export.cash") == ""
    assert keymap.shortcut("palette.open") == "Ctrl+K"


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"version": 2, "keys": {}}', '{"version": 1, "keys": {"window.close": 5}}'],
)
def test_a_broken_file_is_put_aside_and_said(path, content):
    path.write_text(content)
    keymap = Keymap(path)
    assert "keys.json.broken" in keymap.notice
    assert keymap.shortcut("window.close") == "Ctrl+Q"


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    assert "not saved" in Keymap(tmp_path / "file" / "keys.json").bind("export.cash", "F9")
