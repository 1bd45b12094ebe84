"""Show that a station that was cut off takes up every order where the broker has it by then.

Method: one life up to the cut, a second one on the same disk; every custody against a broker that
has the order, has it filled, or does not have it. Nothing is ever sent again.
"""

import asyncio
from decimal import Decimal

import pytest

from app.audit.records import AmendmentDecided, CancelRequested, PositionAdjusted, SendLost
from app.brokers.base import BrokerPosition
from app.domain.enums import AmendmentState, Custody, ExecType, OrdStatus
from tests.fakes import lose
from tests.order_path import amend, at_broker, cancel, opened, replacing, run, started
from tests.samples import IBM, report, trade_report
from tests.sim.disk import InstantDisk

D = Decimal

HAS, FILLED, LACKS = "has it", "has it filled", "does not have it"


def restart(first, case, then, *, connected=True, second=lambda _: None):
    """Live a life that is cut off, then one with a broker that has the order as the case says.

    Args:
        first: what the first life does; returns the order.
        case: what the broker has after it.
        then: what has to hold after two minutes; gets path and identity.
        connected: whether reports come without a gap in the second life.
        second: prepares the second life's broker before it is started.
    """

    async def play():
        disk = InstantDisk()
        async with opened(disk) as path:
            replacing(path)
            path.broker.on_cancel = lose
            path.broker.on_replace = lose
            known = await first(path)

        def prepare(path):
            replacing(path)
            second(path)
            path.broker.connected_since_ns = 0 if connected else None
            held = {IBM: BrokerPosition(qty=D(100))} if case == FILLED else {}
            if case == LACKS:
                path.lists_of()
                return
            status, cum = (OrdStatus.FILLED, 100) if case == FILLED else (OrdStatus.NEW, 0)
            said = at_broker(known, status, cum, 100 if cum else None)
            fills = (trade_report(cl_ord_id=said.cl_ord_id, px=100),) if cum else ()
            path.found[said.cl_ord_id] = said
            path.lists_of(said, executions=fills, positions=held)

        async with started(disk, prepare) as path:
            await asyncio.sleep(120)
            then(path, path.get(known.cl_ord_id))
            assert path.broker.submitted == []
            assert path.recorded(PositionAdjusted) == []
            assert path.qty() == (100 if case == FILLED else 0)

    run(play)


CASES = pytest.mark.parametrize("case", [HAS, FILLED, LACKS])


class TestRestart:
    @CASES
    @pytest.mark.parametrize("custody", [Custody.UNSENT, Custody.SENT], ids=lambda c: c.name)
    def test_an_order_on_its_way_is_asked_about_and_never_sent_again(self, custody, case):
        async def first(path):
            known = await path.order()
            if custody is Custody.UNSENT:
                path.disk.rows[:] = [r for r in path.disk.rows if r.kind != b"order_sent"]
            return known

        def then(path, known):
            [lost] = path.recorded(SendLost)
            assert lost.report.text == "the station stopped while it was on its way"
            status = {
                HAS: OrdStatus.NEW,
                FILLED: OrdStatus.FILLED,
                LACKS: OrdStatus.REJECTED,
            }[case]
            assert (known.ord_status, known.is_in_doubt) == (status, False)
            assert known.is_absent == (case == LACKS)

        restart(first, case, then)

    @CASES
    def test_an_acknowledged_order(self, case):
        async def first(path):
            return await path.hear(await path.order(), report())

        def then(path, known):
            assert path.recorded(SendLost) == [] or case == LACKS
            status = {HAS: OrdStatus.NEW, FILLED: OrdStatus.FILLED, LACKS: OrdStatus.CANCELED}
            assert known.ord_status is status[case]
            assert known.is_absent == (case == LACKS)

        restart(first, case, then)

    @CASES
    def test_a_cancel_under_way_is_asked_for_again(self, case):
        async def first(path):
            known = await path.hear(await path.order(), report())
            cancel(path, known)
            await path.engine.drained()
            return known

        def second(path):
            async def end(cl_ord_id):
                path.broker.say(report(ExecType.CANCELED, cl_ord_id=cl_ord_id))
                path.lists_of()

            path.broker.on_cancel = end

        def then(path, known):
            status = {HAS: OrdStatus.CANCELED, FILLED: OrdStatus.FILLED, LACKS: OrdStatus.CANCELED}
            assert known.ord_status is status[case]
            assert known.is_absent == (case == LACKS)
            assert bool(path.broker.canceled) == (case == HAS)
            assert len(path.recorded(CancelRequested)) == (2 if case == HAS else 1)

        restart(first, case, then, second=second)

    @CASES
    def test_a_replace_under_way_that_never_arrived_is_dropped(self, case):
        async def first(path):
            known = await path.hear(await path.order(limit=99), report())
            amend(path, known, limit=D(99))
            await path.engine.settle()
            return path.get(known.cl_ord_id)

        def then(path, known):
            assert len(path.recorded(AmendmentDecided)) == 1
            assert known.amendments[0].state is AmendmentState.DROPPED
            assert known.amendments[0].text.startswith("not at the broker: ")
            assert known.order_qty == 100
            status = {HAS: OrdStatus.NEW, FILLED: OrdStatus.FILLED, LACKS: OrdStatus.CANCELED}
            assert known.ord_status is status[case]
            assert path.broker.replaced == []

        restart(first, case, then)

    def test_a_replace_under_way_that_arrived_is_in_force(self):
        request = []

        async def first(path):
            known = await path.hear(await path.order(limit=99), report())
            request.append(amend(path, known, limit=D(98)))
            await path.engine.settle()
            return path.get(known.cl_ord_id)

        async def play():
            disk = InstantDisk()
            async with opened(disk) as path:
                replacing(path)
                path.broker.on_replace = lose
                known = await first(path)

            def prepare(path):
                replacing(path)
                terms = known.amendments[0].order
                said = at_broker(known, cl_ord_id=request[0], order=terms)
                path.found[request[0]] = said
                path.lists_of(said)

            async with started(disk, prepare) as path:
                await asyncio.sleep(60)
                after = path.get(known.cl_ord_id)
                assert after.live_id == request[0]
                assert (after.ord_status, after.order_qty) == (OrdStatus.NEW, 200)
                assert after.terms.limit_px == 98
                assert path.broker.replaced == []

        run(play)

    def test_without_a_connection_the_doubt_stays(self):
        async def first(path):
            return await path.order()

        def then(path, known):
            assert known.is_in_doubt
            assert known.exposed_qty == 100

        restart(first, LACKS, then, connected=False)
