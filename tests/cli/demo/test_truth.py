"""The answers follow from the files: worked out here once more, by hand and without the product."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from cli.demo import seller
from tests.cli.demo.shipped import Rows, american, by, cents, day, one, with_columns

AS_OF = date(2026, 11, 20)
Files = dict[str, bytes]


@pytest.fixture(scope="module", params=[None, 1_200], ids=["shipped", "larger"])
def told(
    request: pytest.FixtureRequest, shipped_files: Files, key: dict[str, Any]
) -> tuple[Files, list[dict[str, Any]]]:
    """Files and the answers to them: the seller in the package, and a larger one."""
    if request.param is None:
        return shipped_files, key["expected"]
    world = seller.build_world(17, request.param)
    return seller.render(world), seller.answer_key(world)["expected"]


def answers(
    expected: list[dict[str, Any]], claim_type: str, *verdicts: str | None
) -> list[dict[str, Any]]:
    return [
        answer
        for answer in expected
        if answer["claim_type"] == claim_type and answer["verdict"] in verdicts
    ]


def days(answer: dict[str, Any]) -> tuple[str, str]:
    return answer["window_opens"], answer["window_closes"]


def window(clock: date, first: int, last: int) -> tuple[str, str]:
    return (
        (clock + timedelta(days=first)).isoformat(),
        (clock + timedelta(days=last)).isoformat(),
    )


def state(clock: date, first: int, last: int) -> str:
    passed = (AS_OF - clock).days
    return "waiting" if passed < first else "ready" if passed <= last else "expired"


class Orders:
    """What the files say of each order's units, counted by order and SKU."""

    def __init__(self, files: Files) -> None:
        rows = [row for report in with_columns(files, "settlement-id") for row in report]
        orders = one(with_columns(files, "amazon-order-id", "order-status"))
        self.home = {
            row["replacement-amazon-order-id"]: row["original-amazon-order-id"]
            for row in one(with_columns(files, "replacement-reason-code"))
        }
        self.fba = {
            (row["amazon-order-id"], row["sku"])
            for row in orders
            if row["fulfillment-channel"] == "Amazon" and row["sales-channel"] == "Amazon.com"
        }
        self.price = {
            (row["amazon-order-id"], row["sku"]): cents(row["item-price"]) // int(row["quantity"])
            for row in orders
            if row["item-price"]
        }
        self.net = self._net(rows)
        self.refunded = self._refunded(rows)
        self.returned = self._returned(files)
        self.paid = self._paid(files)

    def _net(self, rows: Rows) -> dict[tuple[str, str], int]:
        """Principal less promotion less commission of one unit, from the settled sale."""
        net: dict[tuple[str, str], int] = defaultdict(int)
        units: dict[tuple[str, str], int] = {}
        for row in rows:
            if row["transaction-type"] == "Order":
                name = (row["order-id"], row["sku"])
                if row["amount-description"] in ("Principal", "Commission"):
                    net[name] += cents(row["amount"])
                units[name] = int(row["quantity-purchased"])
        return {name: amount // units[name] for name, amount in net.items()}

    def _refunded(self, rows: Rows) -> dict[tuple[str, str], list[date]]:
        """The day of each unit's refund: a principal of its whole price went back."""
        refunded: dict[tuple[str, str], list[date]] = defaultdict(list)
        for row in rows:
            kind = (row["transaction-type"], row["amount-type"], row["amount-description"])
            name = (row["order-id"], row["sku"])
            if kind == ("Refund", "ItemPrice", "Principal") and name in self.fba:
                units = -cents(row["amount"]) // self.price[name]
                refunded[name] += [day(row["posted-date-time"])] * units
        return refunded

    def _returned(self, files: Files) -> dict[tuple[str, str], list[dict[str, str]]]:
        reports = with_columns(files, "license-plate-number")
        reports.sort(key=lambda rows: max(row["return-date"] for row in rows))
        latest: dict[tuple[str, ...], dict[str, str]] = {}
        for row in (row for rows in reports for row in rows):
            plate = row["license-plate-number"]
            latest[(plate,) if plate else (row["order-id"], row["return-date"])] = row
        returned: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in latest.values():
            order = self.home.get(row["order-id"], row["order-id"])
            returned[order, row["sku"]].append(row)
        return returned

    def _paid(self, files: Files) -> dict[tuple[str, str], list[dict[str, str]]]:
        lines = one(with_columns(files, "reimbursement-id"))
        taken = {row["original-reimbursement-id"] for row in lines}
        paid: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in lines:
            if row["amazon-order-id"] and row["reimbursement-id"] not in taken:
                paid[row["amazon-order-id"], row["sku"]].append(row)
        return paid

    def missing(self) -> dict[tuple[str, str], list[date]]:
        """Refund days of the units that never came back and were never paid for."""
        open_units = {}
        for name, refund_days in self.refunded.items():
            there = len(self.returned.get(name, ())) + len(self.paid.get(name, ()))
            if len(refund_days) > there:
                open_units[name] = refund_days[there:]
        return open_units


Told = tuple[Files, list[dict[str, Any]]]


def test_every_missing_unit_is_in_the_key_with_its_window_and_amount(told: Told) -> None:
    files, expected = told
    orders = Orders(files)
    worked_out = sorted(
        (*name, state(refund, 60, 120), *window(refund, 60, 120), orders.net[name])
        for name, refund_days in orders.missing().items()
        for refund in refund_days
    )
    keyed = sorted(
        (one["order_id"], one["sku"], one["verdict"], *days(one), cents(one["amount_expected"]))
        for one in answers(expected, "return_missing", "ready", "waiting", "expired")
    )

    assert worked_out == keyed


def test_the_edges_of_the_window_are_among_the_cases(told: Told) -> None:
    """Day 59, 60, 120 and 121, and moments that are another day in London."""
    orders = Orders(told[0])
    passed = Counter((AS_OF - d).days for units in orders.missing().values() for d in units)

    assert passed[60] >= 2
    assert passed[120] >= 2
    assert passed[59] >= 1
    assert passed[121] >= 1


def test_what_was_paid_for_and_came_back_is_overpaid(told: Told) -> None:
    """Unless it was paid instead of being restocked, which is even."""
    files, expected = told
    orders = Orders(files)
    both = set()
    for name, units in orders.returned.items():
        kept = [unit for unit in units if unit["detailed-disposition"] == "SELLABLE"]
        kept = [unit for unit in kept if unit["status"] != "Reimbursed"]
        paid = len(orders.paid.get(name, ()))
        if kept and paid and paid + len(units) > len(orders.refunded[name]):
            both.add(name)
    keyed = {
        (one["order_id"], one["sku"]) for one in answers(expected, "return_missing", "overpaid")
    }

    assert both == keyed


def test_the_disposition_decides_who_bears_a_return(told: Told) -> None:
    files, expected = told
    orders = Orders(files)
    verdicts = []
    for name, units in orders.returned.items():
        for unit in units:
            disposition = unit["detailed-disposition"]
            if disposition in ("DAMAGED", "CARRIER_DAMAGED"):
                verdicts.append((*name, "paid" if orders.paid.get(name) else "review"))
            elif disposition != "SELLABLE":
                verdicts.append((*name, "not_claimable"))
    keyed = [
        (one["order_id"], one["sku"], one["verdict"])
        for one in answers(expected, "return_damaged", "paid", "review", "not_claimable")
    ]

    assert sorted(verdicts) == sorted(keyed)


def test_a_sellable_return_without_a_ledger_row_is_not_restocked(told: Told) -> None:
    files, expected = told
    orders = Orders(files)
    restocked = Counter(
        (row["FNSKU"], american(row["Date"]))
        for row in one(with_columns(files, "Event Type"))
        if row["Event Type"] == "CustomerReturns"
    )
    missing = []
    for (order, sku), units in orders.returned.items():
        for unit in units:
            if unit["detailed-disposition"] != "SELLABLE" or unit["status"] == "Reimbursed":
                continue
            near = [day(unit["return-date"]) + timedelta(days=n) for n in range(-3, 4)]
            if not any(restocked[unit["fnsku"], one_day] for one_day in near):
                refund = orders.refunded[order, sku][0]
                missing.append((order, sku, state(refund, 60, 120), *window(refund, 60, 120)))
    keyed = [
        (one["order_id"], one["sku"], one["verdict"], *days(one))
        for one in answers(expected, "return_not_restocked", "ready", "waiting", "expired")
    ]

    assert sorted(missing) == sorted(keyed)


def test_what_was_paid_too_little_is_underpaid_for_sixty_days(told: Told) -> None:
    files, expected = told
    orders = Orders(files)
    short = []
    for name, payments in orders.paid.items():
        for payment in payments:
            amount, approved = cents(payment["amount-total"]), day(payment["approval-date"])
            if amount < orders.net[name]:
                verdict = {"ready": "underpaid"}.get(state(approved, 0, 60), "expired")
                short.append((*name, verdict, *window(approved, 0, 60), orders.net[name] - amount))
    keyed = [
        (one["order_id"], one["sku"], one["verdict"], *days(one), cents(one["amount_open"]))
        for one in answers(expected, "underpaid", "underpaid", "expired")
    ]

    assert sorted(short) == sorted(keyed)


@pytest.mark.parametrize(("claim_type", "codes"), [("fc_lost", "M5"), ("fc_damaged", "E7HKU")])
def test_what_the_ledger_does_not_reconcile_is_open_unless_paid(
    told: Told, claim_type: str, codes: str
) -> None:
    files, expected = told
    lines = by(one(with_columns(files, "reimbursement-id")), "fnsku")
    reason = {"fc_lost": "Lost_Warehouse", "fc_damaged": "Damaged_Warehouse"}[claim_type]
    found = []
    for row in one(with_columns(files, "Event Type")):
        units = int(row["Unreconciled Quantity"])
        paid = [line for line in lines.get((row["FNSKU"],), ()) if line["reason"] == reason]
        if row["Reason"] in tuple(codes) and units and not paid:
            reported = american(row["Date"])
            verdict = "review" if row["Reason"] in "7HKU" else state(reported, 0, 60)
            found.append((row["FNSKU"], units, verdict, *window(reported, 0, 60)))
    keyed = [
        (one["fnsku"], one["quantity"], one["verdict"], *days(one))
        for one in answers(expected, claim_type, "ready", "expired", "review")
    ]

    assert sorted(found) == sorted(keyed)


def test_amazons_own_example_leaves_eleven_of_sixteen_open(told: Told) -> None:
    files, expected = told
    stock = by(one(with_columns(files, "Event Type")), "FNSKU")
    (example,) = (answer for answer in expected if answer["case"] == "fc-lost-eleven-of-sixteen")
    adjusted = [row for row in stock[example["fnsku"],] if row["Event Type"] == "Adjustments"]

    assert sorted(int(row["Quantity"]) for row in adjusted) == [-16, 1, 1, 1, 1, 1]
    assert example["quantity"] == 11


def test_a_completed_removal_that_shipped_too_little_is_short(told: Told) -> None:
    files, expected = told
    sent = by(one(with_columns(files, "removal-order-type")), "order-id")
    short = []
    for row in one(with_columns(files, "requested-quantity")):
        parts = ("cancelled", "disposed", "shipped", "in-process")
        left = int(row["requested-quantity"]) - sum(int(row[f"{part}-quantity"]) for part in parts)
        if row["order-status"] == "Completed" and left:
            shipped = max(day(parcel["shipment-date"]) for parcel in sent[row["order-id"],])
            short.append((row["order-id"], left, *window(shipped, 15, 75)))
    keyed = [
        (one["removal_order_id"], one["quantity"], *days(one))
        for one in answers(expected, "removal_lost", "review")
    ]

    assert sorted(short) == sorted(keyed)


def test_a_reversal_is_justified_by_a_unit_in_the_ledger(told: Told) -> None:
    files, expected = told
    stock = by(one(with_columns(files, "Event Type")), "FNSKU")
    verdicts = []
    for row in one(with_columns(files, "reimbursement-id")):
        if row["reason"] == "Reimbursement_Reversal":
            near = [
                moved
                for moved in stock[row["fnsku"],]
                if (moved["Reason"] in ("F", "N") or moved["Event Type"] == "CustomerReturns")
                and abs(american(moved["Date"]) - day(row["approval-date"])) <= timedelta(days=30)
            ]
            verdicts.append((row["fnsku"], "not_claimable" if near else "review"))
    keyed = [
        (one["fnsku"], one["verdict"])
        for one in answers(expected, "reversal_unsupported", "review", "not_claimable")
    ]

    assert sorted(verdicts) == sorted(keyed)
