"""Show that what cannot be an order is refused in words before it has an identity or a record.

Method: the real engine on virtual time; a table of bad input, and the capabilities of a broker.
"""

from decimal import Decimal

import msgspec
import pytest

from app.domain.enums import Custody, OrderClass, OrdStatus, OrdType, Side
from app.domain.errors import RefusedOrder
from app.domain.ids import ClOrdID
from app.domain.terms import Hold, Links
from tests.samples import NOW_NS, new_order, trade_report
from tests.station import MAN, play

BUY, SELL = Side.BUY, Side.SELL
STOP = {"ord_type": OrdType.STOP, "stop_px": Decimal(95)}

HUGE = "X" * 10_000_000
NOT_SENT = "; order not sent"


class TestBadInput:
    """Each refusal names what it was and what is allowed; nothing goes out."""

    @pytest.mark.parametrize(
        ("terms", "words"),
        [
            ({"symbol": HUGE}, "symbol 'XXXXXXXXXXXXXXXX' (10,000,000 characters) must be 1 to 16"),
            ({"symbol": ""}, "symbol '' (0 characters) must be 1 to 16"),
            ({"qty": "0.5"}, "fake takes whole shares only, quantity was 0.5"),
            ({"qty": "1" * 29}, "quantity has 29 digits, limit 28"),
            ({"limit": "1" * 29}, "limit price has 29 digits, limit 28"),
        ],
        ids=["10 MB", "empty", "fraction", "digits", "price digits"],
    )
    def test_what_cannot_be_recorded_is_refused_without_a_record(self, terms, words):
        async def story(station):
            with pytest.raises(RefusedOrder) as refused:
                station.submit(**terms)
            assert str(refused.value).startswith(words)
            assert str(refused.value).endswith(NOT_SENT)
            assert len(str(refused.value)) < 200
            assert (station.recorded(), station.broker.submitted) == ([], [])

        play(story)

    @pytest.mark.parametrize(
        ("terms", "value"),
        [
            ({"qty": "0"}, "0"),
            ({"qty": "-5"}, "-5"),
            ({"qty": "NaN"}, "NaN"),
            ({"qty": "sNaN"}, "sNaN"),
            ({"qty": "Infinity"}, "Infinity"),
            ({"qty": "1e308"}, "quantity 1e+308 is over the limit 10,000 shares"),
            ({"limit": "100.001"}, "100.001"),
            ({"limit": "0"}, "0"),
            ({"limit": "NaN"}, "NaN"),
            ({"limit": "-1"}, "-1"),
            ({"symbol": "GONE"}, "GONE"),
        ],
        ids=str,
    )
    def test_what_the_gate_refuses_is_recorded_with_the_value_and_not_sent(self, terms, value):
        async def story(station):
            refused = await station.order(**terms)
            assert (refused.ord_status, refused.is_denied) == (OrdStatus.REJECTED, True)
            assert value in refused.text
            assert station.broker.submitted == []
            assert station.recorded() == ["order_decided"]
            assert (await station.order()).custody is Custody.SENT

        play(story)

    def test_actor_and_words_of_any_size_are_somebody_elses_matter_but_the_terms_stay_small(self):
        async def story(station):
            for symbol in ("X" * 17, HUGE):
                with pytest.raises(RefusedOrder):
                    station.submit(symbol=symbol)
            sizes = [len(row.body) for row in station.journal.view.rows_after(0, 99)]
            assert max(sizes, default=0) < 5_000

        play(story)


class TestCommands:
    def test_command_says_who_what_and_when(self):
        async def story(station):
            cl_ord_id = station.submit(BUY, 7)
            [command] = station.engine._inbox
            assert (command.cl_ord_id, command.order) == (cl_ord_id, new_order(BUY, 7))
            assert (command.origin, command.actor) == (MAN["origin"], "ada")
            assert (command.ts_intent_ns, command.hold) == (NOW_NS, None)
            await station.engine.settle()

        play(story)

    @pytest.mark.parametrize(
        ("terms", "hold", "custody"),
        [
            (new_order(), None, Custody.SENT),
            (new_order(SELL, **STOP), None, Custody.HELD),
            (new_order(), Hold(), Custody.HELD),
            (new_order(), Hold(is_staged=True), Custody.STAGED),
            (new_order(SELL, **STOP), Hold(is_staged=True), Custody.STAGED),
        ],
        ids=["plain", "stop", "on a condition", "staged", "staged stop"],
    )
    def test_what_the_broker_does_not_trigger_is_held_here(self, terms, hold, custody):
        async def story(station):
            cl_ord_id = station.engine.submit(terms, hold=hold, **MAN)
            await station.engine.settle()
            assert station.get(cl_ord_id).custody is custody

        play(story)

    def test_identity_is_given_last_and_once_for_each_intent(self):
        async def story(station):
            with pytest.raises(RefusedOrder):
                station.submit(qty="0.5")
            known = await station.working(limit="100")
            with pytest.raises(RefusedOrder):
                station.replace(known.cl_ord_id, "0.5", "100")
            request = station.replace(known.cl_ord_id, 50, "100")
            await station.engine.settle()
            assert (known.cl_ord_id, request) == ("P1-261123-1", "P1-261123-2")

        play(story, has_replace=True)

    def test_replace_to_what_the_broker_does_not_take_is_refused(self):
        async def story(station):
            known = await station.working(limit="100")
            with pytest.raises(RefusedOrder) as refused:
                station.replace(known.cl_ord_id, "50.5", "100")
            assert str(refused.value) == (
                "fake takes whole shares only, quantity was 50.5; order not sent"
            )

        play(story, has_replace=True)

    def test_release_of_what_does_not_wait_here_is_no_command(self):
        async def story(station):
            sent = await station.order()
            station.engine.release(sent.cl_ord_id, new_order(), **MAN)
            station.engine.release(ClOrdID("X"), new_order(), **MAN)
            assert not station.engine.is_busy

        play(story)


