"""The order path in a world of its own: virtual time, a disk in memory, a loop that can lose power.

    loop.py    SimLoop: asyncio on virtual time, one callback a step; LoopClock
    disk.py    SimDisk: what survives; MemoryJournal: the audit log on it
    world.py   run a program to its end, or to a power cut between any two callbacks

One seed decides everything, so a seed is a bug report. The one invariant: whatever reaches the
disk or a wire gets there in a callback of the loop, so that a loop without power has no effects.
"""
