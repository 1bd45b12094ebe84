"""Positions, cash and what they are worth.

Purpose: book fills, adjustments and cash into positions and a balance; value them at the market.
Called by: the OMS (booking), the risk gate and the desk (reading).
May import: the domain, config, clock, hub.
Invariant: cash and positions are the exact sum of the rows that count now, whatever was broken or
corrected on the way; a value that needs a price that is not there is None, never a guess.
"""