class TestShortSales:
    @pytest.mark.parametrize(
        ("qty", "words"),
        [
            (61, "fake takes no short sales: 61 to sell, 60 held and not for sale yet"),
            ("NaN", "fake takes no short sales: NaN to sell, 60 held and not for sale yet"),
            (60, ""),
        ],
    )
    def test_only_what_is_held_and_not_for_sale_can_be_sold(self, qty, words):
        async def story(station):
            held = await station.order(BUY, 100)
            await station.tell(held, trade_report(px=100))
            await station.working(SELL, 40, "105")
            if words:
                with pytest.raises(RefusedOrder) as refused:
                    station.submit(SELL, qty)
                assert str(refused.value) == f"{words}; order not sent"
            else:
                assert (await station.order(SELL, qty)).custody is Custody.SENT

        play(story, can_short=False)

    def test_buying_needs_nothing_held(self):
        async def story(station):
            assert (await station.order(BUY, 1)).custody is Custody.SENT

        play(story, can_short=False)


def test_capabilities_are_read_at_the_click():
    async def story(station):
        able = station.broker.capabilities
        station.broker.capabilities = msgspec.structs.replace(able, has_fractions=True)
        assert (await station.order(qty="0.5")).is_denied  # By the gate: the symbol trades whole.

    play(story)


class TestReplaces:
    @pytest.mark.parametrize(
        ("cl_ord_id", "limit", "words"),
        [
            ("X", "99", "order X is not known here; nothing was sent"),
            ("P1-261123-1", "100", "the terms are what they were; nothing was sent"),
        ],
        ids=["unknown", "the same"],
    )
    def test_what_cannot_be_changed_is_refused_unrecorded(self, cl_ord_id, limit, words):
        async def story(station):
            await station.working(limit="100")
            before = station.recorded()
            with pytest.raises(RefusedOrder) as refused:
                station.replace(ClOrdID(cl_ord_id), 100, limit)
            assert str(refused.value) == words
            await station.engine.settle()
            assert station.recorded() == before

        play(story, has_replace=True)


class TestListsAndReleases:
    ENTRY, EXIT = new_order(limit=100), new_order(SELL, **STOP)

    def test_list_is_one_command_in_which_the_exit_waits_for_its_entry(self):
        async def story(station):
            first, second = station.engine.submit_list(
                (self.ENTRY, self.EXIT), OrderClass.OTO, **MAN
            )
            [command] = station.engine._inbox
            assert [one.cl_ord_id for one in command.orders] == [first, second]
            assert command.order_class is OrderClass.OTO
            assert command.orders[1].links == Links(parent=first)
            await station.engine.settle()

        play(story)

    @pytest.mark.parametrize(
        ("orders", "order_class", "words"),
        [
            ((ENTRY,), OrderClass.OTO, "OTO has 2 orders, 1 were given; nothing was sent"),
            (
                (new_order(SELL, limit=100), new_order(**{**STOP, "stop_px": Decimal(105)})),
                OrderClass.OTO,
                "fake takes no short sales: 100 to sell, 0 held and not for sale yet; "
                "order not sent",
            ),
        ],
        ids=["size", "short entry"],
    )
    def test_list_that_is_none_is_refused_as_a_whole(self, orders, order_class, words):
        async def story(station):
            with pytest.raises(RefusedOrder) as refused:
                station.engine.submit_list(orders, order_class, **MAN)
            assert str(refused.value) == words
            assert not station.engine.is_busy

        play(story, can_short=False)

    def test_exits_that_exclude_each_other_need_nothing_held_yet(self):
        async def story(station):
            ids = station.engine.submit_list(
                (new_order(SELL, limit=110), self.EXIT), OrderClass.OCO, **MAN
            )
            await station.engine.settle()
            assert all(station.get(one).is_here for one in ids)

        play(story, can_short=False)

    def test_release_keeps_identity_and_links(self):
        async def story(station):
            entry, held = station.engine.submit_list((self.ENTRY, self.EXIT), OrderClass.OTO, **MAN)
            await station.engine.settle()
            station.engine.release(held, new_order(SELL), **MAN)
            [command] = station.engine._inbox
            assert (command.cl_ord_id, command.order) == (held, new_order(SELL))
            assert (command.links.parent, command.hold) == (entry, None)
            await station.engine.settle()

        play(story)
