"""Show that the switch halts in the call, cancels beside the loop, and says what is not confirmed.

Method: the real thread with a broker's emergency client that does as it is told; waits of a
millisecond between rounds. What it tells is collected as it is told.
"""

import contextlib
import sys
import threading

import pytest

from app.clock import LiveClock, SimClock
from app.domain.errors import Disconnected
from app.oms import kill
from app.oms.kill import NO_CLIENT, KillSwitch, KillView
from app.risk.halt import Halt, HaltFlag
from tests.fakes import FakeEmergency
from tests.samples import NOW_NS

LONG_S = 20.0
"""For what comes at once, or never."""


class Bench:
    """A switch, and what it told."""

    def __init__(self, client, *, flag=None, clock=None, pace_s=(0.001,), deadline_s=LONG_S):
        self.client, self.flag = client, flag or HaltFlag()
        self.switch = KillSwitch(
            self.flag, client, clock or LiveClock(), pace_s=pace_s, deadline_s=deadline_s
        )
        self.views = []
        self._told = threading.Condition()
        self.switch.follow(self._take)

    def _take(self):
        with self._told:
            self.views.append(self.switch.view)
            self._told.notify_all()

    def wait(self, is_so):
        """Wait until the switch told something of which this holds."""
        with self._told:
            assert self._told.wait_for(lambda: any(map(is_so, self.views)), LONG_S), self.views

    def trip(self, reason="enough"):
        self.switch.trip(reason, "ada")
        self.wait(lambda view: view.halt is self.flag.halt and view.done_ns)
        return self.switch.view


@contextlib.contextmanager
def running(*args, **kwargs):
    bench = Bench(*args, **kwargs)
    bench.switch.start()
    try:
        yield bench
    finally:
        bench.switch.close()


def refuse(*_):
    raise Disconnected("the line is gone", venue="fake")


def full():
    raise OSError(28, "No space left on device")


class TestTrip:
    def test_before_it_there_is_nothing(self):
        with running(FakeEmergency("a")) as bench:
            assert bench.switch.view == KillView()
            assert not bench.switch.view.is_under_way
        assert bench.client.calls == []
        assert bench.views == []

    def test_the_flag_is_set_when_it_returns(self):
        bench = Bench(FakeEmergency())  # Its thread does not even run.
        bench.switch.trip("enough", "ada")
        assert (bench.flag.halt.reason, bench.flag.halt.actor) == ("enough", "ada")
        assert bench.switch.view.halt is bench.flag.halt
        assert bench.switch.view.is_under_way

    def test_the_flag_says_when(self):
        bench = Bench(FakeEmergency(), clock=SimClock(NOW_NS))
        bench.switch.trip("enough", "ada")
        assert bench.flag.halt == Halt(reason="enough", actor="ada", ts_ns=NOW_NS)
        view = bench.switch.view
        assert (view.tripped_ns, view.halted_ns) == (NOW_NS, NOW_NS)
        assert (view.first_cancel_ns, view.done_ns, view.rounds) == (0, 0, 0)

    def test_its_steps_come_in_their_order(self):
        with running(FakeEmergency("a", "b")) as bench:
            view = bench.trip()
        assert 0 < view.tripped_ns <= view.halted_ns <= view.first_cancel_ns <= view.done_ns

    def test_the_halt_is_in_its_file_at_the_end(self, tmp_path):
        path = tmp_path / "halt.flag"
        with contextlib.closing(HaltFlag(path)) as flag, running(FakeEmergency(), flag=flag) as b:
            b.trip()
        with contextlib.closing(HaltFlag(path)) as later:
            assert later.halt == flag.halt

    def test_a_file_that_cannot_be_written_is_said_and_the_rest_is_done(self):
        flag = HaltFlag()
        flag.keep = full
        with running(FakeEmergency("a"), flag=flag) as bench:
            view = bench.trip()
            bench.wait(lambda view: view.file_error)
        assert view.is_confirmed
        assert bench.switch.view.file_error == (
            "the halt flag was not written: [Errno 28] No space left on device"
        )

    def test_a_disk_that_hangs_holds_no_cancel_up(self, monkeypatch):
        monkeypatch.setattr(kill, "END_WAIT_S", 0.01)
        flag, answers = HaltFlag(), threading.Event()
        flag.keep = lambda: answers.wait(LONG_S) and None
        with running(FakeEmergency("a"), flag=flag) as bench:
            assert bench.trip().is_confirmed
        answers.set()


