"""Show that the name of a bar says all there is to say of it, and that nonsense has no name.

Method: tables; a law that every name is taken back.
"""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bar_spec import DAY_S, BarKind, BarSpec, interval, parse_spec
from app.domain.errors import BadInput
from tests.samples import NOT_NUMBERS


@pytest.mark.parametrize(
    ("text", "kind", "size"),
    [
        ("1s", BarKind.TIME, 1),
        ("30s", BarKind.TIME, 30),
        ("1m", BarKind.TIME, 60),
        ("4h", BarKind.TIME, 14_400),
        ("1d", BarKind.TIME, DAY_S),
        ("1w", BarKind.WEEK, 1),
        ("1M", BarKind.MONTH, 1),
        ("500T", BarKind.TICK, 500),
        ("10kV", BarKind.VOLUME, 10_000),
        ("1.5MV", BarKind.VOLUME, 1_500_000),
        ("1M$", BarKind.DOLLAR, 1_000_000),
        ("2B$", BarKind.DOLLAR, 2_000_000_000),
        ("0.5$", BarKind.DOLLAR, Decimal("0.5")),
        ("R0.1", BarKind.RANGE, Decimal("0.1")),
        ("RENKO 0.5", BarKind.RENKO, Decimal("0.5")),
        ("RENKO ATR14", BarKind.RENKO, 14),
        ("RENKO ATR14 5m", BarKind.RENKO, 14),
        ("KAGI 1%", BarKind.KAGI, 1),
        ("KAGI 0.25 1d", BarKind.KAGI, Decimal("0.25")),
        ("PF 0.5x3", BarKind.POINT_FIGURE, Decimal("0.5")),
        ("PF 0.5x1 HL", BarKind.POINT_FIGURE, Decimal("0.5")),
        ("PF 1x3 HL 1d", BarKind.POINT_FIGURE, 1),
        ("LB3", BarKind.LINE_BREAK, 3),
        ("LB3 1d", BarKind.LINE_BREAK, 3),
    ],
)
def test_name_is_read_and_told_as_it_was(text, kind, size):
    spec = parse_spec(text)
    assert (spec.kind, spec.size) == (kind, Decimal(size))
    assert spec.text == str(spec) == text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("60s", "1m"),
        ("120m", "2h"),
        ("010T", "10T"),
        ("1500V", "1.5kV"),
        ("1000kV", "1MV"),
        ("r0.10", "R0.1"),
        ("  renko   .5 ", "RENKO 0.5"),
        ("renko atr14", "RENKO ATR14"),
        ("pf 0.50X3 hl", "PF 0.5x3 HL"),
        ("lb3 1m", "LB3"),
    ],
)
def test_there_is_one_name_for_each(typed, told):
    assert parse_spec(typed).text == told


@pytest.mark.parametrize(
    "text",
    [
        *("", "m", "0m", "0s", "-1m", "1.5m", "90s", "13h", "2d", "53w", "13M", "1y", "1 m", "5M5"),
        *("0T", "1.5T", "2MT", "0V", "1.5V", "T", "10KV", "0$", "1e6$", "NaN$", "1..2$", "."),
        *("R", "R0", "R-1", "Rx", "R1.1.1", "R0.1 5m", "500T 5m"),
        *("RENKO", "RENKO 0", "RENKO x", "RENKO ATR", "RENKO ATR1.5", "RENKO ATR2000"),
        *("RENKO 1 30s", "RENKO 1 1w", "RENKO 1 2", "KAGI", "KAGI %", "KAGI 1%%", "KAGI 1 2 3"),
        *("PF", "PF 1", "PF 1x", "PF 1x0", "PF x3", "PF 1x3 LH", "PF 1x3 HL HL", "PF 1x3 HL 1d x"),
        *("LB", "LB0", "LB51", "LB3 2", "LB3 2 1m", "PF 1x3 1M", "５m", "FOO 1"),
    ],
)
def test_what_is_no_name_is_refused_in_words(text):
    with pytest.raises(BadInput, match="must be|cannot|needs|had|has no"):
        parse_spec(text)


class TestMadeByHand:
    @pytest.mark.parametrize("size", NOT_NUMBERS)
    def test_size_is_a_number(self, size):
        with pytest.raises(BadInput, match="size"):
            BarSpec(kind=BarKind.DOLLAR, size=size)

    @pytest.mark.parametrize(
        "more",
        [
            {"reversal": 3},
            {"is_percent": True},
            {"is_atr": True},
            {"by_extremes": True},
            {"base_s": 60},
        ],
        ids=lambda more: next(iter(more)),
    )
    def test_what_belongs_to_another_kind_is_refused(self, more):
        with pytest.raises(BadInput):
            BarSpec(kind=BarKind.TICK, size=Decimal(5), **more)

    def test_line_break_says_of_which_closes(self):
        with pytest.raises(BadInput, match="interval"):
            BarSpec(kind=BarKind.LINE_BREAK, size=Decimal(3))


@pytest.mark.parametrize(
    ("text", "by_time", "intraday", "daily"),
    [
        ("1s", True, True, False),
        ("12h", True, True, False),
        ("1d", True, False, True),
        ("2w", True, False, True),
        ("3M", True, False, True),
        ("500T", False, False, False),
        ("LB3 1d", False, False, False),
    ],
)
def test_it_is_known_what_it_is_made_of(text, by_time, intraday, daily):
    spec = parse_spec(text)
    assert (spec.is_by_time, spec.is_intraday, spec.is_daily) == (by_time, intraday, daily)


def test_equal_sizes_are_one_key():
    assert {parse_spec("R0.1"): 1}[parse_spec("R0.100")] == 1
    assert interval(300) == parse_spec("5m")


SIZES = st.integers(1, 10**6).map(lambda n: Decimal(n).scaleb(-3))
BASES = st.sampled_from([0, 60, 300, 3_600, DAY_S])
SPECS = st.one_of(
    st.sampled_from([1, 59, 60, 840, 43_200, DAY_S]).map(interval),
    st.builds(BarSpec, kind=st.just(BarKind.WEEK), size=st.integers(1, 52).map(Decimal)),
    st.builds(BarSpec, kind=st.just(BarKind.VOLUME), size=st.integers(1, 10**12).map(Decimal)),
    st.builds(BarSpec, kind=st.just(BarKind.DOLLAR), size=SIZES),
    st.builds(BarSpec, kind=st.just(BarKind.RANGE), size=SIZES),
    st.builds(BarSpec, kind=st.just(BarKind.RENKO), size=SIZES, base_s=BASES),
    st.builds(
        BarSpec, kind=st.just(BarKind.KAGI), size=SIZES, is_percent=st.booleans(), base_s=BASES
    ),
    st.builds(
        BarSpec,
        kind=st.just(BarKind.POINT_FIGURE),
        size=SIZES,
        reversal=st.integers(1, 99),
        by_extremes=st.booleans(),
        base_s=BASES,
    ),
    st.builds(
        BarSpec,
        kind=st.just(BarKind.LINE_BREAK),
        size=st.integers(1, 50).map(Decimal),
        base_s=BASES.filter(bool),
    ),
)


@given(SPECS)
def test_every_name_is_taken_back(spec):
    assert parse_spec(spec.text) == spec


@given(st.text(max_size=30))
def test_any_text_is_a_name_or_refused(text):
    try:
        spec = parse_spec(text)
    except BadInput:
        return
    assert parse_spec(spec.text) == spec
