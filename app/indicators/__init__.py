"""Studies: what a chart draws over and under its bars.

Called by the chart alone. May import app.domain and numpy, and nothing else of ours: no Qt, no
asyncio, no file but those of user.py. TA-Lib is loaded by kernels.py when the first study is
computed, never at start.

A study is one file. It states its rule once, over values that stand for columns
(`engine/values.py`); `engine/plan.py` makes two programs of it, one over whole arrays and one that
takes a bar at a time. Always true: both give the same numbers (tests/conformance/indicator.py);
the arrays are as long as the bars; they are NaN while a study warms up, and for a bar that has no
number in a column which the study reads. Such a bar counts as if it were not there.
"""
