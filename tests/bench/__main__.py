"""`make bench`: how fast it is, each figure beside its raw limit and other people's programs in the same run."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tests.bench import results
from tests.bench.bench import ROOT, Bench
from tests.bench.figures import FIGURES
from tests.bench.page import shown, write_page
from tests.bench.running import Failed


def main() -> None:
    """Measure, print, keep, and write the page of all that is kept; a figure that fails holds up no other."""
    asked = _asked()
    bench = Bench(asked.folder, asked.rows, asked.orders, asked.runs, asked.processes)
    bench.folder.mkdir(parents=True, exist_ok=True)
    if asked.prepare:
        sys.stdout.write(f"{bench.home}: {bench.entries:,} entries\n")
        return
    failed = []
    for name in asked.figures or FIGURES:
        sys.stderr.write(f"{name}\n")
        begun = time.perf_counter()
        try:
            lines = [results.signed(line) for line in FIGURES[name](bench)]
        except (Failed, AssertionError) as error:
            sys.stderr.write(f"  no figure: {error}\n")
            failed.append(name)
            continue
        sys.stderr.write(f"  {time.perf_counter() - begun:,.0f} s in all\n")
        for line in lines:
            sys.stdout.write(f"{shown(line)}\n")
        sys.stdout.flush()
        results.keep(asked.results, lines)
        write_page(asked.page, results.read(asked.results), list(FIGURES))
    write_page(asked.page, results.read(asked.results), list(FIGURES))
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=", ".join(FIGURES))
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the returns report")
    parser.add_argument("--orders", type=int, default=1_000_000, help="of the seller with a book")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="for what is made")
    parser.add_argument("--results", type=Path, default=ROOT / "docs" / "benchmarks.jsonl")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument(
        "--prepare", action="store_true", help="only write and import the seller's reports"
    )
    asked = parser.parse_args()
    if unknown := set(asked.figures) - set(FIGURES):
        parser.error(
            f"no figure is called {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}"
        )
    return asked


if __name__ == "__main__":
    main()
