"""Goal: frames are JSON with exact prices."""

from __future__ import annotations

import json

from app.exchange.wire import (
    DepthMessage,
    ImbalanceMessage,
    PrintMessage,
    QuoteMessage,
    StatusMessage,
    encode_frame,
)


def test_a_frame_is_an_array_of_tagged_messages():
    frame = encode_frame(
        [
            QuoteMessage("AAPL", 17, 1_872_000, 300, 1_872_300, 200),
            PrintMessage("AAPL", 18, 1_870_500, 100, "Q", "@"),
            DepthMessage("AAPL", 19, ((1_872_000, 300), (1_871_900, 0)), (), True),
            StatusMessage("AAPL", 20, "paused", False, 1_778_600, 1_965_800),
            ImbalanceMessage("AAPL", 21, "O", 1_872_500, 12_000, 700, "B"),
        ]
    )
    assert json.loads(frame) == [
        {"T": "q", "S": "AAPL", "bp": 187.20, "bs": 300, "ap": 187.23, "as": 200, "t": 17},
        {"T": "t", "S": "AAPL", "p": 187.05, "s": 100, "x": "Q", "c": "@", "t": 18},
        {"T": "d", "S": "AAPL", "b": [[187.20, 300], [187.19, 0]], "a": [], "r": True, "t": 19},
        {"T": "s", "S": "AAPL", "h": "paused", "ssr": False, "lo": 177.86, "up": 196.58, "t": 20},
        {
            "T": "i",
            "S": "AAPL",
            "x": "O",
            "p": 187.25,
            "q": 12_000,
            "n": 700,
            "d": "B",
            "t": 21,
        },
    ]
    assert b'"bp":187.20,' in frame
    assert b'"p":187.05,' in frame


def test_prices_finer_than_a_cent_keep_their_digits():
    assert b'"p":0.0500,' not in encode_frame([PrintMessage("A", 1, 500, 100, "Q", "@")])
    assert b'"p":0.05,' in encode_frame([PrintMessage("A", 1, 500, 100, "Q", "@")])
    assert b'"p":187.2050,' in encode_frame([PrintMessage("A", 1, 1_872_050, 100, "Q", "@")])


def test_no_messages_are_an_empty_array():
    assert encode_frame([]) == b"[]"
