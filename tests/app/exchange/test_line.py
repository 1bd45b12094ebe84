"""Goal: what the kill switch ends is told apart from what was asked for."""

from __future__ import annotations

from app.domain.enums import ExecType
from app.domain.ids import ClOrdID
from app.exchange.line import killed


def test_the_end_by_the_kill_switch_says_so():
    ending = killed(ClOrdID("a"), 7)
    assert (ending.cl_ord_id, ending.exec_type, ending.ts_ns) == ("a", ExecType.CANCELED, 7)
    assert ending.is_killed
    assert "kill switch" in ending.text
