"""Show that what acts by itself only tightens, and that what is drained is complete.

Method: the real order path on virtual time; a halt first, then each thing that reduces by itself.
"""

import pytest

from app.audit.records import TradingStateSet, UserActed
from app.domain.enums import TradingState
from app.domain.reports import Unreadable
from tests.order_path import opened, run
from tests.samples import IBM, MSFT, report, trade_report
from tests.sim.disk import InstantDisk

ACTIVE, REDUCING, HALTED = TradingState


def by_hand(steps):
    async def play():
        async with opened(InstantDisk()) as path:
            await steps(path)

    run(play)


async def garble(path, symbol):
    path.broker.say(Unreadable(text="no number", raw=b"?", symbol=symbol, ts_recv_ns=1))
    await path.engine.drained()


@pytest.mark.parametrize("symbol", ["", IBM], ids=["account", "symbol"])
def test_a_halt_is_not_undone_by_a_report_that_cannot_be_read(symbol):
    async def steps(path):
        path.engine.set_state(HALTED, "by hand", actor="ada", symbol=symbol or None)
        await garble(path, symbol)
        gate = path.gate
        state = gate.symbol_states[IBM] if symbol else gate.state
        reason = gate.symbol_reasons[IBM] if symbol else gate.state_reason
        assert (state, reason) == (HALTED, "by hand")
        assert len(path.recorded(TradingStateSet)) == 1

    by_hand(steps)


def test_a_halt_of_a_symbol_is_not_undone_by_an_overfill():
    async def steps(path):
        known = await path.hear(await path.order(), report())
        path.engine.set_state(HALTED, "by hand", actor="ada", symbol=IBM)
        await path.hear(known, trade_report(qty=101, px=100))
        assert path.gate.symbol_states == {IBM: HALTED}
        assert any("beyond" in text for text in path.texts())

    by_hand(steps)


def test_a_halted_account_does_not_keep_a_symbol_from_being_reduced():
    async def steps(path):
        path.engine.set_state(HALTED, "by hand", actor="ada")
        await garble(path, IBM)
        path.engine.set_state(ACTIVE, "again", actor="ada")
        await path.engine.drained()
        assert path.gate.state_of(IBM) is REDUCING
        assert path.gate.state_of(MSFT) is ACTIVE

    by_hand(steps)


def test_what_cannot_be_read_reduces_from_then_on():
    async def steps(path):
        await garble(path, "")
        assert (path.gate.state, path.gate.state_actor) == (REDUCING, "station")
        assert path.gate.state_reason == "a report of the broker could not be read: no number"

    by_hand(steps)


def test_drained_means_that_nothing_waits_what_came_meanwhile_included():
    async def steps(path):
        known = await path.order()
        path.engine.follow(lambda _: path.engine.note("a", "meanwhile", actor="ada"))
        path.broker.say(report(cl_ord_id=known.cl_ord_id))
        await path.engine.drained()
        assert [record.detail for record in path.recorded(UserActed)] == ["meanwhile"]

    by_hand(steps)
