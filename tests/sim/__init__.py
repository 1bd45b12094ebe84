"""The order path in a world of its own: virtual time, a disk in memory, a loop that can lose power.

    loop.py    SimLoop: asyncio on virtual time, one callback a step; LoopClock
    disk.py    SimDisk: what survives; MemoryJournal: the audit log on it
    world.py   run a program to its end, or to a power cut between any two callbacks
    venue.py   the truth about orders, executions and positions; link.py the wire to it
    station.py one life of a station: the real order path on all of these
    laws.py    what must hold at every moment, and at rest
    story.py   steps drawn from a seed, played, and cut down when they fail

One seed decides everything, so a seed is a bug report. The one invariant: whatever reaches the
disk or a wire gets there in a callback of the loop, so that a loop without power has no effects.
"""
