"""The machine under the studies: a rule over values becomes arrays, or one bar at a time.

Called by app.indicators.base and by the studies, which write their rules in its words. May import
app.indicators.kernels and numpy.

    values       columns, arithmetic, and how a value is named in the program of one bar
    windows      over the last n: sums, extremes, deviations, ranks
    recursions   over everything so far: smoothing, running sums, folds
    sessions     over the session so far, and of the one before
    plan         a traced rule: runs over blocks of bars, and writes the program of one bar

Always true: a node says in one place what it does to a block and what to a bar, and its state
after a block is the state from which the next bar goes on.
"""
