"""What the station knows of itself that bears on every order."""

from __future__ import annotations

import msgspec


class Health(msgspec.Struct):
    """Faults in words, empty where there is none; each field has one writer."""

    station: str = ""
    """Why nothing may be sent at all. Written by the session."""
    venue: str = ""
    """What does not agree about paper and live. Written by the session, at its start."""
    unreconciled: str = ""
    """Why the books are not known to be the broker's. Written by the steward."""
    loop_lag_ns: int = 0
    """How late the loop last was. Written by the pulse."""
