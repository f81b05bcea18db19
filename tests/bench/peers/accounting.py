"""Loads so many transactions with beancount, from its own text format, without its cache."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main(file: str, transactions: int) -> dict[str, Any]:
    """Write the file, and load it: parsed, booked and validated."""
    Path(file).write_text(_ledger(transactions), "utf-8")
    os.environ["BEANCOUNT_DISABLE_LOAD_CACHE"] = "1"
    from beancount import loader  # type: ignore[import-untyped,import-not-found,unused-ignore]

    begun = time.perf_counter()
    entries, errors, _ = loader.load_file(file)
    seconds = time.perf_counter() - begun
    assert not errors, errors[:3]
    return {"seconds": seconds, "count": len(entries) - 3}


def _ledger(transactions: int) -> str:
    lines = [
        "2026-01-01 open Expenses:Refunds USD",
        "2026-01-01 open Assets:Amazon USD",
        "2026-01-01 open Income:Commission USD",
    ]
    for number in range(transactions):
        cents = 999 + number % 9_000
        back = cents * 15 // 100
        day = f"2026-{number % 10 + 1:02}-{number % 28 + 1:02}"
        lines += [
            f'{day} * "refund" "order {number:07}"',
            f"  Expenses:Refunds  {cents // 100}.{cents % 100:02} USD",
            f"  Income:Commission  -{back // 100}.{back % 100:02} USD",
            "  Assets:Amazon",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
