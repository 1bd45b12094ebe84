"""Plain data and pure functions: what an order, a fill, a quote and a position are.

Purpose: one vocabulary (FIX names and values) shared by every other package.
Called by: everything.
May import: the standard library without I/O, and msgspec. Nothing of ours.
Invariant: nothing here waits, reads a clock or touches a file; the same arguments always give
the same result, so the journal can be replayed.

Money, prices and quantities of orders are `Decimal`; times are `int` nanoseconds UTC. Market sizes
are whole shares as `int`.
"""
