"""Tradedeck: a desktop trading station.

The map (a line may import lines below it):

    __main__    the window, and the command line's entry
    cli         the verbs that need no window
    session     builds everything, starts and stops it
    desk        what widgets may see and do
    plugins     entry points -> factories
    oms         the only path of an order
    risk, audit, feeds, brokers, portfolio, market
    exchange    the built-in exchange
    hub, tasks, control, clock, config, paths
    domain      plain data and pure functions

`widgets` is a package of its own and sees the desk, the domain and plug-ins only.
"""

__version__ = "0.1.0"
