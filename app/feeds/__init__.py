"""Market data in: one file a vendor.

Purpose: turn what a venue sends into `Trade`, `Quote`, `Bar` and `FeedStatus`.
Called by: the session, which runs one feed as a supervised task.
May import: the domain, config, clock, hub, tasks, paths, and the built-in exchange.
Invariant: codecs do no I/O and know no clock; whatever bytes come, a codec returns events or raises
`Malformed`, nothing else. Feeds do not import each other.
"""
