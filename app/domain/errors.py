"""The exception tree.

StationError
├── UserError            the text may be shown as it is
│   ├── BadInput         something typed, or a file, is not what it has to be
│   ├── RefusedOrder     a local check refused the order; nothing was sent
│   └── Overloaded       a bounded queue is full; the gesture was not taken
├── VenueError           a feed or broker failed; carries venue and request
│   ├── Disconnected     outcome unknown if a request was under way
│   ├── NeverSent        proof that not a byte of the request left this machine
│   ├── Rejected         a definite no from the venue
│   └── Malformed        the venue said something that cannot be read
├── JournalFailed        the record cannot be written: nothing may be sent
├── JournalUnreadable    the record cannot be opened
└── IllegalTransition    a report that no state of the order allows

Messages say what, the value found, the limit, and what happens now. Never a key, a token or an
account number. Assertions are for our own mistakes and stay on.
"""

from __future__ import annotations


class StationError(Exception):
    """Base of every error this program raises on purpose."""


class UserError(StationError):
    """A fault a person can mend; the message may be shown as it is."""


class BadInput(UserError):
    """A value or file that is not what it has to be."""


class RefusedOrder(UserError):
    """A local check refused the order before anything was recorded or sent."""


class Overloaded(UserError):
    """A bounded queue is full; the gesture was not taken."""


class VenueError(StationError):
    """A feed or broker failed.

    Attributes:
        venue: stable name of the adapter.
        request: what was asked, in words without secrets.
        raw: bytes received, when there were any.
    """

    def __init__(self, message: str, *, venue: str, request: str = "", raw: bytes = b"") -> None:
        super().__init__(message)
        self.venue = venue
        self.request = request
        self.raw = raw


class Disconnected(VenueError):
    """The link broke; the outcome of a request under way is unknown."""


class NeverSent(VenueError):
    """Proof by the transport that not a byte of the request left: it may be sent once more."""


class Rejected(VenueError):
    """A definite no from the venue."""


class Malformed(VenueError):
    """The venue said something that cannot be read."""


class JournalFailed(StationError):
    """The record cannot be written: the session ends HALTED, nothing may be sent."""


class JournalUnreadable(StationError):
    """The record cannot be opened, or is not an audit log."""


class IllegalTransition(StationError):
    """A report that the order's state does not allow."""
