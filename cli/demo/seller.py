"""The invented seller: a world made from a seed, Amazon's reports of it, and the answers an audit owes.

    python -m cli.demo.seller --orders 100000 --seed 7 --out DIR

writes a seller of any size. The same seed gives the same bytes on every machine: nothing here asks the
clock, the system's time zones or a compressor.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from cli.demo import everyday, rendering
from cli.demo.catalogue import SELLER
from cli.demo.packing import gzipped, zipped
from cli.demo.planted_returns import plant_returns
from cli.demo.planted_stock import plant_stock
from cli.demo.plot import Plot
from cli.demo.settlements import settlements
from cli.demo.truth import Expected
from cli.demo.world import AS_OF, Dice, World

SEED: Final = 20_260_601
ORDERS: Final = 314
RETURN_RATE: Final = 0.12
"""The seller who ships in the package."""

CLAIMED_NOWHERE_ELSE: Final = ("ready", "waiting", "expired", "underpaid", "overpaid", "review")
"""Verdicts of which the key is complete: an audit that gives one more is wrong."""


def build_world(seed: int, orders: int, return_rate: float = RETURN_RATE) -> World:
    """Everything that happens to one seller."""
    world = World(seed)
    live(Plot(world, Dice(f"returns-ledger demo {seed}")), orders, return_rate)
    return world


def live(plot: Plot, orders: int, return_rate: float) -> None:
    """The planted cases, and ordinary days around them."""
    plant_returns(plot)
    plant_stock(plot)
    everyday.plant_seller_fulfilled(plot)
    everyday.plant_other_orders(plot)
    everyday.fill(plot, orders, return_rate)
    everyday.charge_fees(plot)
    everyday.stock_up(plot)


# --- reports --------------------------------------------------------------------------------------------

_Report = Callable[[World], Iterator[str]]
REPORTS: Final[tuple[tuple[str, _Report, str, str], ...]] = (
    ("54979019591.txt", rendering.first_returns, "\r\n", "cp1252"),
    ("54982770018.txt", rendering.reimbursements, "\r\n", "cp1252"),
    ("54990114407.csv", rendering.inventory_ledger, "\n", "utf-8"),
    ("54990238830.txt", rendering.all_orders, "\n", "utf-8"),
    ("54990301152.txt", rendering.fulfilled_shipments, "\r\n", "cp1252"),
    ("54990417736.txt", rendering.replacements, "\r\n", "utf-8"),
    ("50065020384.txt", rendering.seller_fulfilled_returns, "\n", "utf-8"),
)
"""File name, report, line ends, encoding; each as the real files seen have them."""

_SECOND_RETURNS: Final = "54990001947.txt"
_REMOVALS: Final = "removals-2026-11-18.zip"


def encoded(lines: Iterator[str], line_end: str, encoding: str) -> Iterator[bytes]:
    """The lines as bytes, each with its end; a report's last line has one too."""
    for line in lines:
        yield (line + line_end).encode(encoding)


def rendered(world: World) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Each file's name and its bytes piece by piece, for worlds too large to hold twice."""
    for name, report, line_end, encoding in REPORTS:
        yield name, encoded(report(world), line_end, encoding)
    again = b"".join(encoded(rendering.second_returns(world), "\r\n", "cp1252"))
    yield _SECOND_RETURNS + ".gz", iter([gzipped(again)])
    members = {
        "54990522091.txt": b"".join(encoded(rendering.removal_orders(world), "\r\n", "utf-8")),
        "54990533306.txt": b"".join(encoded(rendering.removal_shipments(world), "\r\n", "utf-8")),
    }
    yield _REMOVALS, iter([zipped(members)])
    for settlement, lines in settlements(world):
        yield f"{settlement}.txt", encoded(iter(lines), "\n", "utf-8")


def render(world: World) -> dict[str, bytes]:
    """Every file of the seller's download folder, by name."""
    return {name: b"".join(pieces) for name, pieces in rendered(world)}


# --- answers --------------------------------------------------------------------------------------------


def answer_key(world: World) -> dict[str, Any]:
    """What an audit of these reports ought to answer, ready to be written as JSON."""
    return {
        "seller": SELLER,
        "marketplace": "US",
        "as_of": AS_OF.isoformat(),
        "seed": world.seed,
        "orders": len(world.orders),
        "complete_for": list(CLAIMED_NOWHERE_ELSE),
        "expected": [answer(expected) for expected in world.expected],
    }


def answer(expected: Expected) -> dict[str, Any]:
    """One answer, ready to be written as JSON."""
    made: dict[str, Any] = {
        "case": expected.case,
        "why": expected.why,
        "claim_type": expected.claim_type,
        "order_id": expected.order_id,
        "removal_order_id": expected.removal_order_id,
        "sku": expected.sku,
        "fnsku": expected.fnsku,
        "quantity": expected.quantity,
        "verdict": expected.verdict,
        "reason": expected.reason,
        "window_opens": expected.opens.isoformat() if expected.opens else None,
        "window_closes": expected.closes.isoformat() if expected.closes else None,
        "currency": "USD",
    }
    for name, cents in expected.amounts:
        made[name] = None if cents is None else f"{cents // 100}.{cents % 100:02d}"
    return made


# --- the shipped files ----------------------------------------------------------------------------------


def write(world: World, folder: Path) -> None:
    """Write the reports and, beside them, the answer key."""
    reports = folder / "reports"
    reports.mkdir(parents=True, exist_ok=True)
    for name, pieces in rendered(world):
        with (reports / name).open("wb") as file:
            file.writelines(pieces)
    text = json.dumps(answer_key(world), indent=1, ensure_ascii=True) + "\n"
    (folder / "answer_key.json").write_bytes(text.encode())


def main() -> None:
    """Write a seller of any size; without options, the one that ships in the package."""
    parser = argparse.ArgumentParser(
        prog="python -m cli.demo.seller",
        description="Write an invented seller's reports and what an audit of them ought to answer.",
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="a folder; made where it is not there"
    )
    parser.add_argument("--orders", type=int, default=ORDERS, help=f"default {ORDERS}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default {SEED}")
    parser.add_argument(
        "--return-rate", type=float, default=RETURN_RATE, help=f"default {RETURN_RATE}"
    )
    options = parser.parse_args()
    write(build_world(options.seed, options.orders, options.return_rate), options.out)


if __name__ == "__main__":
    main()
