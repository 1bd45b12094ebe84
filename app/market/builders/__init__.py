"""Bars that are not of time: each module is one way to cut trades into bars.

Purpose: fold trades, or the closes of bars, as they come; the same however they are grouped.
Called by: `app.market.live`, which seeds and feeds them.
May import: the domain, `app.market.ring`, `app.market.bars`.
Invariant: no more bars are kept than a builder was made for; shares are neither lost nor made.
"""
