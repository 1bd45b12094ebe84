"""Show that series are kept while they are asked for, and no more than there is room for."""

import pytest

from app.domain.bar_spec import interval, parse_spec
from app.domain.times import MINUTE_NS
from app.market import shelf as module
from app.market.shelf import Shelf
from tests.app.market.test_live import OPEN_NS, Kept
from tests.tape import columns


@pytest.fixture
def shelf(monkeypatch):
    monkeypatch.setattr(module, "SERIES_MAX", 3)
    return Shelf(10)


def get(shelf, text, symbol="IBM", kept=None, extended=True):
    return shelf.get(symbol, parse_spec(text), kept or Kept(), extended=extended)


def test_series_is_made_once(shelf):
    assert get(shelf, "5m") is get(shelf, "5m")
    assert get(shelf, "5m") is not get(shelf, "5m", extended=False)
    assert get(shelf, "5m") is not get(shelf, "5m", "MSFT")
    assert (len(shelf), shelf.made) == (3, 3)


def test_least_recently_asked_for_is_given_up(shelf):
    first = get(shelf, "1m")
    others = [get(shelf, text) for text in ("2m", "3m")]
    assert get(shelf, "1m") is first
    get(shelf, "4m")
    assert get(shelf, "1m") is first
    assert get(shelf, "2m") is not others[0]
    assert len(shelf) == 3


def test_all_together_have_so_many_bars(monkeypatch):
    shelf, kept = Shelf(10, rows_max=35), Kept()
    for seconds in (60, 120, 180):
        shelf.get("IBM", interval(seconds), kept, extended=True)
    assert len(shelf) == 3
    series = get(shelf, "3m", kept=kept)
    series.prepend(columns(*((OPEN_NS + n * MINUTE_NS, 1, 1, 1, 1, 1) for n in range(20))))
    shelf.make_room()
    assert [key[1].text for key, _ in shelf.of("IBM")] == ["3m"]


def test_revision_is_new_with_each_series_and_change(shelf):
    get(shelf, "5m")
    key = next(key for key, _ in shelf.of("IBM"))
    seen = [shelf.revision(key)]
    shelf.renew(key)
    seen.append(shelf.revision(key))
    shelf.forget("IBM")
    get(shelf, "5m")
    seen.append(shelf.revision(key))
    assert len(set(seen)) == 3


def test_only_the_symbol_is_fed_and_forgotten(shelf):
    series, other = get(shelf, "5m"), get(shelf, "5m", "MSFT")
    bar = columns((OPEN_NS, 10, 12, 9, 11, 700))
    shelf.feed("IBM", bar.start_ns, bar.close, bar.volume)
    shelf.feed("AAPL", bar.start_ns, bar.close, bar.volume)
    assert (series.changes, other.changes) == (1, 0)
    shelf.forget("IBM")
    shelf.forget("AAPL")
    assert shelf.of("IBM") == ()
    assert len(shelf) == 1
