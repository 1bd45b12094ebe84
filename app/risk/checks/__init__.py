"""One file a check: frozen parameters and one pure function.

Purpose: say of one order whether one rule holds, with the value found and the limit.
Called by: `app.risk.gate`, which loads them through the entry points `tradedeck.checks`.
May import: the domain, `app.risk.exposure` and `base`.
Invariant: comparisons are written so that NaN fails (`if not (x <= limit)`), and a missing input
denies what could add exposure and lets pass what only reduces it.
"""