class TestRounds:
    def test_it_ends_when_two_answers_in_a_row_say_none(self):
        with running(FakeEmergency("a", "b")) as bench:
            view = bench.trip()
        assert bench.client.calls == ["cancel", "ask"] * 2
        assert (view.rounds, view.open_ids, view.error) == (2, (), "")
        assert view.is_confirmed
        assert not view.is_under_way
        assert view.text == "the broker confirms that no order is open"

    def test_an_order_that_arrives_late_is_canceled_too(self):
        client = FakeEmergency("a")

        def arrive():
            if client.calls.count("ask") == 2:
                client.open.append("late")

        client.on_ask = arrive
        with running(client) as bench:
            view = bench.trip()
        assert [v.open_ids for v in bench.views if v.rounds == 2] == [("late",)]
        assert (view.rounds, view.open_ids, view.is_confirmed) == (4, (), True)

    def test_what_stays_open_is_named_while_it_goes_on(self):
        client = FakeEmergency("a", "b")
        client.on_cancel = lambda: client.calls.count("cancel") > 2 and client.open.clear()
        with running(client) as bench:
            assert bench.trip().is_confirmed
        texts = [view.text for view in bench.views if view.rounds == 1]
        assert texts[0] == "not confirmed: a, b"

    @pytest.mark.parametrize(
        ("fails", "open_ids", "error", "text"),
        [
            pytest.param(
                {"on_cancel"},
                ("a",),
                "cancel all: the line is gone",
                "not confirmed: a (cancel all: the line is gone)",
                id="cancel",
            ),
            pytest.param(
                {"on_ask"},
                None,
                "open orders: the line is gone",
                "not confirmed: the broker has not said what is open "
                "(open orders: the line is gone)",
                id="question",
            ),
            pytest.param(
                {"on_cancel", "on_ask"},
                None,
                "cancel all: the line is gone; open orders: the line is gone",
                "not confirmed: the broker has not said what is open "
                "(cancel all: the line is gone; open orders: the line is gone)",
                id="both",
            ),
        ],
    )
    def test_it_is_tried_again_until_its_time_is_over(self, fails, open_ids, error, text):
        client = FakeEmergency("a")
        for name in fails:
            setattr(client, name, refuse)
        with running(client, deadline_s=0.05) as bench:
            view = bench.trip()
        assert view.rounds > 2
        assert (view.open_ids, view.error, view.text) == (open_ids, error, text)
        assert not view.is_confirmed
        assert not view.is_under_way
        assert view.done_ns - view.tripped_ns >= 50_000_000

    def test_it_comes_through_when_the_line_is_back(self):
        client = FakeEmergency("a")

        def flicker():
            if client.calls.count("cancel") < 3:
                refuse()
            client.open.clear()

        client.on_cancel = flicker
        with running(client) as bench:
            view = bench.trip()
        assert (view.is_confirmed, view.rounds, view.error) == (True, 4, "")

    def test_whatever_the_client_raises_the_next_round_comes(self):
        client = FakeEmergency("a")
        client.on_ask = lambda: {}["a"] if client.calls.count("ask") == 1 else None
        with running(client) as bench:
            view = bench.trip()
        assert [v.error for v in bench.views if v.rounds == 1][-1] == "open orders: 'a'"
        assert view.is_confirmed

    def test_an_answer_of_before_is_no_confirmation(self):
        client = FakeEmergency("a")
        client.on_ask = lambda: refuse() if client.calls.count("ask") > 1 else None
        with running(client, deadline_s=0.02) as bench:
            view = bench.trip()
        assert (view.open_ids, view.is_confirmed) == ((), False)
        assert view.text == (
            "not confirmed: the broker said once that no order is open "
            "(open orders: the line is gone)"
        )

    def test_without_a_client_it_says_so_and_halts_all_the_same(self):
        with running(None) as bench:
            view = bench.trip()
        assert bench.flag.halt is view.halt
        assert (view.rounds, view.open_ids, view.error) == (1, None, NO_CLIENT)
        assert not view.is_confirmed

    def test_waits_grow_and_the_last_one_repeats(self):
        client = FakeEmergency("a")
        client.on_cancel = lambda: client.calls.count("cancel") > 5 and client.open.clear()
        with running(client, pace_s=(0.0, 0.002)) as bench:
            assert bench.trip().rounds == 7

    def test_the_pace_is_within_what_a_broker_allows_and_ends_in_half_a_minute(self):
        assert kill.PACE_S == (0.25, 0.5, 1.0, 2.0)
        assert kill.DEADLINE_S == 30.0


