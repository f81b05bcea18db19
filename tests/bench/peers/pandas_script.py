"""What a seller's analyst writes with pandas: refunded FBA units that never came back and were never paid."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped,import-not-found,unused-ignore]

ENCODINGS = ("utf-8", "cp1252")
ITEM = ["order", "sku"]


def main(reports: str) -> dict[str, Any]:
    """Read the files and answer; `missing` counts units by order and SKU."""
    begun = time.perf_counter()
    answer = answered(Path(reports))
    return {"seconds": time.perf_counter() - begun, **answer}


def answered(reports: Path) -> dict[str, Any]:
    """The answer out of the files."""
    settled = _read(reports, "settlement-id", ["transaction-type", "order-id", "sku", "amount-type",
                                               "amount-description", "amount"])  # fmt: skip
    orders = _read(reports, "order-channel", ["amazon-order-id", "sku", "fulfillment-channel",
                                              "sales-channel", "item-price", "quantity"])  # fmt: skip
    back = _read(reports, "license-plate-number", ["return-date", "order-id", "sku",
                                                   "detailed-disposition", "status",
                                                   "license-plate-number"])  # fmt: skip
    paid = _read(reports, "approval-date", ["reimbursement-id", "amazon-order-id", "sku",
                                            "original-reimbursement-id"])  # fmt: skip
    again = _read(reports, "replacement-reason-code", ["replacement-amazon-order-id",
                                                       "original-amazon-order-id"])  # fmt: skip

    orders = orders[
        (orders["fulfillment-channel"] == "Amazon")
        & (orders["sales-channel"] == "Amazon.com")
        & (orders["item-price"] != "")
    ].rename(columns={"amazon-order-id": "order"})
    orders["price"] = orders["item-price"].map(_cents) // orders["quantity"].astype(int)

    refunds = settled[
        (settled["transaction-type"] == "Refund")
        & (settled["amount-type"] == "ItemPrice")
        & (settled["amount-description"] == "Principal")
    ].rename(columns={"order-id": "order"})
    refunds = refunds.merge(orders[[*ITEM, "price"]], on=ITEM)
    refunds["units"] = -refunds["amount"].map(_cents) // refunds["price"]
    open_units = refunds.groupby(ITEM)["units"].sum()

    # Of a unit that was told twice the later file is right; one without a plate is known by its moment.
    back["unit"] = back["license-plate-number"].where(
        back["license-plate-number"] != "", back["order-id"] + back["return-date"]
    )
    back = back.drop_duplicates("unit", keep="last")
    home = dict(
        zip(again["replacement-amazon-order-id"], again["original-amazon-order-id"], strict=True)
    )
    back["order"] = back["order-id"].map(home).fillna(back["order-id"])
    taken = set(paid["original-reimbursement-id"]) - {""}
    paid = paid[(paid["amazon-order-id"] != "") & ~paid["reimbursement-id"].isin(taken)]
    there = pd.concat([back[ITEM], paid.rename(columns={"amazon-order-id": "order"})[ITEM]])
    missing = open_units.sub(there.groupby(ITEM).size(), fill_value=0)
    missing = missing[missing > 0].astype(int)
    return {
        "count": len(settled) + len(orders) + len(back),
        "missing": sorted([order, sku, int(units)] for (order, sku), units in missing.items()),
        "dispositions": back["detailed-disposition"].value_counts().astype(int).to_dict(),
    }


def _read(reports: Path, column: str, wanted: list[str]) -> pd.DataFrame:
    """The wanted columns of all reports that have this one, in the order of their names."""
    found = []
    for file in sorted(reports.glob("*.txt")):
        with file.open("rb") as opened:
            header = opened.readline().decode("ascii").strip("\r\n").split("\t")
        if column in header:
            found.append(_table(file, wanted))
    return pd.concat(found, ignore_index=True)


def _table(file: Path, wanted: list[str]) -> pd.DataFrame:
    for encoding in ENCODINGS:
        try:
            return pd.read_csv(
                file, sep="\t", dtype=str, keep_default_na=False, quoting=3,
                usecols=wanted, encoding=encoding,
            )  # fmt: skip
        except UnicodeDecodeError:
            continue
    raise AssertionError("every report is UTF-8 or cp1252")


def _cents(amount: str) -> int:
    whole, _, part = amount.lstrip("-").partition(".")
    cents = int(whole or 0) * 100 + int((part + "00")[:2])
    return -cents if amount.startswith("-") else cents


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(**json.loads(sys.argv[1]))) + "\n")
