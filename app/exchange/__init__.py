"""The built-in exchange: a real little market that needs no key, and the rules of paper fills.

Purpose: give the station something to watch and to trade at first start, the same for one seed. A
person's orders stand on the same books as everybody's.
  `market.py`    all symbols in order of time, as frames of bytes;
  `pit.py`       where one symbol trades, and what it tells the world;
  `day.py`       opens, pauses and closes a pit; `hours.py` when, and how lively each moment is;
  `luld.py`      price bands and pauses;
  `book.py`      the limit order book, with `entry.py`, `levels.py` and `auction.py`;
  `crowd.py`     the seeded traders, with `makers.py`, `value.py` and `factors.py`;
  `listings.py`  what is listed; `history.py` minutes and days from before the start;
  `wire.py`      the venue's wire format, sending side;
  `line.py`      what a member says and hears: `gateway.py` on this exchange, `outside.py` against
                 the quotes of somebody else's, by the rules of `matching.py`.
Called by: `feeds.builtin` (market data) and `brokers.builtin` (orders).
May import: the domain, clock, calendar, config, paths. Never feeds, brokers or the market store.
Invariant: nothing here waits, opens a file or reads a clock. Time is an argument, randomness comes
from one source a symbol, so equal arguments give equal frames and equal fills; a symbol's path does
not depend on which others are listed, and only orders of a member change it.
Prices in a book are whole ticks; they become Decimal text on the wire.
"""
