"""Show that nothing passes the gate that should not, whatever is put in.

Method: the gate with the real checks and settings; tables of states and of values that are none;
laws over drawn orders and pictures.
"""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import plugins
from app.config import load_config
from app.domain.approval import ApprovedOrder
from app.domain.decision import Latch
from app.domain.enums import Phase, Side, TradingState
from app.domain.errors import BadInput
from app.risk.checks.base import CheckParams, CheckSpec, Finding, ask, refuse
from app.risk.gate import Gate, Passed, Refused
from app.risk.halt import Halt, HaltFlag
from tests.samples import (
    EXTREMES,
    ID,
    NOT_NUMBERS,
    SIDES,
    amounts,
    blind_picture,
    instrument,
    new_order,
    picture,
)

BUY, SELL = Side.BUY, Side.SELL
CHECKS = plugins.load("tradedeck.checks").specs
SETTINGS = load_config().risk.checks
IBM = instrument(is_shortable=True)
HALT = Halt(reason="enough", actor="ada", ts_ns=7)
NANS = [value for value in NOT_NUMBERS if value.is_nan()]


@pytest.fixture
def gate():
    return Gate(CHECKS, SETTINGS)


def failed(verdict):
    return {check.name for check in verdict.checks if not check.passed}


class Strict(CheckParams, frozen=True):
    """Parameters of a made-up check."""

    most: int = 5


def spec(check, name="mine"):
    return CheckSpec(name, "Mine", Strict, check)


def passing(given, params):
    return Finding(passed=True, value=str(params.most), limit="")


class TestVerdict:
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    @pytest.mark.parametrize("limit", [None, "100"])
    def test_ordinary_order_passes_every_check(self, gate, side, limit):
        verdict = gate.check(new_order(side, 100, limit), picture(), IBM)
        assert isinstance(verdict, Passed)
        assert {check.name for check in verdict.checks} == {"trading_state", *SETTINGS}

    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    @pytest.mark.parametrize("limit", [None, "600"])
    @pytest.mark.parametrize("group", ["", "Technology"])
    def test_newcomer_trades_hundred_shares_of_the_dearest(self, gate, side, limit, group):
        seen = picture(bid="599.99", ask="600.01", last_px="600", phase=Phase.CORE)
        verdict = gate.check(new_order(side, 100, limit), seen, instrument(group=group))
        assert isinstance(verdict, Passed)

    def test_every_check_is_run_and_reported_when_one_refuses(self, gate):
        verdict = gate.check(new_order(BUY, "20000.5", "100.001"), picture(), IBM)
        assert isinstance(verdict, Refused)
        assert len(verdict.checks) == 1 + len(CHECKS)
        named = {"order_qty", "order_value", "gross_leverage", "tick_size", "position"}
        assert failed(verdict) > named
        assert verdict.text.count("; order not sent") == len(failed(verdict))

    @pytest.mark.parametrize(
        ("asks", "refuses", "is_confirmed", "passes", "can_confirm"),
        [
            (False, False, False, True, True),
            (True, False, False, False, True),
            (True, False, True, True, True),
            (True, True, True, False, False),
            (False, True, True, False, False),
        ],
    )
    def test_persons_word_lets_through_what_asks_and_nothing_that_refuses(
        self, asks, refuses, is_confirmed, passes, can_confirm
    ):
        def asking(given, params):
            return ask("7", "5", "7 of 5") if asks else passing(given, params)

        def refusing(given, params):
            return refuse("7", "5", "7 of 5") if refuses else passing(given, params)

        gate = Gate([spec(asking, "asking"), spec(refusing, "refusing")], {})
        verdict = gate.check(new_order(), picture(), IBM, is_confirmed=is_confirmed)
        assert isinstance(verdict, Passed) is passes
        if isinstance(verdict, Refused):
            assert verdict.can_confirm is can_confirm
        assert failed(verdict) == {
            name for name, fails in (("asking", asks), ("refusing", refuses)) if fails
        }
        assert [check.can_confirm for check in verdict.checks] == [False, asks, False]

    def test_without_a_persons_word_nothing_is_confirmed(self):
        gate = Gate([spec(lambda given, params: ask("7", "5", "7 of 5"))], {})
        order = new_order()
        verdict = gate.check(order, picture(), IBM)
        assert isinstance(verdict, Refused)
        assert (verdict.order, verdict.can_confirm) == (order, True)

    def test_same_order_and_picture_give_the_same_verdict(self, gate):
        given_ = (new_order(BUY, 101), picture(equity="5"), IBM)
        assert gate.check(*given_) == gate.check(*given_)

    def test_check_that_raises_refuses(self):
        def broken(given, params):
            raise RuntimeError("no")

        verdict = Gate([spec(broken)], {}).check(new_order(), picture(), IBM)
        assert isinstance(verdict, Refused)
        assert verdict.text == "check mine failed: RuntimeError('no'); order not sent"


