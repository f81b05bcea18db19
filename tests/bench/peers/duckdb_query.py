"""The same question as one DuckDB query over the same files."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

TABLES = {
    "settled": "settlement-id",
    "orders": "order-channel",
    "back": "license-plate-number",
    "paid": "approval-date",
    "again": "replacement-reason-code",
}
"""Each table, and the column by which its reports are known."""

MISSING = """
WITH item AS (
  SELECT "amazon-order-id" AS "order", sku,
         CAST("item-price" AS DECIMAL(18, 2)) / CAST(quantity AS INTEGER) AS price
  FROM orders
  WHERE "fulfillment-channel" = 'Amazon' AND "sales-channel" = 'Amazon.com' AND "item-price" <> ''
), refunded AS (
  SELECT "order", item.sku, CAST(sum(floor(-CAST(amount AS DECIMAL(18, 2)) / price)) AS BIGINT) AS units
  FROM settled JOIN item ON settled."order-id" = item."order" AND settled.sku = item.sku
  WHERE "transaction-type" = 'Refund' AND "amount-type" = 'ItemPrice' AND "amount-description" = 'Principal'
  GROUP BY ALL
), there AS (
  SELECT coalesce("original-amazon-order-id", "order-id") AS "order", unit.sku, count(*) AS units
  FROM unit LEFT JOIN again ON unit."order-id" = again."replacement-amazon-order-id"
  GROUP BY ALL
  UNION ALL
  SELECT "amazon-order-id", sku, count(*)
  FROM paid
  WHERE "amazon-order-id" <> ''
    AND "reimbursement-id" NOT IN (SELECT "original-reimbursement-id" FROM paid)
  GROUP BY ALL
), found AS (SELECT "order", sku, sum(units) AS units FROM there GROUP BY ALL)
SELECT refunded."order", refunded.sku, CAST(refunded.units - coalesce(found.units, 0) AS BIGINT) AS missing
FROM refunded LEFT JOIN found USING ("order", sku)
WHERE missing > 0 ORDER BY ALL
"""
UNITS = """
CREATE VIEW unit AS SELECT * FROM back QUALIFY 1 = row_number() OVER (
  PARTITION BY CASE WHEN "license-plate-number" <> '' THEN "license-plate-number"
                    ELSE "order-id" || "return-date" END
  ORDER BY filename DESC
)
"""
DISPOSITIONS = 'SELECT "detailed-disposition", count(*) FROM unit GROUP BY ALL'


def main(reports: str) -> dict[str, Any]:
    """Read the files and answer; `missing` counts units by order and SKU."""
    begun = time.perf_counter()
    base = duckdb.connect()
    for table, column in TABLES.items():
        files = [str(file) for file in sorted(Path(reports).glob("*.txt")) if _has(file, column)]
        base.execute(
            f"CREATE VIEW {table} AS SELECT * FROM read_csv({files!r}, delim='\\t', quote='', "
            "escape='', header=true, all_varchar=true, encoding='latin-1', filename=true, "
            "null_padding=true, nullstr='\\N')"
        )
    base.execute(UNITS)
    missing = base.execute(MISSING).fetchall()
    dispositions = dict(base.execute(DISPOSITIONS).fetchall())
    seconds = time.perf_counter() - begun
    return {
        "seconds": seconds,
        "count": sum(dispositions.values()),
        "missing": [list(row) for row in missing],
        "dispositions": dispositions,
    }


def _has(file: Path, column: str) -> bool:
    with file.open("rb") as opened:
        return column in opened.readline().decode("ascii").strip("\r\n").split("\t")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
