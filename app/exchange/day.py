"""A symbol's day: opens and closes its pit, calls auctions, pauses it and lets it go on.

    04:00 ......... 09:25 ... 09:30 ................. 15:50 ... 16:00 ....... 20:00   New York
      | pre-market    | imbalances |  core, price bands  | imbalances | post-market |
                            opening auction                     closing auction

A price at its band for 15 seconds pauses trading for five minutes and reopens it by an auction. A
symbol can be halted at any time as well. Around the clock there is one core session without end:
no auctions but those after a pause.
"""

from __future__ import annotations

from typing import Final

from app.domain.enums import Phase, TimeInForce
from app.domain.times import MINUTE_NS, SECOND_NS, new_york
from app.exchange.crowd import Crowd
from app.exchange.hours import NEVER_NS, Rhythm, Span
from app.exchange.luld import PAUSE_NS
from app.exchange.pit import Pit

OPENING_CALL_NS: Final = 5 * MINUTE_NS
"""Before the open: from here on imbalances are told."""
CLOSING_CALL_NS: Final = 10 * MINUTE_NS
_OFTEN_NS: Final = 2 * MINUTE_NS
"""Before the open they are told every second instead of every ten; before the close, 5 minutes."""
_OFTEN_CLOSE_NS: Final = 5 * MINUTE_NS
PAUSED: Final = "volatility pause: the price stayed at its limit for 15 seconds"
_EXTENDED: Final = "@T"
_REGULAR: Final = "@"
_OPENED: Final = "@O"
_CLOSED: Final = "@6"
_REOPENED: Final = "@5"


