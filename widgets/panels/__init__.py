"""Panels: one file each, found through the entry points `tradedeck.panels`.

Purpose: each shows one view of the desk, or takes one kind of gesture.
Called by: the main window, through `PANEL` of each module; the frame clock refreshes them.
May import: the rest of `widgets`, the desk, the domain. Not each other: they talk through the link
group.
Invariant: `stale()` is cheap and `refresh()` repaints only what differs.
"""
