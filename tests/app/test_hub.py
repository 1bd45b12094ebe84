"""Show that facts reach everyone who asked, at once, and that one bad listener harms no other.

Method: handlers that write down what they were given, and handlers that raise.
"""

import pytest

from app.domain.errors import JournalFailed
from app.domain.events import HandlerFailed, Notice
from app.hub import Hub

HELLO = Notice(text="hello")


class Ear:
    """Writes down what it hears."""

    def __init__(self):
        self.heard = []

    def hear(self, event):
        self.heard.append(event)


def raises(error):
    def handler(event):
        raise error

    return handler


def test_event_is_handled_when_publish_returns_in_order_of_subscription():
    hub, heard = Hub(), []
    hub.subscribe(Notice, lambda event: heard.append(("first", event)))
    hub.subscribe(Notice, lambda event: heard.append(("second", event)))
    hub.publish(HELLO)
    assert heard == [("first", HELLO), ("second", HELLO)]


class Wire(Notice, frozen=True, kw_only=True):
    """A notice with a venue's names for its fields."""


def test_kind_of_an_event_is_delivered_as_the_nearest_type_that_is_asked_for():
    hub, near, far = Hub(), Ear(), Ear()
    hub.subscribe(Notice, far.hear)
    hub.publish(first := Wire(text="a"))
    hub.subscribe(Wire, near.hear)
    hub.publish(second := Wire(text="b"))
    hub.publish(HELLO)
    assert (far.heard, near.heard) == ([first, HELLO], [second])


def test_subscription_counts_from_the_next_event_on_however_often_it_was_published():
    hub, early, late = Hub(), Ear(), Ear()
    hub.publish(HELLO)
    hub.subscribe(Notice, early.hear)
    hub.publish(HELLO)
    hub.publish(HELLO)
    hub.subscribe(Notice, late.hear)
    hub.publish(HELLO)
    assert (len(early.heard), len(late.heard)) == (3, 1)


def test_event_nobody_asked_for_goes_nowhere():
    hub, ear = Hub(), Ear()
    hub.subscribe(HandlerFailed, ear.hear)
    hub.publish(HELLO)
    assert ear.heard == []
    assert hub.failures == 0


def test_unsubscribed_handler_hears_no_more():
    hub, ear, other = Hub(), Ear(), Ear()
    hub.subscribe(Notice, ear.hear)
    hub.subscribe(Notice, other.hear)
    hub.unsubscribe(Notice, ear.hear)
    hub.unsubscribe(Notice, ear.hear)
    hub.unsubscribe(HandlerFailed, ear.hear)
    hub.publish(HELLO)
    assert (ear.heard, other.heard) == ([], [HELLO])


def test_handler_that_leaves_while_an_event_is_handled_does_not_disturb_the_others():
    hub, ear = Hub(), Ear()

    def leave(event):
        hub.unsubscribe(Notice, leave)

    hub.subscribe(Notice, leave)
    hub.subscribe(Notice, ear.hear)
    hub.publish(HELLO)
    hub.publish(HELLO)
    assert ear.heard == [HELLO, HELLO]


def test_handler_that_raises_is_reported_and_the_others_are_served():
    hub, ear, failures = Hub(), Ear(), Ear()
    hub.subscribe(Notice, raises(ValueError("no")))
    hub.subscribe(Notice, ear.hear)
    hub.subscribe(HandlerFailed, failures.hear)
    hub.publish(HELLO)
    assert ear.heard == [HELLO]
    assert hub.failures == 1
    [failure] = failures.heard
    assert failure.handler.endswith("raises.<locals>.handler")
    assert failure.error == "ValueError('no')"


def test_failure_in_the_report_of_a_failure_is_counted_and_ends_there():
    hub = Hub()
    hub.subscribe(Notice, raises(ValueError("no")))
    hub.subscribe(HandlerFailed, raises(ValueError("again")))
    hub.publish(HELLO)
    assert hub.failures == 2


def test_handler_without_a_name_is_reported_by_what_it_is():
    class Silent:
        def __call__(self, event):
            raise ValueError("no")

        def __repr__(self):
            return "a silent one"

    hub, failures = Hub(), Ear()
    hub.subscribe(Notice, Silent())
    hub.subscribe(HandlerFailed, failures.hear)
    hub.publish(HELLO)
    assert failures.heard[0].handler == "a silent one"


@pytest.mark.parametrize(
    "error",
    [AssertionError("broken"), JournalFailed("disk"), KeyboardInterrupt()],
    ids=lambda e: type(e).__name__,
)
def test_what_must_end_the_session_is_not_caught(error):
    hub, ear = Hub(), Ear()
    hub.subscribe(Notice, raises(error))
    hub.subscribe(Notice, ear.hear)
    with pytest.raises(type(error)):
        hub.publish(HELLO)
    assert (hub.failures, ear.heard) == (0, [])