class Day:
    """Opens, pauses and closes one pit."""

    def __init__(self, pit: Pit, crowd: Crowd, rhythm: Rhythm) -> None:
        self._pit = pit
        self._crowd = crowd
        self._rhythm = rhythm
        self._span = Span(Phase.CLOSED, 0, 0)
        self._reopen_ns = NEVER_NS
        """End of a pause."""
        self._imbalance_ns = NEVER_NS
        """When the next imbalance is told."""

    @property
    def next_ns(self) -> int:
        """When it has something to do, if nothing else happens."""
        return min(self._span.end_ns, self._reopen_ns, self._imbalance_ns, self._pit.pause_due_ns())

    def start(self, now_ns: int) -> None:
        """Begin at a time without a past: everybody comes in, and all is told anew."""
        pit = self._pit
        pit.last_px = None
        pit.is_quiet = True  # The crowd goes and comes: nothing to tell of in detail.
        self._crowd.leave(now_ns)
        self._reopen_ns = NEVER_NS
        self._span = self._rhythm.span(now_ns)
        pit.close(now_ns, _EXTENDED)
        self._match_again(now_ns)
        if self._span.phase is not Phase.CLOSED:
            self._crowd.fill_book(now_ns)
            if self._span.phase is Phase.CORE:
                pit.open(pit.reference(), now_ns, self._span.end_ns)
            pit.say_whole(now_ns)
        self._enter_span(now_ns)
        pit.say_status(now_ns)

    def turn(self, now_ns: int) -> None:
        """Do what is due."""
        if now_ns >= self._span.end_ns:
            self._change_phase(now_ns)
        elif now_ns >= self._reopen_ns:
            self.resume(now_ns)
        elif now_ns >= self._pit.pause_due_ns():
            self.halt(PAUSED, now_ns, PAUSE_NS)
        elif now_ns >= self._imbalance_ns:
            self._say_imbalance(now_ns)

    def halt(self, reason: str, now_ns: int, lasts_ns: int | None = None) -> None:
        """Stop trading, for a time or until `resume`."""
        if self._span.phase is Phase.CLOSED:
            return
        self._pit.close(now_ns, self._pit.conditions)
        self._pit.stop(reason, now_ns)
        self._reopen_ns = NEVER_NS if lasts_ns is None else now_ns + lasts_ns
        self._imbalance_ns = now_ns + SECOND_NS

    def resume(self, now_ns: int) -> None:
        """Let a halted symbol trade again, by an auction."""
        if not self._pit.halt or self._span.phase is Phase.CLOSED:
            return
        self._reopen_ns = NEVER_NS
        pit = self._pit
        is_core = self._span.phase is Phase.CORE
        # Orders for the auction that is still to come wait on.
        auction = TimeInForce.OPG if is_core else TimeInForce.CLS
        px = pit.cross(auction, _REOPENED, now_ns) or pit.reference()
        if is_core:
            pit.open(px, now_ns, self._span.end_ns)
        self._plan_imbalance(now_ns)

    def thin(self, size_max: int | None, now_ns: int) -> None:
        """Let no order of the crowd be of more shares; None: as usual again."""
        self._crowd.size_max = size_max
        if self._span.phase is Phase.CLOSED or self._pit.halt:
            return
        self._pit.is_quiet = True
        self._crowd.leave(now_ns)
        self._crowd.fill_book(now_ns)
        self._pit.say_whole(now_ns)

    def _change_phase(self, now_ns: int) -> None:
        ended, self._span = self._span, self._rhythm.span(now_ns)
        pit = self._pit
        self._reopen_ns = NEVER_NS
        if self._span.phase is Phase.CORE:
            px = pit.cross(TimeInForce.OPG, _OPENED, now_ns) or pit.reference()
            pit.open(px, now_ns, self._span.end_ns)
        elif ended.phase is Phase.CORE:
            px = pit.cross(TimeInForce.CLS, _CLOSED, now_ns) or pit.reference()
            pit.prior_close = px / pit.ticks_per_usd
            pit.close(now_ns, _EXTENDED)
        elif self._span.phase is Phase.PRE:
            self._match_again(now_ns)
            pit.is_restricted = False
            pit.is_quiet = True
            self._crowd.fill_book(now_ns)
            pit.say_whole(now_ns)
            pit.say_status(now_ns)
        self._enter_span(now_ns)

    def _match_again(self, now_ns: int) -> None:
        """Let orders match on arrival after a night or a halt; what waited meets first."""
        if not self._pit.book.is_continuous:
            # Not the opening auction: orders for that wait on.
            self._pit.cross(TimeInForce.CLS, _EXTENDED, now_ns)

    def _enter_span(self, now_ns: int) -> None:
        span = self._span
        if span.phase is Phase.CLOSED:
            self._crowd.leave(now_ns)
            opens = new_york(span.end_ns)
            self._pit.stop(f"closed until {opens:%a %H:%M} New York", now_ns)
            self._crowd.sleep_until(span.end_ns)
        else:
            self._crowd.go_on(now_ns)
        self._plan_imbalance(now_ns)

    def _plan_imbalance(self, now_ns: int) -> None:
        span = self._span
        if span.phase is Phase.PRE:
            self._imbalance_ns = max(now_ns + SECOND_NS, span.end_ns - OPENING_CALL_NS)
        elif span.phase is Phase.CORE and span.end_ns != NEVER_NS:
            self._imbalance_ns = max(now_ns + SECOND_NS, span.end_ns - CLOSING_CALL_NS)
        else:
            self._imbalance_ns = NEVER_NS

    def _say_imbalance(self, now_ns: int) -> None:
        pit, span = self._pit, self._span
        if pit.halt:
            pit.say_imbalance(TimeInForce.OPG, "H", now_ns)
            self._imbalance_ns = now_ns + SECOND_NS
            return
        if span.phase is Phase.PRE:
            pit.say_imbalance(TimeInForce.OPG, "O", now_ns)
            often_ns = _OFTEN_NS
        else:
            pit.say_imbalance(TimeInForce.CLS, "C", now_ns)
            often_ns = _OFTEN_CLOSE_NS
        is_often = span.end_ns - now_ns <= often_ns
        self._imbalance_ns = now_ns + (SECOND_NS if is_often else 10 * SECOND_NS)
