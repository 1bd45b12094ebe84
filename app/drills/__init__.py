"""Fire drills: faults on the station's own links, and a score of what it did about them.

The lines (`line`, `feedline`, `clockline`, `disk`) stand in front of a broker, a feed, a clock and
a disk and fulfil their contracts; without a fault they change nothing, and of drills they know
nothing. A drill (`broker_drills`, `fill_drills`, `feed_drills`, `station_drills`) is a script: it
gives orders through the desk as a person would, sets a fault, waits, and judges each promise by
what the desk showed, what is on record and what the exchange's own books say.
The command line and the window start drills by `runner`; nothing else may. It imports the session
and everything below it.
Invariant: a drill runs a station of its own on a folder of its own, and never touches another's.
"""
