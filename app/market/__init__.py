"""What we know about the market: last quotes, trades and bars of each symbol.

Purpose: hold market state for readers; the store is its only writer.
Called by: the hub (events in), the desk, the risk gate and brokers (reading).
May import: the domain, config, clock, hub.
Invariant: readers get frozen events or read-only array slices; versions only grow.
"""
