"""Goal: a score says what was kept and what was not, in columns that a person can read."""

from __future__ import annotations

from app.domain.drill import (
    EVERY_DRILL,
    DrillRow,
    DrillScore,
    DrillsView,
    Finding,
    Promise,
    verdict_of,
)

ROW = DrillRow("bust", "Bust", "A fill is taken back.")
LATE = DrillRow("late", "Late fill", "A fill comes late.")
KEPT = Finding(Promise("cash is exact", "I6"), True, "100.00")
BROKEN = Finding(Promise("it is said within 1 s", "7.2"), False, "not said")


def test_each_finding_has_a_line_in_columns():
    score = DrillScore(ROW, (KEPT, BROKEN), 1.25)
    assert (score.kept, score.is_passed) == (1, False)
    assert score.summary() == (
        "Bust: 1 of 2 promises kept in 1.2 s\n"
        "  kept    cash is exact          100.00  [I6]\n"
        "  BROKEN  it is said within 1 s  not said  [7.2]"
    )


def test_a_drill_that_found_nothing_has_not_passed():
    assert not DrillScore(ROW, (), 0.0).is_passed
    assert DrillScore(ROW, (KEPT,), 0.0).is_passed


def test_the_scores_of_all_are_all_of_them():
    scores = (DrillScore(ROW, (KEPT,), 0.0), DrillScore(LATE, (KEPT, BROKEN), 0.0))
    view = DrillsView(rows=(ROW, LATE), scores=scores)
    assert view.scores_of("late") == scores[1:]
    assert view.scores_of("halt") == ()
    assert view.scores_of(EVERY_DRILL) == scores
    assert verdict_of(scores) == "1 of 2 drills kept every promise"
