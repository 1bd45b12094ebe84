"""Show that settings are what they have to be, or refused in a sentence that says where.

Method: settings files of a few lines over the real defaults.
"""

from decimal import Decimal

import pytest

from app.config import load_config
from app.domain.errors import BadInput


@pytest.fixture
def settings(tmp_path):
    def write(text):
        path = tmp_path / "tradedeck.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_defaults_hold_without_a_file(tmp_path):
    config = load_config(tmp_path / "absent.toml")
    assert config == load_config()
    assert config.account.cash == Decimal(100_000)
    assert set(config.risk.checks) >= {"order_qty", "order_value", "price_collar", "tick_size"}


def test_file_overrides_value_by_value(settings):
    config = load_config(
        settings('[risk.checks.order_qty]\nqty_max = "5"\n[limits]\ninbox_max = 9\n')
    )
    default = load_config()
    assert config.risk.checks["order_qty"] == {"qty_max": "5"}
    assert config.risk.checks["order_value"] == default.risk.checks["order_value"]
    assert config.limits.inbox_max == 9
    assert config.limits.trades_ring == default.limits.trades_ring
    assert config.account == default.account


def test_check_can_be_added_and_none_can_be_taken_away(settings):
    config = load_config(settings("[risk.checks.mine]\n"))
    assert set(config.risk.checks) == {*load_config().risk.checks, "mine"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("[account]\ncsh = '1'\n", "csh", id="unknown key"),
        pytest.param("[acount]\ncash = '1'\n", "acount", id="unknown table"),
        pytest.param("account = 5\n", "account", id="value for a table"),
        pytest.param("[account]\ncash = 'much'\n", r"\$\.account\.cash", id="no number"),
        pytest.param("[account]\ncash = 'NaN'\n", "cash was NaN", id="NaN cash"),
        pytest.param("[account]\ncash = '0'\n", "cash was 0", id="no cash"),
        pytest.param("[account]\ncash = '-5'\n", "cash was -5", id="debt"),
        pytest.param("[account]\nleverage_max = 'Infinity'\n", "leverage_max was Inf", id="inf"),
        pytest.param("[limits]\ninbox_max = 0\n", r"\$\.limits\.inbox_max", id="empty inbox"),
        pytest.param("[limits]\nbars_ring = 10_000_001\n", "bars_ring", id="more than memory"),
        pytest.param("[limits]\ninbox_max = 1.5\n", "inbox_max", id="no whole number"),
        pytest.param("[exchange]\nquotes_per_s = nan\n", "quotes_per_s", id="NaN rate"),
        pytest.param("[exchange]\nquotes_per_s = 0\n", "quotes_per_s", id="no rate"),
        pytest.param("[risk.checks]\norder_qty = 3\n", r"risk\.checks", id="check is no table"),
        pytest.param("[account\n", r"tradedeck\.toml", id="no TOML"),
        pytest.param(b"\xff\xfe", r"tradedeck\.toml", id="no text"),
    ],
)
def test_faulty_file_is_refused_with_its_place(settings, text, place):
    with pytest.raises(BadInput, match=place) as refused:
        load_config(settings(text))
    assert "mend the file and start again" in str(refused.value)


def test_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadInput, match="mend the file"):
        load_config(tmp_path)
