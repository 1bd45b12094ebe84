"""Play stories: `python -m tests.sim SEED [--steps N] [--examples N]`; a failure is cut down."""

from __future__ import annotations

import argparse
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from tests.sim.story import draw, failure, shrink


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("seed", type=int, help="of the first story")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--examples", type=int, default=1, help="stories, each of the next seed")
    given = parser.parse_args()
    for seed in range(given.seed, given.seed + given.examples):
        steps = draw(seed, given.steps)
        fault = failure(seed, steps)
        if not fault:
            continue
        print(f"seed {seed} of {given.steps} steps fails: {fault}")
        short = shrink(seed, steps)
        print(f"{len(short)} steps are enough: {failure(seed, short)}")
        for number, step in enumerate(short, start=1):
            print(f"  {number:3} {step}")
        return 1
    print(f"{given.examples} stories of {given.steps} steps from seed {given.seed}: all laws hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
