"""`python -m tests.bench NAME|all [--json]`."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

import msgspec

from tests.bench.result import table

NAMES = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if path.stem not in {"__init__", "__main__", "result"}
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("name", choices=[*NAMES, "all"])
    parser.add_argument("--json", action="store_true", help="one JSON object (a list for all)")
    arguments = parser.parse_args()
    names = NAMES if arguments.name == "all" else [arguments.name]
    results = [importlib.import_module(f"tests.bench.{name}").run() for name in names]
    if arguments.json:
        answer = results if arguments.name == "all" else results[0]
        print(msgspec.json.encode(answer).decode())
    else:
        print("\n".join(table(result) for result in results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
