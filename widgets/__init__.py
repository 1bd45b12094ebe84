"""The window: docks, panels and what they draw. No trading logic.

Purpose: show what the desk knows and hand it gestures.
Called by: `app.__main__` only.
May import: Qt, and of `app` the desk, the domain and plug-ins.
Invariant: nothing here waits or awaits. State is pulled once a frame by `frame.FrameClock`; every
panel that is visible and stale is refreshed, nothing else is repainted.
"""
