"""The record of what this station decided, sent, heard and did.

Its order cannot be rewritten, and nothing in it changed or removed, without being seen.

Purpose: write every decision, report and action before it takes effect, and prove it later.
Called by: the OMS (append), the session (open, recover), the command line (verify, show, export)
and the desk (the tail, for the screen).
May import: the domain, config, clock.
Invariant: `append` returns only when the records are on disk. One connection writes, on one
thread. Rows are added, never changed: triggers refuse anything else, and the hash of every row
covers all of its columns and the hash of the row before.
"""
