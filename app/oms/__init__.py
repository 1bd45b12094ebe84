"""The only path of an order: gate, record, send, and every report back.

Purpose: take commands from the desk and reports from the broker through one inbox, and keep the
book of orders.
Called by: the desk (commands) and the session (start, stop).
May import: risk, audit, brokers, portfolio, market and everything below them.
Invariant: no broker sees an order whose decision is not on disk; nothing is shown before it is on
disk; an order is sent at most once.
"""
