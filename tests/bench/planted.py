"""What is true of a generated seller, line by line: totals, answers that an audit owes, who bears what.

Worked out from what happened, by a table written here once more: nothing of the ledger is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cli.demo.seller import answer
from cli.demo.settlements import refund_money
from cli.demo.world import Refund, World

BORNE: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("ItemPrice", "Principal"): ("product", "buyer"),
    ("ItemPrice", "Tax"): ("tax", "buyer"),
    ("ItemPrice", "Shipping"): ("shipping", "buyer"),
    ("Promotion", "Principal"): ("promotion", "buyer"),
    ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"): ("tax", "amazon"),
    ("ItemFees", "Commission"): ("referral_fee", "amazon"),
    ("ItemFees", "RefundCommission"): ("refund_admin_fee", "amazon"),
    ("ItemFees", "ShippingChargeback"): ("other", "amazon"),
}
"""Which line of the cost of returns each amount of a refund is, and who stands against the seller in it."""

Postings = Counter[tuple[str, str]]
"""Cents by party and line; above zero the party bears them."""
Totals = Counter[str]
"""Counts, and sums in cents, by what they are of; a name with spaces between its parts."""


def totals(world: World) -> Totals:
    """How much of everything there is in one share."""
    found: Totals = Counter()
    found["orders"] = len(world.orders)
    found["lines"] = sum(len(order.lines) for order in world.orders)
    found["refunds"] = len(world.refunds)
    found["orders refunded"] = len({refund.order.order_id for refund in world.refunds})
    back = {unit.order_id for unit in world.returns}
    found["orders returned"] = len(back | {one.order.order_id for one in world.requests})
    found["returns"] = len(world.returns)
    found["returns told twice"] = sum(unit.first_told is not None for unit in world.returns)
    for unit in world.returns:
        found[f"returns {unit.disposition}"] += 1
    found["reimbursements"] = sum(paid.amount >= 0 for paid in world.reimbursements)
    found["reversals"] = len(world.reimbursements) - found["reimbursements"]
    found["cents reimbursed"] = sum(paid.amount for paid in world.reimbursements)
    found["movements"] = len(world.movements)
    found["removals"] = len(world.removals)
    found["replacements"] = len(world.replacements)
    found["requests"] = len(world.requests)
    for expected in world.expected:
        if expected.verdict:
            name = f"{expected.claim_type} {expected.verdict}"
            found[f"findings {name}"] += 1
            found[f"units {name}"] += expected.quantity
            amounts = dict(expected.amounts)
            if "amount_open" in amounts:
                found[f"cents open {name}"] += amounts["amount_open"] or 0
    for (party, line), cents in _all_borne(world).items():
        found[f"borne {party} {line}"] += cents
    return found


def findings(world: World) -> Iterator[dict[str, Any]]:
    """The answers that an audit of this share owes."""
    return ({"what": "finding", **answer(expected)} for expected in world.expected)


def borne(world: World) -> Iterator[dict[str, Any]]:
    """What the seller bears of each order of which something went back, in cents by line."""
    for order, postings in _by_order(world).items():
        lines = {line: cents for (party, line), cents in postings.items() if party == "seller"}
        yield {"what": "borne", "order_id": order or None, "seller": dict(sorted(lines.items()))}


def _all_borne(world: World) -> Postings:
    together: Postings = Counter()
    for postings in _by_order(world).values():
        together.update(postings)
    return together


def _by_order(world: World) -> dict[str, Postings]:
    """Postings of each order, and of what Amazon tells no order of."""
    orders: dict[str, Postings] = {}
    for refund in world.refunds:
        _refunded(orders.setdefault(refund.order.order_id, Counter()), refund)
    for paid in world.reimbursements:
        line = "reimbursement_reversal" if paid.original_id else "reimbursement"
        _post(orders.setdefault(paid.order_id, Counter()), line, "amazon", paid.amount)
    for charge in world.charges:
        if charge.what == "SAFE-T Reimbursement":
            _post(orders.setdefault(charge.order_id, Counter()), "claim", "amazon", charge.amount)
    return orders


def _refunded(postings: Postings, refund: Refund) -> None:
    for kind, what, cents in refund_money(refund):
        line, against = BORNE[kind, what]
        _post(postings, line, against, cents)


def _post(postings: Postings, line: str, against: str, cents: int) -> None:
    """Amounts are signed as the seller sees them: minus is taken from him."""
    postings["seller", line] -= cents
    postings[against, line] += cents
