"""One gate for every order, whatever its origin.

Purpose: decide whether an order may go, with every check's value and limit; hold the trading state.
Called by: the OMS engine (decisions) and the desk (previews).
May import: the domain, config, clock, hub.
Invariant: decisions are pure: the same order and picture give the same verdict. What is missing or
not a number denies an order that could add exposure. Only the gate makes an `ApprovedOrder`.
Cancels never come here. `halt` is the one thing that any thread may set, and that outlives all.
"""
