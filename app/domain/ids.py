"""Names for the kinds of identifier, so that one cannot be passed for another."""

from __future__ import annotations

from typing import NewType

Symbol = NewType("Symbol", str)
ClOrdID = NewType("ClOrdID", str)
"""Ours, made once for an intent, durable before the wire, never used for another (FIX 11)."""
OrderID = NewType("OrderID", str)
"""The broker's (FIX 37)."""
ExecID = NewType("ExecID", str)
"""The broker's, of one execution (FIX 17)."""
AccountID = NewType("AccountID", str)
DurableSeq = NewType("DurableSeq", int)
"""Sequence number of a journal record that is on disk."""