class TestAgain:
    def test_pulled_again_it_begins_again(self):
        with running(FakeEmergency("a")) as bench:
            first = bench.trip("one")
            bench.client.open.append("b")
            second = bench.trip("two")
        assert (first.halt.reason, second.halt.reason) == ("one", "two")
        assert (second.rounds, second.is_confirmed) == (2, True)
        assert bench.client.calls == ["cancel", "ask"] * 4

    def test_pulled_while_it_waits_the_newer_one_goes_on_at_once(self):
        client = FakeEmergency("a")
        client.on_cancel = lambda: None
        with running(client, pace_s=(LONG_S, 0.001)) as bench:
            bench.switch.trip("one", "ada")
            bench.wait(lambda view: view.rounds == 1)
            bench.switch.trip("two", "bob")
            bench.wait(lambda view: view.rounds == 1 and view.halt.reason == "two")
            client.on_cancel = client.open.clear
        assert bench.switch.view.halt.actor == "bob"

    def test_pulled_during_a_round_its_view_is_not_the_older_ones(self):
        client = FakeEmergency("a")
        bench = Bench(client)

        def pull():
            client.on_ask = lambda: None
            client.open.clear()
            bench.switch.trip("two", "bob")

        client.on_ask = pull
        bench.switch.start()
        bench.switch.trip("one", "ada")
        bench.wait(lambda view: view.done_ns)
        bench.switch.close()
        assert {v.halt.reason for v in bench.views if v.rounds} == {"two"}

    def test_who_follows_late_is_told_at_once(self):
        bench = Bench(FakeEmergency())
        bench.switch.trip("enough", "ada")
        told = []
        bench.switch.follow(lambda: told.append(bench.switch.view.halt))
        assert told == [bench.flag.halt]


class TestEnd:
    def test_what_is_under_way_is_brought_to_its_end(self):
        client = FakeEmergency("a")
        client.on_cancel = lambda: client.calls.count("cancel") > 3 and client.open.clear()
        with running(client) as bench:
            bench.switch.trip("enough", "ada")
        assert bench.switch.view.is_confirmed
        assert bench.switch.view.rounds == 5

    def test_it_ends_within_its_time_if_nothing_answers(self):
        client = FakeEmergency("a")
        client.on_cancel = refuse
        with running(client, deadline_s=0.02) as bench:
            bench.switch.trip("enough", "ada")
        assert bench.switch.view.done_ns
        assert not bench.switch.view.is_confirmed

    def test_a_broker_that_does_not_come_back_does_not_hold_the_end_up(self, monkeypatch):
        monkeypatch.setattr(kill, "END_WAIT_S", 0.01)
        client, answers = FakeEmergency("a"), threading.Event()
        client.on_ask = lambda: answers.wait(LONG_S)
        with running(client, deadline_s=0.01) as bench:
            bench.switch.trip("enough", "ada")
        assert bench.switch.view.is_under_way
        answers.set()

    def test_no_thread_is_left(self):
        before = set(threading.enumerate())
        with running(FakeEmergency("a")) as bench:
            assert {t.name for t in set(threading.enumerate()) - before} == {"kill", "halt flag"}
            bench.trip()
        assert set(threading.enumerate()) == before

    def test_threads_take_shorter_turns_while_it_stands_ready(self):
        before = sys.getswitchinterval()
        with running(FakeEmergency()):
            assert sys.getswitchinterval() == pytest.approx(kill.TURN_S)
        assert sys.getswitchinterval() == pytest.approx(before)
