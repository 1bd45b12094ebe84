"""Goal: frames are JSON with exact prices."""

from __future__ import annotations

import json

from app.exchange.wire import PrintMessage, QuoteMessage, encode_frame


def test_a_frame_is_an_array_of_tagged_messages():
    frame = encode_frame(
        [
            QuoteMessage("AAPL", 17, 18720, 300, 18723, 200),
            PrintMessage("AAPL", 18, 18705, 100, "Q"),
        ]
    )
    assert json.loads(frame) == [
        {"T": "q", "S": "AAPL", "bp": 187.20, "bs": 300, "ap": 187.23, "as": 200, "t": 17},
        {"T": "t", "S": "AAPL", "p": 187.05, "s": 100, "x": "Q", "c": "@", "t": 18},
    ]
    assert b'"bp":187.20,' in frame
    assert b'"p":187.05,' in frame


def test_an_odd_lot_is_marked():
    assert b'"c":"@I"' in encode_frame([PrintMessage("A", 1, 5, 99, "Q")])


def test_prices_below_a_dollar_and_no_messages():
    assert b'"p":0.05,' in encode_frame([PrintMessage("A", 1, 5, 100, "Q")])
    assert encode_frame([]) == b"[]"
