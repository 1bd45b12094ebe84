"""Measurements beside a floor taken in the same run: `python -m tests.bench NAME --json`.

Benchmarks are no tests: nothing fails on time. Each module here has `run() -> Result`.
"""
