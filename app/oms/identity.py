"""Client order ids: one for each intent, never used again.

Shape: ACCOUNT-yymmdd-n in base 36, at most 20 characters of [A-Z0-9-]: the strictest venue takes
20. The number comes from the record (how many orders were ever decided), not from a clock: after
a crash the ids that may be at a broker are exactly those recorded.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from app.domain.ids import AccountID, ClOrdID
from app.domain.times import SECOND_NS

LENGTH_MAX: Final = 20
_DAY_NS: Final = 86_400 * SECOND_NS
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class ClOrdIDs:
    """Gives the next identity of one account."""

    def __init__(self, account: AccountID, used: int) -> None:
        self._account = account
        self._used = used
        self._day = -1
        """Days since 1970, UTC, of the newest identity."""
        self._day_text = ""

    def next(self, now_ns: int) -> ClOrdID:
        """Return an identity that was never returned before for this record."""
        self._used += 1
        day = now_ns // _DAY_NS
        if day != self._day:
            self._day = day
            self._day_text = f"{datetime.fromtimestamp(now_ns // SECOND_NS, UTC):%y%m%d}"
        cl_ord_id = f"{self._account}-{self._day_text}-{_base36(self._used)}"
        assert len(cl_ord_id) <= LENGTH_MAX, cl_ord_id
        return ClOrdID(cl_ord_id)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