class TestSettings:
    def test_check_gets_its_parameters(self):
        gate = Gate([spec(passing)], {"mine": {"most": 9}})
        assert gate.check(new_order(), picture(), IBM).checks[1].value == "9"

    def test_check_that_is_not_in_the_settings_runs_with_its_defaults(self):
        assert Gate([spec(passing)], {}).check(new_order(), picture(), IBM).checks[1].value == "5"

    @pytest.mark.parametrize("table", [{"most": "x"}, {"mst": 1}], ids=["kind", "key"])
    def test_faulty_parameter_is_refused_with_its_place(self, table):
        with pytest.raises(BadInput, match=r"\[risk\.checks\.mine\]"):
            Gate([spec(passing)], {"mine": table})


class TestMissingCheck:
    @pytest.fixture
    def incomplete(self):
        return Gate([spec(passing)], {"mine": {}, "gone": {}, "also": {}})

    def test_configured_check_that_is_not_there_halts(self, incomplete):
        assert not incomplete.is_complete
        assert incomplete.state is TradingState.HALTED
        assert incomplete.state_reason == "risk check also, gone is configured but not loaded"

    @pytest.mark.parametrize("state", TradingState, ids=lambda s: s.name)
    def test_halt_cannot_be_lifted_while_the_check_is_missing(self, incomplete, state):
        incomplete.set_state(state, "armed by hand")
        assert incomplete.state is TradingState.HALTED
        assert "gone is configured but not loaded" in incomplete.state_reason


class TestTradingState:
    def test_complete_gate_starts_active_and_follows(self, gate):
        assert (gate.is_complete, gate.state, gate.state_reason) == (True, TradingState.ACTIVE, "")
        gate.set_state(TradingState.HALTED, "kill switch")
        assert (gate.state, gate.state_reason) == (TradingState.HALTED, "kill switch")
        gate.set_state(TradingState.ACTIVE, "armed")
        assert gate.state is TradingState.ACTIVE

    @pytest.mark.parametrize(
        ("state", "order", "position", "passes"),
        [
            (TradingState.ACTIVE, new_order(BUY, 100), "0", True),
            (TradingState.ACTIVE, new_order(SELL, 100), "100", True),
            (TradingState.REDUCING, new_order(BUY, 100), "0", False),
            (TradingState.REDUCING, new_order(SELL, 100), "100", True),
            (TradingState.REDUCING, new_order(SELL, 101), "100", False),
            (TradingState.REDUCING, new_order(BUY, 100), "-100", True),
            (TradingState.REDUCING, new_order(BUY, 101), "-100", False),
            (TradingState.HALTED, new_order(BUY, 100), "0", False),
            (TradingState.HALTED, new_order(SELL, 100), "100", False),
        ],
    )
    def test_state_lets_through_what_it_says(self, gate, state, order, position, passes):
        seen = picture(trading_state=state, position_qty=position)
        assert isinstance(gate.check(order, seen, IBM), Passed) is passes


class TestSymbolStates:
    @pytest.mark.parametrize("account", TradingState)
    @pytest.mark.parametrize("own", TradingState)
    def test_the_tighter_of_both_holds_and_only_of_that_symbol(self, gate, account, own):
        gate.set_state(account, "account", "ada")
        gate.set_symbol_state("IBM", own, "own")
        tighter = own if own.is_tighter_than(account) else account
        assert (gate.state_of("IBM"), gate.state_of("MSFT")) == (tighter, account)

    def test_active_takes_the_symbol_and_its_reason_off(self, gate):
        gate.set_symbol_state("IBM", TradingState.REDUCING, "overfilled")
        assert gate.symbol_states == {"IBM": TradingState.REDUCING}
        assert gate.symbol_reasons == {"IBM": "overfilled"}
        for _ in range(2):
            gate.set_symbol_state("IBM", TradingState.ACTIVE, "seen")
            assert gate.symbol_states == gate.symbol_reasons == {}

    @pytest.mark.parametrize(
        ("state", "closes", "passes"),
        [
            (TradingState.ACTIVE, False, True),
            (TradingState.ACTIVE, True, True),
            (TradingState.REDUCING, False, False),
            (TradingState.REDUCING, True, True),
            (TradingState.HALTED, False, False),
            (TradingState.HALTED, True, False),
        ],
    )
    def test_state_of_this_moment_decides_what_may_still_go(self, gate, state, closes, passes):
        seen = picture(trading_state=state, position_qty="100" if closes else "0")
        assert gate.lets_through(new_order(SELL, 100), seen) is passes

    def test_latch_is_there_until_the_state_is_set_without_one(self, gate):
        latch = Latch(by="daily_loss")
        gate.set_state(TradingState.REDUCING, "loss", "station", latch)
        assert gate.latch == latch
        gate.set_state(TradingState.ACTIVE, "")
        assert (gate.latch, gate.state_actor) == (None, "")

    def test_new_gate_has_no_reason_and_nobody_who_set_it(self, gate):
        assert (gate.state_reason, gate.state_actor, gate.latch) == ("", "", None)

    def test_who_set_the_state_is_kept(self, gate):
        gate.set_state(TradingState.HALTED, "kill switch", "ada")
        assert (gate.state_reason, gate.state_actor) == ("kill switch", "ada")


