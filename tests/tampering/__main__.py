"""`python -m tests.tampering --mutations 100000 --jobs 2`: ends 0 where all is found or harmless."""

from __future__ import annotations

import argparse
import os
import sys

from tests.tampering.campaign import campaign, told


def main() -> int:
    """Run a campaign as it was asked for, and print what became of it."""
    asked = argparse.ArgumentParser(prog="python -m tests.tampering", description=__doc__)
    asked.add_argument("--mutations", type=int, default=100_000, help="by default 100,000")
    asked.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at once")
    asked.add_argument("--only", action="append", default=[], help="one thing, such as ledger.db")
    options = asked.parse_args()
    result = campaign(options.mutations, options.jobs, options.only)
    sys.stdout.write(told(result) + "\n")
    return 1 if result.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
