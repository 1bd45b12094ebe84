"""Orders out, reports in: one file a broker.

Purpose: hand approved orders to a venue and bring back what it says of them.
Called by: the OMS, and the session that builds one.
May import: the domain, config, clock, hub, tasks, and the built-in exchange.
Invariant: a broker sends `ApprovedOrder` and nothing else, once; it never guesses an outcome: what
it does not know it raises as `Disconnected`, and the OMS shows the order as unknown.
"""
