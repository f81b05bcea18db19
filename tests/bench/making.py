"""A returns report of any size, in Amazon's format, the same bytes for the same size.

python -m tests.bench.making --rows 10000000 --out returns.txt
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

HEADER = (
    "return-date order-id sku asin fnsku product-name quantity fulfillment-center-id "
    "detailed-disposition reason status license-plate-number customer-comments"
).split()
DISPOSITIONS = ("SELLABLE", "SELLABLE", "SELLABLE", "CUSTOMER_DAMAGED", "DEFECTIVE", "DAMAGED")
REASONS = ("UNWANTED_ITEM", "DEFECTIVE", "NOT_AS_DESCRIBED", "NO_REASON_GIVEN")


def returns_report(rows: int, seed: int = 7) -> bytes:
    """The whole report at once, for sizes that may be held."""
    return b"".join(report_lines(rows, seed))


def write_returns(file: Path, rows: int, *, first: int = 0) -> Path:
    """The report on disk, however long; a file that begins with a later row tells of other units."""
    with file.open("wb") as written:
        written.writelines(report_lines(rows, first=first))
    return file


def report_lines(rows: int, seed: int = 7, *, first: int = 0) -> Iterator[bytes]:
    """So many units sent back, one row each, evenly over 300 days; every order has one or two."""
    chance = random.Random(f"{seed} {first}" if first else seed)
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(days=300) / max(rows, 1)
    yield ("\t".join(HEADER) + "\r\n").encode()
    order = ""
    for number in range(rows):
        if not order or chance.random() < 0.85:
            order = f"{chance.randrange(100, 120)}-{first + number:07}-{chance.randrange(10**7):07}"
        product = chance.randrange(500)
        cells = (
            (begun + step * number).replace(microsecond=0).isoformat(),
            order,
            f"SKU-{product:04}",
            f"B0{product:08}",
            f"X00{product:07}",
            f'Invented thing no. {product}, 12" wide',
            "1",
            f"LEX{chance.randrange(9)}",
            chance.choice(DISPOSITIONS),
            chance.choice(REASONS),
            "Unit returned to inventory",
            f"LPNBN{first + number:010}",
            "",
        )
        yield ("\t".join(cells) + "\r\n").encode()


def main() -> None:
    """Write a report of any size."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.making", description=__doc__)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--first", type=int, default=0, help="the number of its first unit")
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    write_returns(asked.out, asked.rows, first=asked.first)


if __name__ == "__main__":
    main()
