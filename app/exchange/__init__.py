"""The built-in exchange: a market that needs no key, and the rules by which paper orders fill.

Purpose: give the station something to watch and trade at first start, the same for the same seed.
  `listings.py`  what is listed, with the figures the generator works from;
  `factors.py`   the moves that symbols share, and the noise that clusters;
  `tape.py`      one symbol's quotes and prints, drawn forward in time;
  `history.py`   minute bars from before the start;
  `wire.py`      the venue's wire format, sending side;
  `market.py`    all symbols in order of time, as frames of bytes;
  `matching.py`  pure: what a paper order gets from a quote, a print or a bar;
  `book.py`      pure: the limit order book of one symbol, continuous and in auctions;
  `entry.py`     what goes into a book and the events that come out;
  `levels.py`    one side of a book: its prices and their queues;
  `auction.py`   the price at which one auction serves most.
Called by: `feeds.builtin` (market data) and `brokers.builtin` (matching).
May import: the domain, hub, tasks, clock, config, paths. Never feeds, brokers or the market store.
Invariant: nothing here waits, opens a file or reads a clock. Time is an argument, randomness comes
from `random.Random(seed)` of each symbol, so equal arguments give equal frames and equal fills, and
a symbol's path does not depend on which others are listed.
Prices inside are whole cents; they become Decimal text on the wire.
"""
