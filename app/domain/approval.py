"""`ApprovedOrder`: the one type a broker sends.

The danger: an order path that goes round the risk gate or the record. A broker's `submit` takes
nothing else than this type, and only `app.risk.gate` can make one: the constructor wants a key that
the gate claims once at import; a second claim raises.
Not guaranteed: Python cannot stop someone who wants to cheat. It stops mistakes, and a test forbids
naming `claim_key` anywhere else.
"""

from __future__ import annotations

from typing import Final

from app.domain.ids import ClOrdID, DurableSeq
from app.domain.terms import NewOrder


class ApprovalKey:
    """Proof of being the gate."""

    __slots__ = ()


_KEY: Final = ApprovalKey()
_NONE: Final = ClOrdID("")
_claimed: list[bool] = []


def claim_key() -> ApprovalKey:
    """Return the key, once.

    Raises:
        RuntimeError: it has been claimed before.
    """
    if _claimed:
        raise RuntimeError("the approval key was claimed before; only app.risk.gate may claim it")
    _claimed.append(True)
    return _KEY


class ApprovedOrder:
    """An order that passed the gate and whose decision is on disk."""

    __slots__ = ("cl_ord_id", "durable_seq", "order", "orig_cl_ord_id")

    def __init__(
        self,
        key: ApprovalKey,
        *,
        cl_ord_id: ClOrdID,
        order: NewOrder,
        durable_seq: DurableSeq,
        orig_cl_ord_id: ClOrdID = _NONE,
    ) -> None:
        if key is not _KEY:
            raise RuntimeError("an ApprovedOrder is made by app.risk.gate only")
        assert durable_seq > 0, durable_seq
        self.cl_ord_id: Final = cl_ord_id
        self.order: Final = order
        self.orig_cl_ord_id: Final = orig_cl_ord_id
        """Of a replace: the identity in force that this one takes the place of; else empty."""
        self.durable_seq: Final = durable_seq
