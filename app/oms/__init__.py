"""The only path of an order: gate, record, send, and every report back.

Purpose: take commands from the desk and reports from the broker through one inbox, keep the book of
orders, and keep it equal to the broker's.
    path        all of it put together, started and stopped
    engine      the inbox; on intake (what a click makes), decide (verdicts), calls (to the broker),
                switch (trading states), waiters
    books       orders, positions and cash as the fold of the record; blotter holds the orders
    steward     asks and compares; on inquiry (doubt and proof), reconcile (orders), holdings
    contingent  what is due of orders that wait here; on family, vigil, triggers; held drives it
    kill        the kill switch, beside the loop;  halting  what follows on the loop
    chain       replaces that the broker does not do;  closing  flatten, half, reverse;  days
Called by: the desk (commands) and the session (start, stop).
May import: risk, audit, brokers, portfolio, market and everything below them.
Invariant: no broker sees an order whose decision is not on disk; nothing is shown before it is on
disk; an order is sent at most once.
"""
