"""The facts as the ledger is told them: the seller's word as events, a report's as Amazon's file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ledger.event import Deed
from ledger.events.arrivals import UnitGraded, UnitsReceived, WrongItemReceived
from ledger.events.claims import (
    AppealDecided,
    AppealFiled,
    ClaimDecided,
    ClaimFiled,
    ClaimInfoAnswered,
    ClaimInfoRequested,
    ClaimPaid,
    ClaimPaymentReversed,
)
from ledger.events.deliveries import OrderDelivered, OrderDispatched, OrderTold
from ledger.events.keeping import EntryCorrected, LegalHoldPlaced, LegalHoldReleased, NoteAdded
from ledger.events.messages import MessageAnswered, MessageReceived
from ledger.events.refunds import (
    ConcessionGranted,
    RefundGiven,
    RefundPart,
    ReplacementSent,
    RestockingFeeApplied,
)
from ledger.events.requests import (
    DeclineOverridden,
    RequestReceived,
    ReturnAuthorized,
    ReturnDeclined,
    ReturnFirstScanned,
    ReturnLabelIssued,
    ReturnLost,
    ReturnOptionOffered,
    WithdrawalDeclared,
)
from ledger.reports import REPORT_FORMATS
from ledger.values import Money
from tests import story
from tests.desk.facts import BY_ID, Fact

_FORMATS: Final = {form.name: form for form in REPORT_FORMATS}
_SETTLED: Final = {"item": "Principal", "shipping": "Shipping", "item_tax": "Tax"}
_TRANSACTIONS: Final = {
    "refund": "Refund",
    "a_to_z": "A-to-z Guarantee Refund",
    "chargeback": "Chargeback Refund",
}


def amount_of(fact: Fact) -> Money:
    return Money(fact.cents, fact.currency or BY_ID[fact.order].currency)


def deed_of(fact: Fact, positions: Mapping[int, int]) -> Deed:
    """The event of what the seller tells; `positions` gives the entry of each fact."""
    return _DEEDS[fact.kind](fact, positions)


def _units(kind: type[Deed], *names: str) -> Callable[[Fact, Mapping[int, int]], Deed]:
    """Events that are about units of one SKU of an order."""

    def make(fact: Fact, _positions: Mapping[int, int]) -> Deed:
        told = {name: getattr(fact, name) for name in names}
        return kind(order_id=fact.order, sku=fact.sku, quantity=fact.quantity, **told)

    return make


def _tell(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    order = BY_ID[fact.order]
    line = order.line(fact.sku or "")
    return OrderTold(
        order_id=order.id,
        sku=line.sku,
        quantity=line.quantity,
        programme=order.programme,  # type: ignore[arg-type]  # one of the three
        marketplace=order.store,
        price=Money(line.each * line.quantity, order.currency),
        shipping=Money(line.shipping, order.currency) if line.shipping else None,
    )


def _request(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return RequestReceived(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        rma_id=fact.rma,
        in_policy=fact.in_policy,
        cross_border=fact.abroad,
        reason="CR-DEFECTIVE" if fact.defect else None,
    )


def _authorize(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ReturnAuthorized(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        rma_id=fact.rma,
        goodwill=fact.goodwill,
        approver="boss" if fact.approved else None,
    )


def _decline(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ReturnDeclined(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        rma_id=fact.rma,
        rule_id=fact.text or "",
    )


def _offer(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ReturnOptionOffered(
        order_id=fact.order, sku=fact.sku or "", rma_id=fact.rma, option="domestic_address"
    )


def _label(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ReturnLabelIssued(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        rma_id=fact.rma,
        payer="seller",
        kind="own_domestic",
        cost=amount_of(fact),
    )


def _grade(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return UnitGraded(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        condition=fact.text,  # type: ignore[arg-type]  # one of the states of a unit
    )


def _wrong(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return WrongItemReceived(
        order_id=fact.order, sku=fact.sku or "", quantity=fact.quantity, arrived="a brick"
    )


def _refund(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    currency = fact.currency or BY_ID[fact.order].currency
    parts: list[Any] = [RefundPart(name, Money(cents, currency)) for name, cents in fact.money]  # type: ignore[arg-type]
    return RefundGiven(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        by=fact.by,  # type: ignore[arg-type]  # seller or amazon
        trigger=fact.trigger,  # type: ignore[arg-type]  # one of the triggers
        parts=tuple(parts),
    )


def _fee(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return RestockingFeeApplied(
        order_id=fact.order,
        sku=fact.sku or "",
        quantity=fact.quantity,
        amount=amount_of(fact),
        reason=fact.text,  # type: ignore[arg-type]  # one of the reasons
    )


def _concede(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ConcessionGranted(
        order_id=fact.order,
        sku=fact.sku,
        kind="partial_refund",
        amount=amount_of(fact),
        why=fact.text or "",
    )


def _claim(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ClaimFiled(
        claim=fact.name or "",
        claim_type=fact.trigger or "",
        door=fact.trigger,  # type: ignore[arg-type]  # one of the doors
        by=fact.by,  # type: ignore[arg-type]  # seller or buyer
        sku=fact.sku,
        quantity=fact.quantity,
        amount=amount_of(fact),
    )


def _decided(fact: Fact, _positions: Mapping[int, int]) -> Deed:
    return ClaimDecided(
        claim=fact.name or "",
        outcome=fact.outcome,  # type: ignore[arg-type]  # one of the outcomes
        amount=amount_of(fact) if fact.money else None,
        appeal_until=fact.until,
        funded_by=fact.by,  # type: ignore[arg-type]  # one of the parties
    )


_DEEDS: Final[Mapping[str, Callable[[Fact, Mapping[int, int]], Deed]]] = {
    "tell": _tell,
    "dispatch": lambda fact, _: OrderDispatched(order_id=fact.order),
    "deliver": lambda fact, _: OrderDelivered(order_id=fact.order),
    "request": _request,
    "withdraw": _units(WithdrawalDeclared),
    "authorize": _authorize,
    "decline": _decline,
    "override": lambda fact, _: DeclineOverridden(
        order_id=fact.order, sku=fact.sku or "", quantity=fact.quantity, rma_id=fact.rma
    ),
    "offer": _offer,
    "label": _label,
    "scan": _units(ReturnFirstScanned),
    "lost": _units(ReturnLost),
    "receive": _units(UnitsReceived),
    "grade": _grade,
    "wrong": _wrong,
    "refund": _refund,
    "fee": _fee,
    "concede": _concede,
    "replace": _units(ReplacementSent),
    "claim": _claim,
    "asked": lambda fact, _: ClaimInfoRequested(
        claim=fact.name or "", due_at=fact.until, on_appeal=fact.on_appeal
    ),
    "answered": lambda fact, _: ClaimInfoAnswered(claim=fact.name or ""),
    "decided": _decided,
    "appeal": lambda fact, _: AppealFiled(claim=fact.name or "", late=fact.late),
    "appeal_decided": lambda fact, _: AppealDecided(
        claim=fact.name or "",
        outcome=fact.outcome,  # type: ignore[arg-type]  # one of the outcomes
        amount=amount_of(fact) if fact.money else None,
    ),
    "paid": lambda fact, _: ClaimPaid(claim=fact.name or "", amount=amount_of(fact)),
    "reversed": lambda fact, _: ClaimPaymentReversed(claim=fact.name or "", amount=amount_of(fact)),
    "message": lambda fact, _: MessageReceived(message=fact.name or "", order_id=fact.order),
    "answer": lambda fact, _: MessageAnswered(message=fact.name or "", automatic=fact.automatic),
    "hold": lambda fact, _: LegalHoldPlaced(why="a dispute"),
    "release": lambda fact, _: LegalHoldReleased(why="it is settled"),
    "note": lambda fact, _: NoteAdded(text=fact.text or ""),
    "correct": lambda fact, positions: EntryCorrected(
        corrects=positions.get(fact.corrects or 0, 999_999), why="a slip"
    ),
}


# --- files ------------------------------------------------------------------------------------


def file_of(facts: Sequence[Fact]) -> story.File:
    """The file that tells these rows; all of them are of one order and of one report."""
    first = facts[0]
    report, rows = _ROWS[first.kind](facts)
    header = [
        column.name
        for column in _FORMATS[report].columns
        if not (column.ignored or column.personal)
    ]
    text = io.StringIO()
    writer = csv.writer(text, dialect="excel-tab", lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        assert set(row) <= set(header), set(row) - set(header)
        writer.writerow([row.get(name, "") for name in header])
    told_at = None if report == "settlement" else first.told_at
    return story.File(f"{report}.txt", text.getvalue().encode(), told_at)


Rows = tuple[str, list[dict[str, str]]]


def _decimal(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


def _ordered(facts: Sequence[Fact]) -> Rows:
    order = BY_ID[facts[0].order]
    rows = []
    for fact in facts:
        line = order.line(fact.sku or "")
        (row,) = story.ordered(
            order.id,
            order.placed,
            sku=line.sku,
            asin=f"B0{line.sku}",
            quantity=line.quantity,
            price=_decimal(line.each * line.quantity),
            by="Amazon" if order.programme == "FBA" else "Merchant",
        ).rows
        rows.append({**row, "sales-channel": order.domain, "currency": order.currency})
    return "all-orders", rows


def _settled(facts: Sequence[Fact]) -> Rows:
    (fact,) = facts
    order = BY_ID[fact.order]
    told = story.refunded(
        order.id,
        fact.at,
        sku=fact.sku or "",
        transaction=_TRANSACTIONS[fact.trigger or ""],
        by="AFN" if order.programme == "FBA" else "MFN",
        number=fact.name or "",
    )
    posted = fact.at.replace("T", " ").replace("Z", " UTC")
    common = {**told.rows[0], "marketplace-name": order.domain, "posted-date-time": posted}
    rows = [
        {
            **common,
            "amount-type": "ItemPrice",
            "amount-description": _SETTLED[name],
            "amount": _decimal(-cents),
        }
        for name, cents in fact.money
    ]
    number = f"9{fact.name}"
    summary = {
        "settlement-id": number,
        "settlement-start-date": f"{fact.at[:DAY]} 00:00:00 UTC",
        "settlement-end-date": f"{fact.at[:DAY]} 23:00:00 UTC",
        "deposit-date": f"{fact.at[:DAY]} 23:00:00 UTC",
        "total-amount": _decimal(-fact.cents),
        "currency": order.currency,
    }
    return "settlement", [summary, *({"settlement-id": number, **row} for row in rows)]


DAY: Final = len("2026-03-01")


def _request_row(facts: Sequence[Fact]) -> Rows:
    fact, arrivals = facts[0], facts[1:]
    (row,) = story.requested(
        fact.order,
        fact.at,
        sku=fact.sku or "",
        asin=f"B0{fact.sku}",
        quantity=fact.quantity,
        status=fact.text or "",
        delivered=arrivals[0].at if arrivals else "",
    ).rows
    in_policy = {True: "Y", False: "N", None: ""}[fact.in_policy]
    currency = BY_ID[fact.order].currency
    return "mfn-returns", [
        {
            **row,
            "Amazon RMA ID": fact.rma or "",
            "In policy": in_policy,
            "Currency code": currency,
            "Order date": "",
            "Return Reason": "CR-DEFECTIVE" if fact.defect else "CR-UNWANTED_ITEM",
        }
    ]


def _fba_return(facts: Sequence[Fact]) -> Rows:
    (fact,) = facts
    told = story.returned(
        fact.order,
        fact.at[:DAY],
        sku=fact.sku or "",
        asin=f"B0{fact.sku}",
        fnsku=f"X0{fact.sku}",
        disposition=fact.text or "",
        plate=fact.name or "",
    )
    return "fba-customer-returns", [dict(row) for row in told.rows]


def _reimbursed(facts: Sequence[Fact]) -> Rows:
    (fact,) = facts
    told = story.reimbursed(
        fact.at[:DAY],
        fact.name or "",
        order=fact.order,
        sku=fact.sku or "",
        asin=f"B0{fact.sku}",
        fnsku=f"X0{fact.sku}",
        amount=_decimal(fact.cents),
    )
    return "fba-reimbursements", [dict(row) for row in told.rows]


_ROWS: Final[Mapping[str, Callable[[Sequence[Fact]], Rows]]] = {
    "ordered": _ordered,
    "settled": _settled,
    "request_row": _request_row,
    "fba_return": _fba_return,
    "reimbursed": _reimbursed,
}