class TestApproval:
    def test_passed_order_that_is_durable_is_approved(self, gate):
        passed = gate.check(new_order(), picture(), IBM)
        approved = gate.approve(passed, ID, 7)
        assert isinstance(approved, ApprovedOrder)
        assert (approved.order, approved.durable_seq) == (new_order(), 7)
        assert (approved.cl_ord_id, approved.orig_cl_ord_id) == (ID, "")

    def test_approved_replace_names_what_it_takes_the_place_of(self, gate):
        passed = gate.check(new_order(), picture(), IBM)
        assert gate.approve(passed, ID, 7, "P1-261123-0").orig_cl_ord_id == "P1-261123-0"

    def test_refused_order_is_never_approved(self, gate):
        refused = gate.check(new_order(qty=0), picture(), IBM)
        with pytest.raises(AssertionError):
            gate.approve(refused, ID, 7)

    def test_order_that_is_not_durable_is_never_approved(self, gate):
        passed = gate.check(new_order(), picture(), IBM)
        with pytest.raises(AssertionError):
            gate.approve(passed, ID, 0)


class TestValuesThatAreNone:
    @pytest.mark.parametrize("qty", EXTREMES, ids=str)
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    @pytest.mark.parametrize("limit", [None, "100"])
    @pytest.mark.parametrize("position", ["0", "100", "-100"])
    @pytest.mark.parametrize("state", [TradingState.ACTIVE, TradingState.REDUCING])
    def test_no_such_quantity_passes(self, gate, qty, side, limit, position, state):
        seen = picture(position_qty=position, trading_state=state)
        verdict = gate.check(new_order(side, qty, limit), seen, IBM)
        assert isinstance(verdict, Refused)
        assert len(verdict.text) < 1_000

    @pytest.mark.parametrize("limit", EXTREMES, ids=str)
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    @pytest.mark.parametrize("position", ["0", "100", "-100"])
    @pytest.mark.parametrize("seen", [picture(), blind_picture()], ids=["market", "blind"])
    def test_no_such_limit_passes(self, gate, limit, side, position, seen):
        seen = msgspec.structs.replace(seen, position_qty=Decimal(position))
        verdict = gate.check(new_order(side, 100, limit), seen, IBM)
        assert isinstance(verdict, Refused)
        assert len(verdict.text) < 1_000

    @pytest.mark.parametrize("value", NANS, ids=str)
    @pytest.mark.parametrize(
        "field",
        ["equity", "gross_exposure", "symbol_exposure"]
        + ["position_qty", "working_buy_qty", "working_sell_qty"],
    )
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_nothing_is_opened_on_an_account_that_is_no_number(self, gate, value, field, side):
        assert isinstance(gate.check(new_order(side), picture(**{field: value}), IBM), Refused)

    @pytest.mark.parametrize("price", [*NOT_NUMBERS, *map(Decimal, (0, -1, "-1e99"))], ids=str)
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_nothing_is_opened_at_a_market_price_that_is_none(self, gate, price, side):
        seen = picture(bid=price, ask=price, last_px=price)
        assert isinstance(gate.check(new_order(side), seen, IBM), Refused)
        closing = msgspec.structs.replace(seen, position_qty=Decimal(-100 * side.sign))
        assert isinstance(gate.check(new_order(side), closing, IBM), Passed)


class TestMissingData:
    MISSING = (
        {"bid": None, "ask": None, "last_px": None},
        {"feed_age_ns": None},
        {"feed_age_ns": 3_600_000_000_000},
        {"equity": None},
        {"gross_exposure": None},
        {"symbol_exposure": None},
    )

    @pytest.mark.parametrize("missing", MISSING, ids=lambda m: "+".join(m))
    @pytest.mark.parametrize("side", Side, ids=lambda s: s.name)
    def test_what_is_missing_denies_opening_and_lets_closing_pass(self, gate, missing, side):
        order = new_order(side, 100)
        held = str(-100 * side.sign)
        assert isinstance(gate.check(order, picture(**missing), IBM), Refused)
        closing = gate.check(order, picture(**{**missing, "position_qty": held}), IBM)
        assert isinstance(closing, Passed)

    @pytest.mark.parametrize("limit", [None, "100"])
    def test_closing_passes_in_the_dark(self, gate, limit):
        seen = blind_picture(position_qty="100", trading_state=TradingState.REDUCING)
        assert isinstance(gate.check(new_order(SELL, 100, limit), seen, IBM), Passed)

    def test_symbol_that_is_not_listed_denies_closing_too(self, gate):
        verdict = gate.check(new_order(SELL, 100), picture(position_qty="100"), None)
        assert failed(verdict) == {"instrument"}


