"""What a fire drill promises and finds, as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

EVERY_DRILL: Final = "all"
"""The name that means all drills, one after the other."""


class Promise(msgspec.Struct, frozen=True):
    """Something that the station is held to."""

    text: str
    source: str
    """Where it is promised: a paragraph, a numbered row, invariant or trap of the rules that the
    station was built by."""


class Finding(msgspec.Struct, frozen=True):
    """Whether a promise was kept, and what was seen."""

    promise: Promise
    is_kept: bool
    seen: str
    """In words, with figures."""


class DrillRow(msgspec.Struct, frozen=True):
    """A drill that can be started."""

    name: str
    """As typed."""
    title: str
    what: str
    """What happens in it, in a sentence or two."""


class DrillScore(msgspec.Struct, frozen=True):
    """How a drill ended."""

    row: DrillRow
    findings: tuple[Finding, ...]
    took_s: float

    @property
    def kept(self) -> int:
        """Promises that were kept."""
        return sum(finding.is_kept for finding in self.findings)

    @property
    def is_passed(self) -> bool:
        """Whether there were promises, and all were kept."""
        return bool(self.findings) and self.kept == len(self.findings)

    @property
    def verdict(self) -> str:
        """The score in words."""
        kept = f"{self.kept} of {len(self.findings)} promises kept"
        return f"{self.row.title}: {kept} in {self.took_s:.1f} s"

    def summary(self) -> str:
        """Return the score and each finding, aligned in columns, of several lines."""
        width = max((len(finding.promise.text) for finding in self.findings), default=0)
        lines = [
            f"  {'kept  ' if f.is_kept else 'BROKEN'}  {f.promise.text:<{width}}  {f.seen}"
            f"  [{f.promise.source}]"
            for f in self.findings
        ]
        return "\n".join([self.verdict, *lines])


class DrillsView(msgspec.Struct, frozen=True, kw_only=True):
    """What the window shows of drills."""

    rows: tuple[DrillRow, ...]
    """Those that can be started."""
    running: DrillRow | None = None
    progress: str = ""
    """What the one that runs waits for, in words."""
    scores: tuple[DrillScore, ...] = ()
    """Newest of each drill that has ended since the start, the latest last."""
    fault: str = ""
    """Why the newest did not come to a score, in words."""

    def scores_of(self, name: str) -> tuple[DrillScore, ...]:
        """Return the newest score of a drill, or of all; empty if none has ended yet."""
        return tuple(s for s in self.scores if name in (s.row.name, EVERY_DRILL))


def verdict_of(scores: Sequence[DrillScore]) -> str:
    """Return the score of several drills in words."""
    passed = sum(score.is_passed for score in scores)
    return f"{passed} of {len(scores)} drills kept every promise"
