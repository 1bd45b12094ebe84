"""Show that a symbol's figures are those of its trades as they are known now, however they came.

Method: changes at every place; laws that any way of coming to the same trades ends the same.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.enums import Side
from app.domain.errors import BadInput
from app.domain.lots import Lot, LotMethod, lot_of
from app.portfolio import history as history_module
from app.portfolio.history import MARK_EVERY, History, Row
from tests.samples import IBM, NOW_NS, TRADES, fill, in_turn, is_value

BUY, SELL = Side.BUY, Side.SELL


def row(one, number=0, method=LotMethod.FIFO, picks=()):
    return Row(
        trade=lot_of(one),
        fill=one,
        method=method,
        picks=picks,
        ts_ns=one.ts_exch_ns,
        number=number,
    )


def told(*fills, mark_every=2):
    history = History(IBM, mark_every=mark_every)
    for number, one in enumerate(fills):
        history.add(row(one, number))
    return history


def state(history):
    """All that a reader can see; a fold from nothing has to say the same."""
    tally = history.tally
    return tally.position, tuple(tally.closed), tally.lapsed


def ids(history):
    return [one.trade.exec_id for one in history.rows]


def picked(*picks):
    return tuple((exec_id, Decimal(qty)) for exec_id, qty in picks)


def opened(history):
    return [(one.open_exec_id, one.close_exec_id, one.qty) for one in history.tally.closed]


THREE = in_turn([fill(BUY, 10, 10), fill(BUY, 10, 11), fill(SELL, 10, 12)])


def test_trades_stand_in_order_of_time_and_of_booking_within_a_time():
    times = {"a": 5, "b": 3, "c": 5, "d": 3, "e": 9}
    late = [fill(exec_id=name, ts_exch_ns=NOW_NS + ts) for name, ts in times.items()]
    history = told(*late)
    assert ids(history) == ["b", "d", "a", "c", "e"]
    assert [lot.exec_id for lot in history.tally.position.lots] == ["b", "d", "a", "c", "e"]
    assert history.since == (NOW_NS + 3, 1)


def test_history_is_as_old_as_its_first_trade():
    history = History(IBM)
    for number, one in enumerate(reversed(THREE), start=7):
        history.add(row(one, number))
    assert history.since == (THREE[0].ts_exch_ns, 9)


@pytest.fixture
def folded(monkeypatch):
    """Ids of the trades in the order in which they are folded."""
    names, book_trade = [], history_module.book_trade

    def counted(position, trade, **how):
        names.append(trade.exec_id)
        return book_trade(position, trade, **how)

    monkeypatch.setattr(history_module, "book_trade", counted)
    return names


def test_trade_at_the_end_is_one_step(folded):
    told(*in_turn([fill()] * 9))
    assert folded == [f"E{n}" for n in range(1, 10)]


@pytest.mark.parametrize(
    ("place", "again"),
    [(8, []), (7, ["E7", "E9"]), (6, ["E8", "E9"]), (1, ["E1", *(f"E{n}" for n in range(3, 10))])],
)
def test_change_folds_again_from_the_last_mark_before_it(folded, place, again):
    history = told(*in_turn([fill()] * 9), mark_every=2)
    folded.clear()
    history.remove(place)
    assert folded == again


@pytest.mark.parametrize(("exec_id", "place"), [("E1", 0), ("E2", 1), ("E3", 2), ("E4", None)])
def test_fill_is_found_by_its_id(exec_id, place):
    assert told(*THREE).find(exec_id) == place


def test_of_two_fills_with_one_id_the_newer_is_meant():
    assert told(fill(), fill()).find("E1") == 1


def test_adjustment_is_no_fill_whatever_its_id():
    history = History(IBM)
    lot = Lot(exec_id="E1", qty=Decimal(1), px=Decimal(1), ts_open_ns=NOW_NS)
    history.add(Row(trade=lot, fill=None, method=LotMethod.FIFO, ts_ns=NOW_NS, number=0))
    assert history.find("E1") is None
    assert history.tally.position.qty == 1


def test_method_of_a_row_chooses_its_lots():
    history = told(*THREE[:2])
    history.add(row(THREE[2], method=LotMethod.LIFO))
    assert opened(history) == [("E2", "E3", 10)]


def test_picks_of_a_row_go_before_its_method():
    history = told(*THREE)
    history.pick(2, picked(("E2", 4), ("E1", 6)))
    assert opened(history) == [("E2", "E3", 4), ("E1", "E3", 6)]
    history.pick(2, ())
    assert state(history) == state(told(*THREE))


@pytest.mark.parametrize("mark_every", [1, 2, 3, MARK_EVERY])
def test_picks_that_do_not_fit_change_nothing(mark_every):
    history = told(*THREE, mark_every=mark_every)
    rows, before = list(history.rows), state(history)
    with pytest.raises(BadInput) as refused:
        history.pick(2, picked(("E2", 4)))
    words = "the lots picked come to 4 shares, E3 closes 10; the lots stay as they were"
    assert str(refused.value) == words
    assert (history.rows, state(history)) == (rows, before)


def test_picks_that_take_the_lot_of_a_later_pick_are_refused():
    history = told(*THREE[:2], *in_turn([fill(), fill(), *(fill(SELL, 10, 12),) * 2])[2:])
    history.pick(3, picked(("E2", 10)))
    with pytest.raises(BadInput) as refused:
        history.pick(2, picked(("E2", 10)))
    words = "lot E2 is not open when E4 trades; the lots stay as they were"
    assert str(refused.value) == words
    assert history.rows[2].picks == ()


def test_picks_lapse_when_their_lot_was_broken_and_hold_again_when_it_is_back():
    history = told(*THREE)
    history.pick(2, picked(("E2", 10)))
    history.remove(1)
    assert opened(history) == [("E1", "E3", 10)]
    words = "lot E2 is not open when E3 trades; the lots stay as they were"
    assert history.tally.lapsed == {"E3": words}
    history.add(row(THREE[1]))
    assert opened(history) == [("E2", "E3", 10)]
    assert history.tally.lapsed == {}


def test_picks_that_lapsed_are_no_hindrance_to_others():
    fills = in_turn([fill(BUY, 10), fill(BUY, 10), fill(SELL, 5), fill(SELL, 5), fill(BUY, 10)])
    history = told(*fills)
    history.pick(2, picked(("E2", 5)))
    history.remove(1)
    history.pick(2, picked(("E1", 5)))
    assert list(history.tally.lapsed) == ["E3"]
    with pytest.raises(BadInput, match="come to 4 shares, E3 closes 5"):
        history.pick(1, picked(("E1", 4)))
    history.pick(1, picked(("E1", 5)))
    assert history.tally.lapsed == {}


def test_lots_picked_of_a_corrected_fill_are_those_of_its_correction():
    history = told(*THREE)
    history.pick(2, picked(("E1", 3), ("E2", 7)))
    history.replace(1, row(fill(BUY, 10, 13, exec_id="F2", ts_exch_ns=THREE[1].ts_exch_ns)))
    assert opened(history) == [("E1", "E3", 3), ("F2", "E3", 7)]
    assert history.rows[2].picks == picked(("E1", 3), ("F2", 7))


def test_correction_of_a_close_keeps_what_was_picked_for_it():
    history = told(*THREE)
    history.pick(2, picked(("E2", 10)))
    corrected = fill(SELL, 10, 15, exec_id="F3", ts_exch_ns=THREE[2].ts_exch_ns)
    history.replace(2, row(corrected, picks=history.rows[2].picks))
    assert opened(history) == [("E2", "F3", 10)]


def test_row_cannot_be_changed_and_names_its_fields():
    assert is_value(Row)


@given(TRADES, st.permutations(range(12)), st.integers(1, 5))
def test_order_of_news_does_not_matter(fills, order, mark_every):
    shuffled = [fills[n] for n in order if n < len(fills)]
    assert state(told(*shuffled, mark_every=mark_every)) == state(told(*fills))


@given(TRADES, st.data(), st.integers(1, 5))
def test_change_at_any_place_is_as_if_it_had_been_so(fills, data, mark_every):
    history = told(*fills, mark_every=mark_every)
    for _ in range(3):
        if not fills:
            break
        place = data.draw(st.integers(0, len(fills) - 1))
        one, fills = fills[place], [*fills]
        if data.draw(st.booleans()):
            del fills[place]
            history.remove(place)
        else:
            fills[place] = fill(one.side, 7, 9, "0.01", exec_id="X", ts_exch_ns=one.ts_exch_ns)
            history.replace(place, row(fills[place]))
        assert state(history) == state(told(*fills, mark_every=100))
        assert ids(history) == [other.exec_id for other in fills]


def test_change_in_a_long_history_is_as_if_it_had_been_so():
    fills = in_turn([fill(SELL if n % 3 == 2 else BUY, 1 + n % 5, 10 + n % 7) for n in range(300)])
    history = told(*fills, mark_every=MARK_EVERY)
    history.remove(200)
    assert state(history) == state(told(*fills[:200], *fills[201:], mark_every=1000))