# Laws

ANY_NUMBER = st.one_of(
    st.sampled_from(EXTREMES),
    st.decimals(allow_nan=True, allow_infinity=True),
    amounts(-500, 500, 2),
)
MAYBE = st.one_of(st.none(), ANY_NUMBER)
PICTURES = st.builds(
    picture,
    trading_state=st.sampled_from(TradingState),
    bid=MAYBE,
    ask=MAYBE,
    last_px=MAYBE,
    feed_age_ns=st.one_of(st.none(), st.integers(0, 10**11)),
    position_qty=amounts(-300, 300, 0),
    working_buy_qty=amounts(0, 300, 0),
    working_sell_qty=amounts(0, 300, 0),
    equity=MAYBE,
    gross_exposure=MAYBE,
    symbol_exposure=MAYBE,
)
ORDERS = st.builds(new_order, SIDES, ANY_NUMBER, MAYBE)


@given(ORDERS, PICTURES, st.sampled_from([IBM, None]))
def test_whatever_comes_gets_a_verdict_and_what_passes_is_sound(order, seen, known):
    verdict = Gate(CHECKS, SETTINGS).check(order, seen, known)
    assert len(verdict.checks) == 1 + len(CHECKS)
    msgspec.json.encode(verdict)  # It can be recorded.
    assert len(msgspec.json.encode(verdict.checks)) < 10_000
    if isinstance(verdict, Passed):
        assert known is IBM
        assert seen.trading_state is not TradingState.HALTED
        assert 0 < order.order_qty <= 10_000
        assert order.order_qty % 1 == 0
        assert order.limit_px is None or (order.limit_px > 0 and order.limit_px % 1 >= 0)


@given(SIDES, amounts(1, 600, 0), st.none() | amounts(95, 105, 2), PICTURES)
def test_reducing_never_grows_or_flips_a_position(side, qty, limit, seen):
    seen = msgspec.structs.replace(seen, trading_state=TradingState.REDUCING)
    verdict = Gate(CHECKS, SETTINGS).check(new_order(side, qty, limit), seen, IBM)
    if isinstance(verdict, Passed):
        first = seen.working_buy_qty if side is BUY else seen.working_sell_qty
        before = seen.position_qty + first * side.sign
        after = before + qty * side.sign
        assert abs(after) < abs(before)
        assert after * seen.position_qty >= 0


@given(SIDES, amounts(1, 600, 0), PICTURES)
def test_halted_lets_nothing_through(side, qty, seen):
    seen = msgspec.structs.replace(seen, trading_state=TradingState.HALTED)
    verdict = Gate(CHECKS, SETTINGS).check(new_order(side, qty), seen, IBM)
    assert "trading_state" in failed(verdict)


class TestHaltFlag:
    @pytest.fixture
    def flag(self):
        return HaltFlag()

    @pytest.fixture
    def gate(self, flag):
        return Gate(CHECKS, SETTINGS, flag)

    def test_without_a_halt_the_state_is_what_the_engine_set(self, gate):
        gate.set_state(TradingState.REDUCING, "loss", "station")
        assert (gate.state, gate.state_reason, gate.state_actor) == (
            TradingState.REDUCING,
            "loss",
            "station",
        )

    def test_a_halt_holds_at_once_without_the_engine(self, gate, flag):
        flag.set(HALT)
        assert (gate.state, gate.state_reason, gate.state_actor) == (
            TradingState.HALTED,
            "enough",
            "ada",
        )
        assert gate.state_of(IBM.symbol) is TradingState.HALTED

    def test_no_state_the_engine_sets_lets_anything_through(self, gate, flag):
        flag.set(HALT)
        gate.set_state(TradingState.ACTIVE, "armed by hand")
        assert gate.state is TradingState.HALTED
        assert gate.state_reason == "enough"

    def test_taken_away_the_state_is_the_engines_again(self, gate, flag):
        flag.set(HALT)
        gate.set_state(TradingState.REDUCING, "loss", "station")
        flag.clear(HALT)
        assert (gate.state, gate.state_reason) == (TradingState.REDUCING, "loss")
