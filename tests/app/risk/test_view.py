"""Show that what a person sees of limits is a value.

Method: the types themselves.
"""

import pytest

from app.risk.view import Breach, Latch, LimitRow, Meter
from tests.samples import is_value


@pytest.mark.parametrize("kind", [LimitRow, Meter, Breach, Latch])
def test_rows_cannot_be_changed_and_name_their_fields(kind):
    assert is_value(kind)


def test_breach_without_an_order_has_no_reason():
    breach = Breach(ts_ns=1, what="loss", value="3 %", limit="2 %", outcome="alert")
    assert (breach.reason, breach.cl_ord_id) == ("", "")
