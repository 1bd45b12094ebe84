"""A replay in a person's hands: the player, the bookmarks, and the way back.

The danger: who goes back to try again takes with him orders of a time that has not come, or a
record that was written is rewritten. How this prevents it: back is only by a new run, with a record
of its own, that begins at the beginning and knows nothing of this one.
"""

from __future__ import annotations

from typing import Final

from app.domain.errors import BadInput
from app.domain.times import new_york, parse_moment_ns
from app.feeds.bookmarks import Bookmarks
from app.feeds.player import Player


class Transport:
    """What the window has of a replay."""

    def __init__(self, player: Player, bookmarks: Bookmarks, *, title: str) -> None:
        self.player: Final = player
        self.bookmarks: Final = bookmarks
        self.title: Final = title
        """Name of the file."""
        self.again_ns: int | None = None
        """Where a new run is to go, once this one has ended; None: none is wanted."""

    def parse(self, text: str) -> int:
        """Return the moment that a person typed, of the day that is played if it names none.

        Raises:
            BadInput: it is no time, or lies outside the recording.
        """
        now_ns = self.player.now_ns
        try:
            ts_ns = parse_moment_ns(text, now_ns)
        except (ValueError, OverflowError) as error:
            day = f"{new_york(now_ns):%Y-%m-%d}"
            raise BadInput(
                f"'{text.strip()[:40]}' is no time such as 10:15, 10:15:30 or {day} 10:15; "
                "nothing changed"
            ) from error
        self.player.require_inside(ts_ns)
        return ts_ns

    def is_behind(self, ts_ns: int) -> bool:
        """Whether a moment has been played: only a new run comes to it again."""
        return ts_ns < self.player.now_ns

    def begin_again(self, ts_ns: int) -> None:
        """Want a new run that goes to a moment; who runs the session starts it after this one.

        Raises:
            BadInput: it lies outside the recording.
        """
        self.player.require_inside(ts_ns)
        self.again_ns = ts_ns
